"""Writing files so that they are whole or not there: a temporary name, flushed to the disk, then renamed."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from impound.errors import StoreError

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@contextmanager
def told(what: str) -> Iterator[None]:
    """Turn the system's refusal to write into a StoreError that says what to do."""
    try:
        yield
    except OSError as error:
        if error.errno in _NO_ROOM:
            hint = "make room and run the same command again: what was finished is kept, the rest is done anew"
            raise StoreError(f"no room left while writing {what}", hint) from error
        if error.errno in (errno.EACCES, errno.EROFS, errno.EPERM):
            raise StoreError(f"{what} cannot be written: {error.strerror}", "check who owns the case") from error
        raise StoreError(f"{what}: {error.strerror or error}") from error


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable (a rename is only as durable as its folder)."""
    with told(str(folder)):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def write_whole(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Write a file so that it is whole or not there."""
    spare = path.with_name(f".{path.name}.new")
    with told(str(path)):
        handle = os.open(spare, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        spare.replace(path)
        sync_folder(path.parent)


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sha256_below(path: Path) -> str:
    """SHA-256 of a file; of a folder that of the list ``sha256sum`` prints of its files, sorted by name."""
    if not path.is_dir():
        return sha256_of(path)
    files = sorted((f.relative_to(path).as_posix(), f) for f in path.rglob("*") if f.is_file())
    listing = "".join(f"{sha256_of(file)}  {name}\n" for name, file in files)
    return hashlib.sha256(listing.encode("utf-8", "surrogateescape")).hexdigest()
