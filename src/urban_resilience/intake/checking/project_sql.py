"""The project's own SQL on a prepared folder, without dbt: so that a check judges as a build does.

Only what the staging layer needs: macros, vars, seeds as text, sources as views of the raw files,
and models made when something refers to them. A construct of dbt that is missing here is an error,
never another reading.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from types import CodeType, SimpleNamespace
from typing import Any

import duckdb
from jinja2 import Environment, FileSystemBytecodeCache, StrictUndefined, Template

from urban_resilience.shared.database import path_literal
from urban_resilience.shared.project import CONTRACT, ROOT, seed_path, seeds_folder
from urban_resilience.shared.yaml_files import read_yaml
from urban_resilience.variables.checked_variables import derived_steps

# Compiled by a Python model; what is asked for here is what series are derived by.
COMPILED = "int_variables_checked"
# Half of what a small folder's rules cost is to compile their macros, which seldom change.
COMPILED_TEXTS = ROOT / "target" / "compiled_macros"
_MACRO = re.compile(r"\{%-?\s*macro\s+(\w+)\s*\(.*?\{%-?\s*endmacro\s*-?%\}", re.DOTALL)


class ProjectError(Exception):
    """What a macro of the project raises."""


class _Relation(str):
    """Name of a relation, as a macro writes it."""

    def render(self) -> str:
        """Return the name."""
        return str(self)


class _Return(Exception):
    """Carries the value that a macro hands to ``return``, as dbt does."""

    def __init__(self, value: object):
        super().__init__()
        self.value = value


class _Row(tuple):
    """Cells of a row, by their place or by the name of their column."""

    names: tuple[str, ...]

    def __getitem__(self, key: Any) -> Any:
        return super().__getitem__(self.names.index(key) if isinstance(key, str) else key)


class _Table:
    """A result in the form that ``run_query`` has in dbt, as far as macros read it."""

    def __init__(self, rows: list[tuple], names: list[str]):
        self.rows = [_Row(row) for row in rows]
        for row in self.rows:
            row.names = tuple(names)
        self.column_names = names
        self.columns = [
            SimpleNamespace(values=lambda place=place: [row[place] for row in rows])
            for place in range(len(names))
        ]


class ProjectSql:
    """Models of the project as relations of one connection.

    Parameters
    ----------
    connection
        Where views and tables are made.
    raw_dir
        Folder in the raw contract; without one no source is there.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, raw_dir: Path | None = None):
        self.connection = connection
        self._made: set[str] = set()
        self._environment = _environment()
        self._environment.globals.update(self._context(raw_dir))
        for name, source in _macros().items():
            self._environment.globals[name] = self._callable(name, source)
        if raw_dir is not None:
            self.macro("register_raw_inputs")

    def macro(self, name: str, *arguments: object) -> Any:
        """Call a macro of the project."""
        macro: Any = self._environment.globals[name]
        return macro(*arguments)

    def relation(self, name: str) -> str:
        """Return a seed or model by its name; it is made when first asked for."""
        if name not in self._made:
            definition = self._definition(name)
            self.connection.execute(f"create or replace table {name} as {definition}")
            self._made.add(name)
        return _Relation(name)

    def stand_in(self, name: str, query: str) -> None:
        """Let a query stand for a model; what refers to it from now on reads that."""
        self.connection.execute(f"create or replace table {name} as {query}")
        self._made.add(name)

    def columns_of(self, name: str) -> list[str]:
        """Return the names of the columns of a relation that is made."""
        described = self.connection.execute(f"describe {name}").fetchall()
        return [row[0] for row in described]

    def data_test(self, name: str) -> str:
        """Return what a test of ``tests/singular`` says is wrong; empty where nothing is."""
        path = ROOT / "tests" / "singular" / f"{name}.sql"
        query = self._template(path.read_text(encoding="utf-8")).render()
        try:
            self.connection.execute(query).fetchall()
        except duckdb.InvalidInputException as error:
            return str(error).removeprefix("Invalid Input Error: ")
        return ""

    def _definition(self, name: str) -> str:
        seed = seed_path(name)
        if seed.exists():
            types = _seed_types(seed.parent).get(name, {})
            typed = ", ".join(f"try_cast({n} as {kind}) as {n}" for n, kind in types.items())
            return (
                f"select * {f'replace ({typed}) ' if typed else ''}"
                f"from read_csv({path_literal(seed)}, header = true, all_varchar = true, "
                "delim = ',', quote = '\"', escape = '\"')"
            )
        if name == COMPILED:
            self.connection.register("compiled_steps", derived_steps())
            return "select * from compiled_steps"
        model = next((ROOT / "models").rglob(f"{name}.sql"), None)
        if model is None:
            raise ProjectError(f"There is neither a seed nor a model {name}.")
        return self._template(model.read_text(encoding="utf-8")).render()

    def _template(self, source: str) -> Template:
        known = self._environment.make_globals(None)
        return Template.from_code(self._environment, _compiled(source), known)

    def _callable(self, name: str, source: str) -> Callable[..., Any]:
        # Most macros are never called: a text becomes a template when it first is.
        template = cache(lambda: self._template(source))

        def call(*arguments: object, **named: object) -> Any:
            try:
                return getattr(template().module, name)(*arguments, **named)
            except _Return as returned:
                return returned.value

        return call

    def _context(self, raw_dir: Path | None) -> Mapping[str, Any]:
        project = read_yaml(ROOT / "dbt_project.yml")
        variables = project["vars"]

        def give_back(value: object) -> None:
            raise _Return(value)

        def refuse(message: str) -> None:
            raise ProjectError(message)

        def env_var(name: str, default: str = "") -> str:
            # dbt runs in the project's folder, this anywhere.
            places = {"RAW_DATA_DIR": raw_dir or "", "STUDY_SEEDS": seeds_folder()}
            return str(places.get(name, default))

        def dispatch(name: str, *_: object) -> Any:
            known = self._environment.globals
            return known.get(f"duckdb__{name}") or known[f"default__{name}"]

        return {
            "adapter": SimpleNamespace(
                dispatch=dispatch,
                get_columns_in_relation=lambda relation: [
                    SimpleNamespace(name=name) for name in self.columns_of(relation)
                ],
            ),
            "config": lambda *_, **__: "",
            "env_var": env_var,
            "exceptions": SimpleNamespace(raise_compiler_error=refuse),
            "execute": True,
            "flags": SimpleNamespace(WHICH="build"),
            "graph": {"sources": _sources(project["name"]), "nodes": {}},
            "invocation_args_dict": {},
            # Like a unit test, it waits for no gate.
            "model": SimpleNamespace(resource_type="unit_test"),
            "modules": SimpleNamespace(re=re, datetime=datetime),
            "load_relation": lambda relation: relation,
            "none": None,
            "project_name": project["name"],
            "ref": self.relation,
            "return": give_back,
            "run_query": self._run,
            "run_started_at": datetime.now(UTC),
            "source": lambda schema, name: f"{schema}.{name}",
            "target": SimpleNamespace(type="duckdb"),
            "var": lambda name, default=None: variables.get(name, default),
        }

    def _run(self, query: str) -> _Table:
        result = self.connection.execute(query)
        described = result.description or []
        names = [column[0] for column in described]
        return _Table(result.fetchall() if described else [], names)


