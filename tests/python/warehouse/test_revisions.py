"""Revisions of the yearbook are history: each value stays on record, and what it did to ranks."""

import json
import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime

import duckdb
import numpy as np
import pandas as pd
import pytest

from support.dbt import ROOT, DbtRun, run_dbt
from support.expected_indices import expected_tables
from support.project import copy_project
from support.publishing import places_in, refresh_small, small_build, write_raw
from support.raw import save
from support.study import Study
from support.warehouse import Warehouse
from urban_resilience.refresh.as_of import AsOfError, default_file, rebuild_as_of
from urban_resilience.refresh.carry_snapshots import carry_history
from urban_resilience.refresh.nightly import roll_back

pytestmark = pytest.mark.slow

KEYS = ["city_code", "year"]
YEARBOOK = ("build", "--exclude-resource-type", "test", "unit_test")
YEARBOOK += ("--select", "+fct_revisions", "int_yearbook_supplied")
# No dates, or not in the form of a var.
HOSTILE = ("2026-01-01' or '1'='1", "yesterday", "2026-03-01T02:30:00+08:00")
NEW_SERIES = "telecom_volume_100m_yuan"
# A selection of its own keeps each refresh small; no tests: those are run by the full builds.
SELECTORS = """
selectors:
  - name: resilience_and_its_history
    default: true
    definition:
      union:
        - {method: fqn, value: rpt_revision_effects, parents: true}
        - {method: fqn, value: fct_resilience, parents: true}
        - exclude: [{method: resource_type, value: test}, {method: resource_type, value: unit_test}]
"""


def change(yearbook, row, **values):
    changed = yearbook.copy()
    for name, value in values.items():
        changed.loc[row, name] = value
    return changed


@pytest.fixture(scope="module")
def yearbooks(small_files):
    """What is supplied each night; row numbers are those of the first."""
    first = change(small_files["city_yearbook"], 20, patents_granted=np.nan)
    first = change(first, 10, gdp_100m_yuan=1000.0, new_firms=0.0)
    revised = change(first, 10, gdp_100m_yuan=1100.0, new_firms=7.0)
    revised = change(revised, 20, patents_granted=50.0)
    revised = change(revised, 30, patents_granted=np.nan)
    without = revised.drop(index=40)
    simulated = first.assign(gdp_100m_yuan=first["gdp_100m_yuan"] * 2)
    back = change(revised, 40, gdp_100m_yuan=2.0)
    return {
        "first": first,
        "revised": revised,
        "without": without,
        "simulated": simulated,
        "back": back,
        "shuffled": back.sample(frac=1, random_state=7),
        "last": change(back, 50, gdp_100m_yuan=3.0),
    }


@pytest.fixture(scope="module")
def nights(yearbooks, small_files, tmp_path_factory):
    """Eight nights on one warehouse; how each ended, by name."""
    folder = tmp_path_factory.mktemp("nights")
    raw = {}
    for name, yearbook in yearbooks.items():
        raw[name] = save({**small_files, "city_yearbook": yearbook}, folder / "raw" / name)
    (raw["simulated"] / "truth.json").write_text("{}")

    ended, built = {}, DbtRun(0, "", folder)

    def run(name, arguments, files, variables=None):
        ended[name] = run_dbt(
            *arguments, raw=raw[files], workspace=folder, check=False, variables=variables
        )

    def night(name, day, files=None, options=()):
        started = {"REFRESH_STARTED_AT": f"{day}T02:30:00Z" if day else ""}
        run(name, (*YEARBOOK, *options), files or name, started)

    begun = datetime.now(UTC)
    night("first", "2026-03-01")
    night("revised", "2026-03-02")
    # The clock has gone backwards.
    night("without", "2026-02-01")
    night("simulated", "2026-03-04")
    night("back", "2026-03-05")
    # Nothing new but one series, which the history of an older project does not have.
    with duckdb.connect(str(built.warehouse)) as connection:
        connection.execute(f"alter table snapshots.snapshot_yearbook drop column {NEW_SERIES}")
    night("older", "2026-03-06", "shuffled")
    # No refresh, so no time: the clock of the machine.
    night("last", "")
    for text in HOSTILE:
        arguments = json.dumps({"text": text, "name": "Var as_of"})
        run(text, ("run-operation", "timestamp_literal", "--args", arguments), "last")
    night("too early", "", "last", ("--vars", '{"as_of": "2026-02-28"}'))
    return {"ended": ended, "begun": begun, "warehouse": Warehouse(built.warehouse)}


