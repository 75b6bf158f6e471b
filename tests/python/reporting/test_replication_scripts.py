"""The scripts run our regressions again; R gives our numbers, by other libraries than ours."""

import os
import re
import shutil
import subprocess

import duckdb
import numpy as np
import pandas as pd
import pyreadstat
import pytest

from urban_resilience.reporting.built import read_built
from urban_resilience.reporting.exports.replication import write_replication
from urban_resilience.reporting.exports.rerun import read_reruns

TABLES = ("table_3", "iv", "did")


def has_r() -> bool:
    """Whether R is here with the two libraries of the second form."""
    if not shutil.which("Rscript"):
        return False
    command = ["Rscript", "-e", "library(plm); library(sandwich)"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.fixture(scope="module")
def written(simulated_warehouse, tmp_path_factory):
    folder = tmp_path_factory.mktemp("scripts") / "replication"
    with duckdb.connect(str(simulated_warehouse), read_only=True) as connection:
        write_replication(connection, read_built(simulated_warehouse), folder, ".SIMULATED")
    return folder


@pytest.fixture(scope="module")
def reruns(simulated_warehouse):
    with duckdb.connect(str(simulated_warehouse), read_only=True) as connection:
        return read_reruns(connection)


def test_samples_are_those_of_the_estimates(reruns):
    panel, specs, left_out = reruns
    assert {spec.table_id for spec in specs} >= set(TABLES)
    for spec in specs:
        assert panel[spec.sample].sum() == spec.n_obs, spec.spec_id
        used = panel[panel[spec.sample] == 1]
        assert used[[spec.outcome, spec.treatment, *spec.controls]].notna().all(axis=None)
    assert not set(left_out) & {spec.spec_id for spec in specs}
    assert all(left_out.values())


def test_the_do_file_has_a_command_for_each_and_names_that_the_data_have(written, reruns):
    _, specs, _ = reruns
    text = (written / "replication.do").read_text(encoding="utf-8")
    assert text.startswith("* ") and "SIMULATED" in text
    frame, _ = pyreadstat.read_dta(written / "panel.SIMULATED.dta")
    made = set(re.findall(r"^egen long (\w+) =", text, re.MULTILINE))
    commands = re.findall(r"^quietly (?:reghdfe|ivreghdfe) (.*)$", text, re.MULTILINE)
    assert len(commands) == len(specs)
    words = {"if", "absorb", "vce", "cluster", "noabsorb", "robust", "1"}
    for command, spec in zip(commands, specs, strict=True):
        named = set(re.findall(r"\w+", command)) - words
        assert named <= set(frame.columns) | made, spec.spec_id
        assert {spec.outcome, spec.treatment, spec.sample, *spec.controls} <= named
    assert max(map(len, frame.columns)) <= 32


def test_both_files_of_the_panel_are_alike(written):
    stata, _ = pyreadstat.read_dta(written / "panel.SIMULATED.dta")
    text = pd.read_csv(written / "panel.SIMULATED.csv", dtype={"city_code": str})
    assert list(stata.columns) == list(text.columns)
    for name in ("vagg", "resi", "year"):
        np.testing.assert_allclose(stata[name], text[name], rtol=0, atol=0)


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="no R here")
@pytest.mark.parametrize(("form", "package"), [([], "fixest"), (["plm"], "plm")])
def test_r_says_which_package_is_missing(written, tmp_path, form, package):
    nowhere = {"R_LIBS": "", "R_LIBS_SITE": str(tmp_path), "R_LIBS_USER": str(tmp_path)}
    run = subprocess.run(
        ["Rscript", "replication.R", *form], cwd=written, env={**os.environ, **nowhere},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 1
    said = run.stderr.splitlines()
    assert len(said) == 1
    assert f'{package} is not installed: install.packages("{package}")' in said[0]
    assert ("Rscript replication.R plm" in said[0]) == (package == "fixest")


@pytest.mark.thorough
@pytest.mark.skipif(not has_r(), reason="no R with plm and sandwich here")
def test_r_gives_our_numbers_by_plm_and_sandwich(written, reruns):
    command = ["Rscript", "replication.R", "plm", *TABLES]
    run = subprocess.run(command, cwd=written, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert "SIMULATED" in run.stdout
    rows = [line.split() for line in run.stdout.splitlines() if re.search(r"\d\s+\d+$", line)]
    wanted = {spec.spec_id for spec in reruns[1] if spec.table_id in TABLES}
    assert {row[0] for row in rows} == wanted
    for name, ours, theirs, our_error, their_error, our_n, their_n in rows:
        assert float(theirs) == pytest.approx(float(ours), abs=2e-8, rel=1e-6), name
        assert float(their_error) == pytest.approx(float(our_error), abs=2e-8, rel=1e-6), name
        assert our_n == their_n, name
    largest = float(re.search(r"largest difference.*: (\S+)", run.stdout)[1])
    assert largest < 1e-6
