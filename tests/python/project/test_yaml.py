"""YAML files are written in one way, and what they say twice is written once."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import yaml

from support.dbt import ROOT
from urban_resilience.shared.project import CONTRACT


def yaml_files() -> list[Path]:
    folders = ("models", "python_models", "seeds", "snapshots")
    found = [path for folder in folders for path in (ROOT / folder).rglob("*.yml")]
    assert len(found) > 100
    return found


def described_columns() -> Iterator[tuple[Path, dict]]:
    """Columns as written, but for the raw contract: the intake reads that without dbt."""
    for path in yaml_files():
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        listed = [
            node for kind in ("models", "seeds", "snapshots") for node in document.get(kind, ())
        ]
        if path != CONTRACT:
            listed += [
                table for source in document.get("sources", ()) for table in source["tables"]
            ]
        yield from ((path, column) for node in listed for column in node.get("columns", ()))


def test_a_text_of_several_columns_is_written_once():
    """Three copies of a text are a doc block of models/docs/columns.md."""
    texts = Counter(
        " ".join(column["description"].split())
        for _, column in described_columns()
        if "{{ doc(" not in column["description"]
    )
    assert sum(texts.values()) > 500
    assert [text for text, copies in texts.items() if copies > 2] == []
    page = (ROOT / "models" / "docs" / "columns.md").read_text(encoding="utf-8")
    blocks = dict(re.findall(r"{% docs (\w+) %}\n(.+?)\n{% enddocs %}", page, re.DOTALL))
    written = {" ".join(block.split()) for block in blocks.values()}
    assert len(written) == len(blocks) == page.count("{% docs ")
    # Nor is a text that has a block written out beside it.
    assert written.isdisjoint(texts)


def test_every_doc_block_is_used():
    page = (ROOT / "models" / "docs" / "columns.md").read_text(encoding="utf-8")
    used = set(re.findall(r"doc\('(\w+)'\)", "".join(p.read_text() for p in yaml_files())))
    assert set(re.findall(r"{% docs (\w+) %}", page)) == used


def test_yaml_has_one_style():
    """Blocks; texts plain, or folded where YAML takes no plain text; quotes are for Jinja."""
    odd = []
    for path in yaml_files():
        if path.stem.endswith("__unit_tests"):
            continue  # Rows of data are in flow style.
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            is_flow = re.match(r"\s*(- |\w+: )\{", line)
            is_quoted = re.match(r"""\s*(- )?description: (['"](?!\{\{)|>$|\|$)""", line)
            if is_flow or is_quoted:
                odd.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()}")
    assert odd == []


def test_variables_of_the_project_have_a_comment():
    """A knob without an explanation above it is a trap for the next reader."""
    text = (ROOT / "dbt_project.yml").read_text()
    variables = yaml.safe_load(text)["vars"]
    lines = text.splitlines()
    bare = []
    for name in variables:
        position = next(i for i, line in enumerate(lines) if line.startswith(f"  {name}:"))
        above = position - 1
        # Names under one comment share it.
        while lines[above].startswith("  ") and not lines[above].startswith("  #"):
            above -= 1
        if not lines[above].startswith("  #"):
            bare.append(name)
    assert bare == []
