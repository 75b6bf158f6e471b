"""Values from seeds, vars, paths and our own files that want to be more than values."""

import json
import os
import re
import subprocess
from pathlib import Path

import duckdb
import pandas as pd
import pytest
import yaml

from support.dbt import ROOT, run_dbt
from support.project import copy_project
from support.publishing import (
    leftovers,
    places_in,
    refresh_small,
    values_in_marts,
    values_read,
    write_raw,
)
from urban_resilience.intake import IntakeError, prepare
from urban_resilience.intake.vocabulary import aliases
from urban_resilience.refresh.nightly import roll_back
from urban_resilience.refresh.places import BadPlaceError, Places
from urban_resilience.refresh.publish import NoSuchVersionError, kept_versions
from urban_resilience.refresh.runs import read_runs
from urban_resilience.shared import project

INJECTION = "x); create table stolen as select * from read_text('/etc/passwd'); --"

# --- seeds and vars that become SQL: the macros that let values in --------------------------------

# One macro asks the macros of the project about every value, so that one dbt process is enough.
ASK = """
{% macro ask(vars, cells, paths) %}
    {% set answers = {'vars': [], 'cells': [], 'paths': []} %}
    {% for case in vars %}
        {% do answers.vars.append(type_fault(case[1], var_kinds()[case[0]])) %}
    {% endfor %}
    {% for case in cells %}
        {% do answers.cells.append(seed_fault(case[2], seed_kinds()[case[0]][case[1]])) %}
    {% endfor %}
    {% for path in paths %}{% do answers.paths.append(path_literal(path) | string) %}{% endfor %}
    {% do answers.update({'kinds': var_kinds() | list, 'settings': study_settings()}) %}
    {% for name, value in answers.settings.items() %}
        {% do answers.vars.append(type_fault(value, var_kinds()[name])) %}
    {% endfor %}
    {{ print('ANSWERS ' ~ tojson(answers)) }}
{% endmacro %}
"""
NO_WHOLE = ["2008", 2008.5, True, None, [2008], 1, 99999, float("nan"), INJECTION]
NO_SHARE = ["0.5", -0.1, 1.1, None, float("inf"), float("nan"), {"a": 1}, INJECTION]
BAD_VARS = (
    *(("study_start_year", value) for value in NO_WHOLE),
    *(("latest_year", value) for value in NO_WHOLE if value is not None),
    *(("min_indicator_coverage", value) for value in NO_SHARE),
    *(("accept_changes", value) for value in ["true", 1, None, INJECTION]),
    *(("as_of", value) for value in ["yesterday", 2026, INJECTION]),
    ("max_interpolated_gap_years", 2.5),
    ("suspicious_factor", "3"),
    ("capital_rental_rate", 0),
    *(("place_name_en", value) for value in ["state's", "a_b", "<b>", " state", 7, INJECTION]),
)
BAD_CELLS = [
    (seed, column, value)
    for seed, columns in (
        ("resilience_indicators", ("indicator_id",)),
        ("index_indicators", ("indicator_id", "indicator_set", "dimension")),
    )
    for column in columns
    for value in (INJECTION, "Gdp", "gdp 100m", "gdp'", "gdp\n", "1gdp", "", "{{ 1 }}", "x" * 64)
]
BAD_CELLS += [
    ("resilience_indicators", "indicator_id", None),
    ("resilience_indicators", "indicator_id", "year"),
    ("index_indicators", "direction_used", "up"),
    ("index_indicators", "given_weight", -1),
    ("index_indicators", "given_weight", "1"),
    ("index_indicators", "indicator_id", "order"),
    ("index_definitions", "index_id", INJECTION),
    ("index_definitions", "indicator_set", INJECTION),
    ("index_definitions", "direction", INJECTION),
    ("index_definitions", "scope", INJECTION),
    ("index_definitions", "normalization", "vector"),
    ("index_definitions", "weighting", INJECTION),
    ("index_definitions", "aggregation", "sum"),
    ("index_definitions", "zero_shift", -1),
    ("index_definitions", "score_floor", "0.1"),
]
GOOD_CELLS = [
    ("resilience_indicators", "indicator_id", "gdp_per_capita"),
    ("index_indicators", "direction_used", "negative"),
    ("index_definitions", "zero_shift", 0.0001),
    ("index_definitions", "scope", "by_year"),
    ("index_definitions", "weighting", "critic"),
    ("index_definitions", "zero_shift", None),
    ("index_indicators", "given_weight", 0.5),
]
PATHS = ["it's", "a*b?[c", "year=2019", "空 间", "); drop table x; --"]


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ask")
    copied = copy_project(folder / "project")
    (copied / "macros" / "ask.sql").write_text(ASK, encoding="utf-8")
    of_run = yaml.safe_load((ROOT / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]
    questions = {
        "vars": [*BAD_VARS, *of_run.items()],
        "cells": [*BAD_CELLS, *GOOD_CELLS],
        "paths": PATHS,
    }
    run = run_dbt(
        *("run-operation", "ask", "--args", yaml.safe_dump(json_like(questions))),
        raw=folder,
        workspace=folder,
        project=copied,
    )
    line = next(line for line in run.output.splitlines() if line.startswith("ANSWERS "))
    return json.loads(line.removeprefix("ANSWERS ")) | {"of_run": of_run}


def json_like(value):
    """Tuples as lists: YAML has no tuples."""
    if isinstance(value, (tuple, list)):
        return [json_like(item) for item in value]
    return {k: json_like(v) for k, v in value.items()} if isinstance(value, dict) else value


def test_a_var_is_what_it_may_be_or_stops_the_build(answers):
    bad, shipped = answers["vars"][: len(BAD_VARS)], answers["vars"][len(BAD_VARS) :]
    assert [case for case, fault in zip(BAD_VARS, bad, strict=True) if not fault] == []
    assert set(shipped) == {""}
    faults = dict(zip(map(str, BAD_VARS), bad, strict=True))
    assert faults["('suspicious_factor', '3')"].endswith("Write it without quotes.")
    assert not set(answers["of_run"]) & set(answers["settings"])
    known = set(answers["of_run"]) | set(answers["settings"])
    assert set(answers["kinds"]) == known, "every var and every setting has a kind in var_kinds()"


def test_a_cell_that_becomes_sql_is_a_name_a_word_or_a_number(answers):
    bad, good = answers["cells"][: len(BAD_CELLS)], answers["cells"][len(BAD_CELLS) :]
    assert [case for case, fault in zip(BAD_CELLS, bad, strict=True) if not fault] == []
    assert set(good) == {""}


def test_a_path_in_sql_means_that_path_only(answers, tmp_path):
    for name, literal in zip(PATHS, answers["paths"], strict=True):
        file = tmp_path / name
        file.write_text("right")
        (tmp_path / name.replace("*", "X").replace("?", "X")).write_text("right")
        pattern = literal[0] + str(tmp_path) + "/" + literal[1:]
        found = duckdb.sql(f"select filename from read_text({pattern})").fetchall()
        assert found == [(str(file),)]


def test_a_hostile_var_is_named_before_anything_runs(small_raw, tmp_path):
    run = run_dbt(
        *("run", "--select", "base_national__series", "--vars"),
        json.dumps({"study_end_year": "2019) or exists (from read_text('/etc/passwd')"}),
        raw=small_raw,
        workspace=tmp_path,
        check=False,
    )
    assert run.returncode != 0
    assert "Setting study_end_year is `2019) or exists" in run.output
    assert "It may be a whole number from 1900 to 2200." in run.output
    assert tables_of(run.warehouse) == []


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        # Where models are rendered, arithmetic on a text would fail without naming the var.
        ({"suspicious_factor": "5"}, "Setting suspicious_factor is `5`. It may be a number"),
        (
            {"study_start_year": 2019, "study_end_year": 2008},
            "Settings study_start_year (2019) and study_end_year (2008) are the wrong way round.",
        ),
    ],
)
def test_a_wrong_var_is_named_wherever_dbt_meets_it_first(settings, message, small_raw, tmp_path):
    run = run_dbt(
        *("run", "--select", "base_national__series", "--vars", json.dumps(settings)),
        raw=small_raw,
        workspace=tmp_path,
        check=False,
    )
    assert run.returncode != 0
    assert message in run.output
    assert tables_of(run.warehouse) == []


