"""The made mail of the tests: the same bytes each time, nothing in it that is anybody's, and a mark on each message."""

from __future__ import annotations

import email
import io
import ipaddress
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

SCRIPT = Path(__file__).parent / "made_mail.py"
RESERVED = [
    ipaddress.ip_network(net)
    for net in ("192.0.2.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4", "2001:db8::/32")
]
ADDRESS = re.compile(r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]{1,4}(?::{1,2}[0-9a-f]{1,4}){2,7})(?![\w.:])")
NAME = re.compile(r"(?i)\b(?:[a-z0-9-]+\.)+[a-z]{2,}\b")
FILE_ENDINGS = (".gif", ".png")


@pytest.fixture(scope="module")
def mailbox() -> bytes:
    return subprocess.run([sys.executable, SCRIPT], capture_output=True, check=True).stdout


@pytest.fixture(scope="module")
def messages(mailbox: bytes) -> list[bytes]:
    return [part.partition(b"\n")[2] for part in re.split(rb"(?m)^From ", mailbox)[1:]]


def test_it_prints_the_same_bytes_whatever_the_hash_seed(mailbox: bytes) -> None:
    again = subprocess.run(
        [sys.executable, SCRIPT], capture_output=True, check=True, env={"PYTHONHASHSEED": "1", "TZ": "Asia/Tokyo"}
    )
    assert again.stdout == mailbox


def test_it_has_300_messages_and_each_says_that_it_is_synthetic(messages: list[bytes]) -> None:
    assert len(messages) == 300
    for message in messages:
        assert b"\nX-Drill: synthetic, made by impound\n" in message.partition(b"\n\n")[0] + b"\n"


def test_every_address_is_reserved_for_documentation_or_benchmarks(messages: list[bytes]) -> None:
    found = {a for m in messages for a in ADDRESS.findall(m.decode()) if not re.fullmatch(r"\d\d:\d\d:\d\d", a)}
    assert len(found) > 100
    for address in found:
        assert any(ipaddress.ip_address(address) in net for net in RESERVED), address


def test_every_name_is_reserved(messages: list[bytes]) -> None:
    text = "\n".join(line for m in messages for line in m.decode().splitlines() if not _is_base64(line))
    names = {n.lower() for n in NAME.findall(text)} - {n for n in NAME.findall(text) if n.endswith(FILE_ENDINGS)}
    assert len(names) > 50
    for name in names:
        assert name.endswith((".example", "example.com")), name


def _is_base64(line: str) -> bool:
    return re.fullmatch(r"[A-Za-z0-9+/=]{4,76}", line) is not None


def test_it_has_what_a_reader_must_cope_with(messages: list[bytes]) -> None:
    together = b"".join(messages)
    for form in (b"(Postfix)", b"(Exim 4.72)", b"(8.14.4/8.14.4)", b"[IPv6:2001:db8:", b"=?utf-8?B?", b"List-Id:"):
        assert form in together
    assert len(messages) - len(set(messages)) == 2
    assert b"\n\n" not in messages[-1].rstrip(b"\n")


def test_a_third_of_the_mail_comes_through_the_forwarder(messages: list[bytes]) -> None:
    through = sum(b"(fwd.example.com [198.51.100.20])" in m for m in messages)
    assert 80 <= through <= 120


def test_its_pictures_can_be_decoded(messages: list[bytes]) -> None:
    parts = [p for m in messages for p in email.message_from_bytes(m).walk() if p.get_content_maintype() == "image"]
    assert len(parts) >= 5
    for part in parts:
        Image.open(io.BytesIO(part.get_payload(decode=True))).load()


def test_it_writes_the_same_messages_into_a_folder(tmp_path: Path, messages: list[bytes]) -> None:
    runpy.run_path(str(SCRIPT))["main"]([str(tmp_path / "mail")])
    written = [path.read_bytes() for path in sorted((tmp_path / "mail").iterdir())]
    assert [w.rstrip(b"\n") for w in written] == [m.rstrip(b"\n") for m in messages]
