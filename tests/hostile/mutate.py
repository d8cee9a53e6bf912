"""Mutations of mail, and what must hold of the reader whatever the bytes are. Shared by all the fuzzing here."""

from __future__ import annotations

import importlib.util
import io
import sys
import time
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

from impound.plugin import Piece, Rows
from impound.readers.mail import MailReader

KEY = bytes(range(32))
SHA256 = bytes(32)
SECONDS = 5.0
"""Processor time for one example of at most some hundred KiB: a hundred times what the slowest ordinary one takes."""
LONGEST = 256 << 10
"""Bytes of an example after mutation."""
TOKENS = (
    b"\0", b"\r", b"\n", b"\r\n", b"\n\n", b"\r\r", b"\xff", b"\xef\xbb\xbf", b"\xff\xfe", b"\x1b$B", b"\x1f",
    b"\x7f", b"--", b"--=_", b"\nFrom ", b"\n>From ", b"\nFrom a@b.example Mon Apr  4 00:00:00 2011\n",
    b"\nContent-Length: 7\n", b"=?utf-8?B?", b"=?x?Q?=", b"?=", b"Content-Type: message/rfc822\n\n", b"boundary=",
    b'boundary=""', b"text/html", b"Content-Type: multipart/mixed; boundary=\n", b"; name*0*=utf-8''%41",
    b'; filename="=?a?q?b?="', b"=\r", b"=3D", b"Content-Transfer-Encoding: base64\n", b"charset=utf-7",
    b"charset=iso-2022-jp", b"charset=hz", b"charset=\0", b"charset=idna", b"; charset=utf-16", b"= \n",
    b"<a href='", b"<!--", b"-->", b"<style>", b"</", b"<![CDATA[", b"&#0;", b"&#31;", b"&#x110000;",
    b"style='display:none'", b"<base href=", b"http://", b"http://[::1", b"hxxp://", b"http://1.2.3.4.5/",
    b"http://xn--", b"%", b"%00", b"%1f", b"%zz", b"@", b"a@b,", b"<>", b'"', b"\\", b"(", b"Received: from ",
    b" by ", b" with ", b" for <", b" id ", b"; ", b"[", b"IPv6:", b"(HELO ", b"Date: ", b"-1", b": ",
    b"Mon, 99 Foo 9999 99:99:99 +9999", b"99999999999999999999", b"To: ", b"\nSubject:", b":", b"{{to.address}}",
    b"\xe2\x80\xae", b"\xed\xa0\x80",
)  # fmt: skip
"""What readers of mail stumble over."""


class Chance(Protocol):
    """Where choices come from: ``random.Random``, or bytes of a fuzzer."""

    def randrange(self, stop: int, /) -> int:
        """A number from 0 to ``stop`` - 1."""


def example_module() -> ModuleType:
    """``tests/made_mail.py``, which is no package."""
    path = Path(__file__).parents[1] / "made_mail.py"
    spec = importlib.util.spec_from_file_location("made_mail", path)
    assert spec is not None and spec.loader is not None
    module = sys.modules["made_mail"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def seeds() -> tuple[bytes, ...]:
    """Well-formed made-up mail: every tenth message of the example, and a mailbox of some."""
    module = example_module()
    messages: list[bytes] = module.Maker().messages()
    return (*messages[::10], module.mailbox(messages[:6]))


def mutated(seed: bytes, chance: Chance, pool: tuple[bytes, ...]) -> bytes:
    """A seed after one to twelve changes: flips, cuts, splices with others, repeated stretches, inserted tokens."""
    data = bytearray(seed)
    for _ in range(1 + chance.randrange(12)):
        _change(data, chance, pool)
        if len(data) > LONGEST:
            del data[LONGEST:]
    return bytes(data)


def _change(data: bytearray, chance: Chance, pool: tuple[bytes, ...]) -> None:
    at = chance.randrange(len(data) + 1)
    length = chance.randrange((4, 40, 400, 4_000)[chance.randrange(4)])
    kind = chance.randrange(7)
    if kind == 0 and data:
        data[at % len(data)] ^= 1 << chance.randrange(8)
    elif kind == 1:
        del data[at : at + length]
    elif kind == 2:
        other = pool[chance.randrange(len(pool))]
        start = chance.randrange(len(other) + 1)
        data[at:at] = other[start : start + length]
    elif kind == 3:
        data[at:at] = data[at : at + length] * (1 + chance.randrange(30))
    elif kind == 4:
        token = TOKENS[chance.randrange(len(TOKENS))]
        data[at:at] = token * (1 if chance.randrange(4) else 1 + chance.randrange(300))
    elif kind == 5:
        token = TOKENS[chance.randrange(len(TOKENS))]
        data[at : at + len(token)] = token
    elif data:
        data[:] = data.replace(*((b"\n", b"\r\n"), (b"\n", b"\r"), (b" ", b"\t"))[chance.randrange(3)])


def check(data: bytes) -> Rows:
    """Cut and read the bytes, and assert all that must hold; gives the rows."""
    reader, out = MailReader(), Rows(KEY)
    began = time.process_time()
    cuts = list(reader.cut(io.BytesIO(data), len(data)))
    assert b"".join(cut.data for cut in cuts) == data, "the cuts are not the source"
    ends = [0, *(cut.offset + len(cut.data) for cut in cuts)]
    assert [cut.offset for cut in cuts] == ends[:-1], "the cuts do not follow each other"
    for cut in cuts:
        if not cut.skipped:
            _check_piece(Piece(SHA256, 7, cut.offset, cut.data), reader, out)
    tables = out.tables()
    for name, rows in tables.items():
        ids = rows["id"].to_pylist()
        assert len(set(ids)) == len(ids), f"two rows of {name} have one id"
    spent = time.process_time() - began
    assert spent < SECONDS, f"{spent:.1f} s for {len(data):,} bytes"
    return out


def _check_piece(piece: Piece, reader: MailReader, out: Rows) -> None:
    before = out.mark()
    reader.read([piece], out)
    new = {name: rows[before.get(name, 0) :] for name, rows in out.rows.items()}
    messages, rejects = new.get("messages", []), new.get("rejects", [])
    assert len(messages) == 1 or (not messages and rejects), "a piece is one message or has a reject"
    end = piece.offset + len(piece.data)
    for reject in rejects:
        assert not reject["reason"].startswith("the reader failed"), reject["reason"]
        assert piece.offset <= reject["offset"] <= end
    for row in _of_message(new):
        assert piece.offset <= row["offset"] <= end


def _of_message(rows: dict[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    return [row for name in ("messages", "urls", "attachments") for row in rows.get(name, [])]
