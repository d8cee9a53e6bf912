"""The custody log: who did what to a case, when, with what; append-only and hash-chained.

Any process may add to it, also one that does not hold the case for writing: the log has a lock of its own.

A line is one JSON object with sorted keys. Its ``hash`` is SHA-256 over the hash of the line before it and its own
text without ``hash``, so that a change, a removal or an insertion anywhere breaks the chain from there on.
"""

from __future__ import annotations

import fcntl
import getpass
import hashlib
import json
import os
from pathlib import Path
from typing import Any, BinaryIO

from impound.errors import VerifyError
from impound.store._clock import clock
from impound.store._files import told
from impound.version import __version__

GENESIS = "0" * 64


class CustodyLog:
    """The log of one case."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def append(self, what: str, **facts: Any) -> str:
        """Add an entry (``facts``: JSON values), put it on the disk and give its hash, the new head of the chain.

        A line cut by a crash is removed first. Waits while another process adds its own.
        """
        entry = {"at": clock().isoformat(), "tool": f"impound {__version__}", "what": what, "who": _who(), **facts}
        with told(str(self.path)), self.path.open("ab+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            head, whole = _head(file)
            file.truncate(whole)
            entry["hash"] = _link(head, entry)
            file.write(_text(entry) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        return str(entry["hash"])

    def entries(self) -> list[dict[str, Any]]:
        """Every entry, the chain checked. Raises VerifyError that names the first line that does not fit."""
        if not self.path.exists():
            raise VerifyError(f"{self.path} is missing")
        head, entries = GENESIS, []
        with self.path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if not line.endswith(b"\n"):
                    break  # cut by a crash, so never acknowledged
                entry = _parse(line)
                if entry is None or entry.get("hash") != _link(head, entry) or _text(entry) + b"\n" != line:
                    raise VerifyError(f"{self.path}, line {number}: the chain is broken here")
                entries.append(entry)
                head = entry["hash"]
        return entries


def _text(entry: dict[str, Any]) -> bytes:
    # a path need not be text: what Python writes for a stray byte is, as an escape, the same JSON string
    return json.dumps(entry, sort_keys=True, ensure_ascii=False).encode("utf-8", "backslashreplace")


def _link(head: str, entry: dict[str, Any]) -> str:
    own = {k: v for k, v in entry.items() if k != "hash"}
    return hashlib.sha256(head.encode() + _text(own)).hexdigest()


def _parse(line: bytes) -> dict[str, Any] | None:
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    return entry if isinstance(entry, dict) else None


def _head(file: BinaryIO) -> tuple[str, int]:
    """The hash in the last whole line, and where that line ends."""
    size = file.seek(0, os.SEEK_END)
    at, tail = size, b""
    while at > 0 and tail.count(b"\n") < 2:
        at = max(0, at - 65536)
        file.seek(at)
        tail = file.read(size - at)
    whole = tail.rfind(b"\n") + 1
    lines = tail[:whole].splitlines()
    entry = _parse(lines[-1]) if lines else None
    return (str(entry["hash"]) if entry else GENESIS), size - len(tail) + whole


def _who() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no entry for this uid, as in a container
        return str(os.getuid())
