"""Commands hand their arguments to the library; what builds is a stub here."""

import os
import sys
from pathlib import Path

import duckdb
import pytest

from support.command import run_command
from support.dbt import ROOT
from urban_resilience.cli import inputs, options
from urban_resilience.cli.progress import steps
from urban_resilience.refresh.places import Places
from urban_resilience.refresh.publish import keep_version, publish
from urban_resilience.refresh.runs import Run, write_run


@pytest.fixture
def asked(monkeypatch, tmp_path):
    """What `build` was asked for; it writes a file with nothing but a city-year."""
    requests = []

    def build(request, variables=None):
        requests.append((request, variables))
        with duckdb.connect(str(request.warehouse)) as connection:
            connection.execute(
                "create schema panel;"
                "create table panel.fct_city_years as select 'supplied' as data_origin"
            )
        return 0

    monkeypatch.setattr("urban_resilience.refresh.build.build", build)
    monkeypatch.setattr("urban_resilience.refresh.as_of.build", build)
    monkeypatch.setattr("urban_resilience.refresh.as_of.rebuild_as_of.__defaults__", (build,))
    monkeypatch.setattr("urban_resilience.cli.building._write_pages", lambda *places: "")
    monkeypatch.setenv("DBT_TARGET_PATH", str(tmp_path / "target"))
    monkeypatch.chdir(ROOT)
    return requests


@pytest.fixture
def raw(tmp_path):
    folder = tmp_path / "raw"
    folder.mkdir()
    (folder / "city_yearbook.csv").write_text("city_code,year\n")
    return folder


@pytest.mark.thorough
def test_a_refresh_builds_once_and_then_only_when_forced(asked, raw, tmp_path):
    where = ("--raw", raw, "--warehouse", tmp_path / "w.duckdb")
    first = run_command("refresh", *where)
    assert first.code == 0, first.err
    assert first.out.splitlines()[-1] == "refresh 1 published (readers see version 1)"
    assert "refresh 2 unchanged" in run_command("refresh", *where).out
    forced = run_command("refresh", "--force", "--accept-changes", "--keep", "1", *where)
    assert "removed version 1" in forced.out
    assert [request.accept_changes for request, _ in asked] == [False, True]
    assert {request.raw for request, _ in asked} == {raw}
    listed = run_command("history", "--warehouse", tmp_path / "w.duckdb").out.splitlines()
    assert [line.split()[2] for line in listed] == ["published", "unchanged", "published"]


@pytest.mark.thorough
def test_the_environment_stands_behind_the_options(asked, raw, tmp_path):
    places = {"RAW_DATA_DIR": str(raw), "WAREHOUSE_PATH": str(tmp_path / "w.duckdb")}
    assert run_command("refresh", **places).code == 0
    assert (tmp_path / "w.duckdb").exists()
    # An empty variable is none.
    ended = run_command("history", WAREHOUSE_PATH="", STUDY="")
    assert ended.code == 0


@pytest.mark.thorough
def test_a_build_closes_with_its_summary(asked, raw, tmp_path, monkeypatch):
    shown = []
    monkeypatch.setattr(
        "urban_resilience.reporting.summary.print_summary", lambda *places: shown.append(places)
    )
    ended = run_command("build", "--raw", raw, "--warehouse", tmp_path / "w.duckdb")
    assert ended.code == 0, ended.err
    assert shown == [(tmp_path / "w.duckdb", tmp_path / "target")]
    # Built whether or not anything has changed.
    run_command("build", "--raw", raw, "--warehouse", tmp_path / "w.duckdb")
    assert len(asked) == 2


