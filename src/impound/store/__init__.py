"""A case on disk: sealed evidence, Parquet parts, the manifest that names them, the custody log, the lock."""

from impound.store._case import CaseStore
from impound.store._clock import clock
from impound.store._custody import CustodyLog
from impound.store._files import sha256_below, sha256_of, sync_folder, told, write_whole
from impound.store._grown import came_since, extend
from impound.store._manifest import Looked, Part
from impound.store._parts import frame_stretches, write_frame, write_table
from impound.store._prune import Pruned, prune
from impound.store._verify import put_together, verify

__all__ = [
    "CaseStore", "CustodyLog", "Looked", "Part", "Pruned", "came_since", "clock", "extend", "frame_stretches", "prune",
    "put_together", "sha256_below", "sha256_of", "sync_folder", "told", "verify", "write_frame", "write_table",
    "write_whole",
]  # fmt: skip
