"""Of a case that keeps references: are the bytes still where they were, and still the same?"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa

from impound import inputs
from impound.errors import InputError
from impound.store import CaseStore

STDIN = "-"

Note = Callable[[str], None]
"""Told what is no change and yet worth knowing."""


def changed(store: CaseStore, note: Note) -> Iterator[str]:
    """Each path that no longer holds the bytes that were read from it, in words; reads every one of them once.

    What is not there any more, or cannot be read now, is no change: ``note`` is told. Paths are looked up as they were
    given, relative ones from the working directory of now.
    """
    wanted: dict[str, dict[str, set[str]]] = {}

    def collect(batch: pa.RecordBatch) -> None:
        for paths, archive, sha256 in zip(*(batch[c].to_pylist() for c in ("paths", "archive", "sha256")), strict=True):
            for path in paths if sha256 else ():
                wanted.setdefault(_file(path, archive), {}).setdefault(path, set()).add(sha256)

    store.each("sources", ["paths", "archive", "sha256"], collect)
    with tempfile.TemporaryDirectory() as tmp:
        for file, hashes in wanted.items():
            yield from _compared(file, hashes, Path(tmp), note)


def _file(path: str, archive: str | None) -> str:
    """The file to open for a path: itself, or the archive it lies in (a copy may lie in another than the source)."""
    ends = [i for i, character in enumerate(path) if character == "!"]
    if not ends or os.path.lexists(path):
        return path
    there = next((path[:i] for i in ends if os.path.lexists(path[:i])), path)
    return archive if archive and path.startswith(f"{archive}!") else there


def _compared(file: str, wanted: dict[str, set[str]], tmp: Path, note: Note) -> Iterator[str]:
    """What differs in one file, from the SHA-256 that it or its members had."""
    if file == STDIN or not os.path.lexists(file):
        note("standard input cannot be read again" if file == STDIN else f"{file} is not there any more")
        return
    found: dict[str, set[str]] = {}
    try:
        for item in inputs.walk([file], tmp):
            if isinstance(item, inputs.Trouble):
                note(f"{item.path} cannot be read now: {item.reason}")
                wanted.pop(item.path, None)
            else:
                found.setdefault(item.path, set()).add(item.sha256.hex())
                item.close()
    except InputError as error:  # it went while it was looked at
        note(error.message)
        return
    for path, hashes in wanted.items():
        if path not in found and path != file:
            yield f"{path} is no longer in {file}"
        elif not hashes <= found.get(path, set()):
            yield f"{path} was changed since it was read"
