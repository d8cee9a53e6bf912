"""A model as a file: a line that names it, a line of JSON, plain numbers, a SHA-256. Nothing in it can be executed.

The sizes are checked against fixed limits before anything is decompressed, and the hash before anything is believed:
a file that was cut or changed is refused. The hash keeps out accidents and clumsy changes, it is no signature: take
models from where you trust.
"""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import zstandard
from numpy.typing import NDArray

from impound.errors import InputError, StoreError

MAGIC = b"impound model 1\n"
MOST_HEADER, MOST_BYTES, MOST_NUMBERS = 1 << 16, 64 << 20, 1 << 22
"""Bytes of the JSON line and of the file, and numbers of one array, that are read at most."""
_KINDS: dict[str, np.dtype[Any]] = {"float32": np.dtype("<f4"), "float16": np.dtype("<f2"), "uint8": np.dtype("u1")}

Arrays = dict[str, NDArray[Any]]


def write(path: Path, facts: dict[str, Any], arrays: Arrays) -> None:
    """Write a model so that at every moment the old or the new one is there. Raises StoreError where it cannot."""
    data = dump(facts, arrays)
    new = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with new.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except OSError as error:
        with suppress(OSError):
            new.unlink(missing_ok=True)
        raise StoreError(f"{path}: {error.strerror}", "the model that was there is unchanged") from error


def dump(facts: dict[str, Any], arrays: Arrays) -> bytes:
    """A model as bytes: the same for the same model."""
    squeezed = zstandard.ZstdCompressor(level=19)
    packed = {name: squeezed.compress(np.ascontiguousarray(array).tobytes()) for name, array in arrays.items()}
    listed = [[n, str(a.dtype), len(a), len(packed[n])] for n, a in arrays.items()]
    head = json.dumps({**facts, "arrays": listed}, sort_keys=True, ensure_ascii=True).encode()
    body = MAGIC + head + b"\n" + b"".join(packed.values())
    return body + hashlib.sha256(body).digest()


def read(path: Path) -> tuple[dict[str, Any], Arrays]:
    """The facts and arrays of a model. Raises InputError where it is no model, was cut, or was changed."""
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise InputError(
            str(path), 0, (error.strerror or "cannot be read").lower(), "give the path of a model"
        ) from error
    return load(data, str(path))


def load(data: bytes, path: str) -> tuple[dict[str, Any], Arrays]:
    """The same from bytes; ``path`` is for the words of an error."""
    if not data.startswith(MAGIC):
        raise InputError(path, 0, "not a model of impound", "impound train MODEL makes one")
    if len(data) > MOST_BYTES:
        raise InputError(path, MOST_BYTES, "longer than any model is")
    body, told = data[:-32], data[-32:]
    if hashlib.sha256(body).digest() != told:
        raise InputError(path, len(data), "the model was cut or changed: its SHA-256 does not fit", "take a whole copy")
    try:
        return _parsed(body)
    except (ValueError, KeyError, TypeError, zstandard.ZstdError) as error:
        raise InputError(path, len(MAGIC), f"a model that does not hold together ({error})") from error


def _parsed(body: bytes) -> tuple[dict[str, Any], Arrays]:
    end = body.index(b"\n", len(MAGIC), len(MAGIC) + MOST_HEADER)
    facts = json.loads(body[len(MAGIC) : end])
    at, arrays = end + 1, {}
    for name, kind, count, size in facts.pop("arrays"):
        if not (isinstance(count, int) and 0 <= count <= MOST_NUMBERS and isinstance(size, int) and size >= 0):
            raise ValueError(f"array {name} has an impossible size")
        dtype = _KINDS[kind]
        stream = zstandard.ZstdDecompressor().stream_reader(body[at : at + size])
        plain = stream.read(count * dtype.itemsize + 1)
        if len(plain) != count * dtype.itemsize:
            raise ValueError(f"array {name} is not as long as it says")
        array = np.frombuffer(plain, dtype)
        if dtype.kind == "f" and not np.isfinite(array).all():
            raise ValueError(f"array {name} holds what is no number")
        arrays[str(name)], at = array, at + size
    if at != len(body):
        raise ValueError("bytes are left over")
    return facts, arrays