def test_a_setting_that_nothing_reads_is_named_before_anything_runs(small_raw, tmp_path):
    copied = copy_project(tmp_path / "project")
    seed = copied / "seeds" / "study" / "study_settings.csv"
    text = seed.read_text(encoding="utf-8")
    assert "min_members,5," in text
    seed.write_text(text.replace("min_members,5,", "min_member,5,"), encoding="utf-8")
    run = run_dbt(
        *("run", "--select", "base_national__series"),
        raw=small_raw,
        workspace=tmp_path,
        project=copied,
        check=False,
    )
    assert run.returncode != 0
    assert (
        "Seed study_settings: nothing reads a setting `min_member` (nearest: min_members"
        in run.output
    )
    assert tables_of(run.warehouse) == []


def tables_of(warehouse: Path) -> list[str]:
    if not warehouse.exists():
        return []
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        found = connection.execute("select table_name from information_schema.tables").fetchall()
        return [name for (name,) in found]


# --- folders and files ----------------------------------------------------------------------------


def test_a_raw_folder_may_have_any_name(small_files, tmp_path):
    """A quote, signs of a pattern with a folder that fits it, a partition, Chinese, a slash."""
    raw, decoy = tmp_path / "year=1999 it's 数据 [a?]*", tmp_path / "year=1999 it's 数据 ax"
    for folder, national in ((raw, small_files["national_series"]), (decoy, None)):
        folder.mkdir()
        rows = small_files["national_series"].iloc[:0] if national is None else national
        rows.to_csv(folder / "national_series.csv", index=False)
        small_files["city_yearbook"].to_parquet(folder / "city_yearbook.parquet", index=False)
    (decoy / "truth.json").write_text("{}")
    run = run_dbt("run", "--select", "base_national__series", raw=f"{raw}/", workspace=tmp_path)
    with duckdb.connect(str(run.warehouse), read_only=True) as connection:
        years = connection.execute(
            "select distinct year from staging.base_national__series order by 1"
        ).fetchall()
    assert [year for (year,) in years] == sorted(small_files["national_series"]["year"])


