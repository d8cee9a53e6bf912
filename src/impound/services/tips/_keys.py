"""The keys tips are sealed to: public ones in the case, the private one with the person who reads tips."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyrage

from impound.errors import ConfigError, UsageError
from impound.store import sync_folder, told, write_whole

RECIPIENTS = "recipients.txt"
"""Public keys, one a line; lines that begin with # say something of them. age reads the same file with -R."""
MOST = 10_000
"""Characters of a file of keys that are read."""


def new_key(folder: Path, file: Path) -> str:
    """Make a pair of keys: the private one into ``file``, for its owner alone, the public one into the folder of tips.

    Gives the public one. Raises UsageError where the file exists, or would lie in the case.
    """
    if folder.parent.resolve() in (file.resolve(), *file.resolve().parents):
        raise UsageError(f"{file} lies in the case", "keep the key away from what it opens, best on another machine")
    identity = pyrage.x25519.Identity.generate()
    public = str(identity.to_public())
    text = f"# opens the tips of {folder.parent.name}; public key: {public}\n{identity}\n"
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise UsageError(f"{file} exists", "a key is never overwritten: name another file") from None
    with told(str(file)), os.fdopen(handle, "w", encoding="ascii", errors="backslashreplace") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    sync_folder(file.absolute().parent)
    write_whole(folder / RECIPIENTS, f"{public}\n".encode())
    return public


def recipients(folder: Path) -> tuple[list[str], list[Any]]:
    """The public keys of a case, as text and as age has them. Raises ConfigError where there are none."""
    file = folder / RECIPIENTS
    lines = _lines(file) if file.exists() else []
    if not lines:
        raise ConfigError(
            f"{folder.parent} has no key for tips", f"impound serve tips {folder.parent} --new-key tips.key"
        )
    try:
        return lines, [pyrage.x25519.Recipient.from_str(line) for line in lines]
    except pyrage.RecipientError as error:
        raise ConfigError(f"{file}: {error}", "a line is a public key of age, such as age1…") from error


def identities(file: Path) -> Sequence[Any]:
    """The private keys in a file. Raises UsageError where there are none."""
    if not file.is_file():
        raise UsageError(f"{file}: no such file", "name the file that --new-key wrote")
    try:
        found = [pyrage.x25519.Identity.from_str(line) for line in _lines(file)]
    except pyrage.IdentityError:
        found = []
    if not found:
        raise UsageError(f"{file} holds no private key of age", "name the file that --new-key wrote")
    return found


def _lines(file: Path) -> list[str]:
    with file.open(encoding="utf-8", errors="replace") as text:
        lines = text.read(MOST).splitlines()
    return [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]
