"""The body of a message: its texts, links and attachments, as rows; the recipients taken out."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from impound import canonical
from impound.plugin import Piece, Rows
from impound.readers import _charset, _html, _links, _mime
from impound.readers._images import MessageImages, magic
from impound.readers._personal import Redactor
from impound.readers._shapes import Shapes

TEXT_LIMIT = 1 << 20
"""Characters of text kept of one message: a book has about as many; what is longer is a list or an attack."""
GOES_ON = f"the text goes on after {TEXT_LIMIT:,} characters: the rest is sealed, not read"
URLS = 1000
"""Links listed of one message."""
WORDS = 200
"""Characters kept of the words that carry a link."""
REMEMBERED = 1 << 16
"""Characters up to which a part is remembered: of TREC 2007's parts every fifth is one of the 512 before it again."""


class Context(NamedTuple):
    """The message whose body is read: where it stands, where its rows go, who must not stand in them, what waits."""

    piece: Piece
    message_id: int
    out: Rows
    redact: Redactor
    shapes: Shapes

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
        self.pages: list[_Page] = []
        self.cut: list[str] = []
        """What of it was too long to be read, in words."""
        self._left = TEXT_LIMIT

    def add(self, part: _mime.Part) -> None:
        self.charset = self.charset or part.charset
        if self._left <= 0:
            self.cut.append(GOES_ON)
            return
        charset = part.charset or (_charset.html_charset(part.data) if part.media_type == "text/html" else None)
        decoded = _charset.decode(part.data[: 4 * self._left], charset)
        text = decoded[: self._left]
        if len(decoded) > len(text) or len(part.data) > 4 * self._left:
            self.cut.append(GOES_ON)
        self._left -= len(text)
        if part.media_type == "text/html":
            page = _page(text) if len(text) <= REMEMBERED else _page.__wrapped__(text)
            self.pages.append(page)
            unread, unlisted = page.read.unread, page.read.unlisted
            if unread or unlisted:
                self.cut.append(f"{unread:,} characters of HTML and {unlisted:,} links are sealed, not read")
        else:
            self.plain.append(text.replace("\r\n", "\n").strip())

    def texts(self) -> tuple[str, str, str]:
        """Plain, visible and hidden text, the recipients taken out."""
        plain = "\n\n".join(self.plain)
        shown = "\n\n".join(p.read.text for p in self.pages)
        hidden = "\n\n".join(p.read.hidden_text for p in self.pages if p.read.hidden_text)
        return self._redact(plain), self._redact(shown), self._redact(hidden)

    def links(self) -> Iterator[_Met]:
        """Every link: those of HTML, then those in its words, then those in plain text."""
        for page in self.pages:
            yield from page.anchors
        for page in self.pages:
            yield from page.words
        for text in self.plain:
            yield from _plain(text) if len(text) <= REMEMBERED else _plain.__wrapped__(text)


class _Met(NamedTuple):
    """A link as it was met: its form, its place, the words that carry it."""

    link: _links.Link
    form: str
    place: str
    words: str


class _Page(NamedTuple):
    """An HTML part as a reader sees it, the links in its tags, and those in its words."""

    read: _html.Page
    anchors: tuple[_Met, ...]
    words: tuple[_Met, ...]


@lru_cache(maxsize=512)
def _page(html: str) -> _Page:
    read = _html.read(html)
    words = [(f.url, f.form, "html", "") for f in _links.in_text(read.text)]
    words += [(f.url, f.form, "hidden", "") for f in _links.in_text(read.hidden_text)]
    return _Page(read, _distinct(_anchored(read)), _distinct(words))


@lru_cache(maxsize=512)
def _plain(text: str) -> tuple[_Met, ...]:
    return _distinct((f.url, f.form, "text", "") for f in _links.in_text(text))


def _anchored(page: _html.Page) -> Iterator[tuple[str, str, str, str]]:
    for anchor in page.links:
        place = "hidden" if anchor.hidden else "html"
        yield anchor.url, _links.form(anchor.url), place, anchor.text[:WORDS]
        for target in _links.inner(anchor.url):
            yield target, "encoded", place, ""


def _distinct(found: Iterable[tuple[str, str, str, str]]) -> tuple[_Met, ...]:
    """The links that lead somewhere, each the first time it is met."""
    met: dict[str, _Met] = {}
    for raw, form, place, words in found:
        link = _links.canonical(raw)
        if link is not None and link.url not in met:
            met[link.url] = _Met(link, form, place, words)
    return tuple(met.values())


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


def urls(context: Context, links: Iterable[_Met]) -> None:
    """Add a row of ``urls`` for each link, the first time it is met in the message."""
    met: dict[str, _Met] = {}
    for found in links:
        if found.link.url in met:
            continue
        if len(met) >= URLS:
            reason = f"more than {URLS:,} links: the rest is sealed, not listed"
            context.out.reject(context.piece, context.piece.offset, reason)
            break
        met[found.link.url] = found
    if not met:
        return
    redact = context.redact
    shown = redact.each([text for url, found in met.items() for text in (url, found.words)])
    for ordinal, (url, (link, form, place, _words)) in enumerate(met.items()):
        same = shown[2 * ordinal] == url
        host, domain = (link.host, link.domain or "") if same else redact.hosts([link.host, link.domain or ""])
        context.out.row(
            "urls",
            id=context.record_id("urls", ordinal),
            source_id=context.piece.source_id,
            offset=context.piece.offset,
            message_id=context.message_id,
            url=shown[2 * ordinal],
            scheme=link.scheme,
            host=host or None,
            domain=domain or None,
            path_shape=None,
            place=place,
            form=form,
            link_text=shown[2 * ordinal + 1] or None,
        )
        _shape_of_path(link.path if same else redact(link.path), context)


def _shape_of_path(path: str, context: Context) -> None:
    """Have the shape of a link's path put into the row of ``urls`` that was added last."""
    row = context.out.rows["urls"][-1]
    if path in ("", "/"):
        row["path_shape"] = canonical.path_shape(path)
    else:
        context.shapes.want(row, "path_shape", path)


def attachment(context: Context, part: _mime.Part, images: MessageImages) -> None:
    """Add the row of ``attachments`` for a part that is no text; a reject where a limit kept an image undecoded."""
    kind = magic(part.data)
    picture = images.describe(part.data) if kind and kind.startswith("image/") else None
    if reason := images.news(picture):
        context.out.reject(context.piece, context.piece.offset + part.offset, reason)
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
