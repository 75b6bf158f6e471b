"""Rows of indices that a build would refuse are refused before it, by name."""

import csv
import shutil
import time

import pytest

from support.dbt import ROOT
from urban_resilience.intake.checking.index_rows import DEFINITIONS, MEMBERS, index_problems
from urban_resilience.shared.problems import IntakeError
from urban_resilience.shared.project import SEEDS_VARIABLE, seed_rows

GOOD = {
    "index_id": "mine",
    "name_en": "Mine",
    "indicator_set": "mine",
    "direction": "used",
    "normalization": "min_max",
    "weighting": "equal",
    "aggregation": "weighted_sum",
    "scope": "pooled",
}
MEMBER = {
    "indicator_set": "mine",
    "indicator_id": "patents_per_capita",
    "dimension": "innovation",
    "direction_as_printed": "positive",
    "direction_used": "positive",
}
OTHER = {**MEMBER, "indicator_id": "gdp_per_capita"}


@pytest.fixture
def judge(tmp_path, monkeypatch):
    """Add rows to the shipped seeds, in a copy, and say what is wrong with them."""
    shutil.copytree(ROOT / "seeds", tmp_path / "seeds")
    monkeypatch.setenv(SEEDS_VARIABLE, str(tmp_path / "seeds"))

    def judged(index=None, members=(MEMBER, OTHER), rewrite=None):
        for seed, rows in ((DEFINITIONS, [index] if index else []), (MEMBERS, members)):
            path = tmp_path / "seeds" / "study" / f"{seed}.csv"
            header = list(seed_rows(seed)[0])
            with path.open("a", encoding="utf-8", newline="") as file:
                csv.DictWriter(file, header, lineterminator="\n").writerows(rows)
            if rewrite:
                path.write_text(rewrite(path.read_text(encoding="utf-8")), encoding="utf-8")
        return [str(problem) for problem in index_problems()]

    return judged


def test_shipped_rows_fit():
    started = time.perf_counter()
    assert index_problems() == []
    assert time.perf_counter() - started < 5


@pytest.mark.parametrize(
    "further",
    [
        {},
        {"normalization": "z_score", "weighting": "pca", "aggregation": "topsis"},
        {"normalization": "rank", "weighting": "critic", "aggregation": "geometric",
         "score_floor": 0.01, "scope": "by_year"},
        {"weighting": "cv", "direction": "as_printed", "zero_shift": 0, "score_floor": ""},
        {"weighting": "entropy", "zero_shift": 0.001},
    ],
)  # fmt: skip
def test_a_sound_index_is_let_through(judge, further):
    assert judge({**GOOD, **further}) == []


@pytest.mark.parametrize(
    ("further", "words"),
    [
        ({"weighting": "median"}, ("row `mine`, column `weighting`: `median` is not one of",)),
        ({"normalization": "zscore"}, ("column `normalization`: `zscore` is not one of min_max",)),
        ({"aggregation": ""}, ("column `aggregation`: an empty cell is not one of weighted_sum",)),
        ({"scope": "yearly"}, ("column `scope`: `yearly` is not one of pooled, by_year",)),
        ({"index_id": "order"}, ("row `order`, column `index_id`", "no word of SQL")),
        ({"index_id": "My index"}, ("row `My index`", "lower-case letters")),
        ({"index_id": "resi"}, ("row `resi`, column `index_id`: the name stands twice",)),
        ({"zero_shift": "a bit"}, ("column `zero_shift`: `a bit` is not a number from 0 on",)),
        ({"zero_shift": 0.1}, ("column `zero_shift`: only entropy weights read it",)),
        ({"score_floor": 0.1}, ("column `score_floor`: only a geometric mean reads it",)),
        ({"aggregation": "geometric"}, ("column `score_floor`", "such as 0.01")),
        ({"aggregation": "geometric", "score_floor": 1}, ("column `score_floor`", "below 1")),
        ({"aggregation": "geometric", "normalization": "z_score", "score_floor": 0.1},
         ("column `aggregation`: a geometric mean needs scores above 0",)),
        ({"indicator_set": "resilence"},
         ("`resilence` has no row in index_indicators (nearest: resilience",)),
        ({"weighting": "given"},
         ("given weights are missing for patents_per_capita, gdp_per_capita",)),
    ],
)  # fmt: skip
def test_an_index_that_cannot_be_computed_is_named(judge, further, words):
    found = judge({**GOOD, **further})
    assert len(found) == 1
    assert f"study/{DEFINITIONS}.csv: row" in found[0]
    assert [word for word in words if word not in found[0]] == []


@pytest.mark.parametrize(
    ("further", "words"),
    [
        ({"indicator_id": "patents_per_head"},
         ("row `patents_per_head`, column `indicator_id`", "(nearest: patents_per_capita")),
        ({"direction_used": "up"}, ("column `direction_used`: `up` is not one of positive",)),
        ({"given_weight": -1}, ("column `given_weight`: `-1.0` is not a number from 0 on",)),
        ({"dimension": ""}, ("column `dimension`: an empty cell is not a name",)),
        ({"indicator_id": "gdp_per_capita"}, ("the indicator stands twice in set `mine`",)),
    ],
)  # fmt: skip
def test_a_member_that_does_not_fit_is_named(judge, further, words):
    found = judge(GOOD, [{**MEMBER, **further}, OTHER])
    assert len(found) == 1
    assert f"{MEMBERS}.csv" in found[0]
    assert [word for word in words if word not in found[0]] == []


def test_given_weights_of_zero_are_no_weights(judge):
    rows = [{**member, "given_weight": 0} for member in (MEMBER, OTHER)]
    (found,) = judge({**GOOD, "weighting": "given"}, rows)
    assert "every given weight of set `mine` is 0" in found


def test_a_study_without_indicators_or_indices_fits(judge):
    assert judge(members=(), rewrite=lambda text: text.splitlines()[0] + "\n") == []


def test_a_column_that_is_not_there_is_named(judge):
    with pytest.raises(IntakeError, match="there is no column `weighting`"):
        judge(rewrite=lambda text: text.replace("weighting", "weights", 1))
