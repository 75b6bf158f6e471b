"""Every code block of the documents is run, or held against what it names; none is left out."""

import ast
import csv
import itertools
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
import yaml
from typer.main import get_command
from typer.testing import CliRunner

from support.dbt import ROOT, DbtRun
from support.documents import (
    PAGES,
    RUN,
    SHOWN,
    Command,
    blocks,
    commands,
    inline,
    make_targets,
    make_variables,
)
from support.study import of_the_papers_indicators
from urban_resilience.cli.app import app
from urban_resilience.estimation.specs import specs_of
from urban_resilience.estimation.tables.coefficients import tabulate_coefficients

OURS = ".venv/bin/urban-resilience"
# Commands that answer in seconds and write nothing but what they are told to.
CHEAP = {"explain", "explain-spec", "query", "template", "study"}
# What a reader of these pages has anyway.
OTHERS = {"docker", "cd", "mkdir", "curl", "mail", "git", "pip", "pre-commit"}
SEED_ROW = re.compile(r"^echo '(.*)' >> seeds/study/(\w+)\.csv$", re.MULTILINE)
TUTORIAL = ROOT / "docs" / "tutorial.md"

named = pytest.mark.parametrize


def shell_commands() -> list[Command]:
    texts = [*(block.text for block in blocks("sh")), *inline()]
    found = [command for text in texts for command in commands(text)]
    return list({command.line: command for command in found}.values())


def ours() -> list[tuple[str, ...]]:
    """Words of our own commands, said directly or through a target of make."""
    found = {}
    for command in shell_commands():
        if command.program == OURS:
            found[command.words[1:]] = None
        elif command.program == "make":
            found.update(dict.fromkeys(behind_make(command)))
    return list(found)


def behind_make(command: Command) -> list[tuple[str, ...]]:
    """What make would run of ours, without running it."""
    said = subprocess.run(
        ["make", "--dry-run", *command.words[1:]], cwd=ROOT, capture_output=True, text=True,
        env={**os.environ, **command.variables}, check=False,
    )  # fmt: skip
    assert said.returncode == 0, (command.line, said.stderr)
    text = said.stdout.replace("\\\n", " ")
    return [
        each.words[1:]
        for line in text.splitlines()
        if OURS in line
        for each in commands(expanded(line, command))
        if each.program == OURS
    ]


def expanded(line: str, command: Command) -> str:
    """A recipe with the shell's defaults put in: `"${OUT:-site}"`."""
    given = dict(w.split("=", 1) for w in command.words[1:] if "=" in w) | command.variables
    return re.sub(
        r"\$\{(\w+):-(\w+)\}|\$(\w+)",
        lambda found: given.get(found[1] or found[3], found[2] or ""),
        line,
    )


def test_every_block_says_how_it_is_taken():
    assert len(blocks()) > 60
    odd = [str(block) for block in blocks() if block.language not in RUN | SHOWN]
    assert odd == []


def test_no_code_hides_in_an_indented_block():
    """Four blanks make code in Markdown, which nothing here would look at."""
    hidden = []
    for page in PAGES:
        text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
        lines = text.splitlines()
        hidden += [
            f"{page.relative_to(ROOT)}: {line.strip()}"
            for before, line in itertools.pairwise(lines)
            if re.match(r" {4}\S", line) and not before.strip()
        ]
    assert hidden == []


@named("command", shell_commands(), ids=lambda command: command.line[:60])
def test_a_command_is_there(command):
    """Its program, its target, its variables; what it calls of ours is tried below."""
    assert set(command.variables) <= make_variables() | {"STUDY_SEEDS"}, command.line
    if command.program == "make":
        targets = [word for word in command.words[1:] if "=" not in word]
        given = {word.split("=")[0] for word in command.words[1:] if "=" in word}
        assert set(targets) <= set(make_targets()), command.line
        assert given <= make_variables() | {"PYTHON"}, command.line
    elif command.program.startswith(".venv/bin/"):
        name = command.program.removeprefix(".venv/bin/")
        assert name in {"urban-resilience", "dbt", "python", "pip", "mf"}, command.line
    elif command.program == "echo":
        assert SEED_ROW.match(command.line), command.line
    else:
        assert command.program in OTHERS, command.line


@named("words", ours(), ids=" ".join)
def test_a_command_of_ours_takes_these_words(words):
    """As the command line reads them, without doing anything."""
    known: Any = get_command(app)
    name, *rest = words
    assert name in known.commands, words
    known.commands[name].make_context(name, list(rest))


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, simulated_run: DbtRun) -> Path:
    """A folder to write into, the simulated warehouse behind every command."""
    monkeypatch.setenv("WAREHOUSE_PATH", str(simulated_run.warehouse))
    monkeypatch.delenv("STUDY", raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "analyses").symlink_to(ROOT / "analyses")
    return tmp_path


