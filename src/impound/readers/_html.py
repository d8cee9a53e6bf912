"""HTML as the reader of a mail sees it: the words in view, the words kept out of view, and the links.

One pass over the tags that tells whether anything can be hidden at all, and a second with a stack of open elements
where something can (the parts of the HTML standard's tree construction, section 13.2.6, that decide what a style
covers). No tree is built: time and memory grow with the length alone, however deep the nesting, and no check is
switched off for hostile input. (A DOM parser took 4.6 s for 50,000 nested divs and is no faster on ordinary mail.)
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urljoin

from impound.readers._style import BLUE, Hiding, State, Style, colour, hiding, inherit, merged, sheet
from impound.readers._tags import BLOCKS, BREAK, CELLS, CLOSES, END, VOID, Tag, decode, tokens

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
_ROOTS = frozenset(("html", "body"))
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


_Implied = tuple[frozenset[str], frozenset[str]]


@lru_cache(maxsize=64)
def _concerned(styled: frozenset[str]) -> tuple[frozenset[str], dict[str, _Implied]]:
    """The elements to follow where only those of these names declare something, and what their start tags end.

    They are these, the parts of tables (which bound the others' reach), links, and whatever ends one of them.
    """
    live = styled | _TABLE_PARTS | {"table", "a", "pre"}
    enders = {name: implied for name, implied in _IMPLIED.items() if not implied[0].isdisjoint(live)}
    return live.union(enders) - VOID - _ROOTS, enders


class Anchor(NamedTuple):
    """A link: the attribute's value with entities decoded, the words that carry it, whether its place is hidden."""

    url: str
    text: str
    hidden: bool


class Page(NamedTuple):
    """The visible words (one line a block), the hidden ones apart, and the links in their order.

    ``unread`` counts the characters beyond MAX_HTML and MAX_TAGS, ``unlisted`` the links beyond MAX_ANCHORS.
    """

    text: str
    hidden_text: str
    links: list[Anchor]
    unread: int = 0
    unlisted: int = 0


def read(html: str) -> Page:
    """The page that a reader sees, apart from what is hidden, and its links. At most MAX_HTML characters."""
    if len(html) > MAX_HTML:  # a picture written into the page tells nothing, and must not push its words out
        html = _PICTURE.sub("data:,", html)
    source = html[:MAX_HTML]
    texts, tags, left = tokens(source.replace(BREAK, "") if BREAK in source else source)
    pieces = [""] * (len(texts) + len(tags))
    pieces[0::2] = texts
    pieces[1::2] = [t.mark for t in tags]
    distinct = set(tags)
    telling = [t for t in distinct if not t.plain]
    rules = _rules(tags) if any(t.content and t.name == "style" for t in telling) else {}
    how = hiding(_styles(telling, rules))
    if any(how) or any(t.name == "pre" for t in telling):
        words: _Words = _Elements(rules, how)
    else:
        words = _Words()
    words.read(pieces, tags, distinct)
    unread = max(len(html) - MAX_HTML, 0) + left
    return Page(_lines(words.pieces), _lines(words.hidden), words.links, unread, words.unlisted)


def _rules(tags: list[Tag]) -> Mapping[str, Style]:
    rules: dict[str, Style] = {}
    for tag in tags:
        if tag.content and tag.name == "style":
            rules.update(sheet(tag.content))
    return rules


def _styles(tags: list[Tag], rules: Mapping[str, Style]) -> frozenset[Style]:
    """Every style that these tags and the document's rules declare."""
    styles = {t.own for t in tags if t.own}.union(rules.values())
    styles.update(Style(colour=colour(t.link_colour)) for t in tags if t.link_colour)
    return frozenset(styles)


def _lines(pieces: Sequence[str]) -> str:
    """Pieces of text as lines of words: references decoded, marks without width taken out, spaces collapsed."""
    lines = _decoded(pieces).split(BREAK)
    return "\n".join([" ".join(words) for line in lines if line and (words := line.split())])


def _line(pieces: Sequence[str]) -> str:
    return " ".join(_decoded(pieces).replace(BREAK, " ").split())


def _decoded(pieces: Sequence[str]) -> str:
    text = "".join(pieces)
    if "&" in text:
        text = decode(text.replace("&nbsp;", " "))
    return text if text.isascii() else _UNSEEN.sub("", text)


class _Words:
    """The words and links of a document in which everything but titles is seen."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.hidden: list[str] = []
        self.links: list[Anchor] = []
        self.unlisted = 0
        self.base = ""
        self.anchor: tuple[str, int, int] | None = None

    def read(self, pieces: list[str], tags: list[Tag], distinct: set[Tag]) -> None:
        """Read a document from its texts with the marks of its tags between them, and these tags."""
        self.pieces = pieces
        busy = {t for t in distinct if t.links or t.content or t.name == "a"}
        for i, tag in enumerate(tags) if busy else ():
            if tag not in busy:
                continue
            if tag.name == "a":
                self.finish_anchor(2 * i + 1)
            elif tag.content:
                pieces[2 * i + 1] += self.raw(tag)
            if tag.links:
                self.link(tag, 2 * i + 1)
        self.finish_anchor(len(pieces))

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

    def __init__(self, rules: Mapping[str, Style], how: Hiding) -> None:
        super().__init__()
        self.rules = rules
        self.how = how
        self.stack: list[_Open] = [("", None, State())]
        self.state = State()
        self.link_style = merged(Style(colour=BLUE), rules.get("a", Style()))
        self.source: list[str] = []
        self.done = self.here = 0
        """How much of the source was told to be seen or not; where its reading stands."""
        self.followed: frozenset[str] = frozenset()
        self.implied: dict[str, _Implied] = {}
        self.seen_before = 0
        self.verbatim = 0

    def read(self, pieces: list[str], tags: list[Tag], distinct: set[Tag]) -> None:
        self.source, stack = pieces, self.stack
        busy = self.concerned(distinct)
        for i, tag in enumerate(tags):
            if tag not in busy:
                continue
            self.here = 2 * i + 1
            if tag.kind == CLOSES:
                self.here += 1
                if stack[-1][0] == tag.name:
                    del stack[-1]
                    if stack[-1][2] is not self.state:
                        self.turn(stack[-1][2])
                else:
                    self.close(tag.name)
            elif tag.kind == END:
                self.here += 1
                self.end(tag)
            else:
                implied = self.implied.get(tag.name)
                if implied and stack[-1][0] not in implied[1]:
                    self.imply(*implied)
                self.here += 1
                self.start(tag, busy[tag])
        self.here = len(pieces)
        self.flush()
        self.finish_anchor(len(self.pieces))

    def concerned(self, tags: set[Tag]) -> dict[Tag, Style | None]:
        """The tags that this document needs to be followed, with what they declare."""
        concerns = self.how.concerns
        styled = {t.name for t in tags if t.own and concerns(t.own)}
        if self.rules:
            telling = {key for key, style in self.rules.items() if concerns(style)}
            styled |= {t.name for t in tags if not telling.isdisjoint(t.selectors)}
        self.followed, self.implied = followed, _ = _concerned(frozenset(styled))
        return {t: self.declared(t) for t in tags if t.special or t.links or t.name in followed}

    def turn(self, state: State) -> None:
        """What holds from here on; the words up to here are told apart where that changes anything for them."""
        if state.seen != self.state.seen:
            self.flush()
        self.state = state

    def flush(self) -> None:
        """Tell the words since the last time as what they are in the present state."""
        start, end = self.done, self.here
        if start < end:
            self.done = end
            self.tell("".join(self.source[start:end]), "".join(self.source[start | 1 : end : 2]))

    def tell(self, text: str, marks: str) -> None:
        """Words with marks between them; marks part what is seen even where they are inside a hidden stretch."""
        if not text:
            return
        if self.verbatim:
            text = text.replace("\n", BREAK)
        if self.state.seen:
            self.pieces.append(text)
            return
        if self.seen_before != len(self.pieces):  # words were seen since: another stretch of hidden ones begins
            self.hidden.append(BREAK)
        self.hidden.append(text)
        if marks:
            self.pieces.append(marks)
        self.seen_before = len(self.pieces)

    def start(self, tag: Tag, own: Style | None) -> None:
        """A start tag: opens an element, takes links and the content of an element without tags."""
        name = tag.name
        if name in self.followed:
            if name == "a" and tag.links:
                own = merged(self.link_style, own) if own else self.link_style
            self.push(name, own)
        elif name in _ROOTS:
            self.root(tag, own)
        if tag.special:
            self.flush()
            if name == "a":
                self.finish_anchor(len(self.pieces))
            elif name == "pre":
                self.verbatim += 1
            elif tag.content and (text := self.raw(tag)):
                self.tell(text, "")
        if tag.links:
            self.link(tag, len(self.pieces))

    def end(self, tag: Tag) -> None:
        """The end tag of a link, of verbatim lines, or of the whole page (which ends nothing: more may follow)."""
        self.flush()
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
            self.turn(inherit(self.state, own))
        self.stack.append((name, own, self.state))

    def root(self, tag: Tag, own: Style | None) -> None:
        """The style of html and body holds for everything, wherever the tag stands."""
        if own:
            self.stack[0] = ("", own, inherit(self.stack[0][2], own))
            if len(self.stack) == 1:
                self.turn(self.stack[0][2])
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
        self.turn(stack[-1][2])
        if above and closed not in _TABLE_PARTS and closed != "table":
            for name, own, _ in [e for e in above if e[0] in _FORMATTING][:REOPENED]:
                self.push(name, own)
