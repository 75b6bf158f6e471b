"""Input-output tables: 45 sectors, yearly, in million US dollars.

Step by step. Gross output of a sector grows along a common path times a sector tilt. Every
sector buys a share of its output as intermediate inputs, split over suppliers in proportion to
their size with a strong own-sector term. The three digital suppliers are set apart: their share
in a user's output is a given coefficient a_j times a slow time path, divided 60:30:10 over
software, telecommunications and publishing. The column sum of inputs is below output.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from urban_resilience.simulation.parameters import TABLE_YEARS, Parameters
from urban_resilience.simulation.random_streams import stream

DIGITAL = ("D62T63", "D61", "D58T60")
DIGITAL_SPLIT = (0.5, 0.4, 0.1)

# share of national output around 2008 (per mille) and share of intermediate inputs: chosen
SECTORS = {
    "D01T02": (60, 0.42), "D03": (10, 0.40), "D05T06": (25, 0.48), "D07T08": (14, 0.58),
    "D09": (3, 0.55), "D10T12": (57, 0.74), "D13T15": (50, 0.77), "D16": (13, 0.75),
    "D17T18": (17, 0.75), "D19": (29, 0.80), "D20": (51, 0.79), "D21": (12, 0.70),
    "D22": (24, 0.79), "D23": (36, 0.73), "D24": (82, 0.80), "D25": (26, 0.78),
    "D26": (58, 0.82), "D27": (42, 0.81), "D28": (54, 0.77), "D29": (45, 0.79),
    "D30": (13, 0.77), "D31T33": (18, 0.74), "D35": (36, 0.72), "D36T39": (9, 0.60),
    "D41T43": (90, 0.76), "D45T47": (61, 0.40), "D49": (32, 0.52), "D50": (8, 0.58),
    "D51": (5, 0.66), "D52": (7, 0.55), "D53": (3, 0.50), "D55T56": (22, 0.60),
    "D58T60": (7, 0.58), "D61": (13, 0.45), "D62T63": (11, 0.55), "D64T66": (47, 0.38),
    "D68": (38, 0.22), "D69T75": (33, 0.60), "D77T82": (22, 0.62), "D84": (34, 0.42),
    "D85": (24, 0.35), "D86T88": (19, 0.55), "D90T93": (6, 0.48), "D94T96": (11, 0.46),
    "D97T98": (1, 0.00),
}  # fmt: skip

# digital services per unit of output, excluding the digital users themselves (chosen, China-like)
DIGITAL_USE = {
    "D01T02": 0.0008, "D03": 0.0008, "D05T06": 0.0018, "D07T08": 0.0025, "D09": 0.0030,
    "D10T12": 0.0008, "D13T15": 0.0010, "D16": 0.0011, "D17T18": 0.0014, "D19": 0.0005,
    "D20": 0.0011, "D21": 0.0018, "D22": 0.0012, "D23": 0.0014, "D24": 0.0009, "D25": 0.0015,
    "D26": 0.0050, "D27": 0.0016, "D28": 0.0020, "D29": 0.0009, "D30": 0.0012,
    "D31T33": 0.0015, "D35": 0.0040, "D36T39": 0.0090, "D41T43": 0.0100, "D45T47": 0.0035,
    "D49": 0.0060, "D50": 0.0250, "D51": 0.0180, "D52": 0.0100, "D53": 0.0300,
    "D55T56": 0.0045, "D64T66": 0.0180, "D68": 0.0050, "D69T75": 0.0080, "D77T82": 0.0050,
    "D84": 0.0300, "D85": 0.0150, "D86T88": 0.0090, "D90T93": 0.0120, "D94T96": 0.0055,
    "D97T98": 0.0,
}  # fmt: skip

OUTPUT_1995_MILLION_USD = 1_900_000.0  # chosen, China-like
OUTPUT_2018_MILLION_USD = 36_000_000.0  # chosen, China-like


def digital_coefficient_targets(parameters: Parameters) -> np.ndarray:
    """Intended coefficients a_jt, shape (45, n_tables)."""
    own = {
        "D61": parameters.coefficient_telecom,
        "D62T63": parameters.coefficient_software,
        "D58T60": parameters.coefficient_publishing,
    }
    level = np.array([own.get(sector, DIGITAL_USE.get(sector, 0.0)) for sector in SECTORS])
    is_own = np.array([sector in own for sector in SECTORS])
    years = np.asarray(TABLE_YEARS)
    # digital users deepen their own use until the middle of the 2010s; other users barely move
    deepening = 0.55 + 0.45 / (1 + np.exp(-(years - 2009.0) / 2.5))
    slow = 1 + 0.1 * np.sin((years - 1995) / 4.0)
    path = np.where(is_own[:, None], deepening, slow)
    scale = np.where(is_own, parameters.coefficient_scale, 1.0)
    return level[:, None] * scale[:, None] * path


def simulate_input_output(parameters: Parameters) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Draw the tables.

    Returns
    -------
    flows : DataFrame
        ``year``, ``supplying_sector``, ``using_sector``, ``value_million_usd``; 45 x 45 rows a
        year.
    output : DataFrame
        ``year``, ``sector``, ``gross_output_million_usd``.
    """
    rng = stream(parameters.seed, "input-output")
    sectors = list(SECTORS)
    output = _gross_output(rng)
    coefficients = _input_coefficients(rng, digital_coefficient_targets(parameters), sectors)
    flows = np.round(coefficients * output.T[:, None, :], 1)  # year, supplier, user
    n, t = len(sectors), len(TABLE_YEARS)
    flow_frame = pd.DataFrame(
        {
            "year": np.repeat(np.asarray(TABLE_YEARS, dtype=np.int32), n * n),
            "supplying_sector": np.tile(np.repeat(sectors, n), t),
            "using_sector": np.tile(sectors, n * t),
            "value_million_usd": flows.reshape(-1),
        }
    )
    output_frame = pd.DataFrame(
        {
            "year": np.repeat(np.asarray(TABLE_YEARS, dtype=np.int32), n),
            "sector": np.tile(sectors, t),
            "gross_output_million_usd": np.round(output.T.reshape(-1), 1),
        }
    )
    return flow_frame, output_frame


