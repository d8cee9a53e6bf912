"""The body of a message: its texts, links and attachments, as rows; the recipients taken out."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from impound import canonical
from impound.plugin import Piece, Rows
from impound.readers import _charset, _html, _links, _mime
from impound.readers._images import ImageHasher, magic
from impound.readers._personal import Redactor

TEXT_LIMIT = 1 << 20
"""Characters of text kept of one message: a book has about as many; what is longer is a list or an attack."""
URLS = 1000
"""Links listed of one message."""
WORDS = 200
"""Characters kept of the words that carry a link."""
SEPARATOR = "\x1f"
"""Stands between strings that are cleaned in one go; links and words of links hold no control characters."""


@dataclass(frozen=True)
class Context:
    """The message whose body is read: where it stands, where its rows go, and who must not stand in them."""

    piece: Piece
    message_id: int
    out: Rows
    redact: Redactor

    def record_id(self, table: str, ordinal: int) -> int:
        return canonical.record_id(self.piece.source_sha256, self.piece.offset, table, ordinal)


def is_text(part: _mime.Part) -> bool:
    """Whether a part is shown as the message's text, and not kept beside it."""
    return part.media_type in ("text/plain", "text/html") and part.disposition != "attachment" and not part.name


class Body:
    """The texts of a message as they are met, and the links in them."""

    def __init__(self, redact: Redactor) -> None:
        self._redact = redact
        self.charset: str | None = None
        self.plain: list[str] = []
        self.pages: list[_html.Page] = []
        self.cut: list[str] = []
        """What of it was too long to be read, in words."""
        self._left = TEXT_LIMIT

    def add(self, part: _mime.Part) -> None:
        self.charset = self.charset or part.charset
        if self._left <= 0:
            self.cut.append(f"the text goes on after {TEXT_LIMIT:,} characters: the rest is sealed, not read")
            return
        charset = part.charset or (_charset.html_charset(part.data) if part.media_type == "text/html" else None)
        text = _charset.decode(part.data[: 4 * self._left], charset)[: self._left]
        self._left -= len(text)
        if part.media_type == "text/html":
            page = _html.read(text)
            self.pages.append(page)
            if page.unread or page.unlisted:
                self.cut.append(f"{page.unread:,} characters of HTML and {page.unlisted:,} links are sealed, not read")
        else:
            self.plain.append(text.replace("\r\n", "\n").strip())

    def texts(self) -> tuple[str, str, str]:
        """Plain, visible and hidden text, the recipients taken out."""
        plain = "\n\n".join(self.plain)
        shown = "\n\n".join(p.text for p in self.pages)
        hidden = "\n\n".join(p.hidden_text for p in self.pages if p.hidden_text)
        return self._redact(plain), self._redact(shown), self._redact(hidden)

    def links(self) -> Iterable[tuple[str, str, str, str | None]]:
        """Every link: as written, its form, its place, the words that carry it."""
        for page in self.pages:
            for anchor in page.links:
                place = "hidden" if anchor.hidden else "html"
                yield anchor.url, _links.form(anchor.url), place, anchor.text or None
                for target in _links.inner(anchor.url):
                    yield target, "encoded", place, None
        for page in self.pages:
            for found in _links.in_text(page.text):
                yield found.url, found.form, "html", None
            for found in _links.in_text(page.hidden_text):
                yield found.url, found.form, "hidden", None
        for text in self.plain:
            for found in _links.in_text(text):
                yield found.url, found.form, "text", None


def bodies(body: Body, out: Rows) -> str:
    """Add the row of ``bodies`` unless this batch has it; gives the SHA-256 it is known by."""
    texts = body.texts()
    coded = [t.encode("utf-8", "replace") for t in texts]
    digest = hashlib.sha256(b"\0".join(coded))
    body_id = int.from_bytes(digest.digest()[:8], "big") >> 1
    known = out.known.setdefault("bodies", set())
    if body_id not in known:
        known.add(body_id)
        text, shown, hidden = texts
        size = sum(map(len, coded))
        name = digest.hexdigest()
        out.row("bodies", id=body_id, body_sha256=name, text=text, html_text=shown, hidden_text=hidden, bytes=size)
    return digest.hexdigest()


def urls(context: Context, links: Iterable[tuple[str, str, str, str | None]]) -> None:
    """Add a row of ``urls`` for each link, the first time it is met in the message."""
    met: dict[str, tuple[_links.Link, str, str, str]] = {}
    for raw, form, place, words in links:
        link = _links.canonical(raw)
        if link is None or link.url in met:
            continue
        if len(met) >= URLS:
            reason = f"more than {URLS:,} links: the rest is sealed, not listed"
            context.out.reject(context.piece, context.piece.offset, reason)
            break
        met[link.url] = link, form, place, (words or "")[:WORDS]
    joined = SEPARATOR.join([f"{url}{SEPARATOR}{found[3]}" for url, found in met.items()])
    clean = context.redact(joined)
    texts = clean.split(SEPARATOR)
    for ordinal, (url, (link, form, place, _)) in enumerate(met.items()):
        shown = texts[2 * ordinal]
        context.out.row(
            "urls",
            id=context.record_id("urls", ordinal),
            source_id=context.piece.source_id,
            offset=context.piece.offset,
            message_id=context.message_id,
            url=shown,
            scheme=link.scheme,
            host=link.host if shown == url else context.redact.hosts(link.host or "") or None,
            domain=link.domain,
            path_shape=canonical.path_shape(link.path if shown == url else context.redact(link.path)),
            place=place,
            form=form,
            link_text=texts[2 * ordinal + 1] or None,
        )


def attachment(context: Context, part: _mime.Part, images: ImageHasher) -> None:
    """Add the row of ``attachments`` for a part that is no text."""
    kind = magic(part.data)
    picture = images.describe(part.data) if kind and kind.startswith("image/") else None
    place = int.from_bytes(hashlib.blake2b(part.path.encode(), digest_size=6).digest(), "big")
    context.out.row(
        "attachments",
        id=context.record_id("attachments", place),
        source_id=context.piece.source_id,
        offset=context.piece.offset + part.offset,
        message_id=context.message_id,
        name=context.redact.optional(part.name),
        media_type=part.media_type,
        magic=kind,
        inline=part.disposition == "inline" or part.content_id is not None,
        sha256=hashlib.sha256(part.data).hexdigest(),
        bytes=len(part.data),
        image_hash=picture.image_hash if picture else None,
        width=picture.width if picture else None,
        height=picture.height if picture else None,
    )
