"""HTML as the reader of a mail sees it: the words in view, the words kept out of view, and the links.

One pass over the tags that tells whether anything can be hidden at all, and a second with a stack of open elements
where something can (the parts of the HTML standard's tree construction, section 13.2.6, that decide what a style
covers). No tree is built: time and memory grow with the length alone, however deep the nesting, and no check is
switched off for hostile input. (A DOM parser took 4.6 s for 50,000 nested divs and is no faster on ordinary mail.)
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import urljoin

from impound.readers._style import BLUE, State, Style, can_hide, colour, inherit, merged, sheet
from impound.readers._tags import BLOCKS, BREAK, CELLS, END, START, VOID, Tag, decode, tokens

MAX_HTML = 1 << 20
"""Characters of HTML that are read. The longest part of all mail sets tag has 0.4 million."""
MAX_ANCHORS = 1000
"""Links that are kept; the longest newsletter of all mail sets tag has some 500."""
MAX_LINK_TEXT = 200
WALK = 64
"""Open elements that an end tag looks back over. Real mail nests 20 to 40 deep between one table cell and the next."""
REOPENED = 8
"""Formatting elements that go on after a block ends over them (HTML standard, 13.2.4.3)."""

_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)
"""Soft hyphen, zero-width and direction marks: they split words for a filter and show nothing to a reader."""
_PICTURE = re.compile(r"data:[\w/+.;=-]{0,100};base64,[A-Za-z0-9+/=\s]*+")
_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]{0,30}:")

_FORMATTING = frozenset(("a", "b", "big", "code", "em", "font", "i", "s", "small", "strike", "strong", "tt", "u"))
_TABLE = frozenset(("table",))
_ROWS = CELLS | {"tr"}
_TABLE_PARTS = _ROWS | {"tbody", "thead", "tfoot"}
_IMPLIED: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    **dict.fromkeys(BLOCKS - {"br", "button", "option", "select", "body", "html"}, (frozenset("p"), CELLS)),
    **dict.fromkeys(CELLS, (CELLS, _TABLE_PARTS - CELLS | _TABLE)),
    "tr": (_ROWS, _TABLE_PARTS - _ROWS | _TABLE),
    **dict.fromkeys(("tbody", "thead", "tfoot"), (_TABLE_PARTS, _TABLE)),
    "li": (frozenset(("li", "p")), CELLS | {"ul", "ol"}),
    **dict.fromkeys(("dd", "dt"), (frozenset(("dd", "dt", "p")), CELLS | {"dl"})),
    "option": (frozenset(("option",)), frozenset(("select",))),
    "a": (frozenset("a"), CELLS),
}
"""Which open elements a start tag ends, and the elements it cannot reach across."""


@lru_cache(maxsize=64)
def _concerned(styled: frozenset[str]) -> frozenset[str]:
    """The names of tags that matter where only elements of these names declare something: they, the parts of tables
    (which bound the others' reach), links, and whatever ends one of them."""
    live = styled | _TABLE_PARTS | {"table", "a", "body", "html", "pre"}
    return live | {name for name, (ended, _) in _IMPLIED.items() if not ended.isdisjoint(live)}


@dataclass(frozen=True)
class Anchor:
    """A link: the attribute's value with entities decoded, the words that carry it, whether its place is hidden."""

    url: str
    text: str
    hidden: bool


@dataclass(frozen=True)
class Page:
    """The visible words (one line a block), the hidden ones apart, and the links in their order.

    ``unread`` counts the characters beyond MAX_HTML and MAX_TAGS, ``unlisted`` the links beyond MAX_ANCHORS.
    """

    text: str
    hidden_text: str
    links: list[Anchor] = field(default_factory=list)
    unread: int = 0
    unlisted: int = 0


def read(html: str) -> Page:
    """The page that a reader sees, apart from what is hidden, and its links. At most MAX_HTML characters."""
    if len(html) > MAX_HTML:  # a picture written into the page tells nothing, and must not push its words out
        html = _PICTURE.sub("data:,", html)
    source = html[:MAX_HTML]
    texts, tags, left = tokens(source.replace(BREAK, "") if BREAK in source else source)
    words = _Words()
    if not words.read(texts, tags):
        words = _Elements(words.rules)
        words.read(texts, tags)
    unread = max(len(html) - MAX_HTML, 0) + left
    return Page(_lines(words.pieces), _lines(words.hidden), words.links, unread, words.unlisted)


def _lines(pieces: Sequence[str]) -> str:
    """Pieces of text as lines of words: references decoded, marks without width taken out, spaces collapsed."""
    text = decode("".join(pieces))
    if not text.isascii():
        text = _UNSEEN.sub("", text)
    lines = [" ".join(line.split()) for line in text.split(BREAK)]
    return "\n".join([line for line in lines if line])


def _line(pieces: Sequence[str]) -> str:
    return _lines(pieces).replace("\n", " ")


class _Words:
    """The words and links of a document, everything but titles taken to be seen."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.hidden: list[str] = []
        self.links: list[Anchor] = []
        self.unlisted = 0
        self.rules: dict[str, Style] = {}
        self.base = ""
        self.anchor: tuple[str, int, int] | None = None

    def read(self, texts: list[str], tags: list[Tag]) -> bool:
        """Read the document; False when something may be hidden in it, so that it has to be read element by element."""
        busy = [(i, t) for i, t in enumerate(tags) if not t.plain]
        for _, tag in busy:
            if tag.content and tag.name == "style":
                self.rules |= sheet(tag.content)
        styles = {t.own for _, t in busy if t.own}.union(self.rules.values())
        styles.update(Style(colour=colour(t.link_colour)) for _, t in busy if t.link_colour)
        if can_hide(frozenset(styles)) or any(t.name == "pre" for _, t in busy):
            return False
        self.pieces = [""] * (len(texts) + len(tags))
        self.pieces[0::2] = texts
        self.pieces[1::2] = [t.mark for t in tags]
        for i, tag in busy:
            if tag.name == "a":
                self.finish_anchor(2 * i + 1)
            elif tag.content:
                self.pieces[2 * i + 1] += self.raw(tag)
            if tag.links:
                self.link(tag, 2 * i + 1)
        self.finish_anchor(len(self.pieces))
        return True

    def raw(self, tag: Tag) -> str:
        """The content of an element without tags: titles are hidden words, text areas are shown, code is neither."""
        if tag.name == "title":
            self.hidden += (BREAK, tag.content, BREAK)
        if tag.name == "xmp":
            return tag.content.replace("&", "&amp;")
        return tag.content if tag.name == "textarea" else ""

    def link(self, tag: Tag, at: int) -> None:
        """The links that a tag carries. The one of ``<a>`` waits for its words, which come after piece ``at``."""
        if tag.name == "a":
            self.anchor = (tag.links[0], at, len(self.hidden))
        elif tag.name == "base":
            self.base = self.base or tag.links[0]
        else:
            for url in tag.links:
                self.add(url, "", self.covered(tag))

    def covered(self, tag: Tag) -> bool:
        """Whether what this tag shows is hidden."""
        return False

    def finish_anchor(self, at: int) -> None:
        """The words since ``<a>`` carry the link; it is hidden when those words, or its place, are."""
        if not self.anchor:
            return
        (url, seen, unseen), self.anchor = self.anchor, None
        text, hidden = _line(self.pieces[seen:at]), False
        if not text and self.hidden:
            text = _line(self.hidden[unseen:])
            hidden = bool(text)
        self.add(url, text[:MAX_LINK_TEXT], hidden or (not text and self.covered(_A)))

    def add(self, url: str, text: str, hidden: bool) -> None:
        if len(self.links) >= MAX_ANCHORS:
            self.unlisted += 1
            return
        if self.base and not _SCHEME.match(url):
            with suppress(ValueError):  # a base that is no URL, such as one with an unfinished IPv6 host
                url = urljoin(self.base, url)
        self.links.append(Anchor(url, text, hidden))


_A = Tag("a", selectors=("a",))


_Open = tuple[str, Style | None, State]
"""An element that is open: its name, what it declares, and what holds for the words inside."""


class _Elements(_Words):
    """The same with a stack of open elements, so that hidden words are told from seen ones."""

    def __init__(self, rules: dict[str, Style]) -> None:
        super().__init__()
        self.rules = rules
        self.stack: list[_Open] = [("", None, State())]
        self.state = State()
        self.link_style = merged(Style(colour=BLUE), rules.get("a", Style()))
        self.seen_before = 0
        self.verbatim = 0

    def read(self, texts: list[str], tags: list[Tag]) -> bool:
        stack, concerned = self.stack, self.concerned(tags)
        self.text(texts[0])
        for tag, text in zip(tags, texts[1:], strict=True):
            if tag.kind == END:
                self.end(tag)
            elif tag.name in concerned or not tag.plain:
                if tag.kind == START:
                    self.start(tag)
                else:
                    if tag.mark:
                        self.separate(tag.mark)
                    if stack[-1][0] == tag.name:
                        stack.pop()
                        self.state = stack[-1][2]
                    else:
                        self.close(tag.name)
            elif tag.mark:
                self.separate(tag.mark)
            if text:
                self.text(text)
        self.finish_anchor(len(self.pieces))
        return True

    def concerned(self, tags: list[Tag]) -> frozenset[str]:
        """The names of the tags that this document needs to be followed."""
        styled = {t.name for t in tags if t.own}
        if self.rules:
            styled |= {t.name for t in tags if not self.rules.keys().isdisjoint(t.selectors)}
        return _concerned(frozenset(styled))

    def text(self, text: str) -> None:
        """Words that stand between two tags."""
        if self.verbatim:
            text = text.replace("\n", BREAK)
        if self.state.seen:
            self.pieces.append(text)
            return
        if self.seen_before != len(self.pieces):  # words were seen since: another stretch of hidden ones begins
            self.hidden.append(BREAK)
            self.seen_before = len(self.pieces)
        self.hidden.append(text)

    def separate(self, mark: str) -> None:
        """Marks part the words on both sides; one inside a hidden stretch does not end it."""
        self.pieces.append(mark)
        if not self.state.seen:
            self.hidden.append(mark)
            self.seen_before = len(self.pieces)

    def start(self, tag: Tag) -> None:
        """A start tag: ends what it implies, separates words, opens an element, takes links."""
        name = tag.name
        if name in _IMPLIED:
            self.imply(*_IMPLIED[name])
        if tag.mark:
            self.separate(tag.mark)
        own = self.declared(tag) if self.rules else tag.own
        if name in ("html", "body"):
            self.root(tag, own)
        elif name not in VOID:
            if name == "a" and tag.links:
                own = merged(self.link_style, own) if own else self.link_style
            self.push(name, own)
        if tag.special:
            if name == "a":
                self.finish_anchor(len(self.pieces))
            elif name == "pre":
                self.verbatim += 1
            elif tag.content and (text := self.raw(tag)):
                self.text(text)
        if tag.links:
            self.link(tag, len(self.pieces))

    def end(self, tag: Tag) -> None:
        """The end tag of a link, of verbatim lines, or of the whole page (which ends nothing: more may follow)."""
        if tag.mark:
            self.separate(tag.mark)
        if tag.name == "a":
            self.finish_anchor(len(self.pieces))
        elif tag.name == "pre":
            self.verbatim = max(self.verbatim - 1, 0)
        self.close(tag.name)

    def close(self, name: str) -> None:
        """Close the nearest open element of this name, if one is within reach."""
        fences: frozenset[str] = frozenset() if name == "table" else _TABLE if name in _TABLE_PARTS else CELLS
        self.imply(frozenset((name,)), fences, outermost=False)

    def push(self, name: str, own: Style | None) -> None:
        if own:
            self.state = inherit(self.state, own)
        self.stack.append((name, own, self.state))

    def root(self, tag: Tag, own: Style | None) -> None:
        """The style of html and body holds for everything, wherever the tag stands."""
        if own:
            self.stack[0] = ("", own, inherit(self.stack[0][2], own))
            if len(self.stack) == 1:
                self.state = self.stack[0][2]
        if tag.link_colour:
            self.link_style = Style(colour=colour(tag.link_colour))

    def declared(self, tag: Tag) -> Style | None:
        """What a tag declares: by the rules of the document's sheet, and above them by its own attributes."""
        if not self.rules:
            return tag.own
        style: Style | None = None
        for key in tag.selectors:
            if found := self.rules.get(key):
                style = merged(style, found) if style else found
        return merged(style, tag.own) if style and tag.own else style or tag.own

    def covered(self, tag: Tag) -> bool:
        return not self.state.seen or bool((own := self.declared(tag)) and own.gone)

    def imply(self, names: frozenset[str], fences: frozenset[str], *, outermost: bool = True) -> None:
        """Close the open element of these names (the outermost, or the nearest) on this side of the fences.

        Formatting elements that were open inside it go on after it, as browsers reopen them.
        """
        stack, cut = self.stack, 0
        if stack[-1][0] in fences:
            return
        for i in range(len(stack) - 1, max(len(stack) - WALK, 0), -1):
            name = stack[i][0]
            if name in names:
                cut = i
                if not outermost:
                    break
            elif name in fences:
                break
        if not cut:
            return
        above, closed = stack[cut + 1 :], stack[cut][0]
        del stack[cut:]
        self.state = stack[-1][2]
        if above and closed not in _TABLE_PARTS and closed != "table":
            for name, own, _ in [e for e in above if e[0] in _FORMATTING][:REOPENED]:
                self.push(name, own)
