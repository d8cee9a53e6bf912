"""Files that age has sealed: known by their head, cut whole, and no row of them."""

from __future__ import annotations

import io

from impound.plugin import Piece, Rows
from impound.readers.sealed import HEAD, STRETCH, SealedReader

READER = SealedReader()


def test_it_is_known_by_its_head() -> None:
    assert READER.detect("x", HEAD + b"-> X25519 abc") == 1.0
    assert READER.detect("x.age", b"From: a@b.example\n\nage-encryption.org/v1\n") == 0.0


def test_cuts_cover_every_byte_and_give_no_rows() -> None:
    data = HEAD + bytes(STRETCH)
    cuts = list(READER.cut(io.BytesIO(data), len(data)))
    assert b"".join(cut.data for cut in cuts) == data
    assert [cut.offset for cut in cuts] == [0, STRETCH]
    rows = Rows(b"")
    READER.read([Piece(b"", 1, cut.offset, cut.data) for cut in cuts], rows)
    assert rows.tables() == {}
    assert not READER.grows(HEAD)
