"""The engine that a command of a case runs on: started, closed, and what its failures mean for the case."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pyarrow as pa

from impound import plugin, store
from impound.errors import EngineError
from impound.store import CaseStore
from impound.tables import TABLES


@contextmanager
def running(held: CaseStore, name: str, **options: Any) -> Iterator[Any]:
    """An engine, closed at the end. Raises StoreError where it had no room, or what it read of the case is damaged."""
    made = plugin.load("engines", name)
    with store.told("temporary tables"):
        engine = made(**options)
    try:
        yield engine
    except EngineError as error:
        if not any(os.strerror(code) in str(error) for code in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)):
            held.sound(deep=True)
            raise
        with store.told("temporary tables"):
            raise OSError(errno.ENOSPC, "") from error
    finally:
        engine.close()


def ordered(table: str) -> str:
    columns = ", ".join(f"t.{c.name}" for c in TABLES[table].columns)
    return f"SELECT {columns} FROM {table} t ORDER BY {', '.join(f't.{k}' for k in TABLES[table].key)}"


def empty(schema: pa.Schema) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist([], schema=schema)
