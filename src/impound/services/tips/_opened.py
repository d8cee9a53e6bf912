"""Tips with the seal off, as files for the person who reads them: names of ours, nothing a click could run or show."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from impound.canonical import clean
from impound.errors import UsageError
from impound.services.tips import _sealed
from impound.services.tips._box import Box, Tip
from impound.store import told

WORDS, FILES = "words", "files"


@dataclass
class Done:
    """How many tips were opened, how many were sealed to another key, and how many files came with the former."""

    opened: int = 0
    other_key: int = 0
    files: int = 0


def open_into(box: Box, identities: Sequence[Any], to: Path) -> Done:
    """Open tips into a new folder: ``words/TAG-N.txt`` and ``files/TAG-N-01``. Each is in the custody log before.

    Raises UsageError where the folder holds something, StoreError for a tip that was changed.
    """
    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise UsageError(f"{to} exists", "name a folder that does not exist yet")
    done = Done()
    for tip in box.tips():
        opened = _sealed.unseal(box.sealed(tip), identities)
        if opened is None:
            done.other_key += 1
            continue
        box.opening(tip)
        name = tip.file.removesuffix(".age")
        _put(to / WORDS / f"{name}.txt", _told(tip, opened).encode())
        for number, data in enumerate(opened.files, 1):
            _put(to / FILES / f"{name}-{number:02}", data)
        done.opened, done.files = done.opened + 1, done.files + len(opened.files)
    return done


def _put(file: Path, data: bytes) -> None:
    """Write a file for its owner alone; one that is there is not overwritten."""
    with told(str(file)):
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "wb") as out:
            out.write(data)


def _told(tip: Tip, opened: _sealed.Opened) -> str:
    """A tip as a text: what is known of it, then the words."""
    facts = opened.facts
    lines = [f"tip       {tip.tag}, number {tip.number}", f"received  {tip.hour:%Y-%m-%d %H}h UTC"]
    lines += [f"contact   {visible(str(facts.get('contact') or 'none given'))}"]
    for number, file in enumerate(facts.get("files", []), 1):
        said = f"{file.get('bytes', 0):,} bytes, {clean(str(file.get('kind') or 'no kind given'))}"
        lines.append(f"file {number:02}   {visible(str(file.get('name') or 'no name'))} ({said})")
        lines.append(f"          SHA-256 {file.get('sha256')}")
    return "\n".join([*lines, "", visible(opened.words.decode("utf-8", "replace"), "\n\t"), ""])


def visible(text: str, kept: str = "") -> str:
    """A text in which nothing is hidden and nothing steers a terminal: what does not print becomes its number."""
    text = text.replace("\r\n", "\n")
    return "".join(c if c.isprintable() or c in kept else f"\\u{ord(c):04x}" for c in text)
