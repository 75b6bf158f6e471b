"""A Spark session on this machine, once for the tests that only need answers."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="session")
def spark_session(tmp_path_factory):
    from urban_resilience.spark.session import open_session

    session = open_session(tmp_path_factory.mktemp("spark"), "local[2]")
    yield session
    session.stop()