ODD_NAMES = ('it\'s "quoted".csv', "a[b]?*.csv", "'; drop table x; --.csv", "年 鉴.csv")


def test_raw_files_may_have_any_name(small_files, tmp_path):
    raw = tmp_path / "year=1999" / "it's raw [x]"
    raw.mkdir(parents=True)
    parts = list(small_files["city_yearbook"].groupby("year"))[: len(ODD_NAMES)]
    for name, (_, rows) in zip(ODD_NAMES, parts, strict=True):
        rows.to_csv(raw / name, index=False)
    small_files["industry_output"].to_parquet(raw / "industry_output.parquet", index=False)
    report = prepare(raw, tmp_path / "out [x]?" / "it's out")
    assert {source.source_file for source in report.sources} == {
        *ODD_NAMES,
        "industry_output.parquet",
    }
    assert report.tables["city_yearbook"] == sum(len(rows) for _, rows in parts)
    assert report.tables["industry_output"] == len(small_files["industry_output"])


def test_a_large_raw_file_may_have_any_name(small_files, tmp_path, monkeypatch):
    monkeypatch.setattr("urban_resilience.intake.recognition.sources.STREAMED_BYTES", 100)
    raw = tmp_path / "joined_year=1999"
    raw.mkdir()
    small_files["city_yearbook"].to_csv(raw / "city_yearbook.csv", index=False)
    members = small_files["platform_members"].head(2000)
    members.to_csv(raw / "mem'bers [a?].csv", index=False)
    (raw / "mem'bers aX.csv").write_text("decoy")
    report = prepare(raw, tmp_path / "it's out [x]")
    assert report.tables["platform_members"] == len(members)
    written = pd.read_parquet(tmp_path / "it's out [x]" / "platform_members.parquet")
    assert written["joined_year"].tolist() == members["joined_year"].tolist()


def test_a_raw_file_cannot_lie_outside_its_folder(small_files, tmp_path):
    small_files["city_yearbook"].to_csv(tmp_path / "elsewhere.csv", index=False)
    raw = tmp_path / "raw"
    raw.mkdir()
    (raw / "city_yearbook.csv").symlink_to(tmp_path / "elsewhere.csv")
    (raw / "truth.json").symlink_to("/etc/hostname")
    (raw / "more").symlink_to(tmp_path)
    with pytest.raises(IntakeError) as raised:
        prepare(raw, tmp_path / "out")
    for name in ("city_yearbook.csv", "truth.json", "more"):
        assert f"{name}: it is a link to something outside the folder." in str(raised.value)


