"""Charts of distributions and of balance."""

from __future__ import annotations

import altair as alt

from urban_resilience.reporting.charts.style import COLOURS, Rows, Spec, finished, values


def histogram(rows: Rows, estimate: float, description: str, title: str, count: str) -> Spec:
    """Placebo draws in classes, with the estimate they are held against.

    Parameters
    ----------
    rows
        ``low``, ``high``, ``draws``: classes and what falls into them.
    estimate
        Drawn as a line.
    description, title, count
        For screen readers, and of the two axes.
    """
    bars = (
        alt.Chart(values(rows))
        .mark_rect(color=COLOURS[0], opacity=0.7)
        .encode(
            x=alt.X("low:Q", title=title, scale=alt.Scale(nice=False, zero=False)),
            x2="high:Q",
            y=alt.Y("draws:Q", title=count),
            y2=alt.datum(0),
            tooltip=["low:Q", "high:Q", "draws:Q"],
        )
    )
    line = (
        alt.Chart(alt.Data(values=[{"estimate": estimate}]))
        .mark_rule(color=COLOURS[1], strokeWidth=2.5)
        .encode(x="estimate:Q", tooltip=["estimate:Q"])
    )
    return finished((bars + line).properties(width="container", height=200), description)


def null_distributions(
    rows: Rows, estimate: float, description: str, title: str, count: str
) -> Spec:
    """Outlines of what several methods draw under the hypothesis, and the estimate.

    Parameters
    ----------
    rows
        ``method``, ``low``, ``high``, ``draws``: classes that the methods share.
    estimate
        Drawn as a line.
    description, title, count
        For screen readers, and of the two axes.
    """
    outlines = (
        alt.Chart(values(rows))
        .mark_line(interpolate="step-after", strokeWidth=2)
        .encode(
            x=alt.X("low:Q", title=title, scale=alt.Scale(nice=False, zero=False)),
            y=alt.Y("draws:Q", title=count),
            color=alt.Color(
                "method:N",
                title=None,
                scale=alt.Scale(range=list(COLOURS)),
                legend=alt.Legend(orient="top", columns=2, labelLimit=260),
            ),
            strokeDash=alt.StrokeDash("method:N", title=None),
            tooltip=["method:N", "low:Q", "high:Q", "draws:Q"],
        )
    )
    line = (
        alt.Chart(alt.Data(values=[{"estimate": estimate}]))
        .mark_rule(strokeWidth=2.5, strokeDash=[6, 3])
        .encode(x="estimate:Q", tooltip=["estimate:Q"])
    )
    return finished((outlines + line).properties(width="container", height=220), description)


def balance(rows: Rows, description: str, title: str) -> Spec:
    """Standardized bias of each covariate before and after matching.

    Parameters
    ----------
    rows
        ``variable``, ``stage``, ``bias`` in percent.
    description, title
        For screen readers, and of the axis.
    """
    base = alt.Chart(values(rows)).encode(y=alt.Y("variable:N", sort=None, title=None))
    points = base.mark_point(filled=True, size=60, opacity=1).encode(
        x=alt.X("bias:Q", title=title),
        color=alt.Color(
            "stage:N",
            title=None,
            sort=None,
            scale=alt.Scale(range=[COLOURS[1], COLOURS[0]]),
            legend=alt.Legend(orient="top"),
        ),
        shape=alt.Shape("stage:N", title=None, sort=None),
        tooltip=["variable:N", "stage:N", "bias:Q"],
    )
    limits = (
        alt.Chart(alt.Data(values=[{"limit": -10}, {"limit": 10}]))
        .mark_rule(strokeDash=[4, 3], opacity=0.6)
        .encode(x="limit:Q")
    )
    return finished(
        (limits + points).properties(
            width="container", height=24 * len({row["variable"] for row in rows})
        ),
        description,
    )


def shares(rows: Rows, description: str, year: str, title: str) -> Spec:
    """Shares by series and year as a map of heat.

    Parameters
    ----------
    rows
        ``series``, ``year``, ``share`` from 0 to 1.
    description, year, title
        For screen readers, of the axis of years and of the legend.
    """
    chart = (
        alt.Chart(values(rows))
        .mark_rect()
        .encode(
            x=alt.X("year:O", title=year, axis=alt.Axis(labelAngle=0, labelOverlap=True)),
            y=alt.Y("series:N", title=None, sort=None, axis=alt.Axis(labelLimit=260)),
            color=alt.Color(
                "share:Q",
                title=title,
                scale=alt.Scale(scheme="viridis", reverse=True),
                legend=alt.Legend(format=".0%", orient="top"),
            ),
            tooltip=["series:N", "year:O", alt.Tooltip("share:Q", format=".1%")],
        )
        .properties(width="container", height=17 * len({row["series"] for row in rows}))
    )
    return finished(chart, description)
