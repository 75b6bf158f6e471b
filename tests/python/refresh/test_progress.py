"""A build says ten lines of progress, and everything that is wrong."""

import itertools
import json

from urban_resilience.refresh.progress import narrate

TOTAL = 37


def event(name, msg="", level="info", **data):
    return json.dumps({"info": {"name": name, "level": level, "msg": msg}, "data": data}) + "\n"


def finished(number, level="info", msg="", kind="model"):
    node = {"resource_type": kind, "node_relation": {"schema": f"schema{number // 10}"}}
    return event("LogModelResult", msg, level, index=number, total=TOTAL, node_info=node)


def said(*lines):
    return list(narrate(lines, "logs/dbt.log", itertools.count(1.0).__next__))


def test_ten_lines_with_count_time_and_schema():
    lines = said(event("FoundStats", "found"), *(finished(n) for n in range(TOTAL)))
    assert lines[0] == "37 nodes to build and test; dbt's own log is logs/dbt.log"
    assert len(lines) == 11
    assert lines[1].split() == ["4", "of", "37", "1", "s", "schema0"]
    assert lines[-1].split() == ["37", "of", "37", "10", "s", "schema3"]


def test_few_nodes_have_a_line_each_and_tests_name_no_schema():
    two = [json.loads(finished(n, kind="test")) for n in (0, 1)]
    for line in two:
        # As dbt's LogTestResult has it.
        line["data"] = {"num_models": 2, "node_info": {"resource_type": "test"}}
    assert [line.split()[:3] for line in said(*map(json.dumps, two))[1:]] == [
        ["1", "of", "2"],
        ["2", "of", "2"],
    ]


def test_warnings_and_errors_are_said_in_full_and_the_count_at_the_end():
    lines = said(
        finished(0, "error", "ERROR creating model x"),
        event("Formatting", "", "error"),
        event("RunResultFailure", "Failure in test y (seeds/y.yml)", "error"),
        event("StatsLine", "Done. PASS=1 ERROR=1"),
    )
    assert "ERROR creating model x" in lines and "Failure in test y (seeds/y.yml)" in lines
    assert "" not in lines
    assert lines[-1] == "Done. PASS=1 ERROR=1 (1 s)"


def test_what_is_no_event_is_passed_on():
    assert said("Traceback (most recent call last):\n", '{"a": 1}\n') == [
        "Traceback (most recent call last):",
        '{"a": 1}',
    ]
