"""Cities, the map and what-if: pages that the reader moves, on the same data."""

from __future__ import annotations

from urban_resilience.reporting.charts.cities import bubbles, lines
from urban_resilience.reporting.site.page import Page
from urban_resilience.reporting.site.study import Study
from urban_resilience.reporting.words import Both


def city_pages(
    study: Study,
    panel: dict[str, object],
    indicators: dict[str, object],
    details: dict[str, object],
) -> list[Page]:
    """Lay out the three pages."""
    city_charts = {
        "lines": lines(Both("Lines by city and year", "各城市历年折线图").joined()),
        "bubbles": bubbles(
            Both(
                "Cities at their coordinates, by the chosen variable", "按坐标绘制的城市气泡图"
            ).joined()
        ),
    }
    context = {"study": study, "variables": panel["variables"], "years": study.years}
    data = {"panel": panel, "charts_cities": city_charts}
    return [
        Page(
            "cities",
            Both("Cities", "城市"),
            context,
            {**data, "indicators": indicators, "details": details},
        ),
        Page("map", Both("Map", "地图"), context, data),
        Page(
            "what_if",
            Both("What if", "假如"),
            {**context, "indicators": indicators},
            {"panel": panel, "indicators": indicators},
        ),
    ]
