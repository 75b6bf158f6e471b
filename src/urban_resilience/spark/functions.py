"""Functions of DuckDB that Spark has none of, registered with a session before a build."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def jaro_winkler_similarity(first: str | None, second: str | None) -> float | None:
    """Likeness of two texts from 0 to 1 (Winkler 1990): shared letters, and a shared beginning.

    The beginning counts from a likeness of 0.7 on, up to four letters, a tenth of what is missing
    each, as in DuckDB.
    """
    if first is None or second is None:
        return None
    likeness = _jaro(first, second)
    if likeness <= 0.7:
        return likeness
    shared = 0
    while shared < min(4, len(first), len(second)) and first[shared] == second[shared]:
        shared += 1
    return likeness + shared * 0.1 * (1 - likeness)


def _jaro(first: str, second: str) -> float:
    if not first and not second:
        return 1.0
    if not first or not second:
        return 0.0
    reach = max(max(len(first), len(second)) // 2 - 1, 0)
    taken = [False] * len(second)
    met = []
    for place, letter in enumerate(first):
        for other in range(max(0, place - reach), min(len(second), place + reach + 1)):
            if not taken[other] and second[other] == letter:
                taken[other] = True
                met.append(letter)
                break
    if not met:
        return 0.0
    answered = [letter for letter, is_taken in zip(second, taken, strict=True) if is_taken]
    swapped = sum(one != other for one, other in zip(met, answered, strict=True)) // 2
    n = len(met)
    return (n / len(first) + n / len(second) + (n - swapped) / n) / 3


def register(session: "SparkSession") -> None:
    """Make the functions known to a session, by the names that `rewrites` writes."""
    session.udf.register("jaro_winkler_similarity", jaro_winkler_similarity, "double")