@pytest.fixture(scope="module")
def history(nights) -> Warehouse:
    built = list(nights["ended"])[:7]
    for name in built:
        assert nights["ended"][name].returncode == 0, nights["ended"][name].tail
    return nights["warehouse"]


def key(yearbook, row):
    return yearbook.loc[row, "city_code"], int(yearbook.loc[row, "year"])


def revisions(history, night: str):
    return history.frame(
        "select city_code, year, series, value_before, value_after, change_kind, relative_change,"
        " is_whole_city_year from quality.fct_revisions"
        f" where data_origin = 'supplied' and revised_at = '{night}' order by all"
    ).to_dict("records")


def test_cells_that_were_revised_filled_and_withdrawn(history, yearbooks):
    first = yearbooks["first"]
    found = {
        (r["city_code"], r["year"], r["series"]): r for r in revisions(history, "2026-03-02 02:30")
    }
    expected = {
        (*key(first, 10), "gdp_100m_yuan"): (1000.0, 1100.0, "revised", 0.1),
        # Nothing to relate to.
        (*key(first, 10), "new_firms"): (0.0, 7.0, "revised", np.nan),
        (*key(first, 20), "patents_granted"): (np.nan, 50.0, "filled", np.nan),
        (*key(first, 30), "patents_granted"): (
            first.loc[30, "patents_granted"],
            np.nan,
            "withdrawn",
            np.nan,
        ),
    }
    assert set(found) == set(expected)
    for cell, (before, after, kind, relative) in expected.items():
        row = found[cell]
        assert (row["change_kind"], row["is_whole_city_year"]) == (kind, False)
        np.testing.assert_allclose(
            [row["value_before"], row["value_after"], row["relative_change"]],
            [before, after, relative],
            rtol=1e-12,
        )


def test_a_city_year_that_is_withdrawn_and_comes_back(history, yearbooks):
    revised = yearbooks["revised"]
    # The history of the new series was thrown away by a later night.
    others = revised.columns.drop([*KEYS, "city_name_zh", NEW_SERIES])
    held = revised.loc[40, others].dropna()
    # The clock went back to February: recorded a second after the newest time there was.
    gone = revisions(history, "2026-03-02 02:30:01")
    assert {r["series"]: r["value_before"] for r in gone} == held.to_dict()
    returned = revisions(history, "2026-03-05 02:30")
    now = held.to_dict() | {"gdp_100m_yuan": 2.0}
    assert {r["series"]: r["value_after"] for r in returned} == now
    for rows, kind in ((gone, "withdrawn"), (returned, "filled")):
        assert {(r["city_code"], r["year"]) for r in rows} == {key(revised, 40)}
        assert {(r["change_kind"], r["is_whole_city_year"]) for r in rows} == {(kind, True)}


def test_simulated_and_supplied_files_do_not_revise_each_other(history):
    """Simulated on one night between supplied ones: other values, and nothing was revised."""
    assert (
        history.value("select count(*) from quality.fct_revisions where data_origin = 'simulated'")
        == 0
    )
    rows = history.frame(
        "select data_origin, dbt_valid_to, count(*) as n from snapshots.snapshot_yearbook"
        " where dbt_valid_from in (timestamp '2026-03-01 02:30', timestamp '2026-03-04 02:30')"
        " and dbt_valid_to is not distinct from null group by all"
    )
    assert set(rows["data_origin"]) == {"simulated", "supplied"}
    times = history.frame("select distinct revised_at from quality.fct_revisions")["revised_at"]
    assert pd.Timestamp("2026-03-04 02:30") not in set(times)


def test_an_order_of_rows_is_no_revision_and_a_new_series_fills_its_own_cells_alone(
    history, yearbooks
):
    filled = revisions(history, "2026-03-06 02:30")
    assert {(r["series"], r["change_kind"]) for r in filled} == {(NEW_SERIES, "filled")}
    assert len(filled) == yearbooks["back"][NEW_SERIES].notna().sum() > 100
    # Rows without a value in the new series are not touched.
    untouched = history.value(
        f"select count(*) from snapshots.snapshot_yearbook where {NEW_SERIES} is null"
        " and data_origin = 'simulated' and dbt_valid_to is null"
    )
    assert untouched == len(yearbooks["simulated"])


