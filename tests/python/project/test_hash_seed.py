"""The numbers of a regression do not depend on Python's hash seed, which differs by process."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
from support.panels import fit_spec, make_panel, make_spec

for cluster in ("city_code", "city_code year"):
    term = fit_spec(make_spec(cluster=cluster), make_panel()).coefficients[0]
    print(term.estimate, term.std_error)
"""


def numbers_under(seed):
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).parents[1])},
        capture_output=True,
        text=True,
        check=True,
    )
    return [float(word) for word in run.stdout.split()]


def test_degrees_of_freedom_do_not_follow_the_order_of_a_set():
    """pyfixest 0.60 keeps effects in a set: its own count of K changes with these two seeds."""
    first, second = numbers_under("0"), numbers_under("2")
    assert len(first) == 4
    assert first == pytest.approx(second, rel=1e-12)
