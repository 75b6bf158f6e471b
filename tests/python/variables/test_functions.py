"""Every function and sign of the language, with hand arithmetic on two cities and four years."""

import numpy as np
import pytest

from support.variables import value
from urban_resilience.formulas.expressions import evaluate
from urban_resilience.variables.functions import FUNCTIONS, language_in_words

NAN = np.nan
X = np.array([[1.0, 2.0, 4.0, 8.0], [10.0, NAN, 0.0, -4.0]])
Y = np.array([[2.0, 0.0, NAN, 4.0], [5.0, 5.0, 5.0, 5.0]])
COAST = np.array([[1.0] * 4, [0.0] * 4])
PROVINCE = np.array([["Hebei"] * 4, [None] * 4], dtype=object)
DATA = {"x": X, "y": Y, "coast": COAST, "province": PROVINCE}
LN2 = np.log(2)
NOTHING = [NAN] * 4

CASES = {
    "ln(x)": [[0, LN2, 2 * LN2, 3 * LN2], [np.log(10), NAN, NAN, NAN]],
    "log10(x * 10)": [[1, 1 + np.log10(2), 1 + np.log10(4), 1 + np.log10(8)], [2, NAN, NAN, NAN]],
    "log1p(x)": [[LN2, np.log(3), np.log(5), np.log(9)], [np.log(11), NAN, 0, NAN]],
    "exp(y - 5)": [[np.exp(-3), np.exp(-5), NAN, np.exp(-1)], [1, 1, 1, 1]],
    "exp(1000 * x)": [NOTHING, [NAN, NAN, 1, 0]],
    "sqrt(x)": [[1, np.sqrt(2), 2, np.sqrt(8)], [np.sqrt(10), NAN, 0, NAN]],
    "abs(x)": [[1, 2, 4, 8], [10, NAN, 0, 4]],
    "sign(x)": [[1, 1, 1, 1], [1, NAN, 0, -1]],
    "power(x, 2)": [[1, 4, 16, 64], [100, NAN, 0, 16]],
    "pow(x, y)": [[1, 1, NAN, 4096], [1e5, NAN, 0, -1024]],
    "x ** 0.5": [[1, np.sqrt(2), 2, np.sqrt(8)], [np.sqrt(10), NAN, 0, NAN]],
    "x ^ -1": [[1, 0.5, 0.25, 0.125], [0.1, NAN, NAN, -0.25]],
    "greatest(x, y)": [[2, 2, NAN, 8], [10, NAN, 5, 5]],
    "least(x, y)": [[1, 0, NAN, 4], [5, NAN, 0, -4]],
    "lag(x)": [[NAN, 1, 2, 4], [NAN, 10, NAN, 0]],
    "lag(x, 2)": [[NAN, NAN, 1, 2], [NAN, NAN, 10, NAN]],
    "lead(x)": [[2, 4, 8, NAN], [NAN, 0, -4, NAN]],
    "lead(x, 3)": [[8, NAN, NAN, NAN], [-4, NAN, NAN, NAN]],
    "lag(x, 90)": [NOTHING, NOTHING],
    "diff(x)": [[NAN, 1, 2, 4], [NAN, NAN, NAN, -4]],
    "diff(x, 2)": [[NAN, NAN, 3, 6], [NAN, NAN, -10, NAN]],
    "growth(x)": [[NAN, 1, 1, 1], [NAN, NAN, NAN, NAN]],
    "growth(y, 3)": [[NAN, NAN, NAN, 1], [NAN, NAN, NAN, 0]],
    "rolling_mean(x, 2)": [[NAN, 1.5, 3, 6], [NAN, NAN, NAN, -2]],
    "rolling_mean(y, 1)": [[2, 0, NAN, 4], [5, 5, 5, 5]],
    "rolling_sd(x, 2)": [[NAN, 0.5, 1, 2], [NAN, NAN, NAN, 2]],
    "rolling_sd(x, 3)": [
        [NAN, NAN, np.sqrt(14 / 9), np.sqrt(56 / 9)],
        [NAN, NAN, NAN, NAN],
    ],
    "mean_in_year(x)": [[5.5, 2, 2, 2]] * 2,
    "median_in_year(x)": [[5.5, 2, 2, 2]] * 2,
    "sd_in_year(x)": [[np.sqrt(40.5), NAN, np.sqrt(8), np.sqrt(72)]] * 2,
    "sum_in_year(x)": [[11, 2, 4, 4]] * 2,
    "sum_in_year(lag(x))": [[NAN, 11, 2, 4]] * 2,
    "first_in_city(lag(x))": [[1] * 4, [10] * 4],
    "x + y": [[3, 2, NAN, 12], [15, NAN, 5, 1]],
    "x - y": [[-1, 2, NAN, 4], [5, NAN, -5, -9]],
    "x * y": [[2, 0, NAN, 32], [50, NAN, 0, -20]],
    "x / y": [[0.5, NAN, NAN, 2], [2, NAN, 0, -0.8]],
    "-x": [[-1, -2, -4, -8], [-10, NAN, 0, 4]],
    "-x ^ 2": [[1, 4, 16, 64], [100, NAN, 0, 16]],
    "2 ** 3 ** 2 + 0 * y": [[64, 64, NAN, 64], [64] * 4],
    "2 + 3 * 4 - 6 / 3 + 0 * y": [[12, 12, NAN, 12], [12] * 4],
    "x > 2": [[0, 0, 1, 1], [1, NAN, 0, 0]],
    "x >= 2 and y > 0": [[0, 0, NAN, 1], [1, NAN, 0, 0]],
    "x > 2 or y > 4": [[0, 0, 1, 1], [1, 1, 1, 1]],
    "not x > 2": [[1, 1, 0, 0], [0, NAN, 1, 1]],
    "x <> 2": [[1, 0, 1, 1], [1, NAN, 1, 1]],
    "x is null": [[0, 0, 0, 0], [0, 1, 0, 0]],
    "x > y is not null": [[1, 1, 0, 1], [1, 0, 1, 1]],
    "x between 2 and 4": [[0, 1, 1, 0], [0, NAN, 0, 0]],
    "x not between 2 and 4": [[1, 0, 0, 1], [1, NAN, 1, 1]],
    "x in (1, 8, 0)": [[1, 0, 0, 1], [0, NAN, 1, 0]],
    "x not in (1, 8)": [[0, 1, 1, 0], [1, NAN, 1, 1]],
    "coalesce(x, y, 7)": [[1, 2, 4, 8], [10, 5, 0, -4]],
    "case when x > 2 then y when x = 2 then -1 end": [[NAN, -1, NAN, 4], [5, NAN, NAN, NAN]],
    "case x when 1 then 10 when 2 then 20 else 0 end": [[10, 20, 0, 0], [0, 0, 0, 0]],
    "coast": COAST,
    "not coast or x < 5": [[1, 1, 1, 0], [1, 1, 1, 1]],
    "case when coast then x else 0 end": [[1, 2, 4, 8], [0, 0, 0, 0]],
    "province = 'Hebei'": [[1] * 4, NOTHING],
    "province in ('Hebei', 'Anhui') is null": [[0] * 4, [1] * 4],
    "coalesce(province, 'it''s') = 'it''s'": [[0] * 4, [1] * 4],
    "year - 2000 + 0 * x": [[1, 2, 3, 4], [1, NAN, 3, 4]],
    "case when year >= 2003 then x else 0 end": [[0, 0, 4, 8], [0, 0, 0, -4]],
    "1e1 * x + .5": [[10.5, 20.5, 40.5, 80.5], [100.5, NAN, 0.5, -39.5]],
    "X + SERIES.X": [[2, 4, 8, 16], [20, NAN, 0, -8]],
    "null + x": [NOTHING, NOTHING],
    "true and x > 2": [[0, 0, 1, 1], [1, NAN, 0, 0]],
}


@pytest.mark.parametrize("expression", CASES)
def test_sql_of_an_expression(expression):
    expected = np.array(CASES[expression], dtype=float)
    np.testing.assert_allclose(value(expression, DATA), expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("expression", CASES)
def test_numpy_of_an_expression(expression):
    """The second implementation, which the warehouse is held against, on the same figures."""
    data = DATA | {"series.x": X, "year": np.broadcast_to(np.arange(2001.0, 2005), X.shape)}
    expected = np.array(CASES[expression], dtype=float)
    found = evaluate(expression, data.__getitem__, X.shape)
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


def test_every_function_is_here():
    called = {name for name in FUNCTIONS if any(f"{name}(" in text for text in CASES)}
    assert called == set(FUNCTIONS)
    assert {text.partition("(")[0] for text, _ in language_in_words()} == set(FUNCTIONS)


def test_a_text_is_a_variable():
    found = value("case when x > 2 then province else 'none' end", DATA)
    assert found.tolist() == [["none", "none", "Hebei", "Hebei"], [None, "none", "none", "none"]]
    again = evaluate("case when x > 2 then province else 'none' end", DATA.__getitem__, X.shape)
    assert again.tolist() == found.tolist()
