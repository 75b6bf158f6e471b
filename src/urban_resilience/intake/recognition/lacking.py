"""What a sheet lacks to be a table, by its own headers, with the nearest names and what helps."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence

from urban_resilience.intake.cells.text import clean_header, key
from urban_resilience.intake.vocabulary.aliases import aliases, nearest
from urban_resilience.intake.vocabulary.firms import FIRM_NAMES
from urban_resilience.intake.vocabulary.mapping import MAPPING_FILE

SHOWN_HEADERS = 8
JOINED, FIRM = "joined_year", "firm_id"
# How long a firm has been a member: 会员年限, 诚信通年限.
_DURATION = re.compile(
    r"年限|年数|时长|年头|第几年|tenure|duration|length of|years? (?:of|as|in|on)\b|n years"
    r"|membership years"
)
LEAST_LIKENESS = 0.4
# Key columns in words, and what helps beside a column of that name.
IN_WORDS = {
    "year": ("a column of years", "Put the year into the name of the file or sheet, or add `年份`"),
    "city_code": ("a column of cities", "Add a column of names or codes of cities, such as `城市`"),
    "policy_id": (
        "the name of the policy",
        "Put it into the file name, such as 宽带中国试点名单, or add a column `政策`",
    ),
}


def what_lacks(table: str, missing: Sequence[str], headers: Sequence[str]) -> str:
    """Name the columns that a sheet has not, beside the headers that it has."""
    missing = _but_names(missing, headers)
    told = durations(headers) if JOINED in missing else []
    lacking = " and ".join(_in_words(table, column)[0] for column in missing)
    near = dict.fromkeys(
        header
        for column in missing
        for header in nearest_headers(table, column, headers)
        if header not in told
    )
    hint = f"; nearest of them: {', '.join(f'`{header}`' for header in near)}" if near else ""
    long = f"; `{told[0]}` says how long and not since when" if told else ""
    return f"as {table} it lacks {lacking} (its headers: {listed(headers) or 'none'}{hint}{long})"


def _but_names(missing: Sequence[str], headers: Sequence[str]) -> tuple[str, ...]:
    """Leave the number of a firm out of what is missing: its name would do."""
    has_name = any(key(header) in FIRM_NAMES for header in headers)
    return tuple(column for column in missing if not (column == FIRM and has_name))


def durations(headers: Sequence[str]) -> list[str]:
    """Headers of how long a firm has been a member."""
    return [
        header for header in headers if _DURATION.search(clean_header(header.replace("_", " ")))
    ]


def what_helps(table: str, missing: Sequence[str], headers: Sequence[str] = ()) -> str:
    """Say what to do about columns that a sheet has not."""
    missing = _but_names(missing, headers)
    if missing == (JOINED,) and (told := durations(headers)):
        native = _in_words(table, JOINED)[1]
        return f"Add {native}: the year in which `{told[0]}` was counted, less its years."
    steps = [IN_WORDS[column][1] for column in missing if column in IN_WORDS]
    others = [_in_words(table, column)[1] for column in missing if column not in IN_WORDS]
    if others:
        steps.append(f"Add columns such as {', '.join(others)}")
    which = "is it" if len(missing) == 1 else "is which"
    return f"{'. '.join(steps)}; or say in {MAPPING_FILE} which header {which}."


def only_keys(table: str, others: Mapping[str, str]) -> str:
    """Say that a sheet has the keys of a table and beside them nothing that is known.

    ``others`` are its other headers, each with why it is none of the table's.
    """
    named = []
    for header in list(others)[:SHOWN_HEADERS]:
        near = nearest(table, header)[:1]
        if not others[header].startswith("unknown"):
            named.append(f"{header}: {others[header]}")
        else:
            named.append(f"{header} (nearest: {near[0]})" if near else header)
    more = ", ..." if len(others) > SHOWN_HEADERS else ""
    return (
        f"it has the keys of {table}, and no other column of it is known"
        f" ({', '.join(named) or 'there is none'}{more}); only series of the contract are read"
    )


def listed(headers: Sequence[str]) -> str:
    """Name the first of some headers."""
    return ", ".join(headers[:SHOWN_HEADERS]) + (", ..." if headers[SHOWN_HEADERS:] else "")


def nearest_headers(table: str, column: str, headers: Sequence[str]) -> list[str]:
    """Headers of a file that come nearest to a column it lacks."""
    spellings = [spelling for spelling, alias in aliases(table).items() if alias.column == column]
    likeness = {
        header: max(
            (difflib.SequenceMatcher(None, key(header), s).ratio() for s in spellings), default=0
        )
        for header in headers
    }
    near = sorted((h for h in headers if likeness[h] >= LEAST_LIKENESS), key=lambda h: -likeness[h])
    return near[:3]


def _in_words(table: str, column: str) -> tuple[str, str]:
    if column in IN_WORDS:
        return IN_WORDS[column]
    names = [alias.text for alias in aliases(table).values() if alias.column == column]
    native = next((name for name in names if not name.isascii()), column)
    return f"`{column}`", f"`{native}`"