def test_untouched_rows_keep_their_values_digit_by_digit(history, yearbooks):
    """As of the first night the first file comes back, by digest of every value."""
    first, series = yearbooks["first"], [*yearbooks["first"].columns.drop([*KEYS, "city_name_zh"])]
    series.remove(NEW_SERIES)  # the test itself threw it away
    recorded = history.frame(
        f"select city_code, year, {', '.join(series)} from snapshots.snapshot_yearbook"
        " where data_origin = 'supplied' and dbt_valid_from = '2026-03-01 02:30'"
    )
    first = first[[*KEYS, *series]].astype({"year": recorded["year"].dtype})

    def digests(rows):
        ordered = rows.sort_values(KEYS).reset_index(drop=True)
        return pd.util.hash_pandas_object(ordered.set_index(KEYS), index=True).to_numpy()

    np.testing.assert_array_equal(digests(recorded), digests(first))


def test_time_only_goes_forward(history, nights):
    versions = history.frame("select * from snapshots.snapshot_yearbook")
    assert versions["dbt_scd_id"].is_unique
    closed = versions.dropna(subset="dbt_valid_to")
    assert (closed["dbt_valid_from"] < closed["dbt_valid_to"]).all()
    # Without a time from a refresh: the machine's clock in UTC, or just after the newest time.
    last = history.frame("select max(revised_at) as at from quality.fct_revisions")["at"][0]
    clock = pd.Timestamp(nights["begun"].replace(tzinfo=None))
    after_newest = pd.Timestamp("2026-03-06 02:30:01")
    assert max(clock, after_newest) <= last < max(clock, after_newest) + pd.Timedelta(minutes=10)


def test_everything_downstream_reads_the_files_of_today(history, yearbooks):
    used = history.frame("select * from intermediate.int_yearbook_supplied")
    expected = yearbooks["last"].drop(columns="city_name_zh")
    pd.testing.assert_frame_equal(
        used.sort_values(KEYS).reset_index(drop=True)[expected.columns],
        expected.sort_values(KEYS).reset_index(drop=True),
        check_dtype=False,
        check_exact=True,
    )


def test_before_the_first_values_there_is_nothing_to_go_back_to(nights):
    ended = nights["ended"]["too early"]
    assert ended.returncode != 0
    assert (
        "Var as_of is `2026-02-28`: the first values were recorded 2026-03-01 02:30:00 UTC"
        in ended.output
    )


def test_only_a_date_gets_into_the_sql(nights):
    for text in HOSTILE:
        ended = nights["ended"][text]
        assert ended.returncode != 0
        assert f"Var as_of is `{text}`: not a date" in ended.output


# Refreshes: the history travels from build to build.


def remember(request):
    """Build as a refresh does, one line of history more each time."""
    if request.newest:
        carry_history(request.newest / request.warehouse.name, request.warehouse)
    with duckdb.connect(str(request.warehouse)) as connection:
        connection.execute("create schema if not exists snapshots")
        connection.execute(
            "create table if not exists snapshots.nights (run_id bigint, started_at timestamptz)"
        )
        connection.execute(
            "insert into snapshots.nights values (?, ?)",
            [request.run_id, request.started_at or None],
        )
    return small_build(request)


def remembered(places):
    return Warehouse(places.warehouse).frame("from snapshots.nights order by run_id")


def test_history_survives_a_roll_back_and_a_failed_night(tmp_path):
    places = places_in(tmp_path)
    # The first version is of a project without a history.
    for value, build in ((1, small_build), (2, remember), (3, remember), (-1, remember)):
        write_raw(tmp_path, value)
        refresh_small(tmp_path, build=build)
    roll_back(places, to=1)
    write_raw(tmp_path, 4)
    assert refresh_small(tmp_path, build=remember).run.outcome == "published"
    seen = remembered(places)
    assert seen["run_id"].tolist() == [2, 3, 6]
    assert seen["started_at"].is_monotonic_increasing
    assert seen["started_at"].is_unique


