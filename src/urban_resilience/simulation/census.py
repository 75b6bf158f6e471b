"""Employment by city and industry in the second economic census (end of 2008)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from urban_resilience.simulation.geography import Geography
from urban_resilience.simulation.members import DIGITAL_INDUSTRIES, DigitalIntensity
from urban_resilience.simulation.parameters import Parameters
from urban_resilience.simulation.random_streams import stream

# GB/T divisions of the secondary and tertiary sector with national weights (chosen, round)
DIVISIONS = {
    "06": 45, "07": 10, "08": 7, "09": 6, "10": 8, "13": 35, "14": 17, "15": 14, "16": 2,
    "17": 70, "18": 50, "19": 30, "20": 16, "21": 12, "22": 17, "23": 10, "24": 14, "25": 8,
    "26": 50, "27": 17, "28": 5, "29": 34, "30": 60, "31": 35, "32": 18, "33": 38, "34": 55,
    "35": 36, "36": 38, "37": 17, "38": 58, "39": 75, "40": 13, "41": 13, "44": 30, "45": 3,
    "46": 6, "47": 120, "48": 60, "49": 25, "50": 25, "51": 90, "52": 75, "53": 18, "54": 35,
    "55": 8, "56": 4, "59": 6, "60": 8, "61": 22, "62": 25, "63": 14, "64": 3, "65": 9,
    "66": 32, "67": 3, "68": 22, "70": 40, "71": 4, "72": 45, "73": 8, "74": 22, "75": 6,
    "76": 7, "77": 4, "78": 22, "79": 8, "80": 8, "81": 5, "82": 160, "83": 65, "84": 3,
    "85": 3, "86": 4, "87": 8, "88": 2, "89": 6, "90": 4, "91": 130, "93": 4, "94": 10,
}  # fmt: skip


def simulate_census(
    parameters: Parameters,
    geography: Geography,
    digital: DigitalIntensity,
    employed_2008_10k: np.ndarray,
) -> pd.DataFrame:
    """Draw employed persons, one row per city and division with employment.

    Divisions of digital services are larger where the latent digital level is high, so that the
    shift-share measure of digital service penetration moves with virtual agglomeration.
    """
    rng = stream(parameters.seed, "census")
    n = geography.n_cities
    weight = np.array(list(DIVISIONS.values()), dtype=float)
    weight = weight * np.exp(0.6 * rng.standard_normal((n, len(weight))))
    is_digital = np.isin(list(DIVISIONS), list(DIGITAL_INDUSTRIES))
    weight[:, is_digital] *= np.exp(0.35 * digital.trait)[:, None]
    share = weight / weight.sum(axis=1, keepdims=True)
    persons = np.round(share * employed_2008_10k[:, None] * 1e4).astype(np.int64)
    frame = pd.DataFrame(
        {
            "city_code": np.repeat(geography.cities["city_code"].to_numpy(), len(DIVISIONS)),
            "industry_code": np.tile(list(DIVISIONS), n),
            "employed_persons": persons.reshape(-1),
        }
    )
    return frame[frame["employed_persons"] > 0].reset_index(drop=True)
