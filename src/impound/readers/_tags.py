"""The tags of HTML, one at a time: what each separates, declares and links to.

After the tokenizer of the HTML standard (section 13.2.5). What a tag says depends on its own characters alone, so it is
worked out once for each spelling and remembered: the mails of one template share theirs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape

from impound.readers._style import Style, attributes, of_attributes

MAX_TAGS = 1 << 16
"""Tags of a document that are read; the richest page of all mail sets here has 17,700."""
MAX_ATTRIBUTES = 1 << 16
"""Characters of one tag that are read for its attributes; only `data:` pictures are longer, and they tell nothing."""
MAX_REMEMBERED = 500
"""Characters of a tag that is remembered: bounds the memory, and longer ones (tracking links) do not come again."""

MAX_FILLED = 4096
"""Characters of a tag whose link is looked for before anything else."""
_FILLED = frozenset(("<a", "<A", "<i", "<I"))
"""How those begin: links and pictures."""
MAX_KNOWN = 1 << 14
"""Tags that are remembered at once, and as many of those before: 11 MiB in all after trec07p."""
HOLE = "\1"
"""Stands for the link of a tag while its other parts are learnt."""
BREAK = "\0"
"""Stands for the end of a line while words are gathered; cannot come from the text, where it is taken out."""

_ATTRIBUTES = r"""[^>=]*+(?:=\s*+(?:"[^"]*+"?+|'[^']*+'?+|[^\s>]*+)[^>=]*+)*+>?+"""
_RAW = r"(?=[sStTxXiInN])(?i:(script|style|title|textarea|xmp|iframe|noembed|noframes))(?=[\s/>])"
_CONTENT = r"[^<]*+(?:<(?!/(?i:\2)[\s/>])[^<]*+)*+"
_COMMENT = r"!--(?:-?>|[^-]*+(?:-(?!-!?>)[^-]*+)*+(?:--!?>|\Z))"
_TOKEN = re.compile(
    rf"(<(?:/[a-zA-Z][^>=]*+>|{_RAW}{_ATTRIBUTES}{_CONTENT}|/?[a-zA-Z]{_ATTRIBUTES}|{_COMMENT}|[!?/][^>]*+>?+))"
)
"""A tag (with the content of elements that hold no tags), a comment or a declaration. All quantifiers are possessive
and every construct may end with the text, so each character is looked at once."""
_RAW_START = re.compile(rf"<{_RAW}{_ATTRIBUTES}")
_NAME = re.compile(r"</?([a-zA-Z][^\s/>]*+)")
_DECLARING = frozenset(("style", "hidden", "bgcolor", "background", "color", "size", "text"))
_NUMBER = re.compile(r"&#([0-9]{8,}+);?")
_REFERENCE = re.compile(r"&(?:#[0-9xX][0-9a-fA-F]*+;?|[a-zA-Z][a-zA-Z0-9]*+(?:;|(?!=)))")
_LINK = re.compile(r"""\s(?:href|src)=(?:"([^"]+)"|'([^']+)'|([^\s>"'][^\s>]*+))""", re.IGNORECASE)
_REFRESH = re.compile(r"""[\d.\s]{0,20}[;,]\s{0,20}(?:url\s{0,20}=\s{0,20})?["']?([^"']+)""", re.IGNORECASE)

BLOCKS = frozenset(
    {
        "address", "article", "aside", "blockquote", "body", "br", "button", "caption", "center", "dd", "details",
        "dialog", "dir", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3",
        "h4", "h5", "h6", "header", "hr", "html", "legend", "li", "listing", "main", "menu", "nav", "ol", "optgroup",
        "option", "p", "plaintext", "pre", "section", "select", "summary", "table", "tbody", "tfoot", "thead", "tr",
        "ul", "xmp",
    }
)  # fmt: skip
CELLS = frozenset(("td", "th"))
VOID = frozenset(
    {
        "area", "base", "basefont", "bgsound", "br", "col", "embed", "frame", "hr", "img", "input", "keygen", "link",
        "meta", "param", "source", "track", "wbr",
    }
)  # fmt: skip
_RAW_NAMES = frozenset(("script", "style", "title", "textarea", "xmp", "iframe", "noembed", "noframes"))
"""Elements without tags inside (HTML standard, 13.2.5.2 and .3). Mail programs run no scripts: noscript is shown."""
_SPECIAL = _RAW_NAMES | {"a", "base", "body", "html", "pre"}
_LINKED = {
    "a": ("href",), "area": ("href",), "form": ("action",), "button": ("formaction",), "input": ("src", "formaction"),
    "img": ("src",), "iframe": ("src",), "frame": ("src",), "embed": ("src",), "object": ("data",),
    "body": ("background",), "table": ("background",), "tr": ("background",), "td": ("background",),
    "th": ("background",), "base": ("href",), "meta": ("content",),
}  # fmt: skip


START, CLOSES, END = range(3)
"""What a tag may do: anything that a start tag does · close an element · also end a link or verbatim lines."""


@dataclass(slots=True, eq=False)
class Tag:
    """A tag: its name in lower case, what it separates by, what it declares, where it links to. Never changed.

    ``plain`` means that a reader of words may pass over it; ``selectors`` are the rules it answers to; ``content`` is
    that of an element without tags inside. Compared by identity, so that sets of tags cost little.
    """

    name: str = ""
    mark: str = ""
    own: Style | None = None
    links: tuple[str, ...] = ()
    special: bool = False
    plain: bool = True
    selectors: tuple[str, ...] = ()
    link_colour: str = ""
    content: str = ""
    kind: int = START


_NOTHING = Tag()
"""What a comment or a declaration says."""


def decode(text: str, *, attribute: bool = False) -> str:
    """Text with its character references decoded; in attributes by their stricter rule (``&copy=1`` stays)."""
    if "&" not in text:
        return text
    if text.count("&") == text.count("&amp;"):
        return text.replace("&amp;", "&")
    if "&#" in text:  # Python refuses numbers of 4,300 digits; beyond seven no number is a character
        text = _NUMBER.sub(_number, text)
    return _REFERENCE.sub(_reference, text) if attribute else unescape(text)


def _number(found: re.Match[str]) -> str:
    digits = found[1].lstrip("0")
    return f"&#{digits or 0};" if len(digits) < 8 else "\ufffd"


def _reference(found: re.Match[str]) -> str:
    """A reference in an attribute; without its semicolon only when the whole name is one (HTML 13.2.5.73)."""
    decoded = unescape(found[0])
    return decoded if found[0].endswith(";") or found[0].startswith("&#") or len(decoded) == 1 else found[0]


def _links(name: str, given: dict[str, str]) -> tuple[str, ...]:
    if name == "meta":
        if given.get("http-equiv", "").strip().lower() != "refresh":
            return ()
        found = _REFRESH.match(decode(given.get("content", ""), attribute=True))
        return (found[1].strip(),) if found else ()
    urls = [_url(given[a]) for a in _LINKED[name] if a in given]
    return tuple([u for u in urls if u])


def _url(value: str) -> str:
    """The link that an attribute's value is; empty when it leads to this very page."""
    url = decode(value, attribute=True).strip()
    return "" if url.startswith("#") else url


def _selectors(name: str, given: dict[str, str]) -> tuple[str, ...]:
    """The simple selectors that match, the weakest first; at most eight classes."""
    keys = [name]
    for value in given.get("class", "").lower().split()[:8]:
        keys += ("." + value, f"{name}.{value}")
    if value := given.get("id", "").lower():
        keys += (f"#{value}", f"{name}#{value}")
    return tuple(keys)


def _tag(source: str) -> Tag:
    """What a tag says."""
    found = _NAME.match(source)
    if not found:
        return _NOTHING
    name = found[1].lower()
    mark = BREAK if name in BLOCKS else " " if name in CELLS else ""
    special = name in _SPECIAL
    if source[1] == "/":
        return Tag(name, mark, None, (), special, not special, (name,), "", "", END if special else CLOSES)
    content = ""
    if name in _RAW_NAMES and (start := _RAW_START.match(source)):
        source, content = source[: start.end()], source[start.end() :]
    given = attributes(source[found.end() : found.end() + MAX_ATTRIBUTES])
    own = None if _DECLARING.isdisjoint(given) else of_attributes(name, given)
    selectors = _selectors(name, given) if "class" in given or "id" in given else (name,)
    links = _links(name, given) if given and name in _LINKED else ()
    plain = not (own or links or special)
    return Tag(name, mark, own, links, special, plain, selectors, given.get("link", ""), content)


_known: dict[str, Tag] = {}
_older: dict[str, Tag] = {}


def _learn(source: str) -> Tag:
    """What a tag says; short ones are remembered."""
    tag = _older.get(source)
    if not tag and source[:2] in _FILLED and len(source) <= MAX_FILLED:
        tag = _filled(source)
    tag = tag or _tag(source)
    if len(source) <= MAX_REMEMBERED:
        _remember(source, tag)
    return tag


def _remember(source: str, tag: Tag) -> None:
    """Keep a tag until MAX_KNOWN others were met twice over, unless it comes again meanwhile."""
    if len(_known) >= MAX_KNOWN:
        _older.clear()
        _older.update(_known)
        _known.clear()
    _known[source] = tag


def _filled(source: str) -> Tag | None:
    """What a tag says that differs from a known one in its link alone; None when it is not so simple.

    The known one has HOLE for its link. As it is read with it, there can be no doubt about where the link stands.
    """
    found = _LINK.search(source) if HOLE not in source else None
    if not found or not found.lastindex:
        return None
    start, end = found.span(found.lastindex)
    pattern = source[:start] + HOLE + source[end:]
    known = _known.get(pattern) or _older.get(pattern)
    if not known:
        known = _tag(pattern)
        if len(pattern) <= MAX_REMEMBERED:
            _remember(pattern, known)
    url = _url(found[found.lastindex])
    if known.links != (HOLE,) or not url:
        return None
    name, mark, own, content = known.name, known.mark, known.own, known.content
    return Tag(name, mark, own, (url,), known.special, False, known.selectors, known.link_colour, content)


def tokens(html: str) -> tuple[list[str], list[Tag], int]:
    """The texts of a document, the tags between them (one less), and the characters left over beyond MAX_TAGS tags."""
    parts = _TOKEN.split(html, maxsplit=MAX_TAGS)
    left = 0
    if len(parts) > 3 * MAX_TAGS:
        left, parts[-1] = len(parts[-1]), ""
    sources = parts[1::3]
    tags = list(map(_known.get, sources))
    return parts[0::3], [tag or _learn(source) for tag, source in zip(tags, sources, strict=True)], left
