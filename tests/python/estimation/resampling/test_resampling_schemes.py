"""What each scheme may and may not move."""

import numpy as np
import pytest

from support.city_panels import city_panel
from urban_resilience.estimation.resampling import (
    PanelArrays,
    bootstrap_cities,
    bootstrap_rows,
    leave_one_out,
    period_strata,
    permute_histories,
    permute_labels,
    wild_weights,
)

STRATA = np.array(list("aabbbbbccc"))


def rng(seed=0):
    return np.random.default_rng(seed)


@pytest.mark.parametrize(
    "scheme",
    [
        lambda draws, rng: bootstrap_cities(10, draws, rng),
        lambda draws, rng: bootstrap_cities(10, draws, rng, STRATA),
        lambda draws, rng: permute_labels(np.arange(10), draws, rng),
        lambda draws, rng: permute_labels(np.arange(10), draws, rng, STRATA),
        lambda draws, rng: bootstrap_rows(10, (4, 6), draws, rng)[1],
        lambda draws, rng: wild_weights(10, draws, rng, "webb"),
    ],
    ids=["cities", "cities in strata", "labels", "labels in strata", "rows", "wild"],
)
def test_runs_continue_each_other(scheme):
    generator = rng()
    parts = [scheme(draws, generator) for draws in (7, 1, 42)]
    np.testing.assert_array_equal(np.concatenate(parts), scheme(50, rng()))
    assert len(np.unique(scheme(50, rng()), axis=0)) > 20


def test_bootstrap_draws_as_many_cities_as_there_are():
    counts = bootstrap_cities(10, 4000, rng())
    assert (counts.sum(axis=1) == 10).all()
    # Binomial(10, 1/10) has variance 0.9; 40,000 dependent counts estimate it to about 0.01.
    assert counts.var() == pytest.approx(0.9, abs=0.03)
    np.testing.assert_allclose(counts.mean(axis=0), 1, atol=0.08)


def test_strata_keep_their_size():
    counts = bootstrap_cities(10, 100, rng(), STRATA)
    for stratum, size in zip("abc", (2, 5, 3), strict=True):
        assert (counts[:, stratum == STRATA].sum(axis=1) == size).all()


def test_permutation_keeps_labels_in_every_stratum():
    labels = np.arange(10)
    shuffled = permute_labels(labels, 200, rng(), STRATA)
    for stratum in "abc":
        members = stratum == STRATA
        assert (np.sort(shuffled[:, members], axis=1) == labels[members]).all()
        assert (shuffled[:, members] != labels[members]).any()


def test_strata_of_the_wrong_length():
    with pytest.raises(ValueError, match="strata"):
        permute_labels(np.arange(9), 2, rng(), STRATA)


def test_leave_one_out():
    assert leave_one_out(3).tolist() == [[0, 1, 1], [1, 0, 1], [1, 1, 0]]


def test_histories_move_whole_and_keep_every_year():
    data = city_panel(n_cities=60)
    arrays = PanelArrays.from_frame(data, ("high",))
    labels, years = arrays.values[:, 0], arrays.effect_codes[0]
    shuffled = permute_histories(labels, arrays.unit_codes, years, 80, rng())
    strata = period_strata(arrays.unit_codes, years)
    for year in np.unique(years):
        assert (shuffled[:, years == year].sum(axis=1) == labels[years == year].sum()).all()
    own = [tuple(labels[arrays.unit_codes == city]) for city in range(60)]
    moved = np.zeros(60, dtype=bool)
    for draw in shuffled:
        drawn = [tuple(draw[arrays.unit_codes == city]) for city in range(60)]
        for stratum in np.unique(strata):
            members = np.flatnonzero(strata == stratum)
            assert sorted(drawn[m] for m in members) == sorted(own[m] for m in members)
        moved |= [mine != theirs for mine, theirs in zip(own, drawn, strict=True)]
    sizes = np.bincount(strata)[strata]
    assert sizes.max() > 20 and not moved[sizes == 1].any() and moved[sizes > 20].mean() > 0.9


@pytest.mark.parametrize(("kind", "points"), [("rademacher", 2), ("webb", 6)])
def test_wild_weights_have_mean_zero_and_variance_one(kind, points):
    weights = wild_weights(50, 4000, rng(), kind)
    assert len(np.unique(weights)) == points
    # 200,000 values: five standard errors.
    assert weights.mean() == pytest.approx(0, abs=0.012)
    assert weights.var() == pytest.approx(1, abs=0.012)
    np.testing.assert_allclose(np.unique(weights**2).mean(), 1)


def test_unknown_wild_weights():
    with pytest.raises(ValueError, match="mammen"):
        wild_weights(5, 5, rng(), "mammen")
