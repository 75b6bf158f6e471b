"""What expectations found is kept beside the warehouse, run by run, and shown on a page."""

import json

import duckdb
import pandas as pd
import pytest

from support.publishing import (
    leftovers,
    places_in,
    refresh_small,
    small_build,
    write_raw,
)
from urban_resilience.intake import IntakeError, Problem
from urban_resilience.quality.evaluate import evaluate_layer
from urban_resilience.refresh import evaluations
from urban_resilience.refresh.evaluations import OFFENDING_ROWS, RESULTS
from urban_resilience.refresh.nightly import PAGE
from urban_resilience.reporting.quality_page import QualityFiles, quality_page

HOSTILE = "<script>alert('x')</script> & \"quotes\""
SEED = pd.DataFrame(
    [
        {
            "expectation_id": expectation_id,
            "layer": "raw",
            "relation": "cities",
            "expectation": "expect_column_values_to_be_between",
            "arguments": f'{{"column": "value", "max_value": {limit}}}',
            "row_filter": None,
            "key_columns": "name",
            "severity": severity,
            "kind": "range",
            "why": f"Why {HOSTILE}.",
        }
        for expectation_id, severity, limit in (("few", "warn", 1), ("not_many", "error", 5))
    ]
)


def judged_build(request):
    """The small build with a raw gate: values above 1 warn, above 5 fail."""
    code = small_build(request)
    value = int((request.raw / "yearbook.csv").read_text(encoding="utf-8").split(",")[-1])
    cities = pd.DataFrame({"name": [HOSTILE, "b"], "value": [value, 0]})
    results = evaluate_layer("raw", SEED, {"cities": cities}, request.accept_changes)
    with duckdb.connect(str(request.warehouse)) as connection:
        connection.register("results", results)
        connection.execute("create or replace table intermediate.dq_raw as from results")
    failed = (~results["success"] & (results["severity"] == "error")).any()
    return code or int(failed)


@pytest.fixture
def nights(tmp_path):
    """Three nights: good, failed by an expectation, published with a warning."""
    for value in (1, 9, 3):
        write_raw(tmp_path, value)
        last = refresh_small(tmp_path, build=judged_build)
    assert last.run.outcome == "published"
    return tmp_path


def history(folder, file=RESULTS):
    with duckdb.connect() as connection:
        return connection.execute(
            f"select * from read_parquet('{places_in(folder).quality / file}') order by all"
        ).df()


def test_every_run_is_kept_published_or_not(nights):
    found = history(nights).set_index(["run_id", "expectation_id"])["success"].to_dict()
    assert found == {
        (1, "few"): True,
        (1, "not_many"): True,
        (2, "few"): False,
        (2, "not_many"): False,
        (3, "few"): False,
        (3, "not_many"): True,
    }
    assert leftovers(places_in(nights)) == []


def test_the_run_says_which_expectation_stopped_it(nights):
    write_raw(nights, 8)
    result = refresh_small(nights, build=judged_build)
    assert result.run.reason == "expectations not met: not_many"
    assert "expectations not met: not_many (readers see version 3)" in result.line


def test_the_rows_behind_a_failed_night_can_be_had(nights):
    rows = history(nights, OFFENDING_ROWS)
    failed = rows[(rows["run_id"] == 2) & (rows["expectation_id"] == "not_many")]
    assert failed["row_values"].tolist() == [
        '{"name":"<script>alert(\'x\')</script> & \\"quotes\\"","value":9}'
    ]


def test_rows_are_kept_for_the_last_runs_and_results_for_good(nights, monkeypatch):
    monkeypatch.setattr(evaluations, "KEPT_RUNS_OF_ROWS", 2)
    refresh_small(nights, build=judged_build, force=True)
    assert history(nights)["run_id"].unique().tolist() == [1, 2, 3, 4]
    assert history(nights, OFFENDING_ROWS)["run_id"].unique().tolist() == [3, 4]


def test_a_damaged_history_is_put_aside_and_begun_anew(nights):
    file = places_in(nights).quality / RESULTS
    file.write_bytes(file.read_bytes()[:100])
    write_raw(nights, 1)
    assert refresh_small(nights, build=judged_build).run.outcome == "published"
    assert history(nights)["run_id"].unique().tolist() == [4]
    assert file.with_name(f"{RESULTS}.damaged").exists()


