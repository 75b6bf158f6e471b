"""Numbers of things in messages."""

import re

import pytest

from support.dbt import ROOT
from urban_resilience.shared.counting import count

# A figure of any size before a word in the plural, as messages of the intake once wrote it.
WITHOUT_COUNT = re.compile(r"\{[^{}]*(?:len\([^{}]*\)|count|n_\w+)(?::,)?\} (?:rows|cells)\b")


@pytest.mark.parametrize(
    ("number", "things", "said"),
    [
        (0, ("row",), "0 rows"),
        (1, ("row",), "1 row"),
        (2100, ("row",), "2,100 rows"),
        (1, ("city", "cities"), "1 city"),
        (3, ("city", "cities"), "3 cities"),
    ],
)
def test_one_thing_is_no_several(number, things, said):
    assert count(number, *things) == said


def test_no_message_of_the_intake_says_1_rows():
    found = [
        f"{path.name}: {line.strip()}"
        for path in sorted((ROOT / "src/urban_resilience/intake").rglob("*.py"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if WITHOUT_COUNT.search(line)
    ]
    assert found == []
