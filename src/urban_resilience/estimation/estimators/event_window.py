"""Which years around treatment an event study shows, and what becomes of those beyond."""

from __future__ import annotations

import re
from dataclasses import dataclass

FIRST_LEAD, LAST_LAG, BASE = -4, 5, -1
BINNED, TRIMMED = "binned", "trimmed"
EVENT_ENDS = (BINNED, TRIMMED)
FARTHEST = 100
LEGAL_FORM = "two whole numbers such as '-4 4'"


class EventWindowError(ValueError):
    """A window of an event study cannot be read or holds no base year; the message says why."""


@dataclass(frozen=True)
class EventWindow:
    """Years around the first treated one (0).

    Attributes
    ----------
    first_lead, last_lag
        Ends of the window, such as -4 and 5.
    base
        The omitted event time, inside the window and before treatment: estimates are relative to
        it.
    ends
        ``binned``: years beyond are in the end points. ``trimmed``: rows of treated units beyond
        are left out.
    """

    first_lead: int = FIRST_LEAD
    last_lag: int = LAST_LAG
    base: int = BASE
    ends: str = BINNED

    def place(self, event_time: float) -> int:
        """Tell where in the window a year stands: those beyond an end are in it."""
        return int(min(max(event_time, self.first_lead), self.last_lag))

    @property
    def is_binned(self) -> bool:
        """Whether the end points hold all years further out."""
        return self.ends == BINNED


USUAL_WINDOW = EventWindow()


def parse_event_window(text: str, base: int | None = None, ends: str = "") -> EventWindow:
    """Read the cells of ``regression_specs`` that say what an event study shows.

    Parameters
    ----------
    text
        ``event_window``: empty for -4 to 5, or two whole numbers such as ``-4 4`` or ``-4..4``.
    base
        ``reference_period``; None for -1.
    ends
        ``event_ends``; empty for ``binned``.

    Raises
    ------
    EventWindowError
        Naming what is wrong.
    """
    first, last = FIRST_LEAD, LAST_LAG
    if text.strip():
        found = re.fullmatch(r"\[?\s*([+-]?\d{1,4})\s*(?:\.\.|,|:|\s)\s*([+-]?\d{1,4})\s*\]?", text)
        if not found:
            raise EventWindowError(f"event_window '{text}' is not {LEGAL_FORM}")
        first, last = int(found[1]), int(found[2])
    said = f"event_window '{first} {last}'"
    if not -FARTHEST <= first < 0 <= last <= FARTHEST:
        raise EventWindowError(
            f"{said} must begin before treatment (-{FARTHEST} to -1) and end within it "
            f"(0 to {FARTHEST})"
        )
    base = BASE if base is None else base
    if not first <= base <= last:
        raise EventWindowError(f"reference_period {base} lies outside {said}")
    if base >= 0:
        raise EventWindowError(
            f"reference_period {base} is a year of treatment, and estimates would be relative to "
            f"the effect itself: take a year before it, such as {BASE}"
        )
    if ends and ends not in EVENT_ENDS:
        raise EventWindowError(f"unknown event_ends '{ends}' (known: {', '.join(EVENT_ENDS)})")
    return EventWindow(first, last, base, ends or BINNED)
