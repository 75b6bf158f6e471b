"""Charts of cities over the years and on their coordinates; the page fills in the rows."""

from __future__ import annotations

import altair as alt

from urban_resilience.reporting.charts.style import COLOURS, Rows, Spec, finished, values


def spread(rows: Rows, description: str, title: str) -> Spec:
    """Median of all cities by year within the middle half and the middle nine tenths.

    Parameters
    ----------
    rows
        ``year``, ``p5``, ``p25``, ``p50``, ``p75``, ``p95``.
    description, title
        For screen readers, and of the axis.
    """
    base = alt.Chart(values(rows)).encode(x=_years())
    wide = base.mark_area(opacity=0.15, color=COLOURS[0]).encode(
        y=alt.Y("p5:Q", title=title), y2="p95:Q"
    )
    half = base.mark_area(opacity=0.3, color=COLOURS[0]).encode(y="p25:Q", y2="p75:Q")
    line = base.mark_line(color=COLOURS[0], point=True).encode(
        y="p50:Q", tooltip=["year:O", "p5:Q", "p25:Q", "p50:Q", "p75:Q", "p95:Q"]
    )
    return finished((wide + half + line).properties(width="container", height=240), description)


def lines(description: str) -> Spec:
    """Lines by place; the page gives ``year``, ``value``, ``place`` and the title of the axis."""
    chart = (
        alt.Chart(values([]))
        .mark_line(point=True)
        .encode(
            x=_years(),
            y=alt.Y("value:Q", title="", scale=alt.Scale(zero=False)),
            color=alt.Color(
                "place:N",
                title=None,
                sort=None,
                scale=alt.Scale(range=COLOURS),
                legend=alt.Legend(orient="top", labelLimit=300, columns=3),
            ),
            strokeDash=alt.StrokeDash("place:N", sort=None, title=None, scale=alt.Scale()),
            tooltip=["place:N", "year:O", "value:Q"],
        )
        .properties(width="container", height=280)
    )
    return finished(chart, description)


def bubbles(description: str) -> Spec:
    """Cities at their coordinates.

    The page gives ``longitude``, ``latitude``, ``value``, ``place``, ``rank``.
    """
    chart = (
        alt.Chart(values([]))
        .mark_circle(stroke="#777777", strokeWidth=0.4, opacity=0.85)
        .encode(
            longitude="longitude:Q",
            latitude="latitude:Q",
            # Size and colour say the same, so that neither needs to be seen alone.
            size=alt.Size("value:Q", title="", scale=alt.Scale(range=[12, 420])),
            color=alt.Color(
                "value:Q",
                title="",
                # Without the darkest fifth, which a dark page would swallow.
                scale=alt.Scale(scheme=alt.SchemeParams(name="viridis", extent=[0.2, 1])),
                legend=alt.Legend(orient="bottom", titleLimit=500),
            ),
            tooltip=["place:N", "value:Q", "rank:Q"],
        )
        .project("mercator")
        .properties(width="container", height=520)
    )
    return finished(chart, description)


def _years() -> alt.X:
    return alt.X("year:O", title=None, axis=alt.Axis(labelAngle=0, labelOverlap=True))
