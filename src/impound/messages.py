"""Messages one by one, without a case: what ``impound check`` and ``impound train`` read.

Folders, mailboxes and archives are opened as for a case, and the same reader makes the same values of them, so that a
check and a case never disagree. Pages, links and names are taken for a message that says nothing else. Nothing is
fetched.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from impound import inputs, plugin
from impound.canonical import record_id
from impound.check.mail import Mail
from impound.errors import InputError
from impound.plugin import Piece, Rows

BATCH, BATCH_BYTES = 64, 4 << 20
"""Messages, and their bytes, that are read together."""
PAGE = re.compile(
    rb"(?:\xef\xbb\xbf)?\s{0,4096}(?:<!--[^>]{0,4096}-->\s{0,4096})?<(?:!doctype\s+html|html|head|body|meta|title)\b",
    re.I,
)
_LINK = re.compile(r"(?:[a-z][a-z0-9+.-]{1,20}|hxxps?)://[^\s]{1,2000}", re.IGNORECASE)
_NAME = re.compile(r"(?:[a-z0-9_-]{1,63}(?:\.|\[\.\])){1,10}[a-z][a-z0-9-]{1,62}\.?", re.IGNORECASE)
_KEY = bytes(32)
"""Recipients' pseudonyms are not looked at here, so their key need not be secret."""


@dataclass(frozen=True, slots=True)
class Found:
    """One message handed in: where it stands, and its value; ``mail`` is None with a ``reason`` where it has none.

    ``kind`` is message, page or text; ``id`` is the id it has in a case that read the same bytes; ``raw`` its bytes.
    """

    path: str
    offset: int
    kind: str = "message"
    id: int = 0
    mail: Mail | None = None
    raw: bytes = b""
    reason: str = ""


def messages(paths: Sequence[str]) -> Iterator[Found]:
    """Every message under the paths, in their order; a link or a domain name is text. In memory: one batch.

    Raises InputError for a path that does not exist and looks like neither.
    """
    for path in paths:
        if path != inputs.STDIN and not Path(path).exists() and not is_text(path):
            raise InputError(
                path, 0, "no such file or folder, and neither a link nor a domain name", "check the spelling"
            )
    with tempfile.TemporaryDirectory(prefix="impound-") as tmp:
        reading = _Reading()
        for path in paths:
            if path != inputs.STDIN and not Path(path).exists():
                yield from reading.flush()
                yield from reading.text(path)
                continue
            for item in inputs.walk([path], Path(tmp)):
                yield from reading.met(item)
        yield from reading.flush()


def is_text(argument: str) -> bool:
    """Whether an argument is a link or a domain name."""
    return bool(_LINK.fullmatch(argument) or _NAME.fullmatch(argument))


class _Reading:
    """Gathers pieces into batches and reads them."""

    def __init__(self) -> None:
        self._reader = plugin.load("readers", "mail")(pictures=False)
        self._waiting: list[tuple[Found, Piece]] = []
        self._bytes = 0

    def met(self, item: inputs.Input | inputs.Trouble) -> Iterator[Found]:
        """What comes of one input: its messages, or why there are none."""
        if isinstance(item, inputs.Trouble):
            yield from self.flush()
            yield Found(item.path, item.offset, reason=item.reason)
            return
        with item:
            head = inputs.head(item)
            if item.unread or not item.size:
                yield from self.flush()
                yield Found(item.path, 0, reason=item.unread or "empty")
            elif PAGE.match(head):
                with item.open() as stream:
                    yield from self.page(item.path, stream.read(BATCH_BYTES))
            elif self._reader.detect(item.path, head) <= 0:
                yield from self.flush()
                yield Found(item.path, 0, reason="this is no mail, and no page")
            else:
                yield from self._cut(item)

    def _cut(self, item: inputs.Input) -> Iterator[Found]:
        try:
            with item.open() as stream:
                for cut in self._reader.cut(stream, item.size):
                    if cut.skipped != plugin.CONTINUED:
                        yield from self._piece(item.path, item.sha256, cut)
        except InputError as error:
            yield from self.flush()
            yield Found(item.path, error.offset, reason=error.reason)

    def _piece(self, path: str, sha256: bytes, cut: plugin.Cut) -> Iterator[Found]:
        if cut.skipped:
            yield from self.flush()
            yield Found(path, cut.offset, reason=cut.skipped)
            return
        found = Found(path, cut.offset, id=record_id(sha256, cut.offset, "messages"), raw=cut.data)
        self._waiting.append((found, Piece(sha256, len(self._waiting), cut.offset, cut.data)))
        self._bytes += len(cut.data)
        if len(self._waiting) >= BATCH or self._bytes >= BATCH_BYTES:
            yield from self.flush()

    def page(self, path: str, data: bytes) -> Iterator[Found]:
        """A page: its text and links."""
        yield from self.flush()
        yield from self._alone(Found(path, 0, "page"), b"Content-Type: text/html\r\n\r\n" + data)

    def text(self, said: str) -> Iterator[Found]:
        """A link or a name."""
        link = said if "://" in said else f"http://{said}/"
        raw = f"Content-Type: text/plain; charset=utf-8\r\n\r\n{link}\r\n".encode("utf-8", "replace")
        yield from self._alone(Found(said, 0, "text"), raw)

    def _alone(self, found: Found, raw: bytes) -> Iterator[Found]:
        self._waiting.append((found, Piece(bytes(32), 0, 0, raw)))
        yield from self.flush()

    def flush(self) -> Iterator[Found]:
        """Read what waits, in its order."""
        if not self._waiting:
            return
        waiting, self._waiting, self._bytes = self._waiting, [], 0
        rows = Rows(_KEY)
        self._reader.read([piece for _, piece in waiting], rows)
        values = _values(rows)
        reasons = {row["source_id"]: row["reason"] for row in reversed(rows.rows.get("rejects", []))}
        for found, piece in waiting:
            mail, reason = values.get(piece.source_id), reasons.get(piece.source_id, "")
            yield Found(found.path, found.offset, found.kind, found.id, mail, found.raw, reason)


def _values(rows: Rows) -> dict[int, Mail]:
    """The messages of a batch by the number of their piece."""
    bodies = {row["body_sha256"]: row for row in rows.rows.get("bodies", ())}
    parts: dict[str, dict[int, list[dict[str, Any]]]] = {"urls": {}, "attachments": {}}
    for table, found in parts.items():
        for row in rows.rows.get(table, ()):
            found.setdefault(row["source_id"], []).append(row)
    urls, files = parts["urls"], parts["attachments"]
    return {
        row["source_id"]: Mail.of(
            row, bodies.get(row["body_sha256"]), urls.get(row["source_id"], ()), files.get(row["source_id"], ())
        )
        for row in rows.rows.get("messages", ())
    }
