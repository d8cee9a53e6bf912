"""Looking at what a drill wrote."""

from __future__ import annotations

import email
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from impound import drill


def mail_of(written: drill.Written) -> bytes:
    """All mail of a drill."""
    return b"".join(day.read_bytes() for day in sorted(written.out.glob("*.mbox")))


@lru_cache(maxsize=16)
def texts_of(out: Path) -> str:
    """The headers and decoded text parts of all messages of a drill."""
    found = []
    for day in sorted(out.glob("*.mbox")):
        for message in day.read_bytes().split(b"\n\nFrom "):
            found += [message.partition(b"\n\n")[0].decode("ascii"), text_of(message)]
    return "\n".join(found)


def text_of(message: bytes) -> str:
    """The decoded text parts of a message."""
    parsed = email.message_from_bytes(message[message.index(b"\n") + 1 :])
    parts = [part for part in parsed.walk() if part.get_content_maintype() == "text"]
    return "\n".join(part.get_payload(decode=True).decode("latin-1") for part in parts)  # type: ignore[union-attr]


def rows(written: drill.Written, name: str) -> list[dict[str, str]]:
    """A table of its truth."""
    return list(drill.rows(written.out, name))


def messages_of(written: drill.Written) -> Iterator[tuple[dict[str, str], bytes]]:
    """Each message with its row of the truth."""
    days = {day.name: day.read_bytes() for day in written.out.iterdir()}
    found = rows(written, "messages")
    for row, after in zip(found, [*found[1:], None], strict=True):
        end = int(after["offset"]) if after and after["file"] == row["file"] else None
        yield row, days[row["file"]][int(row["offset"]) : end]
