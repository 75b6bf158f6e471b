r"""Regular expressions of RE2, which DuckDB speaks, in the words of Java, which Spark speaks.

What both write alike may not mean the same: ``[[:space:]]`` is a set of letters to Java, ``$`` also
matches before a line break at the end, ``&&`` in a class intersects.
"""

from urban_resilience.spark.refused import TranslationError

POSIX = {
    "[:space:]": r"\s",
    "[:digit:]": r"\p{Digit}",
    "[:alpha:]": r"\p{Alpha}",
    "[:alnum:]": r"\p{Alnum}",
    "[:upper:]": r"\p{Upper}",
    "[:lower:]": r"\p{Lower}",
    "[:punct:]": r"\p{Punct}",
    "[:ascii:]": r"\p{ASCII}",
    "[:blank:]": r"\p{Blank}",
    "[:cntrl:]": r"\p{Cntrl}",
    "[:graph:]": r"\p{Graph}",
    "[:print:]": r"\p{Print}",
    "[:word:]": r"\w",
    "[:xdigit:]": r"\p{XDigit}",
}
# Only a line feed ends a line.
UNIX_LINES = "(?d)"


def java_pattern(pattern: str) -> str:
    """Say the same pattern for Java.

    Raises
    ------
    TranslationError
        The pattern holds what Java would read otherwise and has no other word for.
    """
    text, place, in_class = "", 0, False
    while place < len(pattern):
        here = pattern[place]
        if here == "\\":
            text += pattern[place : place + 2]
            place += 2
            continue
        if in_class:
            word = next((word for word in POSIX if pattern.startswith(word, place)), None)
            if word:
                text += POSIX[word]
                place += len(word)
                continue
            if here == "[" or pattern.startswith("&&", place):
                raise TranslationError(
                    f"the pattern {pattern!r} holds `{here}` within a class:"
                    " write a backslash before it"
                )
            in_class = here != "]"
        elif here == "[":
            in_class = True
            # A bracket that stands first in its class is one of its letters.
            first = place + 1 + pattern.startswith("[^", place)
            if pattern.startswith("]", first):
                raise TranslationError(f"the pattern {pattern!r}: write a backslash before its `]`")
        elif here == "$":
            here = r"\z"
        text += here
        place += 1
    return UNIX_LINES + text.replace(r"\p{Han}", r"\p{IsHan}")


def java_replacement(text: str, shift: int = 0) -> str:
    r"""Say what is put in for a match: groups are ``\1`` in DuckDB and ``$1`` in Spark.

    Parameters
    ----------
    text : str
        As DuckDB has it.
    shift : int
        How many groups stand before those of the pattern.
    """
    put, place = "", 0
    while place < len(text):
        here, following = text[place], text[place + 1 : place + 2]
        if here == "\\" and following.isdigit():
            put += f"${int(following) + shift}"
            place += 2
            # A digit after a group is a digit, not one more place of its number.
            if text[place : place + 1].isdigit():
                put += "\\" + text[place]
                place += 1
            continue
        if here == "\\":
            put += "\\\\"
            place += 2 if following == "\\" else 1
            continue
        put += rf"\{here}" if here == "$" else here
        place += 1
    return put