@named("words", [words for words in ours() if words[0] in CHEAP], ids=" ".join)
def test_a_cheap_command_runs(words, elsewhere):
    done = CliRunner().invoke(app, list(words))
    assert done.exit_code == 0, done.output
    assert done.output.strip() or any(elsewhere.iterdir())


@named("block", blocks("sql"), ids=str)
def test_a_query_answers(block, simulated_warehouse):
    with duckdb.connect(str(simulated_warehouse), read_only=True) as connection:
        for statement in connection.extract_statements(block.text):
            connection.execute(statement)
            assert connection.description


@named("block", blocks("python"), ids=str)
def test_python_is_python(block):
    """Those of README are run (test_readme.py), schedulers' read (test_operations.py)."""
    ast.parse(block.text)


def seed_rows() -> list[tuple[str, str, str]]:
    return [
        (str(block.page.relative_to(ROOT)), row, seed)
        for block in blocks("sh")
        for row, seed in SEED_ROW.findall(block.text)
    ]


@named(("page", "row", "seed"), seed_rows())
def test_a_row_that_a_page_adds_is_taken(page, row, seed, tmp_path):
    """The line is run on a copy of the seeds, and the study then has no fault."""
    shutil.copytree(ROOT / "seeds", tmp_path / "seeds")
    line = f"echo '{row}' >> seeds/study/{seed}.csv"
    subprocess.run(["sh", "-c", line], cwd=tmp_path, check=True)
    with (tmp_path / "seeds" / "study" / f"{seed}.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = list(csv.reader(file))
    assert len(rows[-1]) == len(header)
    look = (
        "from urban_resilience.estimation.checked_specs import spec_problems\n"
        "from urban_resilience.variables.checked_variables import variable_problems\n"
        "print(*variable_problems(), *spec_problems(), sep='\\n')"
    )
    seen = subprocess.run(
        [sys.executable, "-c", look], cwd=ROOT, capture_output=True, text=True, check=True,
        env={**os.environ, "STUDY_SEEDS": os.path.relpath(tmp_path / "seeds", ROOT)},
    )  # fmt: skip
    assert seen.stdout.strip() == ""


@of_the_papers_indicators
def test_the_tutorial_prints_what_comes_out(simulated_warehouse):
    """Its queries, and the regression of its own row beside the paper's."""
    code = [block for block in blocks() if block.page == TUTORIAL]
    pairs = [
        (one.text, two.text.strip()) for one, two in itertools.pairwise(code)
        if (one.language, two.language) == ("sql", "text")
    ]  # fmt: skip
    assert len(pairs) == 2
    (row,) = [row for page, row, _ in seed_rows() if page == "docs/tutorial.md"]
    with (ROOT / "seeds/study/regression_specs.csv").open(encoding="utf-8") as file:
        header = next(csv.reader(file))
    own = dict(zip(header, [cell or None for cell in next(csv.reader([row]))], strict=True))
    with duckdb.connect(str(simulated_warehouse), read_only=True) as connection:
        panel = connection.sql("from panel.fct_estimation_panel").df()
        timing = connection.sql("from reference.fct_policy_batches").df()
        fitted = tabulate_coefficients(specs_of("twfe", pd.DataFrame([own])), panel, timing)
        build = connection.sql("from results.fct_coefficients").df()
        assert str(connection.sql(pairs[0][0])).strip() == pairs[0][1]
    with duckdb.connect() as connection:
        connection.register("build", build)
        connection.register("fitted", fitted.to_pandas())
        connection.execute("create schema results")
        connection.execute(
            "create table results.fct_coefficients as from build union all by name"
            " select spec_id, term, estimate, std_error, p_value from fitted"
        )
        assert str(connection.sql(pairs[1][0])).strip() == pairs[1][1]


def test_metrics_that_a_page_asks_for_are_there():
    files = (ROOT / "models" / "semantic").glob("*.yml")
    listed = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in files]
    metrics = {m["name"] for page in listed for m in page.get("metrics", ())}
    saved = {q["name"] for page in listed for q in page.get("saved_queries", ())}
    asked = [c.words for c in shell_commands() if c.program == ".venv/bin/mf"]
    assert len(asked) >= 2
    for words in asked:
        options = dict(zip(words[2::2], words[3::2], strict=True))
        assert set(options.get("--metrics", "resilience").split(",")) <= metrics
        assert options.get("--saved-query", next(iter(saved))) in saved
