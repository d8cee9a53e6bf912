"""What a case holds already, so that what is read again changes nothing."""

from __future__ import annotations

import pyarrow as pa

from impound.canonical import record_id
from impound.store import CaseStore

TABLES = ("sources", "bodies")


class Known:
    """Which bytes and paths a case holds already: how far each source was read, and where it was met."""

    def __init__(self, store: CaseStore) -> None:
        self.until: dict[bytes, int] = {}
        self.met: set[int] = set()
        self.bodies: set[int] = set()
        store.each("sources", ["sha256", "paths", "read_bytes"], self._source)
        store.each("bodies", ["id"], lambda batch: self.bodies.update(batch["id"].to_pylist()))
        self.now(store)

    def now(self, store: CaseStore) -> None:
        """All that is in the case is known."""
        self._parts = [store.parts(table) for table in TABLES]

    def holds(self, store: CaseStore) -> bool:
        """Whether nobody else has added anything since."""
        return self._parts == [store.parts(table) for table in TABLES]

    def _source(self, batch: pa.RecordBatch) -> None:
        for sha256, paths, size in zip(*(batch[c].to_pylist() for c in ("sha256", "paths", "read_bytes")), strict=True):
            digest = bytes.fromhex(sha256) if sha256 else b""
            if sha256:
                self.until[digest] = self.until.get(digest, 0) + (size or 0)
            for path in paths:
                self.meet(digest, path)

    def meet(self, digest: bytes, path: str) -> bool:
        """Whether these bytes are met at that path for the first time."""
        sighting = record_id(digest, 0, path)
        new = sighting not in self.met
        self.met.add(sighting)
        return new
