"""MIME: a letter as the body of a message and the headers that say what it is."""

from __future__ import annotations

import base64
import binascii

from impound.drill._campaigns import Letter
from impound.drill._chance import Chance

_WIDTH = 76


def build(letter: Letter, boundary: str, encoding: str, chance: Chance) -> tuple[dict[str, str], str]:
    """The content headers (names in lower case) and the body of a message."""
    if letter.picture is not None:
        return _related(letter, boundary, encoding, chance)
    if letter.html is None:
        return _headers("text/plain", encoding), encoded(letter.plain + "\n", encoding)
    if not letter.plain:
        return _headers("text/html", encoding), encoded(letter.html + "\n", encoding)
    plain, html = _part("text/plain", letter.plain + "\n", encoding), _part("text/html", letter.html + "\n", encoding)
    body = (
        f"This is a multi-part message in MIME format.\n\n--{boundary}\n{plain}\n--{boundary}\n{html}\n--{boundary}--\n"
    )
    return {"content-type": f'multipart/alternative;\n\tboundary="{boundary}"'}, body


def _related(letter: Letter, boundary: str, encoding: str, chance: Chance) -> tuple[dict[str, str], str]:
    cid = f"{chance.hex(12)}@{chance.letters(6)}"
    name = f"{chance.letters(chance.between(4, 9))}.{letter.picture_kind}"
    html = _part("text/html", (letter.html or "").replace("{cid}", cid) + "\n", encoding)
    data = _wrapped(base64.b64encode(letter.picture or b"").decode())
    body = (
        f"This is a multi-part message in MIME format.\n\n--{boundary}\n{html}\n--{boundary}\n"
        f'Content-Type: image/{letter.picture_kind}; name="{name}"\nContent-Transfer-Encoding: base64\n'
        f"Content-ID: <{cid}>\n\n{data}\n--{boundary}--\n"
    )
    return {"content-type": f'multipart/related; type="text/html";\n\tboundary="{boundary}"'}, body


def _headers(kind: str, encoding: str) -> dict[str, str]:
    return {"content-type": f'{kind}; charset="iso-8859-1"', "content-transfer-encoding": encoding}


def _part(kind: str, text: str, encoding: str) -> str:
    head = f'Content-Type: {kind};\n\tcharset="iso-8859-1"\nContent-Transfer-Encoding: {encoding}\n\n'
    return head + encoded(text, encoding)


def encoded(text: str, encoding: str) -> str:
    """A text of ASCII in a transfer encoding."""
    if encoding == "base64":
        return _wrapped(base64.b64encode(text.encode()).decode()) + "\n"
    if encoding == "quoted-printable":
        return binascii.b2a_qp(text.encode(), istext=True).decode()
    return text


def _wrapped(data: str) -> str:
    return "\n".join([data[i : i + _WIDTH] for i in range(0, len(data), _WIDTH)])