def test_a_build_without_a_gate_leaves_the_history_alone(nights):
    def gateless_build(request):
        small_build(request)
        with duckdb.connect(str(request.warehouse)) as connection:
            connection.execute("drop schema intermediate cascade")
        return 0

    before = history(nights)
    write_raw(nights, 2)
    assert refresh_small(nights, build=gateless_build).run.outcome == "published"
    pd.testing.assert_frame_equal(history(nights), before)


def test_what_dbt_did_is_kept_run_by_run(tmp_path):
    run_results = tmp_path / "run_results.json"
    seen = []

    def timed_build(request):
        assert not run_results.exists()
        node = {
            "unique_id": "model.urban_resilience.fct_resilience",
            "status": "success",
            "execution_time": float(request.run_id),
        }
        run_results.write_text(json.dumps({"results": [node]}), encoding="utf-8")
        return small_build(request)

    for value in (1, -1, 2):
        write_raw(tmp_path, value)
        seen.append(refresh_small(tmp_path, build=timed_build, run_results=run_results))
    with duckdb.connect(str(places_in(tmp_path).warehouse), read_only=True) as connection:
        nodes = connection.execute("select * from quality.fct_build_nodes order by all").fetchall()
    assert [result.run.outcome for result in seen] == ["published", "failed", "published"]
    assert nodes == [
        (run_id, "fct_resilience", "model", "success", float(run_id)) for run_id in (1, 2, 3)
    ]


def test_the_last_line_names_what_failed(tmp_path):
    run_results = tmp_path / "run_results.json"
    names = ("model.urban_resilience.fct_a", "test.urban_resilience.gate_b.0f1e", *"cd")
    statuses = ("error", "fail", "success", "skipped")

    def failing_build(request):
        results = [
            {"unique_id": f"test.x.{name}" if len(name) == 1 else name, "status": status,
             "execution_time": 1.0}
            for name, status in zip(names, statuses, strict=True)
        ]  # fmt: skip
        run_results.write_text(json.dumps({"results": results}), encoding="utf-8")
        return 1

    write_raw(tmp_path, 1)
    result = refresh_small(tmp_path, build=failing_build, run_results=run_results)
    assert result.run.reason == "failed: fct_a, gate_b"


def test_the_last_line_names_a_file_that_cannot_be_read(tmp_path):
    def refusing_build(request):
        raise IntakeError([Problem("yearbook.csv", "Cut short.", "Copy it anew."),
                           Problem("members.csv", "Empty.", "Remove it.")])  # fmt: skip

    write_raw(tmp_path, 1)
    result = refresh_small(tmp_path, build=refusing_build)
    assert result.run.outcome == "failed"
    assert result.run.reason == "yearbook.csv: Cut short. Copy it anew. (and 1 more)"
    assert leftovers(places_in(tmp_path)) == []


def test_a_page_that_cannot_be_written_is_a_note_not_a_failure(nights):
    page = places_in(nights).quality / PAGE
    page.unlink()
    page.mkdir()
    write_raw(nights, 1)
    result = refresh_small(nights, build=judged_build)
    assert result.run.outcome == "published"
    assert any("could not be written" in note for note in result.notes)
    page.rmdir()
    refresh_small(nights, build=judged_build, force=True)
    assert page.exists() and list(page.parent.glob(".*")) == []


def test_the_page_shows_the_last_run_and_escapes_what_it_shows(nights):
    write_raw(nights, 9)
    refresh_small(nights, build=judged_build)
    page = (places_in(nights).quality / PAGE).read_text(encoding="utf-8")
    assert "Data quality, run 4" in page and "failed: readers see what they had" in page
    assert "expectations not met: not_many" in page and "Readers see version 3" in page
    assert "<script" not in page and "&lt;script&gt;alert" in page
    assert 'title="run 2: error"' in page and 'title="run 3: warn"' in page
    # Nothing is fetched: it opens on a machine without a network.
    assert "http" not in page and "<link" not in page and "<img" not in page


def test_the_page_of_a_build_that_reached_no_gate_says_so(tmp_path):
    run = {
        "run_id": 1,
        "outcome": "failed",
        "started_at": "2026-01-01T02:30:00Z",
        "finished_at": "2026-01-01T02:30:09Z",
        "reason": "the build ended with code 1",
        "version": None,
    }
    files = QualityFiles(tmp_path / "a", tmp_path / "b", tmp_path / "c")
    page = quality_page(files, [run], "simulated")
    assert "ended before any expectation was evaluated" in page and "none yet" in page
    assert "Simulated data" in page
    assert "Simulated data" not in quality_page(files, [run], "supplied")
