"""Cities drawn with repetition, as rows under names of their own."""

import numpy as np
import pandas as pd


def drawn_cities(data, units, weights):
    """The sample of one draw, every copy of a city under a name of its own."""
    copies = np.repeat(np.arange(len(units)), weights.astype(int))
    rows = dict(tuple(data.groupby("city_code")))
    return pd.concat(
        [rows[units[city]].assign(copy=f"c{k}") for k, city in enumerate(copies)],
        ignore_index=True,
    )
