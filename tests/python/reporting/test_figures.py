"""Figures are the charts of the pages, one language each, and say what their data are."""

import re
import xml.etree.ElementTree as ElementTree

import duckdb
import pytest

from urban_resilience.reporting.built import Built
from urban_resilience.reporting.charts.estimates import forest
from urban_resilience.reporting.exports.figures import figures, in_one_language, write_figures

BUILT = Built("cd" * 32, True, 3, "")
ROWS = [
    {"label": "first", "kind": "main¦主要", "estimate": 0.1, "conf_low": 0.0, "conf_high": 0.2},
    {"label": "second", "kind": "other¦其他", "estimate": 0.2, "conf_low": 0.1, "conf_high": 0.3},
]


@pytest.fixture
def drawn(tmp_path, monkeypatch):
    spec = forest(ROWS, "Estimates¦估计值", "effect¦效应")
    monkeypatch.setattr(
        "urban_resilience.reporting.exports.figures.figures", lambda _: {"forest_forest_x": spec}
    )
    with duckdb.connect() as connection:
        # A study that says nothing about its places has cities.
        connection.execute("create schema reference")
        connection.execute("create table reference.study_settings (setting text, value text)")
        write_figures(connection, BUILT, tmp_path / "figures", ".SIMULATED")
    return tmp_path / "figures"


def texts(file):
    root = ElementTree.fromstring(file.read_text(encoding="utf-8"))
    return " ".join(text for element in root.iter() for text in element.itertext())


def test_svg_has_one_language_and_the_banner(drawn):
    english = texts(drawn / "forest_x.en.SIMULATED.svg")
    chinese = texts(drawn / "forest_x.zh.SIMULATED.svg")
    for text, own, other in ((english, "effect", "效应"), (chinese, "效应", "effect")):
        assert own in text and other not in text and "¦" not in text
        assert BUILT.short_hash in text
    assert "SIMULATED DATA" in english and "模拟数据" in chinese
    assert "first" in english and "second" in english


def test_pdf_is_one_page(drawn):
    content = (drawn / "forest_x.en.SIMULATED.pdf").read_bytes()
    assert content.startswith(b"%PDF") and b"%%EOF" in content[-64:]
    assert len(list(drawn.iterdir())) == 4


def test_supplied_data_have_no_banner():
    spec = forest(ROWS, "Estimates¦估计值", "effect¦效应")
    own = in_one_language(spec, "en", Built("cd" * 32, False, 3, ""))
    assert own["title"]["subtitle"] == [f"Build {BUILT.short_hash}"]
    assert spec["description"] == "Estimates¦估计值"


def test_the_full_build_gives_every_kind_of_figure(simulated_warehouse):
    with duckdb.connect(str(simulated_warehouse), read_only=True) as connection:
        kinds = {re.match("[a-z]+", name)[0] for name in figures(connection)}
    assert kinds >= {"forest", "event", "placebo", "curve", "effect", "balance", "spread"}
