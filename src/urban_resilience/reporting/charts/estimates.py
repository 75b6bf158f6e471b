"""Charts of estimates: points with their intervals."""

from __future__ import annotations

import altair as alt

from urban_resilience.reporting.charts.style import COLOURS, Rows, Spec, finished, values

ZERO = alt.Chart(alt.Data(values=[{"zero": 0}])).mark_rule(strokeDash=[4, 3], opacity=0.6)


def forest(rows: Rows, description: str, title: str) -> Spec:
    """Estimates under each other, with their 95 % intervals.

    Parameters
    ----------
    rows
        ``label``, ``estimate``, ``conf_low``, ``conf_high``, ``kind``, in the order of the chart.
    description, title
        For screen readers, and of the axis.
    """
    base = alt.Chart(values(rows)).encode(
        y=alt.Y("label:N", sort=None, title=None, axis=alt.Axis(labelLimit=420)),
        color=alt.Color("kind:N", title=None, scale=alt.Scale(range=COLOURS), legend=_legend()),
        tooltip=["label:N", "estimate:Q", "conf_low:Q", "conf_high:Q"],
    )
    bars = base.mark_rule(strokeWidth=1.6).encode(
        x=alt.X("conf_low:Q", title=title), x2="conf_high:Q"
    )
    points = base.mark_point(filled=True, size=45, opacity=1).encode(x="estimate:Q")
    chart = ZERO.encode(x="zero:Q") + bars + points
    return finished(chart.properties(width="container", height=15 * len(rows)), description)


def event_study(rows: Rows, description: str, time: str, title: str) -> Spec:
    """Leads and lags of one policy, by estimator.

    Parameters
    ----------
    rows
        ``event_time``, ``estimate``, ``conf_low``, ``conf_high``, ``estimator``; the base year has
        an estimate of zero and no interval.
    description, time, title
        For screen readers, and of the two axes.
    """
    data = values(rows)
    shift = alt.XOffset("estimator:N")
    colour = alt.Color("estimator:N", title=None, scale=alt.Scale(range=COLOURS), legend=_legend())
    x = alt.X("event_time:O", title=time, axis=alt.Axis(labelAngle=0))
    base = alt.Chart(data).encode(
        x=x,
        xOffset=shift,
        color=colour,
        tooltip=["estimator:N", "event_time:O", "estimate:Q", "conf_low:Q", "conf_high:Q"],
    )
    bars = base.mark_rule(strokeWidth=1.8).encode(
        y=alt.Y("conf_low:Q", title=title), y2="conf_high:Q"
    )
    points = base.mark_point(filled=True, size=50, opacity=1).encode(y="estimate:Q")
    chart = ZERO.encode(y="zero:Q") + bars + points
    return finished(chart.properties(width="container", height=240), description)


def curve(rows: Rows, description: str, place: str, title: str) -> Spec:
    """Estimates of all specifications by size.

    Parameters
    ----------
    rows
        ``place``, ``estimate``, ``conf_low``, ``conf_high``, ``controls``, ``is_significant``.
    description, place, title
        For screen readers, and of the two axes.
    """
    base = alt.Chart(values(rows)).encode(
        x=alt.X("place:Q", title=place, axis=alt.Axis(tickMinStep=1)),
        color=alt.Color(
            "is_significant:N", title=None, scale=alt.Scale(range=COLOURS), legend=_legend()
        ),
        tooltip=["controls:N", "estimate:Q", "conf_low:Q", "conf_high:Q"],
    )
    bars = base.mark_rule(opacity=0.5).encode(y=alt.Y("conf_low:Q", title=title), y2="conf_high:Q")
    points = base.mark_circle(size=28, opacity=1).encode(y="estimate:Q")
    chart = ZERO.encode(y="zero:Q") + bars + points
    return finished(chart.properties(width="container", height=220), description)


def marginal_effects(rows: Rows, description: str, moderator: str, title: str) -> Spec:
    """Effect of the treatment along the moderator, with its band.

    Parameters
    ----------
    rows
        ``moderator_value``, ``estimate``, ``conf_low``, ``conf_high``, ``percentile``.
    description, moderator, title
        For screen readers, and of the two axes.
    """
    base = alt.Chart(values(rows)).encode(x=alt.X("moderator_value:Q", title=moderator))
    band = base.mark_area(opacity=0.2, color=COLOURS[0]).encode(
        y=alt.Y("conf_low:Q", title=title), y2="conf_high:Q"
    )
    line = base.mark_line(point=True, color=COLOURS[0]).encode(
        y="estimate:Q", tooltip=["percentile:Q", "moderator_value:Q", "estimate:Q"]
    )
    chart = ZERO.encode(y="zero:Q") + band + line
    return finished(chart.properties(width="container", height=240), description)


def _legend() -> alt.Legend:
    return alt.Legend(orient="top", labelLimit=400, columns=3)
