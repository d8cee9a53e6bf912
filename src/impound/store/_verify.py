"""Is everything as it was sealed? Every part, every frame, every source, the manifest and the custody chain."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import tee

import pyarrow as pa
import pyarrow.compute as pc
import zstandard

from impound.canonical import clean
from impound.errors import VerifyError
from impound.store._case import PRUNED, CaseStore
from impound.store._files import sha256_of
from impound.store._parts import frame_stretches

Progress = Callable[[int, int], None]
"""Called with how many files were checked, and of how many."""
SHOWN = 120
"""Characters of a path that are shown of a source."""
PIECE = 1 << 20
"""Bytes of a sealed stretch that are looked at together."""


def verify(
    store: CaseStore,
    progress: Progress = lambda done, total: None,
    note: Callable[[str], None] = lambda text: None,
) -> list[str]:
    """What was changed, in words; an empty list when nothing was. Reads every byte of the case once.

    ``note`` is told of sources that cannot be put together again because bytes of theirs were pruned.
    """
    found = [*_custody(store), *_strangers(store), *_kept(store)]
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
        found += put_together(store, broken, note)
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


def _kept(store: CaseStore) -> Iterator[str]:
    """What no table names, and the custody log says is kept in the case with its hash: sealed tips."""
    try:
        entries = store.custody.entries()
    except VerifyError:
        return  # said by _custody
    for file, sha256 in sorted({str(e["kept"]): str(e["sha256"]) for e in entries if "kept" in e}.items()):
        if not (store.path / file).exists():
            yield f"{file} is missing"
        elif sha256_of(store.path / file) != sha256:
            yield f"{file} was changed"


def _strangers(store: CaseStore) -> Iterator[str]:
    """Files in the case that no manifest line names."""
    if store.in_use() or store.interrupted():
        return  # what a command has not finished, or could not finish, is no stranger
    for file in sorted((*store.path.glob("tables/*/*"), *store.path.glob("evidence/*"))):
        name = str(file.relative_to(store.path))
        if name not in store.manifest.files:
            yield f"{name} does not belong to the case"


def put_together(store: CaseStore, broken: set[str], note: Callable[[str], None] = lambda text: None) -> Iterator[str]:
    """Each source put together again from its seals, against the SHA-256 it was read with; what differs is named.

    Frames in ``broken`` are passed over, and sources of which bytes were pruned (``note`` is told how many). At most
    ``PIECE`` bytes and the sources' hashes are in memory.
    """
    if store.reference:
        return
    pruned = _pruned(store)
    if pruned:
        note(f"{len(pruned):,} sources were pruned: their hashes are kept, all their bytes are not")
        if not any(entry["what"] == "prune begins" for entry in store.custody.entries()):
            yield "sealed bytes are gone, and the custody log knows of no pruning"
    expected = {i: due for i, due in _due(store).items() if i not in pruned}
    running: dict[int, tuple[hashlib._Hash, int]] = {}
    for source_id, offset, data, ends in _stretches(store, broken):
        if source_id not in expected:
            continue
        due = expected[source_id]
        digest, at = running.pop(source_id, (hashlib.sha256(), 0))
        if at != offset:
            yield f"{due}: its bytes from {at:,} to {offset:,} are not sealed"
        digest.update(data)
        at = offset + len(data)
        if at < due.bytes or not ends:
            running[source_id] = (digest, at)
            continue
        if digest.hexdigest() != due.sha256:
            yield f"{due}: its sealed bytes do not have the SHA-256 it was read with"
        del expected[source_id]
    if not broken:
        yield from (f"{due}: its bytes are not sealed whole" for due in expected.values() if due.bytes > 0)


@dataclass(frozen=True)
class _Due:
    """What a source must be when it is put together again."""

    id: int
    path: str
    sha256: str
    bytes: int

    def __str__(self) -> str:
        return f"source {self.id} ({clean(self.path, SHOWN)})"


def _due(store: CaseStore) -> dict[int, _Due]:
    """The sources that were read to their end; the rest goes on when it is read again."""
    found: dict[int, _Due] = {}
    unread: dict[int, int] = {}
    for row in store.table("sources", ["id", "paths", "sha256", "bytes", "read_bytes"]).to_pylist():
        if row["sha256"] is not None:
            found[row["id"]] = _Due(row["id"], (row["paths"] or ["?"])[0], row["sha256"], row["bytes"])
            unread[row["id"]] = unread.get(row["id"], row["bytes"]) - row["read_bytes"]
    return {i: due for i, due in found.items() if unread[i] == 0}


def _pruned(store: CaseStore) -> set[int]:
    """The sources of which some bytes were pruned."""
    pruned: set[int] = set()

    def collect(batch: pa.RecordBatch) -> None:
        pruned.update(batch.filter(pc.equal(batch["frame"], PRUNED))["source_id"].to_pylist())

    store.each("seals", ["source_id", "frame"], collect)
    return pruned


def _stretches(store: CaseStore, broken: set[str]) -> Iterator[tuple[int, int, bytes, bool]]:
    """Every sealed stretch in the order in which it was sealed, in pieces of at most ``PIECE``: source, offset,
    bytes, and whether the stretch ends with them.

    A stretch is as long as a table says, and a frame may unpack to anything; so none is ever in memory whole.
    A frame that ends too early, or that the manifest does not name, gives none: its sources are then not whole.
    """
    for path in store.parts("seals"):
        rows = store.part(path, "seals").sort_by("frame_offset").to_pylist()
        for frame in dict.fromkeys(row["frame"] for row in rows):
            if frame == PRUNED or frame in broken or frame not in store.manifest.files:
                continue
            here = [row for row in rows if row["frame"] == frame]
            pieces, places = tee((row, k) for row in here for k in range(0, max(row["bytes"], 1), PIECE))
            cut = ((row["frame_offset"] + k, min(PIECE, row["bytes"] - k)) for row, k in places)
            with suppress(zstandard.ZstdError):  # a damaged frame: its own hash has named it already, or its sources do
                for (row, k), data in zip(pieces, frame_stretches(store.path / frame, cut), strict=True):
                    yield row["source_id"], row["offset"] + k, data, k + PIECE >= row["bytes"]
