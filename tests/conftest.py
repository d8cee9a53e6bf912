"""What all tests share: both engines, the folder of real data, and the tests' own folder on the path.

Workers of the pool are processes of their own: what they run is imported by name, as ``engines.work`` for example.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from impound.plugin import Engine, load

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def spark_url() -> Iterator[str]:
    """The address of a Spark Connect server of one's own, without a JVM."""
    os.environ.setdefault("RUST_LOG", "error")
    server = pytest.importorskip("pysail.spark", reason="pysail is not installed: NOTHING IS TESTED ON SPARK")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "ps1", "", raising=False)  # else its client takes a worker of pytest-xdist for its own tests
        importlib.import_module("pyspark.sql.connect")
    running = server.SparkConnectServer("127.0.0.1", 0)
    running.start(background=True)
    yield f"sc://127.0.0.1:{running.listening_address[1]}"
    running.stop()


@pytest.fixture(params=["duckdb", "spark"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """One engine after the other."""
    with_server: dict[str, Any] = {}
    if request.param == "spark":
        with_server["connect"] = request.getfixturevalue("spark_url")
    made = load("engines", request.param)(tmp=tmp_path, **with_server)
    yield made
    made.close()


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of real data that IMPOUND_DATA names."""
    place = os.environ.get("IMPOUND_DATA")
    if not place:
        pytest.skip("IMPOUND_DATA is not set: real-data test skipped")
    return Path(place)
