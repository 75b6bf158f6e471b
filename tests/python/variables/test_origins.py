"""Which variables are another one in other words, or have its value of the same year in theirs."""

import pytest

from support.variables import compiled
from urban_resilience.variables.definitions import VARIABLES, Definition

OUTCOME = "y"
# `y` is the logarithm of a series, as outcomes are: the series is `x` to every other row.
VARIABLES_OF_THE_STUDY = {
    "y": "ln(x)",
    "twice": "3 * x + 2",
    "thrice": "twice / 2",
    "copy": "y",
    "product": "y * z",
    "is_rich": "y > median_in_year(y)",
    "later_year": "lead(y)",
    "change": "diff(y)",
    "smooth": "rolling_mean(y, 3)",
    "through_another": "abs(product)",
    "before": "lag(y)",
    "at_first": "first_in_city(y)",
    "of_the_others": "mean_in_year(y)",
    "spread": "rolling_sd(growth(x), 3)",
    "shares_a_series": "z / x",
    "its_growth_before": "lag(growth(x))",
    "another": "z",
}
MADE_FROM_IT = (
    *("twice", "thrice", "copy", "product", "is_rich", "later_year", "change", "smooth"),
    "through_another",
)


@pytest.mark.parametrize("name", [name for name in VARIABLES_OF_THE_STUDY if name != OUTCOME])
def test_what_has_the_value_of_the_same_year_is_made_from_it(name):
    found = compiled(VARIABLES_OF_THE_STUDY)
    assert found.faults == ()
    assert found.origins.is_made_from(name, OUTCOME) == (name in MADE_FROM_IT)


def test_an_index_is_the_variable_that_is_named_after_it():
    origins = compiled({"level": "score", "more": "index.score + 1", "part": "score.part"}).origins
    assert origins.is_made_from("more", "level")
    assert not origins.is_made_from("part", "level")


def test_the_groups_of_a_split_are_made_from_what_is_split():
    origins = compiled({"v": Definition(VARIABLES, "v", "x", split_into=4), "w": "z"}).origins
    assert origins.is_made_from("v_quartile", "v")
    assert not origins.is_made_from("v_quartile", "w")
