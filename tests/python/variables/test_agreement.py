"""The SQL of expressions and their evaluation in NumPy give the same, on random data with holes."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from support.variables import compiled, run
from urban_resilience.formulas.expressions import evaluate_all

SHAPE = (7, 9)
NESTED = (
    "ln(x / y) * lag(z, 2) - mean_in_year(ln(abs(x)))",
    "rolling_sd(growth(x), 3) / nullable",
    "diff(log1p(abs(y)), 2) ** 2 + sd_in_year(rolling_mean(x, 2))",
    "greatest(lag(x), lead(x, 2)) - least(median_in_year(y), first_in_city(z))",
    "coalesce(lag(x) / lag(y), growth(z, 3), -1) * sign(x - z)",
    "case when x > median_in_year(x) then lag(y) when coast then 1 else x ** -1 end",
    "(x - mean_in_year(x)) / sd_in_year(x)",
    "rolling_mean(case when coast then x else y end, 3) - sum_in_year(lag(x)) / users",
    "not (x > 0 and y > 0) or coast and lag(x) is null",
    "sum_in_year(case when province = 'north' then x end) / sum_in_year(x)",
    "lag(lag(lag(x))) - lag(x, 3)",
    "exp(-abs(x)) + sqrt(abs(y)) + log10(abs(z)) + power(abs(x), 1 / 3)",
    "x between lag(x) and lead(x) and year > trial_year",
    "altitude * 2 - year / 1000 + users ^ 0.5",
    "year - trial_year >= 0 and trial_year is not null",
    "mean_in_year(diff(rolling_mean(ln(abs(x)) - ln(abs(y)), 2)))",
)


def random_data(seed: int) -> dict[str, np.ndarray]:
    """Grids with zeros, negative values and a fifth of the cells missing."""
    rng = np.random.default_rng(seed)
    data = {name: np.round(rng.normal(1, 3, SHAPE), 2) for name in "xyz"}
    for grid in data.values():
        grid[rng.random(SHAPE) < 0.1] = 0
        grid[rng.random(SHAPE) < 0.2] = np.nan
    cities = np.arange(SHAPE[0])[:, None] + np.zeros(SHAPE)
    provinces = np.array(["north", "south", None], dtype=object)[cities.astype(int) % 3]
    return data | {
        "coast": (cities % 2 == 0).astype(float),
        "altitude": cities * 10.5,
        "province": provinces,
        "users": np.broadcast_to(np.linspace(1, 3, SHAPE[1]), SHAPE),
        "trial_year": np.where(cities % 4 == 1, np.nan, 2003 + cities),
    }


def assert_agree(definitions: dict[str, str], data: dict[str, np.ndarray]) -> None:
    """Every definition, computed both ways."""
    years = np.broadcast_to(2001.0 + np.arange(SHAPE[1]), SHAPE)
    data = data | {"series.x": data["x"]}
    expected = evaluate_all(definitions, data | {"year": years}, SHAPE)
    assert set(expected) == set(definitions)
    found = run(compiled(definitions), data)
    for name, grid in expected.items():
        scale = np.nanmax(np.abs(grid), initial=1)
        np.testing.assert_allclose(
            found[name], grid, rtol=1e-9, atol=1e-12 * scale, err_msg=definitions[name]
        )


def test_nested_expressions_and_one_that_reads_the_others():
    definitions = {f"v{place}": text for place, text in enumerate(NESTED)}
    definitions["nullable"] = "case when x <> 0 then x end"
    definitions["all_of_them"] = "coalesce(v0, 0) + lag(v3) * v2 - variable.nullable"
    for seed in range(3):
        assert_agree(definitions, random_data(seed))


LEAVES = st.sampled_from(
    ["x", "y", "z", "series.x", "users", "altitude", "2", "0.5", "1e2", "lag(x, 2)", "null"]
)
CONDITIONS = st.sampled_from(
    ["coast", "x > 0", "y <= z", "x is null", "not coast", "province = 'south'", "true",
     "lag(y) >= 1", "z between 0 and 2", "x in (0, 1)"]
)  # fmt: skip
ONE = ["ln", "log1p", "log10", "sqrt", "abs", "mean_in_year", "median_in_year", "sd_in_year",
       "sum_in_year", "first_in_city", "lag", "lead", "diff", "growth"]  # fmt: skip
COUNTED = ["lag", "lead", "diff", "growth", "rolling_mean", "rolling_sd"]


def larger(smaller):
    signs = st.sampled_from(["+", "-", "*", "/"])
    return st.one_of(
        st.builds("({} {} {})".format, smaller, signs, smaller),
        st.builds("{} {} {}".format, smaller, signs, smaller),
        st.builds("{}({})".format, st.sampled_from(ONE), smaller),
        st.builds("{}({}, {})".format, st.sampled_from(COUNTED), smaller, st.integers(2, 3)),
        st.builds("(-{})".format, smaller),
        st.builds("greatest({}, {})".format, smaller, smaller),
        st.builds("coalesce({}, {})".format, smaller, smaller),
        st.builds("case when {} then {} else {} end".format, CONDITIONS, smaller, smaller),
        st.builds(
            "case when {} and ({} or {}) then {} end".format,
            CONDITIONS, CONDITIONS, CONDITIONS, smaller,
        ),
    )  # fmt: skip


@settings(max_examples=25)
@given(st.lists(st.recursive(LEAVES, larger, max_leaves=8), min_size=10, max_size=10))
def test_random_expressions(texts):
    assert_agree({f"v{place}": text for place, text in enumerate(texts)}, random_data(7))
