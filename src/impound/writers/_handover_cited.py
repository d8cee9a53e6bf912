"""The messages cited as proof, as files that a mail program opens, and a list of where each lies in the originals."""

from __future__ import annotations

import csv
import hashlib
from itertools import groupby
from pathlib import Path

from impound.plugin import Engine
from impound.store import frame_stretches
from impound.writers import _cited
from impound.writers._limit import MOST

FOLDER, LIST = "cited", "cited.csv"
COLUMNS = ("message_id", "file", "sha256", "bytes", "source_id", "offset", "frame", "frame_offset")


def write(engine: Engine, case: Path, data: Path) -> None:
    """Write ``cited/ID.eml`` for each, byte for byte as sealed, and ``cited.csv``.

    The line that begins a message in a mailbox ("From …") belongs to the mailbox and is left out, or mail programs
    would not open it: offsets are those of the line after it.
    """
    (data / FOLDER).mkdir()
    with (data / LIST).open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(COLUMNS)
        for frame, group in groupby(_cited.sealed(engine, MOST), key=lambda row: str(row["frame"])):
            rows = list(group)
            places = [(row["frame_offset"], row["bytes"]) for row in rows]
            for row, sealed in zip(rows, frame_stretches(case / frame, places), strict=True):
                skipped = sealed.index(b"\n") + 1 if sealed.startswith(b"From ") and b"\n" in sealed else 0
                raw, name = sealed[skipped:], f"{FOLDER}/{row['id']}.eml"
                (data / name).write_bytes(raw)
                out.writerow((row["id"], name, hashlib.sha256(raw).hexdigest(), len(raw), row["source_id"],
                              row["offset"] + skipped, frame, row["frame_offset"] + skipped))  # fmt: skip
