"""The same data and seed give the same numbers: any order of rows, any number of threads."""

import os
import subprocess
import sys
from dataclasses import asdict

import numpy as np
import pytest

import support
from support.city_panels import CONTROLS, REGRESSORS, city_panel
from urban_resilience.estimation.estimators.group_differences import compare_groups
from urban_resilience.estimation.estimators.mediation import mediated_effect
from urban_resilience.estimation.products import cross_products, multiply
from urban_resilience.estimation.resampling import (
    CityCrossProducts,
    fit_clustered,
    wild_cluster_bootstrap,
)


def everything(data):
    """Every design on one panel, as plain numbers."""
    products = CityCrossProducts.from_frame(data, "y", REGRESSORS)
    return [
        fit_clustered(products).std_errors.tolist(),
        wild_cluster_bootstrap(products, draws=99).t_draws.tolist(),
        [asdict(r) for r in compare_groups(data, "y", "x", "group", CONTROLS, draws=99)],
        [asdict(r) for r in compare_groups(data, "y", "x", "high", CONTROLS, draws=99)],
        asdict(mediated_effect(data, "y", "x", "m", CONTROLS, draws=99)),
    ]


def test_order_of_rows():
    data = city_panel()
    assert everything(data) == everything(data.sample(frac=1, random_state=5))


def large_products():
    """Products of the study's size, which BLAS would split over threads."""
    rng = np.random.default_rng(0)
    return [
        multiply(rng.normal(size=(rows, inner)), rng.normal(size=(inner, columns))).tolist()
        for rows, inner, columns in ((144, 3177, 180), (210, 2810, 400), (190, 600, 37))
    ]


@pytest.mark.thorough
@pytest.mark.parametrize("what", ["everything(city_panel(290, 12))", "large_products()"])
def test_number_of_threads(what):
    program = (
        "import hashlib; from test_resampling_same_numbers import *; "
        f"print(hashlib.sha256(repr({what}).encode()).hexdigest())"
    )
    digests = [
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=os.path.dirname(__file__),
            env={
                **os.environ,
                "PYTHONPATH": os.path.dirname(support.__file__) + "/..",
                "OPENBLAS_NUM_THREADS": threads,
                "OMP_NUM_THREADS": threads,
            },
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for threads in ("1", "2")
    ]
    assert digests[0] == digests[1] != ""


@pytest.mark.parametrize("shape", [(1, 300, 200), (7, 3, 5), (210, 281, 700), (3, 900, 3000)])
def test_products_in_pieces(shape):
    rng = np.random.default_rng(0)
    left, right = rng.normal(size=shape[:2]), rng.normal(size=shape[1:])
    np.testing.assert_allclose(multiply(left, right), left @ right, atol=1e-11)


def test_cross_products_in_pieces():
    columns = np.random.default_rng(0).normal(size=(3, 900, 21))
    np.testing.assert_allclose(
        cross_products(columns), columns.transpose(0, 2, 1) @ columns, atol=1e-11
    )
