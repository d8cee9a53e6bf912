"""What is sealed by age: a source as it is, bytes and hash; what it holds is between its sender and who has the key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import BinaryIO

from impound.plugin import Cut, Piece, Rows

HEAD = b"age-encryption.org/v1\n"
"""How a file of age begins (age-encryption.org/v1, "Header")."""
STRETCH = 4 << 20
"""Bytes of a piece."""


class SealedReader:
    """Reads nothing: sealed files are kept as sources without records, and are no rejects."""

    name = "sealed"
    version = "1"
    writes = ("messages",)

    def detect(self, path: str, head: bytes) -> float:
        """Whether it begins as age's files do."""
        return 1.0 if head.startswith(HEAD) else 0.0

    def cut(self, stream: BinaryIO, size: int) -> Iterator[Cut]:
        """The source in stretches of a few megabytes."""
        offset = 0
        while block := stream.read(STRETCH):
            yield Cut(offset, block)
            offset += len(block)

    def grows(self, head: bytes) -> bool:
        """Nothing is added to a sealed file."""
        return False

    def read(self, pieces: Iterable[Piece], out: Rows) -> None:
        """No rows: it cannot be read."""