def test_a_link_inside_the_folder_and_to_the_folder_is_fine(small_files, tmp_path):
    raw = tmp_path / "raw"
    raw.mkdir()
    small_files["city_yearbook"].to_csv(raw / "2020.bak", index=False)
    (raw / "city_yearbook.csv").symlink_to(raw / "2020.bak")
    (tmp_path / "linked").symlink_to(raw)
    report = prepare(tmp_path / "linked", tmp_path / "out")
    assert report.tables == {"city_yearbook": len(small_files["city_yearbook"])}


def test_a_name_that_is_no_text_is_said(small_files, tmp_path):
    raw = tmp_path / "raw"
    raw.mkdir()
    small_files["city_yearbook"].to_csv(raw / "a.csv", index=False)
    os.rename(raw / "a.csv", os.fsencode(raw) + b"/\xb5\xd8.csv")
    with pytest.raises(IntakeError, match=r"\\udcb5\\udcd8.csv: its name is not UTF-8. Rename"):
        prepare(raw, tmp_path / "out")


@pytest.mark.parametrize("name", ["it's.duckdb", 'a"b.duckdb', "a;b.duckdb", "panel.duckdb", ".."])
def test_a_warehouse_is_named_as_a_database_can_be(tmp_path, name):
    with pytest.raises(BadPlaceError, match="WAREHOUSE_PATH"):
        Places(tmp_path / name)
    with pytest.raises(BadPlaceError, match="backslash or question mark"):
        Places(tmp_path / "what?" / "study.duckdb")


def test_a_warehouse_may_lie_in_any_folder(tmp_path):
    folder = tmp_path / "year=1999 it's 数据 [a]*"
    write_raw(folder, 1)
    refresh_small(folder)
    write_raw(folder, 2)
    assert refresh_small(folder).run.outcome == "published"
    places = places_in(folder)
    assert values_read(places.warehouse) == {2}
    roll_back(places)
    assert values_read(places.warehouse) == {1}
    assert leftovers(places) == []


# --- seeds that the intake reads ------------------------------------------------------------------

SEED_FAULTS = {
    "binary": (lambda text: b"\x00\xff\xfe" * 500, "cannot be read as CSV in UTF-8"),
    "empty": (lambda text: b"", "cannot be read as CSV in UTF-8"),
    "truncated": (
        lambda text: text[: text.index(b",", text.rindex(b"\n", 0, -2000))],
        "cells, the header has",
    ),
    "truncated within quotation marks": (
        lambda text: text + b'city_yearbook,gdp_100m_yuan,gdp,"recalled, and',
        "cannot be read as CSV in UTF-8",
    ),
    "missing column": (lambda text: text.replace(b"column_name", b"col", 1), "no column `column_n"),
    "unknown column": (
        lambda text: text + b"city_yearbook,gdp; drop,whatever,,recalled\n",
        "which does not exist",
    ),
}


@pytest.mark.parametrize("fault", SEED_FAULTS)
def test_a_seed_that_is_no_seed_is_named(fault, tmp_path, monkeypatch):
    spoil, message = SEED_FAULTS[fault]
    seed = tmp_path / "seeds" / "reference" / "column_aliases.csv"
    seed.parent.mkdir(parents=True)
    seed.write_bytes(spoil((ROOT / "seeds" / "reference" / "column_aliases.csv").read_bytes()))
    aliases.contract()
    monkeypatch.setattr(project, "ROOT", tmp_path)
    aliases.alias_rows.cache_clear()
    try:
        with pytest.raises(IntakeError, match=message) as raised:
            aliases.alias_rows()
        assert str(raised.value).startswith("seeds/reference/column_aliases.csv: ")
    finally:
        aliases.alias_rows.cache_clear()


# --- what the refresh wrote itself ----------------------------------------------------------------

