"""Code blocks of the documents, and what stands in them: commands of a shell, queries, output."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

from support.dbt import ROOT

# History names what was there then.
PAGES = sorted({*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")} - {ROOT / "CHANGELOG.md"})
# How the tests take a block, by the language it is marked with.
RUN = {"sh", "sql", "python"}
SHOWN = {"text", "csv", "cron", "ini", "yaml"}
FENCED = re.compile(r"^( *)```([^\n]*)\n(.*?)^ *```", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A code block: where it stands, how it is marked, what it says."""

    page: Path
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}: {self.text.strip().splitlines()[0][:50]}"


def blocks(*languages: str) -> list[Block]:
    """Every block of the pages, or those of some languages."""
    found = [
        Block(page, language.strip(), text)
        for page in PAGES
        for _, language, text in FENCED.findall(page.read_text(encoding="utf-8"))
    ]
    return [block for block in found if not languages or block.language in languages]


def inline() -> list[str]:
    """Commands of make within sentences and tables that are whole: all they name is written out."""
    texts = [re.sub(FENCED, "", page.read_text(encoding="utf-8")) for page in PAGES]
    whole = re.compile(r"`(make [a-z-]+ [^`\n]*=[^`\n]*)`")
    quoted = [code for text in texts for code in whole.findall(text)]
    return [code for code in quoted if not re.search(r"=\.\.\.|[<…文]", code)]


@dataclass(frozen=True)
class Command:
    """One command of a block: variables set before it, its words, the whole line."""

    variables: dict[str, str]
    words: tuple[str, ...]
    line: str

    @property
    def program(self) -> str:
        return self.words[0]


def commands(text: str) -> list[Command]:
    """Commands of a block; lines are joined at a backslash, comments left out."""
    found = []
    for line in text.replace("\\\n", " ").splitlines():
        for part in _between_ands(line):
            words = shlex.split(part, comments=True)
            variables = {}
            while words and re.fullmatch(r"[A-Z_]+=.*", words[0], re.DOTALL):
                name, _, value = words.pop(0).partition("=")
                variables[name] = value
            if words:
                found.append(Command(variables, tuple(words), part.strip()))
    return found


def _between_ands(line: str) -> list[str]:
    """Cut a line at `&&` outside of quotes."""
    pieces = re.split(r"""((?:'[^']*'|"[^"]*"|[^'"&]|&(?!&))+)(?:&&)?""", line)
    return [piece for piece in pieces if piece.strip()]


def make_targets() -> dict[str, str]:
    """Recipe of every target of the Makefile."""
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z-]+):[^\n=]*\n((?:\t[^\n]*\n?)*)", text, re.MULTILINE))


def make_variables() -> set[str]:
    """Names that the Makefile reads, and those that the command line takes from the environment."""
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"\$[({$]+(?:if \$\()?([A-Z_]+)", text)) | {
        "RAW_DATA_DIR", "STUDY", "WAREHOUSE_PATH", "REFRESH_ON_FINISH", "MEMBER_CHANGES_DIR",
        "MEMBER_CHANGES_RECOUNT",
    }  # fmt: skip
