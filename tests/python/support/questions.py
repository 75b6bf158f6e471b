"""The page docs/questions.md: each analysis with its question and the first rows of its answer."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

SHOWN_ROWS = 5
HEAD = """# Questions and answers

Every question of `analyses/` with the first rows of its answer on the **simulated** data, which
prove nothing about the world. Run one with

```sh
.venv/bin/dbt show --select analyses/most_resilient_cities_and_why.sql --target published --limit 20
```

or take its SQL from `target/compiled/urban_resilience/analyses` after `.venv/bin/dbt compile`. The
tests run all of them, and hold this page to what they answer.
"""


def question_of(text: str) -> str:
    """The comment that opens an analysis, without its dashes."""
    lines = []
    for line in text.splitlines():
        if not line.startswith("--"):
            break
        lines.append(line.removeprefix("--").strip())
    return " ".join(lines).removeprefix("Question: ")


def page(answers: Mapping[str, tuple[str, pd.DataFrame]]) -> str:
    """Text of the page.

    Parameters
    ----------
    answers
        By name of the analysis: its text and the rows of its answer.
    """
    parts = [HEAD]
    for name, (text, rows) in sorted(answers.items()):
        question, _, more = question_of(text).partition("? ")
        asked = question.removesuffix("?")
        parts.append(f"## {asked[:1].upper()}{asked[1:]}?\n\n{more}\n\n`analyses/{name}.sql`\n")
        parts.append(
            _table(rows) if len(rows) else "No row: nothing is revised in a first build.\n"
        )
    return "\n".join(parts)


def _table(rows: pd.DataFrame) -> str:
    # Where the data come from is the same in every row, and said on top.
    shown = rows.drop(columns="data_origin", errors="ignore").head(SHOWN_ROWS)
    lines = ["| " + " | ".join(shown.columns) + " |", "|" + "---|" * len(shown.columns)]
    lines += [
        "| " + " | ".join("" if pd.isna(value) else _cell(value) for value in row) + " |"
        for row in shown.itertuples(index=False)
    ]
    return "\n".join(lines) + "\n"


def _cell(value: object) -> str:
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return text.replace("|", "\\|").replace("\n", " ")
