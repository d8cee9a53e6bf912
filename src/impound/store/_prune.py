"""Pruning: the sealed bytes of old records go, and their seals say so; everything else stays as it is.

A step covers some frames: the bytes that stay are sealed anew, the manifest names the new files instead of the old,
and then the old ones are removed. A run that is cut short leaves a sound case; the next one does the rest.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from impound.store._case import PRUNED, CaseStore, whole
from impound.store._manifest import Part, Swap, step_prune
from impound.store._parts import frame_stretches, write_frame, write_table
from impound.tables import SEALS

FRAMES = 32
"""Frames in a step: some hundred megabytes of mail."""


@dataclass
class Pruned:
    """What was removed: stretches of sealed bytes, their length in bytes, and by how much the case got smaller."""

    stretches: int = 0
    bytes: int = 0
    freed: int = 0


@dataclass
class _Step:
    swaps: list[Swap] = field(default_factory=list)
    spares: list[tuple[Path, Part]] = field(default_factory=list)

    def put(self, spare: Path, part: Part) -> Part:
        self.spares.append((spare, part))
        return part


def prune(store: CaseStore, seals: npt.NDArray[np.int64]) -> Iterator[Pruned]:
    """Remove the sealed bytes of the seals with these ids (sorted); gives how far it came after each step.

    The case must be locked. Raises StoreError when a frame is damaged: nothing of it is removed then.
    """
    done, step = Pruned(), _Step()
    for part in list(store.manifest.parts.get("seals", [])):
        rows = store.part(store.path / part.file, "seals")
        chosen = np.isin(rows["id"].to_numpy(), seals) & np.array([f != PRUNED for f in rows["frame"].to_pylist()])
        if chosen.any():
            _replace(store, part, rows, chosen, step)
            done.stretches += int(chosen.sum())
            done.bytes += int(rows["bytes"].to_numpy()[chosen].sum())
        if len(step.swaps) >= 2 * FRAMES:
            yield _finish(store, step, done)
            step = _Step()
    if step.swaps:
        yield _finish(store, step, done)


def _replace(store: CaseStore, part: Part, rows: pa.Table, chosen: npt.NDArray[np.bool_], step: _Step) -> None:
    """Put into a step what stays of a part of ``seals``, and of each frame that it names."""
    fresh = rows.to_pylist()
    for frame in dict.fromkeys(r["frame"] for r, gone in zip(fresh, chosen, strict=True) if gone):
        mine = sorted((i for i, r in enumerate(fresh) if r["frame"] == frame), key=lambda i: fresh[i]["frame_offset"])
        stay = [i for i in mine if not chosen[i]]
        kept = None
        if stay:
            with whole(store.path / frame):
                places = [(fresh[i]["frame_offset"], fresh[i]["bytes"]) for i in stay]
                kept = step.put(*write_frame(frame_stretches(store.path / frame, places), store.tmp))
        at = 0
        for i in mine:
            fresh[i] |= {"frame": PRUNED, "frame_offset": 0} if kept is None or chosen[i] else {
                "frame": kept.file, "frame_offset": at}  # fmt: skip
            at += 0 if chosen[i] else fresh[i]["bytes"]
        step.swaps.append(Swap("", frame, kept))
    table = pa.Table.from_pylist(fresh, schema=SEALS.schema)
    written = step.put(*write_table("seals", SEALS.schema, table.to_batches(), store.tmp))
    step.swaps.append(Swap("seals", part.file, written))


def _finish(store: CaseStore, step: _Step, done: Pruned) -> Pruned:
    """Make a step count, and remove what it replaces."""
    before = {swap.old: store.manifest.files[swap.old].bytes for swap in step.swaps}
    store.swap(step_prune(step.swaps), step.spares, list(before))
    done.freed += sum(before.values()) - sum(part.bytes for _, part in step.spares)
    return done
