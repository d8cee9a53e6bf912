"""Mail: single messages, mboxes, Maildirs, with whatever stands in them.

To know a message is enough to read one: a file that begins with a ``From `` line is an mbox, everything else that has
mail headers is one message. Files, folders and archives are opened by :mod:`impound.inputs`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import BinaryIO

from impound.plugin import Cut, Piece, Rows
from impound.readers import _mbox, _message
from impound.readers._images import ImageHasher
from impound.readers._shapes import Shapes


class MailReader:
    """Reads RFC 5322 messages. Limits on size, depth and number stand as constants in the modules it is made of."""

    name = "mail"
    version = "1"
    writes = ("messages", "bodies", "urls", "attachments", "answers")

    def __init__(self, pictures: bool = True) -> None:
        """``pictures``: whether images are decoded to hash what they show; a check of one message needs no hash."""
        self._pictures = pictures

    def detect(self, path: str, head: bytes) -> float:
        """How much the first bytes look like mail headers or an mbox."""
        return _mbox.looks_like_mail(head)

    def cut(self, stream: BinaryIO, size: int) -> Iterator[Cut]:
        """The source message by message."""
        return _mbox.cut(stream, size)

    def grows(self, head: bytes) -> bool:
        """Mail is delivered into what begins with a ``From `` line."""
        return _mbox.is_mailbox(head)

    def read(self, pieces: Iterable[Piece], out: Rows) -> None:
        """A row of ``messages`` for each piece, with its text, links and attachments."""
        shapes = Shapes()
        for piece in pieces:
            mark = out.mark()
            try:
                _message.read(piece, out, _images() if self._pictures else None, shapes)
            except Exception as error:  # noqa: BLE001 - hostile mail meets our own mistakes here: one message, one reject
                out.undo(mark)
                out.reject(piece, piece.offset, f"the reader failed ({type(error).__name__}): please report it")
        shapes.fill()


_HASHER: list[ImageHasher] = []


def _images() -> ImageHasher:
    """One hasher, and so one image process, for each worker."""
    if not _HASHER:
        _HASHER.append(ImageHasher())
    return _HASHER[0]
