"""Every command is in the help with an example, and has its target of make; and it starts fast."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command

from support.command import run_command
from support.dbt import ROOT
from urban_resilience.cli.app import app
from urban_resilience.cli.results import FORMATS
from urban_resilience.reporting.exports import export

MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
COMMANDS = {
    name: command for name, command in get_command(app).commands.items() if not command.hidden
}
# Targets about the checkout itself: installing, testing, cleaning.
OF_THE_CHECKOUT = {
    "help",
    "test",
    "test-all",
    "test-fast",
    "test-spark",
    "bench-scale",
    "bench",
    "lint",
    "lock",
    "clean",
}
# Commands without a target of their own, and where they are instead.
ELSEWHERE = {
    "explain-spec": "`make explain SPEC=...`",
    "prepare": "for dbt by hand",
    "query": "a shell quotes SQL better than make does",
    "seeds": "for dbt by hand",
}


def recipes() -> dict[str, str]:
    """Targets of the Makefile with what they run."""
    found = re.findall(r"^([a-z-]+):[^=\n]*\n((?:\t.*\n)+)", MAKEFILE, re.MULTILINE)
    return dict(found)


def test_every_target_calls_the_command_of_its_name():
    for target, recipe in recipes().items():
        if target in OF_THE_CHECKOUT:
            assert "$(RUN)" not in recipe, target
        elif target == "explain":
            assert "$(RUN) $(if $(SPEC),explain-spec " in recipe
            assert ",explain " in recipe
        else:
            assert f"$(RUN) {target}" in recipe, target


def test_every_command_has_a_target():
    assert set(COMMANDS) - set(recipes()) == set(ELSEWHERE)
    assert set(recipes()) - set(COMMANDS) == OF_THE_CHECKOUT


def test_what_make_passes_is_an_option_there():
    for target, recipe in recipes().items():
        if target not in COMMANDS:
            continue
        known = {o for command in (target, "explain-spec") for o in options_of(command)}
        assert set(re.findall(r"(?<!\S|-)(--[a-z-]+)", recipe.replace(",", " "))) <= known, target


def options_of(command: str) -> set[str]:
    return {option for parameter in COMMANDS[command].params for option in parameter.opts}


@pytest.mark.parametrize("name", COMMANDS)
def test_help_explains_and_shows_an_example_that_is_one(name):
    text = run_command(name, "--help").out
    assert COMMANDS[name].help
    shown = text.split("Examples:")[1].strip().splitlines()
    assert shown
    for line in shown:
        said = line[line.index("urban-resilience ") :].split(" >> ")[0].split(") ")[0]
        words = shlex.split(said)[1:]
        assert words[0] in COMMANDS
        # Parsed as it stands, not run.
        command = COMMANDS[words[0]]
        command.make_context(words[0], words[1:])
    assert any(f"urban-resilience {name}" in line for line in shown)


def test_help_has_every_command_below_a_heading():
    text = run_command("--help").out
    for name in COMMANDS:
        assert re.search(rf"^  {name} ", text, re.MULTILINE), name
    headings = {command.rich_help_panel for command in COMMANDS.values()}
    assert len(headings) == 4
    assert all(f"\n{heading}:\n" in text for heading in headings)
    # One that is hidden has none.
    assert re.findall(r"^(\S.*):\n  \S", text, re.MULTILINE) == [
        "Options", *dict.fromkeys(command.rich_help_panel for command in COMMANDS.values())
    ]  # fmt: skip
    assert run_command().out == text


@pytest.mark.parametrize(
    ("name", "variables"),
    [
        ("build", {"STUDY", "RAW_DATA_DIR", "WAREHOUSE_PATH"}),
        ("check-data", {"STUDY", "RAW_DATA_DIR"}),
        ("explain", {"STUDY", "WAREHOUSE_PATH"}),
    ],
)
def test_help_says_which_variables_stand_behind_options(name, variables):
    text = " ".join(run_command(name, "--help").out.split())
    assert set(re.findall(r"\[env var: (\w+)\]", text)) == variables


MARK = "<!-- generated: .venv/bin/urban-resilience reference -->\n\n"


def test_the_reference_is_what_the_commands_say():
    page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    assert page.split(MARK)[1] == run_command("reference").out


def test_commands_in_documents_are_understood():
    """Each line that calls the command, in a block or in a sentence, is parsed as it stands."""
    found = 0
    for page in (*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")):
        text = page.read_text(encoding="utf-8").split(MARK)[0]
        code = re.findall(r"```\w*\n(.*?)```", text, re.DOTALL)
        lines = [line for block in code for line in block.replace("\\\n", " ").splitlines()]
        outside = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
        for line in [*lines, *re.findall(r"`([^`\n]+)`", outside)]:
            called = re.search(r"(?:^|[ (|=])(?:[\w./]*/)?urban-resilience ([a-z].*)", line)
            if not called or page.name == "CHANGELOG.md":
                continue
            words = shlex.split(re.sub(r" (>>|\|) .*|\)$", "", called[1]), comments=True)
            if words == ["reference"]:
                continue
            assert words[0] in COMMANDS, line
            COMMANDS[words[0]].make_context(words[0], words[1:])
            found += 1
    assert found > 15


def test_formats_are_those_of_the_exports():
    assert ",".join(export.FORMATS) == FORMATS


def test_help_imports_nothing_that_computes(tmp_path):
    """What makes a start slow; and what the start takes of a processor."""
    code = (
        "import sys; sys.argv = ['urban-resilience', '--help']\n"
        "from urban_resilience.cli.main import main\n"
        "main()\n"
        "heavy = {'duckdb', 'numpy', 'pandas', 'pyarrow', 'rich', 'altair'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    command = [sys.executable, "-c", code]
    with (tmp_path / "said").open("w+") as said:
        started = subprocess.Popen(command, stdout=said, stderr=subprocess.STDOUT)
        # Of this process alone, and not of what else the machine is doing meanwhile.
        used = os.wait4(started.pid, 0)[2]
        started.returncode = 0
        said.seek(0)
        assert said.read().splitlines()[-1] == "[]"
    # 0.15 s where it was written.
    assert used.ru_utime + used.ru_stime < 0.8


def test_completion_is_what_typer_gives():
    script = subprocess.run(
        [sys.executable, "-m", "urban_resilience"],
        env=os.environ | {"_URBAN_RESILIENCE_COMPLETE": "source_bash"},
        capture_output=True,
        text=True,
    ).stdout
    assert "complete " in script and "urban-resilience" in script


def test_the_installed_command_is_the_module():
    installed = Path(sys.executable).with_name("urban-resilience")
    commands = ([installed], [sys.executable, "-m", "urban_resilience"])
    said = [
        subprocess.run([*command, "--version"], capture_output=True, text=True, check=True).stdout
        for command in commands
    ]
    assert said == ["0.1.0\n"] * 2
