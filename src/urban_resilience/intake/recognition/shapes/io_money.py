"""Currency and size of the figures of an input-output table.

Coefficients are flows over output and have no unit: a table in yuan serves as one in dollars does,
as long as both of its parts are in one. It is read in millions of its own currency, and says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from urban_resilience.intake.cells.numbers import Conversion
from urban_resilience.intake.cells.text import clean_header
from urban_resilience.intake.recognition.shapes.misfit import Misfit
from urban_resilience.intake.vocabulary.units import find_unit, unit_key

USD, YUAN = "usd", "yuan"
MILLION = 1_000_000
# Of the tables of China: 万元 in millions.
TEN_THOUSAND = Conversion(Fraction(10_000, MILLION))
_MARK = re.compile(r"(?:单位|units?)\s*[::]\s*([^,;()]+)")
_BRACKET = re.compile(r"\(([^()]*)\)")
_TELLING = re.compile(r"元|yuan|rmb|cny|usd|dollar|us\$|美元", re.IGNORECASE)
# What OECD.Stat writes beside a figure.
_CURRENCIES = {
    "usd": USD, "us dollar": USD, "us dollars": USD, "usdollar": USD, "cny": YUAN, "rmb": YUAN,
    "yuan renminbi": YUAN, "yuan": YUAN, "chinese yuan": YUAN, "人民币元": YUAN, "元": YUAN,
}  # fmt: skip
_POWERS = {
    "0": 0, "units": 0, "unit": 0, "3": 3, "thousands": 3, "thousand": 3, "4": 4, "6": 6,
    "millions": 6, "million": 6, "8": 8, "9": 9, "billions": 9, "billion": 9,
}  # fmt: skip


@dataclass(frozen=True)
class Money:
    """Currency, and how a figure becomes millions of it; ``said`` tells where that is known."""

    currency: str
    conversion: Conversion
    said: str

    @property
    def note(self) -> str:
        """Say what the figures are in."""
        if self.currency == USD:
            return f"million US dollars ({self.said})"
        return (
            f"in yuan ({self.said}): the columns hold million yuan in the place of million US "
            "dollars, coefficients have no unit"
        )


def money_of(unit: str, said: str) -> Money | None:
    """Return what a unit says, None where it is no unit of money."""
    if not _TELLING.search(unit):
        return None
    for currency in (USD, YUAN):
        found = find_unit(currency, unit)
        if found is not None:
            return Money(currency, Conversion(Fraction(found.factor) / MILLION), said)
    return None


def money_in(texts: Iterable[str]) -> Money | None:
    """Find the unit that titles, corners and names state.

    Raises
    ------
    Misfit
        Where they state two.
    """
    found: dict[tuple[str, Fraction], Money] = {}
    for text in texts:
        plain = clean_header(text)
        pieces = [*_MARK.findall(plain), *_BRACKET.findall(plain), plain.strip("() ")]
        for piece in (part for whole in pieces for part in (whole, *re.split("[,;、]", whole))):
            money = money_of(piece.strip(), f"`{piece.strip()}`")
            if money is not None:
                found.setdefault((money.currency, money.conversion.factor), money)
    if len(found) > 1:
        said = " and ".join(money.said for money in found.values())
        raise Misfit(f"an input-output table with two units, {said}: state the one it is in")
    return next(iter(found.values()), None)


def money_of_codes(unit: str, power: str) -> Money:
    """Read the columns Unit and PowerCode of OECD.Stat; an empty one means what OECD publishes.

    Raises
    ------
    Misfit
        Where a word is not known.
    """
    stated = (
        money_of(unit, f"`{unit}`") if unit_key(unit) not in ("", "usd", "yuan", "元") else None
    )
    if stated is not None and not power:
        return stated
    currency = USD if not unit else _CURRENCIES.get(clean_header(unit))
    size = 6 if not power else _POWERS.get(clean_header(power).removesuffix(".0"))
    if currency is None:
        raise Misfit(f"records of sectors in `{unit}`: export them in US dollars or in yuan")
    if size is None:
        raise Misfit(f"records of sectors with power `{power}`: figures must be in millions")
    said = ", ".join(f"`{word}`" for word in (unit, power) if word) or "as OECD publishes it"
    return Money(currency, Conversion(Fraction(10**size, MILLION)), said)
