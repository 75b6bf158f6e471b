"""A bar: a target for a measured ratio, and whether this run met it."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Bar:
    """A measured number against its limit.

    Attributes
    ----------
    subject : str
    measured : float
    limit : float
    at_most : bool
        True where smaller is better, False where the number must reach the limit.
    unit : str
    """

    subject: str
    measured: float
    limit: float
    at_most: bool = True
    unit: str = "x"

    @property
    def verdict(self) -> str:
        """``met``, ``missed``, or ``not measured``."""
        if math.isnan(self.measured):
            return "not measured"
        reached = self.measured <= self.limit if self.at_most else self.measured >= self.limit
        return "met" if reached else "missed"

    def as_row(self) -> dict[str, str]:
        """Lay the bar out for a table."""
        return {
            "bar": self.subject,
            "target": f"{'at most' if self.at_most else 'at least'} {self.limit:g} {self.unit}",
            "measured": "-" if math.isnan(self.measured) else f"{self.measured:.3g} {self.unit}",
            "verdict": self.verdict,
        }


def ratio(numerator: float, denominator: float) -> float:
    """Divide; NaN where either side was not measured."""
    if math.isnan(numerator) or math.isnan(denominator) or denominator == 0:
        return float("nan")
    return numerator / denominator
