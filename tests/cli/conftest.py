"""What the tests of the command line share: how a command is run, a case of made mail and a hostile one."""

from __future__ import annotations

import base64
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from impound.cli import main

EXAMPLE = Path(__file__).parent.parent / "made_mail.py"

HOSTILE = (
    b"Received: from pc (pc.dyn.example [203.0.113.7]) by mx1.example.com (Postfix) with ESMTP id A1;\n"
    b"\tTue, 15 Mar 2011 00:00:00 +0000\n"
    b"From: =?utf-8?B?" + base64.b64encode("\x1b]0;owned\x07\u202efdp.exe".encode()) + b"?= <a@b.example>\n"
    b"To: ada@example.com\n"
    b"Subject: =?utf-8?Q?=3DHYPERLINK(=22http://x.example=22,=22=1B[31mred=22)?=\n"
    b"Message-ID: <1@b.example>\n"
    b"X-Mailer: +1+cmd|' /C calc'!A0\n"
    b"\n"
    b"\x1b[2J\x9b31mhello\n"
)


@pytest.fixture(autouse=True)
def _the_clock_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1300233600")


def _run(*words: str | Path, data: bytes | None = None) -> Result:
    return CliRunner().invoke(main, [str(w) for w in words], input=data)


def _process(*words: str | Path, data: bytes = b"", **options: object) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-c", "from impound.cli import main; main()", *map(str, words)]
    return subprocess.run(command, input=data, capture_output=True, timeout=120, check=False, **options)  # type: ignore[call-overload,no-any-return]  # options of run


@pytest.fixture(scope="session")
def run() -> Callable[..., Result]:
    """Runs a command in this process."""
    return _run


@pytest.fixture(scope="session")
def process() -> Callable[..., subprocess.CompletedProcess[bytes]]:
    """Runs the command as people start it."""
    return _process


@pytest.fixture(scope="session")
def mailbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("example") / "example.mbox"
    file.write_bytes(subprocess.run([sys.executable, EXAMPLE], capture_output=True, check=True).stdout)
    return file


@pytest.fixture(scope="session")
def case(mailbox: Path) -> Path:
    place = mailbox.parent / "case"
    investigated = _run("investigate", place, mailbox)
    assert investigated.exit_code == 0, investigated.output
    return place


@pytest.fixture(scope="session")
def hostile_message() -> bytes:
    """A message whose every field would steer a terminal or a spreadsheet."""
    return HOSTILE


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("hostile")
    (place / "evil\x1b[31m\u202e.eml").write_bytes(HOSTILE)
    (place / "=cmd.bin").write_bytes(b"\x1b[31m\0\1\2")
    assert _run("investigate", place / "case", place).exit_code == 0
    return place / "case"
