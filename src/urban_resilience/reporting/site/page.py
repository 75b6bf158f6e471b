"""A page before it is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from urban_resilience.reporting.words import Both


@dataclass(frozen=True)
class Page:
    """One page of the site.

    Attributes
    ----------
    name
        Of its file and its template, without ending.
    title
        Its heading.
    context
        What its template shows.
    data
        Global names and values it loads: each is written to ``data/<name>.js`` once.
    """

    name: str
    title: Both
    context: Mapping[str, object] = field(default_factory=dict)
    data: Mapping[str, object] = field(default_factory=dict)
