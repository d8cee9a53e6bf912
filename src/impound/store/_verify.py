"""Is everything as it was sealed? Every part, every frame, every source, the manifest and the custody chain."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import zstandard

from impound.errors import VerifyError
from impound.store._case import PRUNED, CaseStore
from impound.store._files import sha256_of
from impound.store._parts import frame_bytes

Progress = Callable[[int, int], None]
"""Called with how many files were checked, and of how many."""


def verify(
    store: CaseStore,
    progress: Progress = lambda done, total: None,
    note: Callable[[str], None] = lambda text: None,
) -> list[str]:
    """What was changed, in words; an empty list when nothing was. Reads every byte of the case once.

    ``note`` is told of sources that cannot be put together again because bytes of theirs were pruned.
    """
    found = [*_custody(store), *_strangers(store)]
    live = store.manifest.files
    for done, part in enumerate(live.values()):
        progress(done, len(live))
        path = store.path / part.file
        if not path.exists():
            found.append(f"{part.file} is missing")
        elif path.stat().st_size != part.bytes or sha256_of(path) != part.sha256:
            found.append(f"{part.file} was changed")
    broken = {f.partition(" ")[0] for f in found}
    if not any(p.file in broken for t in ("seals", "sources") for p in store.manifest.parts.get(t, [])):
        found += _sources(store, broken, note)
    progress(len(live), len(live))
    return found


def _custody(store: CaseStore) -> Iterator[str]:
    """The chain, and the manifest against the last entry that sealed it."""
    try:
        entries = store.custody.entries()
    except VerifyError as error:
        yield error.message
        return
    manifest = store.manifest.path.read_bytes()
    for entry in reversed(entries):
        seal = entry.get("manifest")
        if seal:
            if hashlib.sha256(manifest[: seal["bytes"]]).hexdigest() != seal["sha256"]:
                yield f"{store.manifest.path.name} was changed since {entry['at']} ({entry['what']})"
            return


def _strangers(store: CaseStore) -> Iterator[str]:
    """Files in the case that no manifest line names."""
    if store.in_use() or store.interrupted():
        return  # what a command has not finished, or could not finish, is no stranger
    for file in sorted((*store.path.glob("tables/*/*"), *store.path.glob("evidence/*"))):
        name = str(file.relative_to(store.path))
        if name not in store.manifest.files:
            yield f"{name} does not belong to the case"


def _sources(store: CaseStore, broken: set[str], note: Callable[[str], None]) -> Iterator[str]:
    """Each source put together again from its seals, against the SHA-256 it was read with."""
    if store.reference:
        return
    pruned = _pruned(store)
    if pruned:
        note(f"{len(pruned):,} sources were pruned: their hashes are kept, all their bytes are not")
        if not any(entry["what"] == "prune begins" for entry in store.custody.entries()):
            yield "sealed bytes are gone, and the custody log knows of no pruning"
    expected: dict[int, tuple[str, int]] = {}
    unfinished: dict[int, int] = {}
    for row in store.table("sources", ["id", "sha256", "bytes", "read_bytes"]).to_pylist():
        if row["sha256"] is not None:
            expected[row["id"]] = (row["sha256"], row["bytes"])
            unfinished[row["id"]] = unfinished.get(row["id"], row["bytes"]) - row["read_bytes"]
    expected = {
        i: e for i, e in expected.items() if unfinished[i] == 0 and i not in pruned
    }  # the rest goes on when it is read again
    open_hashes: dict[int, tuple[hashlib._Hash, int]] = {}
    for source_id, offset, data in _stretches(store, broken):
        if source_id not in expected:
            continue
        digest, size = expected[source_id]
        running, at = open_hashes.pop(source_id, (hashlib.sha256(), 0))
        if at != offset:
            yield f"source {source_id}: its bytes from {at:,} to {offset:,} are not sealed"
        running.update(data)
        at = offset + len(data)
        if at < size:
            open_hashes[source_id] = (running, at)
        elif running.hexdigest() != digest:
            yield f"source {source_id}: its sealed bytes do not have the SHA-256 it was read with"
            expected.pop(source_id, None)
        else:
            expected.pop(source_id)
    if not broken:
        yield from (f"source {i}: its bytes are not sealed whole" for i, (_, size) in expected.items() if size > 0)


def _pruned(store: CaseStore) -> set[int]:
    """The sources of which some bytes were pruned."""
    pruned: set[int] = set()

    def collect(batch: pa.RecordBatch) -> None:
        pruned.update(batch.filter(pc.equal(batch["frame"], PRUNED))["source_id"].to_pylist())

    store.each("seals", ["source_id", "frame"], collect)
    return pruned


def _stretches(store: CaseStore, broken: set[str]) -> Iterator[tuple[int, int, bytes]]:
    """Every sealed stretch in the order in which it was sealed: source, offset, bytes."""
    for path in store.parts("seals"):
        rows = [row for row in store.part(path, "seals").to_pylist() if row["frame"] != PRUNED]
        if not rows or f"evidence/{Path(rows[0]['frame']).name}" in broken:
            continue
        buffer, base = bytearray(), 0
        blocks = frame_bytes(store.path / rows[0]["frame"])
        for row in sorted(rows, key=lambda r: int(r["frame_offset"])):
            start = row["frame_offset"] - base
            while len(buffer) < start + row["bytes"]:
                block = _next(blocks)
                if not block:
                    break
                buffer += block
            yield row["source_id"], row["offset"], bytes(buffer[start : start + row["bytes"]])
            del buffer[: start + row["bytes"]]
            base += start + row["bytes"]


def _next(blocks: Iterator[bytes]) -> bytes:
    try:
        return next(blocks, b"")
    except zstandard.ZstdError:
        return b""  # the frame's own hash has named it already
