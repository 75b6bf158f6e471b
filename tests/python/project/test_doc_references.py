"""What the documents name is there: links, headings, paths, models and functions."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

from support.dbt import ROOT
from urban_resilience.estimation.spec_faults import DESIGN_FIELDS

TOP = ("src", "tests", "models", "python_models", "macros", "seeds", "docs", "benchmarks")
TOP += ("analyses", "snapshots", "profiles", ".ci")
# History names what was there then.
PAGES = sorted({*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")} - {ROOT / "CHANGELOG.md"})
METHODS = ROOT / "docs" / "methods.md"
LINK = re.compile(r"\]\(([^)\s]+)\)")
QUOTED = re.compile(r"`([^`\n]+)`")


def anchors(page: Path) -> set[str]:
    """Anchors of the headings of a page, as GitHub makes them."""
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def is_there(target: str, base: Path) -> bool:
    """Whether a link, relative to a folder, leads to a file and a heading of it."""
    path, _, anchor = target.partition("#")
    page = (base / path).resolve() if path else None
    return (page is None or page.exists()) and (
        not anchor or page is None or anchor in anchors(page)
    )


def tracked_files() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.split("\0") if name]


@pytest.fixture(scope="module")
def texts() -> dict[Path, str]:
    """Text of every file of the project; what cannot be read as text is left out."""
    found = {}
    for path in tracked_files():
        if path.is_file() and path.suffix not in (".svg", ".lock"):
            found[path] = path.read_text(encoding="utf-8", errors="ignore")
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    targets = LINK.findall(page.read_text(encoding="utf-8"))
    own = anchors(page)
    dead = [
        target
        for target in targets
        if "://" not in target
        and not (target[1:] in own if target[0] == "#" else is_there(target, page.parent))
    ]
    assert dead == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_paths_exist(page):
    """A path below a folder of the project; one with a placeholder or a star stands for many."""
    quoted = QUOTED.findall(page.read_text(encoding="utf-8"))
    paths = [text.split("#")[0] for text in quoted if text.split("/")[0] in TOP and "/" in text]
    gone = [
        path
        for path in paths
        if not re.search(r"[<{ …]", path) and not any(ROOT.glob(path.rstrip("/")))
    ]
    assert gone == []


def test_headings_named_elsewhere_exist(texts):
    """A comment or a seed names a heading of a page; a section by its number says nothing."""
    gone = [
        f"{path.relative_to(ROOT)}: {target}"
        for path, text in texts.items()
        for target in re.findall(r"\bdocs/\w+\.md#[\w-]+", text)
        if not is_there(target, ROOT)
    ]
    assert gone == []
    by_number = re.compile(r"methods,? section \d", re.IGNORECASE)
    assert [str(path) for path, text in texts.items() if by_number.search(text)] == []


@pytest.fixture(scope="module")
def computing_names(texts) -> set[str]:
    """Models, macros, and functions and classes of the library."""
    names = set()
    for path, text in texts.items():
        if path.is_relative_to(ROOT / "macros"):
            names |= set(re.findall(r"{%-? *macro +(?:duckdb__)?(\w+)", text))
        elif {"models", "python_models"} & set(path.relative_to(ROOT).parts[:1]):
            names.add(path.stem)
        if path.suffix == ".py" and path.is_relative_to(ROOT / "src"):
            defined = (ast.FunctionDef, ast.ClassDef)
            names |= {node.name for node in ast.walk(ast.parse(text)) if isinstance(node, defined)}
    return names


def test_what_computes_a_formula_exists(computing_names):
    lines = re.findall(r"^Computed by: (.*)$", METHODS.read_text(encoding="utf-8"), re.MULTILINE)
    named = {name for line in lines for name in QUOTED.findall(line)}
    assert len(named) > 60
    assert sorted(named - computing_names) == []


def test_every_index_and_variable_has_a_formula():
    """What the marts of indices hold is computed somewhere in the methods."""
    text = METHODS.read_text(encoding="utf-8")
    marts = sorted(path.stem for path in (ROOT / "models" / "marts" / "indices").glob("*.sql"))
    assert [mart for mart in marts if mart not in text] == []


@pytest.mark.parametrize("page", ["study.md", "results.md"])
def test_every_design_is_described(page):
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    assert [design for design in DESIGN_FIELDS if f"`{design}`" not in text] == []
