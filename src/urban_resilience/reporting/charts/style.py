"""What the charts share: colours that colour-blind readers can tell apart, and their form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import altair as alt

Spec = dict[str, object]
Rows = Sequence[Mapping[str, object]]

# Okabe and Ito (2008): told apart with any kind of colour vision, in light and in dark.
COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"]


def finished(chart: alt.TopLevelMixin, description: str) -> Spec:
    """Return a chart's specification with the words that a screen reader says.

    Parameters
    ----------
    chart
        Of Altair.
    description
        What it shows, in English and Chinese.
    """
    spec: Spec = chart.to_dict()
    # The page sets colours and fonts by its own theme.
    spec.pop("config", None)
    spec["description"] = description
    return spec


def values(rows: Rows) -> alt.Data:
    """Rows as data within the specification."""
    return alt.Data(values=[dict(row) for row in rows])
