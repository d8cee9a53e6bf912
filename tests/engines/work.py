"""Functions that tests send to workers; they must be importable there."""

from __future__ import annotations

import ctypes
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

NUMBERS = pa.schema([("n", pa.int64())])
DOUBLED = pa.schema([("n", pa.int64()), ("twice", pa.int64())])
COUNTED = pa.schema([("k", pa.string()), ("rows", pa.int64()), ("total", pa.int64())])
WHO = pa.schema([("n", pa.int64()), ("pid", pa.int64())])


def numbers(*values: int) -> pa.RecordBatch:
    return pa.RecordBatch.from_pydict({"n": list(values)}, schema=NUMBERS)


def double(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """Twice each number: one batch of results for each row, so that there are several."""
    for n in batch["n"].to_pylist():
        yield pa.RecordBatch.from_pydict({"n": [n], "twice": [2 * n]}, schema=DOUBLED)


def who(batch: pa.RecordBatch) -> list[pa.RecordBatch]:
    """Which process each number met."""
    return [pa.RecordBatch.from_pydict({"n": batch["n"], "pid": [os.getpid()] * len(batch)}, schema=WHO)]


def peak(batch: pa.RecordBatch) -> list[pa.RecordBatch]:
    """The most memory that this process has used, in MiB; what it was started from does not count, as in getrusage."""
    status = Path("/proc/self/status").read_text()
    return [numbers(int(status.partition("VmHWM:")[2].split()[0]) // 1024)]


def same(batch: pa.RecordBatch) -> list[pa.RecordBatch]:
    return [batch]


def slow_when_even(batch: pa.RecordBatch) -> list[pa.RecordBatch]:
    time.sleep(0.05 if batch["n"][0].as_py() % 2 == 0 else 0)
    return [batch]


def exits_at_13(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    yield batch
    if 13 in batch["n"].to_pylist():
        os._exit(3)


def segfaults_at_13(batch: pa.RecordBatch) -> list[pa.RecordBatch]:
    if 13 in batch["n"].to_pylist():
        os.kill(os.getpid(), signal.SIGSEGV)
    return [batch]


def hangs_at_13(batch: pa.RecordBatch) -> list[pa.RecordBatch]:
    if 13 in batch["n"].to_pylist():
        time.sleep(600)
    return [batch]


def hangs_holding_the_lock(batch: pa.RecordBatch) -> list[pa.RecordBatch]:
    """Hangs in C code that never lets another thread run; says on standard error who it is."""
    os.write(2, f"{os.getpid()}\n".encode())
    ctypes.PyDLL(None).sleep(600)
    return [batch]


def runs_out_of_memory_at_13(batch: pa.RecordBatch) -> list[pa.RecordBatch]:
    if 13 in batch["n"].to_pylist():
        raise MemoryError
    return [batch]


def raises_at_13(batch: pa.RecordBatch) -> list[pa.RecordBatch]:
    if 13 in batch["n"].to_pylist():
        raise LookupError("thirteen, of all numbers: \N{SNOWMAN}")
    return [batch]


def wrong_columns(batch: pa.RecordBatch) -> list[pa.RecordBatch]:
    return [batch.rename_columns(["m"])]


def buried(batch: pa.RecordBatch) -> list[pa.RecordBatch]:
    """What is given for a row that killed its worker."""
    return [numbers(*(-n for n in batch["n"].to_pylist()))]


def count(key: Any, rows: pa.Table) -> pa.Table:
    """How many rows a group has, and the sum of its numbers."""
    assert set(rows["k"].to_pylist()) == {key}
    return pa.Table.from_pylist([{"k": key, "rows": len(rows), "total": sum(rows["n"].to_pylist())}], COUNTED)


def nothing(key: Any, rows: pa.Table) -> pa.Table:
    return COUNTED.empty_table()


def says_when_the_time_is(batch: pa.RecordBatch) -> list[pa.RecordBatch]:
    """The type of a time in the table, to see that it is UTC."""
    text = str(batch.schema.field("at").type)
    return [pa.RecordBatch.from_pydict({"kind": [text] * len(batch)})]


class Unimportable:
    def __reduce__(self) -> str:
        raise TypeError("not to be pickled")

    def __call__(self, batch: pa.RecordBatch) -> list[pa.RecordBatch]:
        return [batch]


def says_nothing(batch: pa.RecordBatch) -> list[pa.RecordBatch]:
    return []
