"""Raw files that cannot be used stop the build at once, with one line that says what to do."""

import pytest

from support.dbt import run_dbt
from support.raw import save


def no_yearbook(files, folder):
    save({name: rows for name, rows in files.items() if name != "city_yearbook"}, folder)


def no_key_column(files, folder):
    renamed = files["city_yearbook"].rename(columns={"year": "Year of data"})
    save({**files, "city_yearbook": renamed}, folder)


def two_forms_of_one_file(files, folder):
    save(files, folder)
    files["city_yearbook"].to_csv(folder / "city_yearbook.csv", index=False)


FAULTS = {
    no_yearbook: ("No city_yearbook.parquet or .csv in", "make simulate"),
    no_key_column: ("city_yearbook.parquet has no column `year`", "Year of data"),
    two_forms_of_one_file: ("Two files claim to be city_yearbook", "Keep one"),
}


@pytest.fixture(scope="module")
def stopped(small_files, tmp_path_factory):
    folder = tmp_path_factory.mktemp("faults")
    runs = {}
    for fault in FAULTS:
        raw = folder / fault.__name__ / "raw"
        fault(small_files, raw)
        runs[fault] = run_dbt(
            *("run", "--select", "stg_yearbook__city_years"),
            raw=raw,
            workspace=folder / fault.__name__,
            check=False,
        )
    return runs


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_the_fault_is_named_on_one_line(stopped, fault):
    run = stopped[fault]
    assert run.returncode != 0
    lines = [line for line in run.output.splitlines() if FAULTS[fault][0] in line]
    assert lines, run.tail
    for words in FAULTS[fault]:
        assert words in lines[0]
