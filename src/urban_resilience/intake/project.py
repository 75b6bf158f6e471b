"""Where the contract and the seeds lie."""

from __future__ import annotations

import csv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
CONTRACT = ROOT / "models" / "staging" / "_raw__sources.yml"


def seed_rows(name: str) -> list[dict[str, str]]:
    """Rows of a reference or study seed as text."""
    path = next((ROOT / "seeds").glob(f"*/{name}.csv"))
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
