"""The link of the pages is always that of the version readers see, or there is none."""

from __future__ import annotations

from pathlib import Path

from urban_resilience.refresh.places import Places
from urban_resilience.refresh.publish import Version, keep_version, publish


def kept(places: Places, run_id: int, has_pages: bool) -> Version:
    built = places.building
    (built / "marts").mkdir(parents=True)
    (built / places.warehouse.name).write_text(f"build {run_id}")
    if has_pages:
        (built / "site").mkdir()
        (built / "site" / "index.html").write_text(f"pages {run_id}")
    return keep_version(places, built, run_id)


def test_pages_go_forward_and_back_with_the_warehouse(tmp_path: Path):
    places = Places(tmp_path / "study.duckdb")
    first, second = kept(places, 1, True), kept(places, 2, True)
    for version in (first, second, first):
        publish(places, version)
        assert places.warehouse.read_text() == f"build {version.run_id}"
        assert (places.site / "index.html").read_text() == f"pages {version.run_id}"


def test_a_version_without_pages_shows_none_of_another(tmp_path: Path):
    places = Places(tmp_path / "study.duckdb")
    publish(places, kept(places, 1, True))
    publish(places, kept(places, 2, False))
    assert not places.site.exists() and not places.site.is_symlink()
    assert places.marts.is_symlink()
