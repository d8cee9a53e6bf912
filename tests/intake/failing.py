"""Readers that fail, each in its own way. Imported by worker processes, so they have a file of their own."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from impound.canonical import record_id
from impound.errors import InputError
from impound.plugin import Cut, Piece, Rows


class Lines:
    """One record a line; what a line says is what happens when it is read."""

    name, version, writes = "lines", "1", ("messages",)

    def detect(self, path: str, head: bytes) -> float:
        return 1.0

    def cut(self, stream: BinaryIO, size: int) -> Iterator[Cut]:
        offset = 0
        for line in stream:
            if line == b"changes\n":
                raise InputError("mail", offset, "the file changed while it was read")
            yield Cut(offset, line)
            offset += len(line)

    def grows(self, head: bytes) -> bool:
        return False

    def read(self, pieces: Iterable[Piece], out: Rows) -> None:
        for piece in pieces:
            word = piece.data.split()[0]
            if word == b"raises":
                raise RuntimeError("a mistake")
            if word == b"dies":
                os._exit(11)
            text = b"\xff".decode("utf-8", "surrogateescape") if word == b"surrogate" else word.decode()
            out.row(
                "messages",
                id=record_id(piece.source_sha256, piece.offset, "messages"),
                source_id=piece.source_id,
                offset=piece.offset,
                subject=text,
            )