def _environment() -> Environment:
    return Environment(
        extensions=["jinja2.ext.do"],
        undefined=StrictUndefined,
        trim_blocks=False,
        keep_trailing_newline=True,
    )


@cache
def _compiled(source: str) -> CodeType:
    """Compile a text once, for all connections of the process, and keep it for the next one."""
    environment, kept = _environment(), FileSystemBytecodeCache(str(COMPILED_TEXTS))
    try:
        COMPILED_TEXTS.mkdir(parents=True, exist_ok=True)
        # The text itself is its name: texts of models and macros have no other that is theirs.
        bucket = kept.get_bucket(environment, source, None, source)
        if bucket.code is None:
            bucket.code = environment.compile(source)
            kept.set_bucket(bucket)
    except OSError:
        # Nothing may be written here, or another process cleans up.
        return environment.compile(source)
    return bucket.code


@cache
def _macros() -> dict[str, str]:
    """Every macro of the project by its name."""
    found: dict[str, str] = {}
    for path in sorted((ROOT / "macros").glob("*.sql")):
        text = path.read_text(encoding="utf-8")
        found |= {match.group(1): match.group() for match in _MACRO.finditer(text)}
    return found


@cache
def _seed_types(folder: Path) -> dict[str, dict[str, str]]:
    """Types that the YAML of a folder of seeds states of columns that are no text."""
    found: dict[str, dict[str, str]] = {}
    for path in sorted(folder.glob("*.yml")):
        document = read_yaml(path) or {}
        for seed in document.get("seeds", ()):
            types = seed.get("config", {}).get("column_types", {})
            found[seed["name"]] = {n: kind for n, kind in types.items() if kind != "varchar"}
    return found


def _sources(project_name: str) -> dict[str, SimpleNamespace]:
    """Return the sources as dbt's graph has them."""
    document = read_yaml(CONTRACT)
    nodes = {}
    for source in document["sources"]:
        for table in source["tables"]:
            columns = {
                column["name"]: SimpleNamespace(
                    name=column["name"], data_type=column["data_type"], **_meta(column)
                )
                for column in table["columns"]
            }
            nodes[f"source.{project_name}.{source['name']}.{table['name']}"] = SimpleNamespace(
                name=table["name"], source_name=source["name"], columns=columns, **_meta(table)
            )
    return nodes


def _meta(node: dict) -> dict[str, Any]:
    meta = node.get("config", {}).get("meta", {})
    return {"meta": meta, "config": SimpleNamespace(meta=meta)}
