"""Columns of Arrow made of lists, held against Arrow's own way."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime

import pyarrow as pa
import pytest

from urban_resilience.shared.arrow_columns import arrow_column, arrow_table

SOME = [0.5, None, -1.0, 2.0**60, 1e-300, None, 7.0, 8.0, None, 10.0]
VALUES = {
    pa.float64(): SOME,
    pa.string(): ["", None, "北京", "a\x00b", "é" * 300, None, "7", "8", None, "10"],
    pa.int32(): [None if x is None else int(x) % 2**31 for x in SOME],
    pa.int64(): [None if x is None else int(x) for x in SOME],
    pa.bool_(): [None if x is None else x > 1 for x in SOME],
    pa.timestamp("us"): [
        None if x is None else datetime(1901 + int(x) % 200, 2, 3, 4, 5, 6, 7) for x in SOME
    ],
}


@pytest.mark.parametrize("kind", VALUES, ids=str)
@pytest.mark.parametrize("length", [0, 1, 7, 8, 9, 10, 1000])
def test_a_column_is_what_arrow_makes_of_the_list(kind, length):
    cells = (VALUES[kind] * 100)[:length]
    column = arrow_column(cells, kind)
    column.validate(full=True)
    assert column.equals(pa.array(cells, kind))


def test_a_table_has_the_columns_of_its_schema():
    schema = pa.schema([("name", pa.string()), ("layer", pa.int32())])
    records = [{"name": "a", "layer": 1}, {"name": None}, {"layer": 3}]
    assert arrow_table(records, schema).equals(pa.Table.from_pylist(records, schema=schema))


@pytest.mark.parametrize(
    ("cells", "kind"), [(["7"], pa.int32()), ([7], pa.string()), ([2**31], pa.int32())]
)
def test_a_cell_of_another_kind_is_refused(cells, kind):
    with pytest.raises((TypeError, OverflowError)):
        arrow_column(cells, kind)


def test_a_folder_of_text_is_checked_without_pandas(tmp_path):
    (tmp_path / "yearbook.csv").write_text(
        "city_code,year,gdp_100m_yuan\n110000,2010,14000\n120000,2010,9000\n"
    )
    program = (
        "import sys; from pathlib import Path\n"
        "from urban_resilience.intake.checking.check import check\n"
        "text, is_ready = check(Path(sys.argv[1]))\n"
        "assert 'gdp_100m_yuan' in text\n"
        "print('pandas' in sys.modules)"
    )
    run = [sys.executable, "-c", program, str(tmp_path)]
    assert subprocess.run(run, check=True, capture_output=True, text=True).stdout == "False\n"
