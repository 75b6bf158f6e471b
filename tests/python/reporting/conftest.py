"""The site of the simulated study, built once, and a browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from support.browser import launched
from support.dbt import DbtRun
from support.warehouse import Warehouse
from urban_resilience.reporting.site.assemble import SiteReport, build_site


@pytest.fixture(scope="session")
def published(simulated_run: DbtRun) -> Warehouse:
    return Warehouse(simulated_run.warehouse)


@pytest.fixture(scope="session")
def site(published: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> SiteReport:
    return build_site(published.path, tmp_path_factory.mktemp("pages") / "site")


@pytest.fixture(scope="session")
def pages(site: SiteReport) -> Path:
    return site.folder


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with launched() as started:
        yield started