def _gross_output(rng: np.random.Generator) -> np.ndarray:
    """Sector output, shape (45, n_tables), million USD."""
    share = np.array([s for s, _ in SECTORS.values()], dtype=float)
    progress = (np.asarray(TABLE_YEARS) - 1995) / (2018 - 1995)
    growth = np.log(OUTPUT_2018_MILLION_USD / OUTPUT_1995_MILLION_USD)
    # output in dollars grows fastest in the 2000s
    total = OUTPUT_1995_MILLION_USD * np.exp(growth * (3 * progress**2 - 2 * progress**3))
    tilt = 0.25 * rng.standard_normal(len(share))
    wobble = 0.02 * rng.standard_normal((len(share), len(progress)))
    weight = share[:, None] * np.exp(tilt[:, None] * (progress - 0.55) + wobble)
    return total * weight / weight.sum(axis=0)


def _input_coefficients(
    rng: np.random.Generator, digital: np.ndarray, sectors: Sequence[str]
) -> np.ndarray:
    """Input coefficients, shape (n_tables, 45 suppliers, 45 users)."""
    n = len(sectors)
    size = np.array([s for s, _ in SECTORS.values()], dtype=float)
    inputs = np.array([share for _, share in SECTORS.values()])
    taste = np.exp(0.8 * rng.standard_normal((n, n))) * size[:, None]
    taste[np.arange(n), np.arange(n)] *= 8.0  # firms buy most from their own trade
    is_digital = np.isin(sectors, DIGITAL)
    taste[is_digital] = 0.0
    taste /= taste.sum(axis=0, keepdims=True)
    split = np.zeros(n)
    split[[sectors.index(s) for s in DIGITAL]] = DIGITAL_SPLIT
    other = np.maximum(inputs[:, None] - digital, 0.0)  # user, year
    ordinary = taste[None, :, :] * other.T[:, None, :]
    return ordinary + split[None, :, None] * digital.T[:, None, :]