GOOD_LINE = {"run_id": 2, "outcome": "failed", "started_at": "2030-01-01T00:00:00Z"}
HOSTILE_LINES = {
    "no JSON": "'; drop table runs; --",
    "no UTF-8": b"\xff\xfe\xfa",
    "no object": "[1, 2]",
    "deep": "[" * 100_000,
    "number as text": json.dumps(GOOD_LINE | {"run_id": "../../7"}),
    "number as boolean": json.dumps(GOOD_LINE | {"run_id": True}),
    "negative number": json.dumps(GOOD_LINE | {"run_id": -5}),
    "huge number": json.dumps(GOOD_LINE | {"run_id": 10**30}),
    "version elsewhere": json.dumps(GOOD_LINE | {"version": "../../etc"}),
    "no time": json.dumps(GOOD_LINE | {"started_at": "yesterday"}),
    "end of time": json.dumps(GOOD_LINE | {"started_at": "9999-12-31T23:59:59Z"}),
    "time without zone": json.dumps(GOOD_LINE | {"finished_at": "2030-01-01T00:00:00"}),
    "unknown field": json.dumps(GOOD_LINE | {"__class__": "x"}),
    "rows as text": json.dumps(GOOD_LINE | {"row_counts": {"a": "1; drop"}}),
    "digests as list": json.dumps(GOOD_LINE | {"raw_fingerprints": ["a"]}),
    "half a character": json.dumps(GOOD_LINE | {"reason": "\udcff"}),
}


def test_hostile_lines_of_the_history_are_passed_over(tmp_path):
    write_raw(tmp_path, 1)
    refresh_small(tmp_path)
    places = places_in(tmp_path)
    with places.runs.open("ab") as file:
        for line in HOSTILE_LINES.values():
            file.write((line.encode() if isinstance(line, str) else line) + b"\n")
    assert [run.run_id for run in read_runs(places.runs)] == [1]
    write_raw(tmp_path, 2)
    assert refresh_small(tmp_path).run.outcome == "published"
    assert [run.outcome for run in read_runs(places.runs)] == ["published"] * 2


def test_names_with_odd_letters_stay_in_the_history(tmp_path):
    raw = write_raw(tmp_path, 1)
    # What Unicode takes for the end of a line, a quote, and a byte that is no UTF-8.
    (raw / "a\u2028b'\"\n.txt").write_text("x")
    (raw / os.fsdecode(b"\xb5\xd8.txt")).write_text("x")
    assert refresh_small(tmp_path).run.outcome == "published"
    (run,) = read_runs(places_in(tmp_path).runs)
    assert len(run.raw_fingerprints) == 3
    assert refresh_small(tmp_path).run.outcome == "unchanged"


def test_a_lost_history_costs_no_version(tmp_path):
    write_raw(tmp_path, 1)
    refresh_small(tmp_path)
    places = places_in(tmp_path)
    places.runs.unlink()
    write_raw(tmp_path, 2)
    assert refresh_small(tmp_path).run.run_id == 2
    assert [version.run_id for version in kept_versions(places)] == [1, 2]


MANIFESTS = {
    "leads out": {"run_id": "../../../etc", "digest": "0" * 64},
    "another's number": {"run_id": 1, "digest": "0" * 64},
    "number as text": {"run_id": "2", "digest": "0" * 64},
    "no digest": {"run_id": 2},
    "digest as list": {"run_id": 2, "digest": []},
    "a list": [2],
}


@pytest.mark.parametrize("manifest", MANIFESTS)
def test_a_strange_manifest_makes_no_version(tmp_path, manifest):
    write_raw(tmp_path, 1)
    refresh_small(tmp_path)
    places = places_in(tmp_path)
    folder = places.version(2)
    folder.mkdir()
    (folder / "manifest.json").write_text(json.dumps(MANIFESTS[manifest]))
    assert [version.run_id for version in kept_versions(places)] == [1]
    with pytest.raises(NoSuchVersionError, match="version 2 is not kept"):
        roll_back(places, to=2)
    write_raw(tmp_path, 2)
    result = refresh_small(tmp_path)
    assert result.run.run_id == 3
    assert any("000002 is no version of this warehouse" in note for note in result.notes)


def test_a_version_that_is_a_link_is_none(tmp_path):
    write_raw(tmp_path, 1)
    refresh_small(tmp_path)
    places = places_in(tmp_path)
    (tmp_path / "kept").mkdir()
    places.version(1).rename(tmp_path / "kept" / "000001")
    places.version(1).symlink_to(tmp_path / "kept" / "000001")
    assert kept_versions(places) == []
    write_raw(tmp_path, 2)
    assert refresh_small(tmp_path, keep=1).run.outcome == "published"
    assert (tmp_path / "kept" / "000001" / "manifest.json").exists()