def test_the_history_of_a_damaged_version_is_not_taken(tmp_path):
    places = places_in(tmp_path)
    for value in (1, 2, 3):
        write_raw(tmp_path, value)
        refresh_small(tmp_path, build=remember)
    (places.version(3) / places.warehouse.name).write_bytes(b"gone")
    write_raw(tmp_path, 4)
    refresh_small(tmp_path, build=remember)
    assert remembered(places)["run_id"].tolist() == [1, 2, 4]


def test_a_rebuild_never_touches_what_is_published(tmp_path):
    places, raw = places_in(tmp_path), write_raw(tmp_path, 1)
    date = "2026-03-01"
    out = default_file(places, date)
    assert out == places.warehouse.parent / "as_of_2026-03-01" / places.warehouse.name

    def build(request, variables):
        assert variables == {"as_of": date}
        return remember(request)

    with pytest.raises(AsOfError, match="there is no history"):
        rebuild_as_of(places, raw, date, out, build)
    refresh_small(tmp_path, build=remember)
    before = places.warehouse.read_bytes()
    link = tmp_path / "link.duckdb"
    link.symlink_to(places.warehouse)
    for taken in (places.warehouse, link, places.version(1) / places.warehouse.name):
        with pytest.raises(AsOfError, match="is published: name another file"):
            rebuild_as_of(places, raw, date, taken, build)
    for text in ("2026-02-30", "../../elsewhere", ""):
        with pytest.raises(AsOfError, match="is no date"):
            rebuild_as_of(places, raw, text, out, build)
    write_raw(tmp_path, -1)
    assert rebuild_as_of(places, raw, date, out, build) == 1
    assert not out.exists()
    write_raw(tmp_path, 1)
    assert rebuild_as_of(places, raw, date, out, build) == 0
    assert sorted(path.name for path in out.parent.iterdir()) == [out.name]
    assert places.warehouse.read_bytes() == before


