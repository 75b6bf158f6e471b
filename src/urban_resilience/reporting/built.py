"""Which build a warehouse file is: its content hash, its data, its run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from urban_resilience.shared.digest import digest_file

BANNER_EN = "SIMULATED DATA: every number tests plumbing and proves nothing about the world."
BANNER_ZH = "模拟数据：所有数字只用于检验流程，不说明任何现实。"


@dataclass(frozen=True)
class Built:
    """What every page and every export says of the build that it was made from.

    Attributes
    ----------
    content_hash
        SHA-256 of the warehouse file. A kept version has the same in its ``manifest.json``.
    is_simulated
        Whether the raw files were written by the simulator.
    run_id
        The last run that the file knows of; None in a file that no refresh has finished.
    built_at
        When it was finished, UTC; empty where nobody has noted it.
    """

    content_hash: str
    is_simulated: bool
    run_id: int | None
    built_at: str

    @property
    def short_hash(self) -> str:
        """The first twelve digits: enough to tell builds apart."""
        return self.content_hash[:12]

    @property
    def banner(self) -> str:
        """What stands on top of everything made of simulated data; else empty."""
        return f"{BANNER_EN} {BANNER_ZH}" if self.is_simulated else ""

    @property
    def in_words(self) -> str:
        """One line that names the build."""
        run = f"run {self.run_id}, " if self.run_id is not None else ""
        data = "SIMULATED data" if self.is_simulated else "supplied data"
        return f"{data}; {run}build {self.short_hash} (sha256 {self.content_hash})"


def read_built(warehouse: Path) -> Built:
    """Tell which build a finished warehouse file is; the file is only read."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        origin = connection.execute(
            "select any_value(data_origin) from panel.fct_city_years"
        ).fetchone()
        has_runs = connection.execute(
            "select count(*) from duckdb_tables()"
            " where schema_name = 'quality' and table_name = 'fct_build_runs'"
        ).fetchall()[0][0]
        run = (
            has_runs
            and connection.execute(
                "select run_id, strftime(finished_at at time zone 'UTC', '%Y-%m-%dT%H:%M:%SZ')"
                " from quality.fct_build_runs order by run_id desc limit 1"
            ).fetchone()
        )
    run_id, built_at = run or (None, None)
    is_simulated = bool(origin and origin[0] == "simulated")
    return Built(digest_file(warehouse), is_simulated, run_id, built_at or "")