def test_what_a_killed_removal_left_is_removed(tmp_path):
    write_raw(tmp_path, 1)
    refresh_small(tmp_path)
    places = places_in(tmp_path)
    half, foreign = places.version(7), places.versions / "²"
    half.mkdir()
    foreign.mkdir()
    (half / places.warehouse.name).write_bytes(b"x" * 1000)
    result = refresh_small(tmp_path)
    assert not half.exists()
    assert foreign.exists()
    assert "² is no version of this warehouse" in " ".join(result.notes)


def test_a_failure_in_many_lines_is_one_line_of_the_history(tmp_path):
    def broken(request):
        raise OSError("first\nsecond")

    write_raw(tmp_path, 1)
    with pytest.raises(OSError, match="first"):
        refresh_small(tmp_path, build=broken)
    assert read_runs(places_in(tmp_path).runs)[0].reason == "OSError: first second"


# --- who may write what is published --------------------------------------------------------------


@pytest.mark.parametrize("umask", [0o000, 0o077])
def test_others_read_what_is_published_and_write_none_of_it(tmp_path, umask):
    before = os.umask(umask)
    try:
        write_raw(tmp_path, 1)
        refresh_small(tmp_path)
        write_raw(tmp_path, 2)
        refresh_small(tmp_path)
        roll_back(places_in(tmp_path))
    finally:
        assert os.umask(before) == umask
    places = places_in(tmp_path)
    assert values_in_marts(places) == {1}
    published = [places.warehouse.parent, *places.warehouse.parent.rglob("*")]
    assert {path.name for path in published} >= {"study.runs.jsonl", "manifest.json", "study.marts"}
    for path in published:
        if not path.is_symlink():
            assert path.stat().st_mode & 0o777 == (0o755 if path.is_dir() else 0o644), path


# --- credentials ----------------------------------------------------------------------------------

SECRETS = {
    "private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY"),
    "key of a cloud": re.compile(r"\b(AKIA|ASIA)[0-9A-Z]{16}\b|\bAIza[0-9A-Za-z_-]{35}\b"),
    "token": re.compile(r"\b(gh[pousr]_|glpat-|xox[abp]-|sk-)[0-9A-Za-z_-]{20,}|\beyJ[\w-]{20,}\."),
    "password in a URL": re.compile(r"://[^/\s:@{}'\"]+:[^/\s:@{}'\"]+@"),
    "assignment": re.compile(
        r"(?i)\b(\w*(password|passwd|secret|api_?key|access_?key|token))['\"]?\s*[:=]\s*"
        r"['\"]?(?!.*env_var\()[\w+/.-]{8,}['\"]?\s*$",
        re.MULTILINE,
    ),
}
LEAKS = {
    "private key": "-----BEGIN RSA " + "PRIVATE KEY-----",
    "key of a cloud": "AKIA" + "Z" * 16,
    "token": "ghp_" + "a1" * 18,
    "password in a URL": "postgres://study:" + "hunter22@host/db",
    "assignment": "motherduck_token: " + "abcdefgh12345",
}


def kept_files() -> list[Path]:
    """Every file of the repository; of an unpacked archive, every file that is no output."""
    listed = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "-z"], capture_output=True, check=False
    )
    if listed.returncode == 0:
        return [ROOT / os.fsdecode(name) for name in listed.stdout.split(b"\0") if name]
    parts = ("src", "models", "macros", "python_models", "seeds", "tests", "profiles", "docs")
    return [path for part in parts for path in (ROOT / part).rglob("*")]


def test_no_credentials_in_the_repository():
    files = [path for path in kept_files() if path.is_file()]
    assert len(files) > 300
    found = [
        f"{path.relative_to(ROOT)}: {kind}"
        for path in files
        for kind, pattern in SECRETS.items()
        if pattern.search(path.read_text(encoding="utf-8", errors="replace"))
    ]
    assert found == []


@pytest.mark.parametrize("kind", SECRETS)
def test_a_leak_would_be_found(kind):
    assert SECRETS[kind].search(LEAKS[kind])


def test_profiles_name_no_credentials():
    """What a profile needs to know of a place comes from the environment."""
    profiles = yaml.safe_load((ROOT / "profiles" / "profiles.yml").read_text(encoding="utf-8"))
    for output in profiles["urban_resilience"]["outputs"].values():
        for name in ("path", "token", "password", "user", "host"):
            assert "env_var(" in str(output.get(name, "env_var(")), name