@pytest.fixture(scope="module")
def refreshed(small_files, tmp_path_factory):
    """Two refreshes with dbt, one cell revised between them, and a rebuild of the first night."""
    folder = tmp_path_factory.mktemp("refreshed")
    project = copy_project(folder / "project")
    # Less to parse.
    for path in project.glob("models/**/*__unit_tests.yml"):
        path.unlink()
    shutil.rmtree(project / "tests" / "singular")
    (project / "selectors.yml").write_text(SELECTORS, encoding="utf-8")
    yearbook = small_files["city_yearbook"]
    row = yearbook.index[(yearbook["year"] == 2014) & yearbook["patents_granted"].notna()][8]
    revised = change(yearbook, row, patents_granted=4 * yearbook.loc[row, "patents_granted"])
    raw = {
        "before": save(small_files, folder / "before"),
        "after": save({**small_files, "city_yearbook": revised}, folder / "after"),
    }
    warehouse = folder / "warehouse" / "urban_resilience.duckdb"

    def command(name, *arguments):
        environment = os.environ | {
            "RAW_DATA_DIR": str(raw[name]),
            "WAREHOUSE_PATH": str(warehouse),
            "DBT_TARGET_PATH": str(folder / "target"),
            "DBT_LOG_PATH": str(folder / "logs"),
            "DO_NOT_TRACK": "1",
        }
        finished = subprocess.run(
            [sys.executable, "-m", "urban_resilience", *arguments],
            cwd=project,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert finished.returncode == 0, finished.stdout[-4000:] + finished.stderr[-2000:]

    command("before", "refresh")
    first = folder / "first.duckdb"
    shutil.copy(warehouse, first)
    command("after", "refresh")
    times = Warehouse(warehouse).frame("select * from quality.fct_build_runs order by run_id")
    started = times["started_at"].dt.tz_convert("UTC")
    out = folder / "as_of" / "urban_resilience.duckdb"
    command(
        "after", "as-of", "--date", started[0].strftime("%Y-%m-%dT%H:%M:%SZ"), "--out", str(out)
    )
    return {
        "raw": raw,
        "cell": key(yearbook, row),
        "started": started.dt.tz_localize(None),
        "first": Warehouse(first),
        "second": Warehouse(warehouse),
        "as_of": Warehouse(out),
    }


def test_times_are_those_of_the_refresh(refreshed):
    rows = refreshed["second"].frame("select distinct revised_at from quality.fct_revisions")
    assert rows["revised_at"].tolist() == [refreshed["started"][1]]
    for table in ("snapshot_yearbook", "snapshot_resilience"):
        times = refreshed["second"].frame(f"select distinct dbt_valid_from from snapshots.{table}")
        assert sorted(times["dbt_valid_from"]) == refreshed["started"].tolist()


def test_nothing_was_revised_on_the_first_night(refreshed):
    for report in ("fct_revisions", "rpt_revision_effects"):
        assert refreshed["first"].value(f"select count(*) from quality.{report}") == 0


def test_the_indices_of_an_earlier_night_come_back(refreshed):
    query = "select * from indices.fct_resilience order by city_code, year"
    then, now = (refreshed[name].frame(query) for name in ("first", "second"))
    rebuilt = refreshed["as_of"].frame(query)
    numbers = list(then.select_dtypes("number"))
    np.testing.assert_allclose(rebuilt[numbers], then[numbers], rtol=1e-12, atol=1e-12)
    assert rebuilt[KEYS].equals(then[KEYS])
    assert abs(now["resi"] - then["resi"]).max() > 1e-6


def test_looking_back_records_nothing(refreshed):
    for table in ("snapshot_yearbook", "snapshot_resilience"):
        query = f"select * from snapshots.{table} order by all"
        pd.testing.assert_frame_equal(
            refreshed["as_of"].frame(query), refreshed["second"].frame(query)
        )
    assert refreshed["as_of"].relations("raw") == []


def recomputed(raw) -> pd.DataFrame:
    """Scores and ranks in NumPy from a raw folder."""
    scores = expected_tables(Study(raw), "resi")[1]
    resi = (scores["score"] * scores["dimension_weight"]).groupby([scores[k] for k in KEYS]).sum()
    ranks = resi.groupby("year").rank(method="min", ascending=False)
    return pd.DataFrame({"resi": resi, "rank": ranks})


def test_effects_on_scores_and_ranks_are_those_of_numpy(refreshed):
    before, after = (recomputed(refreshed["raw"][name]) for name in ("before", "after"))
    effects = refreshed["second"].frame("from quality.rpt_revision_effects").set_index(KEYS)
    moved = (before.round(10) != after.round(10)).any(axis=1)
    assert set(effects.index) == set(moved.index[moved])
    for when, expected in (("before", before), ("after", after)):
        expected = expected.loc[effects.index]
        np.testing.assert_allclose(effects[f"resi_{when}"], expected["resi"], atol=2e-10)
        np.testing.assert_array_equal(effects[f"rank_{when}"], expected["rank"])
    np.testing.assert_array_equal(
        effects["places_gained"], (before["rank"] - after["rank"]).loc[effects.index]
    )
    assert (effects["places_gained"] != 0).any()


def test_effects_say_who_moved_with_others_only(refreshed):
    city, year = refreshed["cell"]
    effects = refreshed["second"].frame("from quality.rpt_revision_effects").set_index(KEYS)
    by = effects["moved_by"]
    assert by.index[by == "own_cells"].tolist() == [(city, year)]
    assert effects.loc[(city, year), "n_cells_revised"] == 1
    assert effects.loc[(city, year), "resi_change"] > 0
    in_city = effects.index.get_level_values("city_code") == city
    assert set(by[in_city]) == {"own_cells", "own_city"}
    assert set(by[~in_city]) == {"other_cities"}
    assert (effects.loc[~in_city, "n_cells_revised_in_city"] == 0).all()


def test_the_analysis_names_the_revised_cell_and_who_else_moved(refreshed):
    text = (ROOT / "analyses" / "revisions_and_ranks.sql").read_text(encoding="utf-8")
    schemas = {"cities": "reference", "fct_revisions": "quality", "rpt_revision_effects": "quality"}
    query = re.sub(r"{{ ref\('(\w+)'\) }}", lambda m: f"{schemas[m[1]]}.{m[1]}", text)
    rows = refreshed["second"].frame(query)
    assert rows["places_gained"].abs()[1:].is_monotonic_decreasing
    assert rows["moved_by"].str.match(r"patents_granted [\d.]+ -> [\d.]+$").tolist()[:2] == [
        True,
        False,
    ]
    assert "other cities" in set(rows["moved_by"])
