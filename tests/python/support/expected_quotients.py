"""Location quotients in NumPy, as the warehouse should have them."""

import numpy as np

from urban_resilience.formulas.location_quotients import location_quotients


def divide(numerator, denominator):
    """Divide where there is something to divide by; zero elsewhere, as the study counts it."""
    numerator, denominator = np.broadcast_arrays(numerator, denominator)
    return np.divide(numerator, denominator, out=np.zeros(numerator.shape), where=denominator > 0)


def quotient(stocks, base):
    """Members per unit of `base` (cities x years), relative to the nation's."""
    # The nation is the cities whose base is known, in members as in the base.
    sector_total = np.where(base[:, None, :] > 0, stocks, 0).sum(axis=0, keepdims=True)
    local = divide(stocks, base[:, None, :])
    return divide(local, divide(sector_total, np.nansum(base, axis=0)[None, None, :]))


def expected_quotients(study):
    """The quotients by column of the mart, each of shape (n_kept, n_sectors, n_study_years)."""
    members = study.members
    stocks = study.of_kept(members.stocks)
    city_total = stocks.sum(axis=1, keepdims=True)
    share = divide(stocks.sum(axis=0, keepdims=True), stocks.sum(axis=(0, 1), keepdims=True))
    # Workers of cities without a member count belong to no quotient.
    workers = np.where(
        study.of_kept(members.is_counted), study.of_kept(study.filled["employed_persons_10k"]), 0
    )
    per_worker = quotient(stocks, workers)
    per_worker[np.broadcast_to(~(workers > 0)[:, None, :], per_worker.shape)] = np.nan
    found = {
        "members": stocks,
        "lq": location_quotients(stocks),
        "lq_shrunken": divide((stocks + share) / (city_total + 1), share),
        "lq_per_worker": per_worker,
        "national_share": np.broadcast_to(share, stocks.shape),
    }
    if members.joiners is not None:
        found["lq_joiners"] = location_quotients(study.of_kept(members.joiners))
    return found