def test_a_breakdown_has_its_traceback_and_its_last_line(asked, raw, tmp_path, monkeypatch, capfd):
    def full(*arguments, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("urban_resilience.refresh.nightly.refresh", full)
    ended = run_command("refresh", "--raw", raw, "--warehouse", tmp_path / "w.duckdb")
    assert ended.code == 1
    assert "Traceback" in ended.err
    assert ended.out.splitlines()[-1].startswith("refresh failed: OSError: [Errno 28] No space")


@pytest.mark.thorough
def test_going_back_and_rebuilding_an_earlier_state(asked, raw, tmp_path, monkeypatch):
    where = ("--raw", raw, "--warehouse", tmp_path / "w.duckdb")
    for _ in range(2):
        run_command("refresh", "--force", *where)
    back = run_command("rollback", "--warehouse", tmp_path / "w.duckdb")
    assert "rolled_back: to version 1 (readers see version 1)" in back.out
    named = run_command("rollback", "--to", "2", "--warehouse", tmp_path / "w.duckdb")
    assert "readers see version 2" in named.out
    ended = run_command("as-of", "--date", "2026-03-01", "--out", tmp_path / "then.duckdb", *where)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out == f"as of 2026-03-01: built {tmp_path / 'then.duckdb'}\n"
    assert asked[-1][1] == {"as_of": "2026-03-01"}
    refused = run_command("as-of", "--date", "yesterday", *where)
    assert refused.code == 1
    assert "`yesterday` is no date: write 2026-03-01" in refused.err


def test_history_of_a_checkout_with_changes(tmp_path):
    run = Run(
        7, "failed", "2026-03-01T02:30:00Z", reason="a test failed", git_revision="a" * 40 + "+"
    )
    write_run(Places(tmp_path / "w.duckdb").runs, run)
    out = run_command("history", "--warehouse", tmp_path / "w.duckdb").out
    assert out == "     7  2026-03-01T02:30:00Z  failed       aaaaaaaa+  a test failed\n"


def test_where_things_are_follows_the_study(tmp_path):
    (tmp_path / "mine" / "raw").mkdir(parents=True)
    assert options.raw_folder(tmp_path / "mine", None) == tmp_path / "mine" / "raw"
    assert options.raw_folder(tmp_path / "mine", Path("x")) == Path("x")
    assert options.raw_folder(tmp_path, None) == Path("data/simulated")
    assert options.raw_folder(None, None) == Path("data/simulated")
    assert options.warehouse_file(tmp_path / "mine", None) == Path("warehouse/mine.duckdb")
    assert options.warehouse_file(Path("mine/"), None) == Path("warehouse/mine.duckdb")
    assert options.warehouse_file(None, None) == Path("warehouse/urban_resilience.duckdb")
    assert options.warehouse_file(Path("mine"), Path("x.duckdb")) == Path("x.duckdb")


def test_a_study_is_written_and_its_seeds_are_named(tmp_path, monkeypatch):
    monkeypatch.setenv("STUDY_SEEDS", "seeds")
    written = run_command("study", "--out", tmp_path / "mine")
    assert str(tmp_path / "mine" / "study_settings.csv") in written.out.splitlines()
    named = run_command("seeds", "--study", tmp_path / "mine")
    assert named.code == 0, named.err
    assert (ROOT / named.out.strip() / "study" / "study_settings.csv").exists()
    assert run_command("seeds", STUDY_SEEDS=None).out == "seeds\n"


def test_what_is_not_supplied_is_simulated_once(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    written = []
    monkeypatch.setattr(
        "urban_resilience.simulation.data_set.write_data_set",
        lambda *given: written.append(given[:3]),
    )
    inputs.simulate_if_nothing_supplied(Path("elsewhere"))
    assert written == []
    inputs.simulate_if_nothing_supplied(options.SIMULATED_DIR)
    assert written == [(options.SIMULATED_DIR, None, None)]
    assert "No raw data supplied: simulating some" in capsys.readouterr().out
    options.SIMULATED_DIR.mkdir(parents=True)
    (options.SIMULATED_DIR / "truth.json").touch()
    inputs.simulate_if_nothing_supplied(options.SIMULATED_DIR)
    assert len(written) == 1
    assert run_command("simulate", "--out", "x", "--seed", "7", "--seeds", "s").code == 0
    assert written[-1] == (Path("x"), 7, Path("s"))


def test_pages_and_exports_are_asked_for_with_what_was_said(tmp_path, monkeypatch):
    from urban_resilience.reporting.exports.printed import Form
    from urban_resilience.reporting.site.assemble import SiteReport

    file = tmp_path / "w.duckdb"
    file.touch()

    def pages(warehouse, out, tell):
        tell("cities", 2, 6)
        return SiteReport(out, 1_500_000, 3.2, "no engine")

    monkeypatch.setattr("urban_resilience.reporting.site.assemble.build_site", pages)
    ended = run_command("site", "--warehouse", file, "--out", tmp_path / "pages")
    assert ended.out == (
        f"{tmp_path / 'pages' / 'index.html'} (1.5 MB, 3 s)\nwithout the SQL page: no engine\n"
    )
    assert ended.err == "site:   2 of 6     0 s  cities\n"
    asked = []

    def write(warehouse, out, names, form, tell):
        asked.append((warehouse, out, names, form))
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("urban_resilience.reporting.exports.export.export", write)
    options_given = ("--format", "tables, dta", "--stars", "0", "--brackets", "t")
    ended = run_command("export", "--warehouse", file, "--out", "x", *options_given)
    assert asked == [(file, Path("x"), ["tables", "dta"], Form(False, "t"))]
    assert (ended.code, len(ended.err.splitlines())) == (1, 1)
    assert "No space left on device" in ended.err


def test_two_kept_versions_are_compared(tmp_path, monkeypatch):
    places = Places(tmp_path / "w.duckdb")
    for run in (3, 5):
        built = tmp_path / f"built{run}"
        (built / "marts").mkdir(parents=True)
        (built / places.warehouse.name).write_text(str(run))
        publish(places, keep_version(places, built, run))
    compared = []
    monkeypatch.setattr(
        "urban_resilience.reporting.version_changes.version_changes",
        lambda before, after, tell: compared.append((before.read_text(), after.read_text())) or [],
    )
    for given in ((), ("--a", 3), ("--b", 5), ("--a", 5, "--b", 3)):
        assert run_command("diff", *given, "--warehouse", places.warehouse).code == 0
    assert compared == [("3", "5"), ("3", "5"), ("3", "5"), ("5", "3")]


def test_a_description_is_made_by_dbt_of_the_study_that_is_meant(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    ran = []

    class Ended:
        returncode = 3

    def run(command, env, check):
        ran.append((command, env))
        return Ended

    monkeypatch.setattr("subprocess.run", run)
    assert run_command("docs", "--warehouse", "x.duckdb", STUDY_SEEDS=None).code == 3
    ((command, environment),) = ran
    assert command[1:] == ["docs", "generate", "--static"]
    assert Path(command[0]) == Path(sys.executable).with_name("dbt")
    assert environment["WAREHOUSE_PATH"] == "x.duckdb"
    assert environment["STUDY_SEEDS"] == "seeds"
    assert environment["PATH"] == os.environ["PATH"]


def test_a_terminal_gets_a_bar_and_a_log_gets_lines(monkeypatch, capsys):
    with steps("export") as tell:
        tell("csv", 1, 2)
        tell("dta", 2, 2)
    assert [line.split("  ")[-1] for line in capsys.readouterr().err.splitlines()] == ["csv", "dta"]
    with steps("export") as tell:
        for number in range(1, 100):
            tell(f"csv {number}", number, 99)
    assert capsys.readouterr().err == "export:   1 of 99     0 s  csv 1\n"
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    with steps("export") as tell:
        tell("csv", 1, 2)
        tell("dta", 2, 2)
    shown = capsys.readouterr().err
    assert "export" in shown and "1/2" in shown and "dta" in shown
