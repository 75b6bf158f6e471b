"""What a supplied list of pilots comes to, by policy, before a build."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import duckdb

from urban_resilience.intake.checking.project_sql import ProjectSql
from urban_resilience.intake.recognition.shapes.pilots import BATCH, PILOTS, POLICY, word_key, words
from urban_resilience.shared.project import seed_rows

SHOWN = 5


@dataclass(frozen=True)
class PolicyList:
    """Rows of one policy.

    Attributes
    ----------
    n_rows, n_cities
        Rows of the list, and different cities among those accepted.
    n_without_city, n_faulty, n_assumed
        Rows without a known city, rejected for another reason, and accepted without a scope.
    absent
        Names of pilot cities that the yearbook has no row of.
    unread_batches
        Batches that no alias reads as a number.
    """

    policy_id: str
    n_rows: int
    n_cities: int
    n_without_city: int
    n_faulty: int
    n_assumed: int
    absent: tuple[str, ...]
    unread_batches: tuple[str, ...]

    def in_words(self) -> str:
        """Return one line of a report."""
        seeded = sum(row[POLICY] == self.policy_id for row in seed_rows(PILOTS))
        parts = [
            _counted(self.n_rows, "row") + (f", in place of the seed's {seeded}" if seeded else ""),
            _counted(self.n_cities, "city", "cities"),
            self.n_without_city and f"{_counted(self.n_without_city, 'row')} without a known city",
            self.n_faulty and f"{_counted(self.n_faulty, 'row')} rejected",
            self.n_assumed
            and f"{_counted(self.n_assumed, 'row')} without a scope taken for whole cities",
            self.absent and f"not in the yearbook: {_listed(self.absent)}",
            self.unread_batches and f"batches kept as they are: {_listed(self.unread_batches)}",
            _use(self.policy_id),
        ]
        return f"{self.policy_id}: " + "; ".join(part for part in parts if part)


def supplied_policies(prepared: Path) -> frozenset[str]:
    """Policies that a prepared folder has lists of, as rows of the study name them."""
    path = prepared / f"{PILOTS}.parquet"
    if not path.exists():
        return frozenset()
    with duckdb.connect() as connection:
        named = connection.execute(
            f"select distinct {POLICY} from read_parquet(?) where {POLICY} is not null", [str(path)]
        ).fetchall()
    known = words(POLICY)
    return frozenset(known.get(word_key(name), str(name)) for (name,) in named)


def policy_lists(
    connection: duckdb.DuckDBPyConnection, project: ProjectSql, has_yearbook: bool
) -> tuple[PolicyList, ...]:
    """Count the rows of every policy of a prepared folder.

    Parameters
    ----------
    connection, project
        Where the project's models are made.
    has_yearbook
        Whether the folder has a yearbook to hold the cities against.
    """
    judged = project.relation("base_policy__pilots")
    yearbook = project.relation("base_yearbook__city_years") if has_yearbook else ""
    known = f"select city_code from {yearbook} where rule is null" if has_yearbook else ""
    is_absent = f"rule is null and city_code not in ({known})" if has_yearbook else "false"
    rows = connection.execute(
        f"""
        with named as (
            select *, {project.macro("aliased", POLICY)} as policy,
                {project.macro("aliased", BATCH)} as batch_read
            from {judged} where policy_id is not null
        )
        select policy, count(*), count(distinct city_code) filter (where rule is null),
            count(*) filter (where rule in ('unknown_city', 'outside_study')),
            count(*) filter (where rule not in ('unknown_city', 'outside_study')),
            count(*) filter (where rule is null and scope is null),
            list_sort(list(distinct coalesce(city_name_zh, city_code)) filter (where {is_absent})),
            list_sort(
                list(distinct batch_read) filter (where rule is null and batch_read is not null)
            )
        from named group by policy order by policy
        """
    ).fetchall()
    numbers = set(words(BATCH).values())
    return tuple(
        PolicyList(
            policy, n_rows, n_cities, n_without_city, n_faulty, n_assumed, tuple(absent or ()),
            tuple(batch for batch in batches or () if batch not in numbers),
        )
        for (
            policy, n_rows, n_cities, n_without_city, n_faulty, n_assumed, absent, batches
        ) in rows
    )  # fmt: skip


def _use(policy_id: str) -> str:
    """Say how many specifications use a policy, or which name was meant."""
    uses = Counter(row[POLICY] for row in seed_rows("regression_specs") if row[POLICY])
    if uses[policy_id]:
        return f"used by {_counted(uses[policy_id], 'regression')}"
    names = {word: policy for word, policy in words(POLICY).items() if policy in uses}
    names |= {word_key(policy): policy for policy in uses}
    close = get_close_matches(word_key(policy_id), names, n=1, cutoff=0.6)
    meant = f" (is {names[close[0]]} meant?)" if close else ""
    return f"no row of seed regression_specs uses it{meant}"


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" if names[SHOWN:] else "")


def _counted(count: int, one: str, many: str = "") -> str:
    return f"{count:,} {one if count == 1 else many or one + 's'}"
