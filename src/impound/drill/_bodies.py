"""MIME: a letter as the body of a message and the headers that say what it is, as each program writes them."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from impound.drill._chance import Chance

_WIDTH = 76


@dataclass(slots=True)
class Letter:
    """What one message says: the plain text (empty: none), the HTML or None, the bytes of a picture or None."""

    subject: str
    plain: str
    html: str | None = None
    picture: bytes | None = None
    picture_kind: str = ""


@dataclass(frozen=True)
class Parts:
    """How a program writes the headers of its parts."""

    charset: str = '"iso-8859-1"'
    flowed: str = ""
    """What it adds to the type of plain text."""
    fold: str = "\n\t"
    """What stands before ``charset`` in a part."""
    preamble: str = "This is a multi-part message in MIME format.\n\n"

    def build(self, letter: Letter, boundary: str, encoding: str, chance: Chance) -> tuple[dict[str, str], str]:
        """The content headers (names in lower case) and the body of a message."""
        if letter.picture is not None:
            return self._related(letter, boundary, encoding, chance)
        if letter.html is None:
            return self._alone("text/plain", letter.plain, encoding)
        if not letter.plain:
            return self._alone("text/html", letter.html, encoding)
        plain, html = self._part("text/plain", letter.plain, encoding), self._part("text/html", letter.html, encoding)
        body = f"{self.preamble}--{boundary}\n{plain}\n--{boundary}\n{html}\n--{boundary}--\n"
        return {"content-type": f'multipart/alternative;\n\tboundary="{boundary}"'}, body

    def _related(self, letter: Letter, boundary: str, encoding: str, chance: Chance) -> tuple[dict[str, str], str]:
        cid = f"{chance.hex(12)}@{chance.letters(6)}"
        name = f"{chance.letters(chance.between(4, 9))}.{letter.picture_kind}"
        html = self._part("text/html", (letter.html or "").replace("{cid}", cid), encoding)
        body = (
            f"{self.preamble}--{boundary}\n{html}\n--{boundary}\n"
            f'Content-Type: image/{letter.picture_kind}; name="{name}"\nContent-Transfer-Encoding: base64\n'
            f"Content-ID: <{cid}>\n\n{_base64(letter.picture or b'')}\n--{boundary}--\n"
        )
        return {"content-type": f'multipart/related; type="text/html";\n\tboundary="{boundary}"'}, body

    def _type(self, kind: str, fold: str) -> str:
        return f"{kind};{fold}charset={self.charset}{self.flowed if kind == 'text/plain' else ''}"

    def _alone(self, kind: str, text: str, encoding: str) -> tuple[dict[str, str], str]:
        headers = {"content-type": self._type(kind, " "), "content-transfer-encoding": encoding}
        return headers, _encoded(text, encoding)

    def _part(self, kind: str, text: str, encoding: str) -> str:
        head = f"Content-Type: {self._type(kind, self.fold)}\nContent-Transfer-Encoding: {encoding}\n\n"
        return head + _encoded(text, encoding)


def _encoded(text: str, encoding: str) -> str:
    """A text of ASCII in a transfer encoding, with a line end behind it."""
    if encoding == "base64":
        return _base64(text.encode("ascii")) + "\n"
    if encoding == "quoted-printable":
        return binascii.b2a_qp(text.encode("ascii") + b"\n", istext=True).decode("ascii")
    return text + "\n"


def _base64(data: bytes) -> str:
    text = base64.b64encode(data).decode("ascii")
    return "\n".join([text[i : i + _WIDTH] for i in range(0, len(text), _WIDTH)])
