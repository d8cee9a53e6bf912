"""A sealed tip: only the key opens it, public tools do too, and nothing strange comes out of it."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import tarfile
from datetime import UTC, datetime
from pathlib import Path

import pyrage
import pytest

from impound.errors import VerifyError
from impound.services.tips import _sealed
from impound.services.tips._form import Attached, Form

KEY = pyrage.x25519.Identity.generate()
HOUR = datetime(2026, 11, 25, 15, tzinfo=UTC)
FORM = Form(
    "ä\0<b>".encode(), "me", "", (Attached(memoryview(b"PK\3\4"), "../x.exe", "a/b"), Attached(memoryview(b"")))
)


def sealed() -> bytes:
    return _sealed.seal(FORM, "en", HOUR, [KEY.to_public()])


def test_what_was_sent_comes_out_again() -> None:
    opened = _sealed.unseal(sealed(), [KEY])
    assert opened is not None
    assert (opened.words, opened.files) == (FORM.words, (b"PK\3\4", b""))
    assert opened.facts["received"] == "2026-11-25T15:00:00+00:00"
    assert opened.facts["files"][0]["name"] == "../x.exe"


def test_another_key_opens_nothing_and_nothing_shows_through() -> None:
    assert _sealed.unseal(sealed(), [pyrage.x25519.Identity.generate()]) is None
    assert not any(word in sealed() for word in (b"PK\3\4", b"<b>", b"x.exe", b"words.txt"))


def test_two_keys_may_open_it() -> None:
    other = pyrage.x25519.Identity.generate()
    both = _sealed.seal(FORM, "en", HOUR, [KEY.to_public(), other.to_public()])
    assert _sealed.unseal(both, [other]) == _sealed.unseal(both, [KEY])


def test_a_bit_that_was_changed_is_found() -> None:
    data = bytearray(sealed())
    data[-100] ^= 1
    assert _sealed.unseal(bytes(data), [KEY]) is None


def archive(*members: tuple[str, bytes, bytes]) -> bytes:
    """A sealed tar file of members: name, type, data."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as tar:
        for name, kind, data in members:
            member = tarfile.TarInfo(name)
            member.type, member.size, member.linkname = kind, len(data), "/etc/passwd"
            tar.addfile(member, io.BytesIO(data))
    return bytes(pyrage.encrypt(made.getvalue(), [KEY.to_public()]))


FACTS = ("tip.json", tarfile.REGTYPE, json.dumps({"format": 1}).encode())
WORDS = ("words.txt", tarfile.REGTYPE, b"")


@pytest.mark.parametrize(
    "data",
    [
        archive(),
        archive(FACTS),
        archive(FACTS, WORDS, ("../x", tarfile.REGTYPE, b"x")),
        archive(FACTS, WORDS, ("files/01", tarfile.SYMTYPE, b"")),
        archive(FACTS, WORDS, ("files/01", tarfile.LNKTYPE, b"")),
        archive(FACTS, WORDS, ("files/99", tarfile.REGTYPE, b"")),
        archive(WORDS, ("tip.json", tarfile.REGTYPE, b"[]")),
        archive(WORDS, ("tip.json", tarfile.REGTYPE, b'{"format": 2}')),
        archive(WORDS, ("tip.json", tarfile.REGTYPE, b"{")),
        archive(FACTS, WORDS, *[("files/01", tarfile.REGTYPE, b"")] * 20),
        bytes(pyrage.encrypt(b"no archive", [KEY.to_public()])),
        bytes(pyrage.encrypt(bytes(30_000_000), [KEY.to_public()])),
    ],
)
def test_whatever_else_was_sealed_to_the_key_is_no_tip(data: bytes) -> None:
    with pytest.raises(VerifyError, match="holds no tip"):
        _sealed.unseal(data, [KEY])


def test_public_tools_open_it(tmp_path: Path) -> None:
    if shutil.which("age") is None:
        pytest.skip("age is not installed: THE FORMAT WAS TRIED WITH ONE PROGRAM ONLY")
    (tmp_path / "key").write_text(f"{KEY}\n")
    (tmp_path / "tip.age").write_bytes(sealed())
    command = "age --decrypt -i key tip.age | tar --list"
    ran = subprocess.run(["bash", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["tip.json", "words.txt", "files/01", "files/02"]
