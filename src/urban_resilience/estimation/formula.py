"""A regression written as a formula in fixest's syntax: another way to fill the same cells."""

from __future__ import annotations

import re
from dataclasses import dataclass

from urban_resilience.estimation.effects import parse_effect

LEGAL = (
    "outcome ~ treatment + controls | effects, with instruments outcome ~ controls | effects | "
    "treatment ~ instruments"
)
A_VARIABLE = "a variable is a row of panel_variables: write its expression there"
ONE_ROW = "one row is one regression: write a row for each"
AN_INTERACTION = "write design interaction with the other variable as moderator"
# What fixest's functions are here.
REMEDIES = {
    **dict.fromkeys(("sw", "sw0", "csw", "csw0", "mvsw", "c"), ONE_ROW),
    "i": f"{AN_INTERACTION}, or design event_study for the years around a policy",
    "sunab": "write design event_study, which has Sun and Abraham's estimates",
    **dict.fromkeys(("l", "f", "d", "lag", "lead"), f"{A_VARIABLE}, such as lag(x, 1)"),
}
NAME = re.compile(r"[^\W\d]\w*")


class FormulaError(ValueError):
    """A formula cannot be read as one regression; the message says what to write instead."""


@dataclass(frozen=True)
class Formula:
    """Parts of a formula, as cells of ``regression_specs`` hold them.

    ``regressors`` are the included ones in their order, without the instrumented one.
    """

    outcome: str
    regressors: tuple[str, ...]
    fixed_effects: tuple[str, ...]
    endogenous: str = ""
    instruments: tuple[str, ...] = ()


def parse_formula(text: str) -> Formula:
    """Read a formula.

    Parameters
    ----------
    text
        ``y ~ x + z | city_code + year``; effects may be joined (``province^year``) and have
        slopes (``city_code[year]``). With instruments ``y ~ z | year | x ~ iv``, or without
        effects ``y ~ z | x ~ iv``; ``1`` stands for no included regressor.

    Raises
    ------
    FormulaError
        For anything else: several regressions in one (``sw``, ``csw``, several outcomes), products
        and functions of variables, a regression without a constant.
    """
    parts = [part.strip() for part in text.split("|")]
    if len(parts) > 3 or parts[0].count("~") != 1:
        raise FormulaError(f"'{text}' is no formula (legal: {LEGAL})")
    outcome, right = (side.strip() for side in parts[0].split("~"))
    effects, instruments = "", ""
    for part in parts[1:]:
        if "~" in part:
            if instruments or part != parts[-1]:
                raise FormulaError(f"'{text}': instruments come last, once (legal: {LEGAL})")
            instruments = part
        elif effects or instruments:
            raise FormulaError(f"'{text}' has effects twice (legal: {LEGAL})")
        else:
            effects = part
    regressors = _names(right, "regressor")
    found = Formula(_name(outcome, "outcome"), regressors, _effects(effects))
    if not instruments:
        if not regressors:
            raise FormulaError(f"'{text}' has no regressor (legal: {LEGAL})")
        return found
    endogenous, excluded = (_names(side, "regressor") for side in instruments.split("~", 1))
    if len(endogenous) != 1:
        raise FormulaError(
            f"{len(endogenous)} regressors are instrumented ({' + '.join(endogenous)}), one can be"
        )
    if not excluded:
        raise FormulaError(f"'{text}' names no instrument (legal: {LEGAL})")
    return Formula(found.outcome, regressors, found.fixed_effects, endogenous[0], excluded)


def _names(text: str, role: str) -> tuple[str, ...]:
    terms = [term.strip() for term in _split(text)]
    if any(term in ("0", "-1") for term in terms) or re.search(r"-\s*1\s*$", text):
        raise FormulaError("a regression without its constant is not offered: leave out 0 and -1")
    return tuple(_name(term, role) for term in terms if term != "1")


def _split(text: str) -> list[str]:
    """Terms between plus signs that stand outside brackets."""
    terms, depth = [""], 0
    for sign in text:
        depth += (sign in "([") - (sign in ")]")
        if sign == "+" and depth == 0:
            terms.append("")
        else:
            terms[-1] += sign
    return terms


def _name(term: str, role: str) -> str:
    if NAME.fullmatch(term):
        return term
    function = re.match(r"(\w+)\s*\(", term)
    if not term:
        raise FormulaError(f"a {role} is empty (legal: {LEGAL})")
    if function:
        remedy = REMEDIES.get(function[1], A_VARIABLE)
    elif re.match(r"[ldf]\d*\.", term.lower()):
        remedy = REMEDIES["l"]
    elif ":" in term or "*" in term:
        remedy = f"{AN_INTERACTION}, or the product as a row of panel_variables"
    else:
        remedy = A_VARIABLE
    raise FormulaError(f"{role} '{term}' is no column of the panel; {remedy}")


def _effects(text: str) -> tuple[str, ...]:
    found = []
    for term in (part.strip() for part in _split(text)):
        if term in ("", "0", "1"):
            continue
        function = re.match(r"(\w+)\s*\(", term)
        if function and function[1] in REMEDIES:
            raise FormulaError(f"effect '{term}': {REMEDIES[function[1]]}")
        term = re.sub(r"\s+", "", term)
        slopes = re.fullmatch(r"([^\[\]]+)(\[{1,2})([^\[\]]+)\]{1,2}", term)
        if slopes and "," in slopes[3]:
            levels, opening, listed = slopes.groups()
            first, *others = listed.split(",")
            term = f"{levels}[{first}]" if opening == "[" else f"{levels}[[{first}]]"
            found += [f"{levels}[[{other}]]" for other in others]
        try:
            parse_effect(term)
        except ValueError as error:
            raise FormulaError(str(error)) from None
        found.append(term)
    return tuple(found)
