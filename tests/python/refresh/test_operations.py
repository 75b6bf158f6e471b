"""docs/operations.md says what is there: its commands, files, codes and units are run or read."""

import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from typer.main import get_command

from support.dbt import ROOT
from urban_resilience.cli.app import app
from urban_resilience.refresh.lock import TRY_AGAIN
from urban_resilience.refresh.places import Places

PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
SERVER = "/srv/urban_resilience"
UNITS = dict(re.findall(r"`/etc/systemd/system/([^`]+)`:\n\n```ini\n(.*?)```", PAGE, re.DOTALL))


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def table_below(heading):
    section = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in section.splitlines() if line[:1] == "|"]
    return rows[2:]


def test_commands_of_make_exist():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    code = [*re.findall(r"`([^`\n]+)`", PAGE), *re.findall(r"```\w*\n(.*?)```", PAGE, re.DOTALL)]
    named = {name for piece in code for name in re.findall(r"\bmake ([a-z-]+)", piece)}
    assert {"refresh", "build", "rollback", "history", "check-data"} <= named
    assert named <= targets


def test_commands_of_the_command_line_exist():
    commands = re.findall(r"bin/urban-resilience\"?,? \"?([a-z]+)", PAGE)
    assert len(commands) == 4
    assert set(commands) <= set(get_command(app).commands)


def test_exit_codes_are_those_of_the_command():
    assert [row[0] for row in table_below("Exit codes")] == ["0", "1", str(TRY_AGAIN)]
    for language in ("ini", "python"):
        assert re.search(rf"(=|== ){TRY_AGAIN}\b", "".join(blocks(language)))


def test_files_beside_the_warehouse_are_the_ones_it_writes():
    places = Places(Path("warehouse/urban_resilience.duckdb"))
    written = (
        places.warehouse, places.marts, places.site, places.versions, places.runs, places.quality,
            places.lock, places.building,
    )  # fmt: skip
    listed = [row[0].strip("`") for row in table_below("Files beside the warehouse")]
    assert listed == [path.name for path in written]


def test_limits_of_freshness_are_those_of_the_sources():
    text = (ROOT / "models" / "staging" / "_raw__sources.yml").read_text(encoding="utf-8")
    (source,) = yaml.safe_load(text)["sources"]
    limits = {
        table["name"]: table["config"]["freshness"]["warn_after"]["count"]
        for table in source["tables"]
        if "freshness" in table.get("config", {})
    }
    others = {v for k, v in limits.items() if k not in ("city_yearbook", "national_series")}
    said = f"{limits['city_yearbook']} days for the yearbook, {limits['platform_members']} for"
    assert said in PAGE
    assert sorted(others) == [35, 800, 2000]
    assert "800 to 2,000 for the rest" in " ".join(PAGE.split())


def test_workflow_runs_targets_every_night():
    (text,) = blocks("yaml")
    workflow = yaml.safe_load(text)
    # YAML 1.1 reads the key `on` as true.
    assert len(workflow[True]["schedule"][0]["cron"].split()) == 5
    steps = workflow["jobs"]["refresh"]["steps"]
    assert [step["run"] for step in steps if step.get("run", "").startswith("make")] == [
        "make refresh",
        "make history",
    ]
    used = [step["uses"].split("@")[0] for step in steps if "uses" in step]
    assert {"actions/cache", "actions/upload-artifact"} <= set(used)


def test_notes_for_schedulers_are_python():
    notes = blocks("python")
    assert len(notes) == 2
    for note in notes:
        compile(note, "operations.md", "exec")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze")
def test_systemd_takes_the_units(tmp_path):
    assert len(UNITS) == 3
    for name, text in UNITS.items():
        (tmp_path / name).write_text(text.replace(SERVER, str(ROOT)), encoding="utf-8")
    # The environment of another checkout may lie behind .venv; it only has to be there.
    command = ["systemd-analyze", "verify", "--man=no", *map(str, sorted(tmp_path.iterdir()))]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")


def test_the_unit_sets_what_the_makefile_sets():
    fixed = re.findall(r"^export (\w+) = (\w+)", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert fixed
    for name, value in fixed:
        assert f"{name}={value}" in UNITS["urban-resilience.service"]


@pytest.fixture
def installed_project(tmp_path):
    """The project as on a server: this checkout, its environment newer than its lock file."""
    project = tmp_path / "server"
    (project / ".venv").mkdir(parents=True)
    for path in ROOT.iterdir():
        if path.name not in (".venv", "warehouse", "logs", "target", "data", ".git"):
            (project / path.name).symlink_to(path)
    for path in (ROOT / ".venv").resolve().iterdir():
        if path.name != "installed":
            (project / ".venv" / path.name).symlink_to(path)
    (project / ".venv" / "installed").touch()
    return project


@pytest.mark.skipif(not (ROOT / ".venv" / "bin").exists(), reason="no .venv in this checkout")
def test_the_cron_line_needs_nothing_of_a_login_shell(installed_project, tmp_path):
    """An empty raw folder makes a night short: it fails, and says so where the line puts it."""
    line = blocks("cron")[0].splitlines()[-1]
    command = line.split(maxsplit=5)[5].replace(SERVER, shlex.quote(str(installed_project)))
    (tmp_path / "raw").mkdir()
    environment = {
        "PATH": "/usr/bin:/bin",
        "RAW_DATA_DIR": str(tmp_path / "raw"),
        "PYTHONPATH": str(ROOT / "src"),
    }
    night = subprocess.run(["/bin/sh", "-c", command], env=environment, check=False)
    log = (installed_project / "logs" / "refresh.log").read_text(encoding="utf-8")
    assert night.returncode == 2, log  # make's code
    assert "refresh 1 failed" in log
    assert "no file in" in log


@pytest.mark.parametrize(("outcome", "mails"), [("failed", 1), ("published", 0)])
def test_examples_of_the_hook_pass_the_last_line_on(tmp_path, outcome, mails):
    mail, webhook = (block for block in blocks("sh") if block.startswith("REFRESH_ON_FINISH="))
    for name in ("mail", "curl"):
        tool = tmp_path / name
        tool.write_text(f'#!/bin/sh\n[ {name} = curl ] || cat > "$0.in"\necho "$@" > "$0.said"\n')
        tool.chmod(0o755)
    told = {
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "REFRESH_OUTCOME": outcome,
        "REFRESH_LINE": 'refresh 7 "quoted" & more',
        "REFRESH_WEBHOOK": "address",
    }
    for example in (mail, webhook):
        # As the refresh calls it: the value of the variable, by a shell.
        (command,) = shlex.split(example.removeprefix("REFRESH_ON_FINISH="))
        subprocess.run(command, shell=True, env=told, check=True)
    assert (tmp_path / "mail.said").exists() == bool(mails)
    if mails:
        assert (tmp_path / "mail.in").read_text() == told["REFRESH_LINE"] + "\n"
    said = (tmp_path / "curl.said").read_text()
    assert said.endswith(f"--data-urlencode text={told['REFRESH_LINE']} address\n")
