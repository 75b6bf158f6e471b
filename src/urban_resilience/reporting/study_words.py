"""What the rows of a study say in Chinese: texts of seeds that have a column for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import duckdb

from urban_resilience.reporting.remarks import remark_zh
from urban_resilience.reporting.words import Both

# Seed, its text, the same in Chinese. A study may leave the Chinese out, or the column.
SAID = (
    ("regression_specs", "note", "note_zh"),
    ("data_expectations", "why", "why_zh"),
    ("published_results", "note", "note_zh"),
    ("published_identities", "what", "what_zh"),
    ("panel_variables", "unit", "unit_zh"),
    ("panel_variables", "formula", "formula_zh"),
    ("resilience_indicators", "unit", "unit_zh"),
    ("raw_columns", "description", "description_zh"),
    ("city_groups", "group_name_en", "group_name_zh"),
    ("sectors", "sector_name_en", "sector_name_zh"),
)


@dataclass(frozen=True)
class StudyWords:
    """Chinese of a study's own texts, and of what the warehouse says beside them.

    Attributes
    ----------
    texts
        Chinese by English text.
    policies
        Names by ``policy_id``.
    """

    texts: Mapping[str, str] = field(default_factory=dict)
    policies: Mapping[str, Both] = field(default_factory=dict)

    def said_zh(self, text: object) -> str:
        """Say a text of a seed, a reason or a remark in Chinese; what nobody has said stays."""
        return remark_zh(None if text is None else str(text), self.texts)

    def policy(self, policy_id: str) -> Both:
        """Name of a policy; its id, spelled out, where the study gives it none."""
        plain = policy_id.replace("_", " ").capitalize()
        return self.policies.get(policy_id, Both(plain, plain))


def read_study_words(connection: duckdb.DuckDBPyConnection) -> StudyWords:
    """Read them from a built warehouse; one built before a column was there lacks its texts."""
    present = set(
        connection.execute(
            "select table_name, column_name from duckdb_columns() where schema_name = 'reference'"
        ).fetchall()
    )
    texts: dict[str, str] = {}
    for seed, text, in_zh in SAID:
        if (seed, in_zh) in present:
            texts |= dict(
                connection.execute(
                    f"select {text}, min({in_zh}) from reference.{seed}"
                    f" where {text} is not null and {in_zh} is not null group by {text}"
                ).fetchall()
            )
    return StudyWords(texts, _policies(connection, present))


def _policies(
    connection: duckdb.DuckDBPyConnection, present: set[tuple[str, str]]
) -> dict[str, Both]:
    if ("policy_lists", "policy_name_en") not in present:
        return {}
    found = connection.execute(
        "select policy_id, min(policy_name_en), min(coalesce(policy_name_zh, policy_name_en))"
        " from reference.policy_lists where policy_name_en is not null group by policy_id"
    ).fetchall()
    return {policy: Both(english, in_zh) for policy, english, in_zh in found}
