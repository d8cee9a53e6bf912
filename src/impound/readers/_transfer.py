"""The bytes behind a Content-Transfer-Encoding, read as leniently as mail programs read them."""

from __future__ import annotations

import re
from binascii import Error as Base64Error
from binascii import a2b_base64, a2b_qp, a2b_uu
from collections.abc import Callable
from functools import lru_cache

FIRST_LINE = 64
"""Bytes at the front of a part that show whether it is base64 at all. Looking further would take a list's footer,
which is often put under it, for the text."""
BLOCK = 1 << 20
"""Bytes of bad base64 that are cleaned at once."""

_PADDED_BREAK = re.compile(rb"=[ \t]{1,76}(?=\r?\n)")
_HIGH = bytes(range(128, 256))
_NOT_BASE64 = bytes(b for b in range(256) if not (chr(b).isalnum() and b < 128) and b not in b"+/")


@lru_cache(maxsize=1024)
def encoding_of(value: str) -> str:
    """The encoding a header value names, in lower case: its first word."""
    word = value.lower().split(None, 1)[:1]
    return word[0].strip("\"';,:") if word else ""


def is_encoded(value: str) -> bool:
    """Whether the header value names an encoding that changes the bytes."""
    return encoding_of(value[:80]) in _DECODERS


def transfer_decode(data: bytes | memoryview, encoding: str) -> bytes:
    """The bytes behind a Content-Transfer-Encoding, as far as they can be read; as they are when it is unknown."""
    decoder = _DECODERS.get(encoding_of(encoding[:80]))
    if decoder is _base64:
        return _base64(data)  # without a copy of what is mostly long
    whole = bytes(data)
    return decoder(whole) if decoder and whole else whole


def _base64(data: bytes | memoryview) -> bytes:
    """Base64, leniently, also where its end is damaged; what is plainly text (as in some spam) stays as it is."""
    head = bytes(data[:FIRST_LINE]).strip().partition(b"\n")[0]
    if head.count(b" ") + len(head) - len(head.translate(None, _HIGH)) > len(head) / 20:
        return bytes(data)
    try:
        return a2b_base64(data)
    except Base64Error:
        return lenient_base64(data)


def _quoted_printable(data: bytes) -> bytes:
    """Quoted-printable (RFC 2045, 6.7); white space after a soft line break is transport padding."""
    if b"=" not in data:
        return data
    if b"= " in data or b"=\t" in data:
        data = _PADDED_BREAK.sub(b"=", data)
    if b"=\r" in data and data.count(b"\r") > data.count(b"\r\n"):
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return a2b_qp(data)


def _uuencoded(data: bytes) -> bytes:
    """uuencode, from its ``begin`` line to its ``end``; lines that are not of it are skipped."""
    out = bytearray()
    begun = False
    for line in data.splitlines():
        if not begun:
            begun = line.startswith(b"begin ")
        elif line.strip() == b"end":
            break
        elif line:
            try:
                out += a2b_uu(line)
            except Base64Error:
                continue
    return bytes(out) if begun else data


def lenient_base64(data: bytes | memoryview) -> bytes:
    """What can be read of bad base64: strange characters and padding are skipped, a lone last character dropped."""
    clean = bytearray()
    for start in range(0, len(data), BLOCK):  # a long attachment is not copied over and over
        clean += bytes(data[start : start + BLOCK]).translate(None, _NOT_BASE64)
    rest = bytes(clean[len(clean) // 4 * 4 :])
    del clean[len(clean) - len(rest) :]
    if len(rest) > 1:
        clean += rest + b"=" * (4 - len(rest))
    return a2b_base64(clean)


_DECODERS: dict[str, Callable[[bytes], bytes]] = {
    "base64": _base64,
    "quoted-printable": _quoted_printable,
    "x-uuencode": _uuencoded,
    "uuencode": _uuencoded,
    "x-uue": _uuencoded,
    "uue": _uuencoded,
}
