"""A tip as it is kept: a tar file of fixed names, sealed by age to the public keys of the case.

The tar file holds ``tip.json`` (format, hour, language, contact, and of each file its own name, kind, length and
SHA-256), ``words.txt`` (what was written, byte for byte) and ``files/01`` and so on. So a tip can be opened without
impound: ``age --decrypt -i KEY TIP.age | tar --list``. The format of age: age-encryption.org/v1.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyrage

from impound.errors import VerifyError
from impound.services.tips._form import FILES, Form
from impound.services.tips._limits import BODY

FORMAT = 1
_NAME = re.compile(r"tip\.json|words\.txt|files/0[1-9]")
MEMBERS = FILES + 2
OPENED = BODY + 1_000_000
"""Bytes of an opened tip: a body, and what the tar file adds."""


@dataclass(frozen=True)
class Opened:
    """A tip with the seal off. ``facts`` is its ``tip.json``."""

    facts: dict[str, Any]
    words: bytes
    files: tuple[bytes, ...]


def seal(form: Form, language: str, hour: datetime, recipients: Sequence[Any]) -> bytes:
    """The sealed tip."""
    sealed: bytes = pyrage.encrypt(_packed(form, language, hour), recipients)
    return sealed


def unseal(sealed: bytes, identities: Sequence[Any]) -> Opened | None:
    """The tip in a sealed file; None where no key opens it. Raises VerifyError where it holds no tip."""
    try:
        data = pyrage.decrypt(sealed, identities)
    except pyrage.DecryptError:
        return None
    return _unpacked(data)


def _packed(form: Form, language: str, hour: datetime) -> bytes:
    files = [(f"files/{n:02}", attached) for n, attached in enumerate(form.attached, 1)]
    facts = {
        "format": FORMAT,
        "received": hour.isoformat(),
        "language": language,
        "contact": form.contact,
        "files": [
            {"file": name, "name": a.name, "kind": a.kind, "bytes": len(a.data), "sha256": _sha256(a.data)}
            for name, a in files
        ],
    }
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        _add(tar, "tip.json", json.dumps(facts, indent=1).encode())
        _add(tar, "words.txt", form.words)
        for name, attached in files:
            _add(tar, name, attached.data)
    return made.getvalue()


def _add(tar: tarfile.TarFile, name: str, data: bytes | memoryview) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(data), 0o600
    tar.addfile(member, io.BytesIO(data))


def _sha256(data: memoryview) -> str:
    return hashlib.sha256(data).hexdigest()


def _unpacked(data: bytes) -> Opened:
    try:
        found = dict(_members(data))
        facts = json.loads(found.pop("tip.json"))
        words = found.pop("words.txt")
    except (tarfile.TarError, KeyError, ValueError) as error:
        raise VerifyError(f"it opens, and holds no tip: {error}") from error
    if not isinstance(facts, dict) or facts.get("format") != FORMAT:
        raise VerifyError("it opens, and holds no tip of a format that is known here")
    return Opened(facts, words, tuple(found[name] for name in sorted(found)))


def _members(data: bytes) -> Iterator[tuple[str, bytes]]:
    """The members by name. Raises ValueError for one that no tip has."""
    if len(data) > OPENED:
        raise ValueError(f"{len(data):,} bytes")
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as tar:
        for number, member in enumerate(tar, 1):
            if number > MEMBERS or not member.isreg() or not _NAME.fullmatch(member.name):
                raise ValueError("a member that no tip has")
            held = tar.extractfile(member)
            yield member.name, held.read() if held else b""
