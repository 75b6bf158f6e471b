"""Files for services and packagers say what the project says: targets, paths, packages."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
import yaml

from support.dbt import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
LOCKS = ("requirements.lock", "requirements-user.lock", "requirements-spark.lock")


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def normalized(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(lock: str) -> set[tuple[str, str, str]]:
    """Package, version and condition of every line of a lock file."""
    found = re.findall(r"^([A-Za-z0-9._-]+)==(\S+)(?: ; ([^\\\n]*))?", read(lock), re.MULTILINE)
    return {(normalized(name), version, condition.strip()) for name, version, condition in found}


def names_in(lock: str) -> set[str]:
    return {name for name, *_ in pins(lock)}


def required(*extras: str) -> set[str]:
    listed = list(PROJECT["dependencies"])
    for extra in extras:
        listed += PROJECT["optional-dependencies"][extra]
    return {normalized(re.match(r"[A-Za-z0-9._-]+", line)[0]) for line in listed}


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_host(lock):
    assert "://" not in read(lock)
    assert "--index-url" not in read(lock)
    assert read(lock).count("--hash=sha256:") > 100


def test_the_users_lock_is_part_of_the_developers():
    assert pins("requirements-user.lock") < pins("requirements.lock")
    names = names_in("requirements-user.lock")
    assert required("install") <= names
    assert not (required("dev") - required("install")) & names


def imported(paths: Iterable[Path]) -> set[str]:
    """Packages from outside that files import, by the first word of their modules."""
    tops = set()
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in getattr(node, "names", ())]
            names = [node.module] if isinstance(node, ast.ImportFrom) else names
            if isinstance(node, ast.Import | ast.ImportFrom) and not getattr(node, "level", 0):
                tops |= {name.split(".")[0] for name in names}
    return tops - set(sys.stdlib_module_names) - {"urban_resilience"}


SPARK_ROOM = ROOT / "src" / "urban_resilience" / "spark"


def test_the_users_lock_is_part_of_sparks():
    assert pins("requirements-user.lock") < pins("requirements-spark.lock")
    assert required("spark") - required() <= names_in("requirements-spark.lock")


def test_nothing_but_its_room_imports_spark():
    """All else runs without it; the command asks whether it is there before it goes in."""
    inside = imported(SPARK_ROOM.rglob("*.py"))
    assert {"pyspark", "sqlglot", "dbt"} <= inside
    elsewhere = [path for path in (ROOT / "src").rglob("*.py") if SPARK_ROOM not in path.parents]
    assert not {"pyspark", "sqlglot", "py4j"} & imported(elsewhere)


def test_what_a_build_imports_is_in_the_users_lock():
    """The library and the Python models run without what tests need besides."""
    folders = [ROOT / name for name in ("src", "models", "python_models")]
    paths = [path for folder in folders for path in folder.rglob("*.py")]
    foreign = imported(path for path in paths if SPARK_ROOM not in path.parents)
    owners = packages_distributions()
    direct = required()
    assert {"duckdb", "pandas"} <= foreign
    assert [
        name for name in sorted(foreign) if not {normalized(o) for o in owners[name]} & direct
    ] == []


def test_help_lists_every_target():
    shown = subprocess.run(
        ["make", "--no-print-directory"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    listed = set(re.findall(r"^([a-z-]+) +\S", shown, re.MULTILINE))
    targets = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))
    assert targets == listed


def test_the_workflow_runs_the_two_commands():
    (job,) = yaml.safe_load(read(".github/workflows/ci.yml"))["jobs"].values()
    run = [step["run"] for step in job["steps"] if "run" in step]
    assert run == ["make build", "make test-all"]
    versions = job["strategy"]["matrix"]["python"]
    assert PROJECT["requires-python"] == ">=3.11,<3.14"
    assert versions == ["3.11", "3.12", "3.13"]


def test_hooks_are_local_and_run_what_is_installed():
    (repository,) = yaml.safe_load(read(".pre-commit-config.yaml"))["repos"]
    assert repository["repo"] == "local"
    tools = {re.search(r"\.venv/bin/(\S+)", hook["entry"])[1] for hook in repository["hooks"]}
    assert tools == {"ruff", "sqlfluff", "python"}
    assert tools - {"python"} <= names_in("requirements.lock")


def test_the_container_copies_what_is_there():
    text = read("Dockerfile")
    ignored = set(read(".dockerignore").split())
    for line in re.findall(r"^COPY --chown=\w+ (.*) \S+$", text, re.MULTILINE):
        for name in line.split():
            assert (ROOT / name).exists(), name
            assert name.split("/")[0] not in ignored
    targets = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))
    run = [*re.findall(r"RUN make (\S+)", text), *re.findall(r'CMD \["make", "(\S+)"\]', text)]
    assert len(run) == 2
    assert set(run) <= targets


def test_the_citation_is_of_this_version():
    citation = yaml.safe_load(read("CITATION.cff"))
    assert {"cff-version", "message", "title", "authors", "version"} <= citation.keys()
    assert citation["version"] == PROJECT["version"]
    assert citation["license"] == PROJECT["license"]
    (article,) = citation["references"]
    assert {"authors", "title", "journal", "year", "volume", "issue", "doi"} <= article.keys()


def test_it_is_not_offered_as_a_wheel():
    """A wheel would carry the library without models and seeds."""
    assert "Private :: Do Not Upload" in PROJECT["classifiers"]
    assert (ROOT / "src" / "urban_resilience" / "py.typed").exists()
