"""Instruments for virtual agglomeration built from members in 2005 and national internet users.

As printed, the instrument is the logarithm of the product; its logarithm separates into a city
and a year effect wherever the city had members, so identification comes only from the zeros. The
second instrument multiplies the two logarithms and does not separate.
"""

from __future__ import annotations

import numpy as np


def instrument_as_printed(members_2005: np.ndarray, internet_users_10k: np.ndarray) -> np.ndarray:
    """``ln(1 + m_c,2005 * U_t)``.

    Parameters
    ----------
    members_2005 : ndarray, shape (n_cities,)
        Active members in 2005.
    internet_users_10k : ndarray, shape (n_years,)
        National internet users of the same year, 10,000 persons.

    Returns
    -------
    ndarray, shape (n_cities, n_years)
    """
    return np.log1p(np.multiply.outer(members_2005.astype(float), internet_users_10k))


def identified_instrument(
    members_2005: np.ndarray, internet_users_10k_previous_year: np.ndarray
) -> np.ndarray:
    """``ln(1 + m_c,2005) * ln(U_{t-1})``; users of the previous year, 10,000 persons."""
    return np.multiply.outer(
        np.log1p(members_2005.astype(float)), np.log(internet_users_10k_previous_year)
    )
