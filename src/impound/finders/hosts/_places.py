"""Country and autonomous system of addresses, where the case names a database; nothing where it does not."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache, partial

import pyarrow as pa

from impound.config import Databases
from impound.geo import Geo
from impound.plugin import Engine
from impound.tables import INT64, STRING

PLACES = pa.schema([("ip", STRING), ("country", STRING), ("asn", INT64)])


def places(engine: Engine, databases: Databases, table: str) -> None:
    """Leave the view ``places``: where each address (``ip``) of a table is; empty without a database.

    Raises InputError for a file that is no database, MissingExtra without the package that reads it. On a cluster each
    worker opens the files by the same paths.
    """
    if not (databases.country or databases.asn):
        engine.view("places", PLACES.empty_table())
        return
    Geo(databases.country, databases.asn)  # what is wrong with a file is said here, and not by a worker
    engine.run("addresses", f"SELECT DISTINCT ip FROM {table}", keep=True)
    engine.map("places", partial(found, country=databases.country, asn=databases.asn), "addresses", PLACES)


def found(batch: pa.RecordBatch, country: str, asn: str) -> Iterable[pa.RecordBatch]:
    """Rows of ``PLACES`` for a batch of addresses, from the databases with these paths."""
    geo = _opened(country, asn)
    ips = batch.column("ip").to_pylist()
    countries, numbers = ([geo.country(ip) or None for ip in ips], [geo.number(ip) for ip in ips])
    yield pa.RecordBatch.from_arrays(
        [batch.column("ip"), pa.array(countries, STRING), pa.array(numbers, INT64)], schema=PLACES
    )


@lru_cache(maxsize=2)
def _opened(country: str, asn: str) -> Geo:
    return Geo(country, asn)
