"""Parquet parts and sealed frames: written under ``tmp/``, named by the SHA-256 of their bytes, moved into place."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

from impound.store._files import told
from impound.store._manifest import Part
from impound.tables import SCHEMA_VERSION

ZSTD_LEVEL = 3
"""On 33 MB of TREC 2007's mail in blocks of 8 MiB, level 3 leaves 0.29 of the bytes (level 1 0.37); level 9 leaves 0.26
for more than four times the time."""
ROW_GROUP = 65_536
"""Rows in a Parquet row group. Dictionaries are left out: on mail they cost a tenth more time and make larger files."""


class _Hashing:
    """A file that is hashed as it is written (Parquet and zstd never seek back)."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._hash, self._at = file, hashlib.sha256(), 0
        self.closed = False

    def write(self, data: Any) -> int:
        view = memoryview(data)
        self._file.write(view)
        self._hash.update(view)
        self._at += view.nbytes
        return view.nbytes

    def tell(self) -> int:
        return self._at

    def flush(self) -> None:
        self._file.flush()

    def writable(self) -> bool:
        return True

    def readable(self) -> bool:
        return False

    def seekable(self) -> bool:
        return False

    def close(self) -> None:
        self.closed = True

    def result(self) -> tuple[int, str]:
        return self._at, self._hash.hexdigest()


def _spare(tmp: Path) -> Path:
    return tmp / f"{os.getpid()}-{os.urandom(8).hex()}"


def write_table(table: str, schema: pa.Schema, batches: Iterable[pa.RecordBatch], tmp: Path) -> tuple[Path, Part]:
    """Write rows as one Parquet part under ``tmp``: where it is for now, and the part it will be. Flushed to disk."""
    spare, rows = _spare(tmp), 0
    stamped = schema.with_metadata({"impound.table": table, "impound.schema": str(SCHEMA_VERSION)})
    with told(f"table {table}"), spare.open("wb") as file:
        sink = _Hashing(file)
        ids = [name for name in stamped.names if name == "id" or name.endswith("_id")]
        options = {"compression": "zstd", "compression_level": 1, "use_dictionary": False, "write_statistics": ids}
        with pq.ParquetWriter(sink, stamped, **options) as writer:
            for batch in batches:
                rows += batch.num_rows
                whole = pa.Table.from_batches([batch]).cast(stamped)
                writer.write_table(whole, row_group_size=ROW_GROUP)
        file.flush()
        os.fsync(file.fileno())
    size, digest = sink.result()
    return spare, Part(f"tables/{table}/{digest[:16]}.parquet", rows, size, digest)


def write_frame(stretches: Iterable[bytes], tmp: Path) -> tuple[Path, Part]:
    """Seal stretches of original bytes, one after another, as one zstd frame under ``tmp``. Flushed to disk."""
    spare = _spare(tmp)
    with told("sealed evidence"), spare.open("wb") as file:
        sink = _Hashing(file)
        compressor = zstandard.ZstdCompressor(level=ZSTD_LEVEL, write_checksum=True)
        with compressor.stream_writer(sink, closefd=False) as writer:  # type: ignore[arg-type]  # a minimal file
            for stretch in stretches:
                writer.write(stretch)
        file.flush()
        os.fsync(file.fileno())
    size, digest = sink.result()
    return spare, Part(f"evidence/{digest[:16]}.zst", 0, size, digest)


def frame_bytes(path: Path) -> Iterator[bytes]:
    """The original bytes in a sealed frame, in blocks of at most 1 MiB. Raises ``zstandard.ZstdError`` when damaged."""
    with path.open("rb") as file, zstandard.ZstdDecompressor().stream_reader(file) as reader:
        while block := reader.read(1 << 20):
            yield block


def frame_stretches(path: Path, places: Iterable[tuple[int, int]]) -> Iterator[bytes]:
    """Some stretches of a sealed frame: each place is where one begins and its length, in ascending order.

    Memory is bounded by the longest one. Raises ``zstandard.ZstdError`` when the frame is damaged.
    """
    buffer, base, blocks = bytearray(), 0, frame_bytes(path)
    for start, length in places:
        while base + len(buffer) < start + length:
            if base + len(buffer) <= start:  # nothing of it is wanted
                base += len(buffer)
                buffer.clear()
            block = next(blocks, b"")
            if not block:
                raise zstandard.ZstdError("it ends too early")
            buffer += block
        yield bytes(buffer[start - base : start - base + length])
        del buffer[: start - base + length]
        base = start + length
