"""What a style declares that decides whether words are seen: display, size, colour, ground. No layout, no cascade.

Only what stands in the message counts: attributes, ``style=`` and simple rules of ``<style>`` (Cascading Style Sheets
2.1; the presentational attributes of the HTML standard, section 15). In doubt words are taken to be visible.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

TINY_PX = 2.0
"""Letters up to this size cannot be read. Filler in trec07p and phishing_pot is 0, 1 or 2 px; real text 6 px and up."""
ALIKE = 24
"""Two colours are one to a reader when no channel (0–255) differs by more. Hidden filler of trec07p uses up to 15
(``#FFFFF0``); the palest text that phishing_pot's readers are meant to see is ``#dddddd`` on white (34)."""
FAINT = 0.05
"""Opacity up to which nothing is seen."""
FAR_PX = -500.0
"""Positions at or beyond this are off every screen: the usual trick is -9999px."""
MAX_SHEET = 1 << 18
"""Characters of ``<style>`` that are read: the longest of all mail sets here has 188,000."""
MAX_KNOWN_SHEET = 1 << 14
"""Characters of ``<style>`` that are remembered: 7,470 of trec07p's have 566 different texts, nearly all shorter."""
MAX_RULES = 2000
"""Rules that are kept, for the same reason."""

MAX_STYLES = 64
"""Different styles of one document that are compared with each other; where there are more, each is followed."""
MAX_REMEMBERED = 500
"""Characters of a style that is remembered, to bound the memory that hostile mail can fill."""
MAX_COLOUR = 64
"""Characters of a colour: the longest way to write one, with spaces, is shorter."""

UNKNOWN = -1
"""A colour or picture we cannot tell: never a reason to call words hidden."""
CLEAR = -2
"""The colour ``transparent``."""
WHITE, BLACK, BLUE = 0xFFFFFF, 0x000000, 0x0000EE
_NAMED = {
    "white": WHITE, "black": BLACK, "blue": 0x0000FF, "red": 0xFF0000, "green": 0x008000, "lime": 0x00FF00,
    "yellow": 0xFFFF00, "gray": 0x808080, "grey": 0x808080, "silver": 0xC0C0C0, "maroon": 0x800000, "navy": 0x000080,
    "olive": 0x808000, "purple": 0x800080, "teal": 0x008080, "aqua": 0x00FFFF, "cyan": 0x00FFFF, "fuchsia": 0xFF00FF,
    "magenta": 0xFF00FF, "orange": 0xFFA500, "pink": 0xFFC0CB, "brown": 0xA52A2A, "gold": 0xFFD700,
    "snow": 0xFFFAFA, "ivory": 0xFFFFF0, "azure": 0xF0FFFF, "seashell": 0xFFF5EE, "linen": 0xFAF0E6,
    "whitesmoke": 0xF5F5F5, "ghostwhite": 0xF8F8FF, "floralwhite": 0xFFFAF0, "aliceblue": 0xF0F8FF,
    "mintcream": 0xF5FFFA, "honeydew": 0xF0FFF0, "lavenderblush": 0xFFF0F5, "oldlace": 0xFDF5E6,
    "lightyellow": 0xFFFFE0, "lightcyan": 0xE0FFFF, "beige": 0xF5F5DC, "cornsilk": 0xFFF8DC, "lavender": 0xE6E6FA,
    "gainsboro": 0xDCDCDC, "lightgrey": 0xD3D3D3, "lightgray": 0xD3D3D3, "darkblue": 0x00008B, "darkred": 0x8B0000,
    "transparent": CLEAR,
}  # fmt: skip
_HEX = re.compile(r"#?([0-9a-f]{6}(?=(?:[0-9a-f]{2})?\Z)|[0-9a-f]{3}(?=[0-9a-f]?\Z))")
_RGB = re.compile(r"rgba?\(\s*(\d{1,3})\s*[, ]\s*(\d{1,3})\s*[, ]\s*(\d{1,3})\s*(?:[,/]\s*([\d.]{1,8})\s*)?\)")
_LENGTH = re.compile(r"(-?(?:\d{1,6}(?:\.\d{0,6})?|\.\d{1,6}))\s*(px|pt|em|rem|ex|%|in|cm|mm|pc|)(?![\w.])")
_SIZE = re.compile(_LENGTH.pattern.replace("pc|", "pc"))
"""A length with its unit, so that the weight in ``font: 700 12px …`` is not taken for a size."""
_PX = {"px": 1.0, "": 1.0, "pt": 4 / 3, "in": 96.0, "cm": 37.8, "mm": 3.78, "pc": 16.0}
_FONT_PX = (10.0, 10.0, 13.0, 16.0, 18.0, 24.0, 32.0, 48.0)
"""``<font size=0>`` … ``7`` in pixels (HTML standard, 15.3.4): even the least is readable."""
_ATTRIBUTE = re.compile(r"""([^\s=/>"'][^\s=/>]*+)(?:\s*+=\s*+(?:"([^"]*+)"?|'([^']*+)'?|([^\s>]*+)))?""")
_COMMENT = re.compile(r"/\*[^*]*+(?:\*(?!/)[^*]*+)*+(?:\*/|\Z)|<!--|-->")
_BRACE = re.compile(r"([{}])")
_SIMPLE = re.compile(r"(?:[a-z][a-z0-9]*|)(?:[.#][\w-]+)?\Z")
_LAST = re.compile(r"(?:[a-z][a-z0-9]*)?(?:[.#][\w-]+)?\Z")


class Style(NamedTuple):
    """What one element declares; None where it says nothing."""

    gone: bool | None = None
    invisible: bool | None = None
    size: float | None = None
    scale: float | None = None
    colour: int | None = None
    ground: int | None = None


class State(NamedTuple):
    """What holds for the words of an element: its own style and what it inherits; ``seen`` is the outcome."""

    gone: bool = False
    invisible: bool = False
    size: float = 16.0
    colour: int = BLACK
    ground: int = WHITE
    seen: bool = True


def attributes(source: str) -> dict[str, str]:
    """The attributes of a tag, names in lower case, values as written (entities not decoded); the first one wins."""
    found = _ATTRIBUTE.findall(source)
    found.reverse()
    return {name.lower(): double or single or bare for name, double, single, bare in found}


def colour(text: str) -> int:
    """A colour as 0xRRGGBB, CLEAR, or UNKNOWN. Reads names, ``#rgb``, ``#rrggbb`` (also without #) and ``rgb()``."""
    return _colour(text) if len(text) <= MAX_COLOUR else UNKNOWN


@lru_cache(maxsize=4096)
def _colour(text: str) -> int:
    text = text.strip().lower()
    if text in _NAMED:
        return _NAMED[text]
    if found := _HEX.match(text):
        digits = found[1]
        return int(digits if len(digits) == 6 else "".join(d + d for d in digits), 16)
    if found := _RGB.match(text):
        if found[4] and found[4].count(".") < 2 and found[4] != "." and float(found[4]) <= FAINT:
            return CLEAR
        red, green, blue = (min(int(found[i]), 255) for i in (1, 2, 3))
        return red << 16 | green << 8 | blue
    return UNKNOWN


def _declarations(text: str) -> dict[str, str]:
    """Property and value, both in lower case; a later one wins, as in a browser."""
    found: dict[str, str] = {}
    for part in text.lower().split(";"):
        name, colon, value = part.partition(":")
        if colon:
            found[name.strip()] = value.replace("!important", "").strip()
    return found


def _pixels(value: str | None) -> float | None:
    found = _LENGTH.match(value) if value else None
    if not found or found[2] not in _PX:
        return None
    return float(found[1]) * _PX[found[2]]


def _gone(said: dict[str, str]) -> bool | None:
    """Whether these declarations take an element off the page; False when they put it back."""
    if said.get("display") == "none" or said.get("mso-hide") == "all":
        return True
    if "opacity" in said:
        found = _LENGTH.match(said["opacity"])
        if found and float(found[1]) <= (FAINT * 100 if found[2] == "%" else FAINT):
            return True
    clipped = said.get("overflow", "").startswith("hidden")
    if clipped and any(_pixels(said.get(p)) == 0 for p in ("max-height", "height", "max-width", "width")):
        return True
    away = ["text-indent"] + (["left", "top", "right"] if said.get("position") in ("absolute", "fixed") else [])
    if any((_pixels(said.get(p)) or 0) <= FAR_PX for p in away):
        return True
    return False if "display" in said else None


def _font_size(said: dict[str, str]) -> tuple[float | None, float | None]:
    """The size in pixels, or as a factor of the size around it."""
    value = said.get("font-size", "")
    found = _LENGTH.match(value) if value else _SIZE.search(said.get("font", "")[:200])
    if not found:
        return (13.0, None) if value and value not in ("inherit", "initial", "smaller", "larger") else (None, None)
    number, unit = float(found[1]), found[2]
    if unit in ("em", "ex", "%"):
        return None, max(number, 0.0) / (100 if unit == "%" else 1)
    if unit == "rem":
        return number * 16, None
    return number * _PX.get(unit, 1.0), None


def _ground(said: dict[str, str]) -> int | None:
    """The colour behind; UNKNOWN for pictures and gradients, None when it lets the ground below through."""
    if said.get("background-image", "none") != "none":
        return UNKNOWN
    value = said.get("background-color") or said.get("background")
    if not value or value in ("none", "inherit", "initial", "0"):
        return None
    if "url(" in value or "gradient" in value:
        return UNKNOWN
    found = colour(value)
    if found == UNKNOWN and " " in value and "(" not in value:
        found = next((c for c in map(colour, value.split(" ", 8)) if c != UNKNOWN), UNKNOWN)
    return None if found == CLEAR else found


def declared(text: str) -> Style:
    """What a ``style`` attribute or the block of a rule declares."""
    return _remembered(text) if len(text) <= MAX_REMEMBERED else _declared(text)


def _declared(text: str) -> Style:
    said = _declarations(text)
    size, scale = _font_size(said)
    visibility = said.get("visibility")
    return Style(
        gone=_gone(said),
        invisible=None if visibility in (None, "inherit") else visibility in ("hidden", "collapse"),
        size=size,
        scale=scale,
        colour=colour(said["color"]) if said.get("color", "inherit") != "inherit" else None,
        ground=_ground(said),
    )


_remembered = lru_cache(maxsize=8192)(_declared)


@lru_cache(maxsize=8192)
def merged(below: Style, above: Style) -> Style:
    """Two styles of one element; what ``above`` says wins, and a size replaces a scale."""
    size, scale = (above.size, above.scale) if above[2] is not None or above[3] is not None else (below[2], below[3])
    gone, invisible = (b if a is None else a for a, b in ((above.gone, below.gone), (above[1], below[1])))
    colour, ground = (b if a is None else a for a, b in ((above.colour, below.colour), (above[5], below[5])))
    return Style(gone, invisible, size, scale, colour, ground)


def of_attributes(name: str, given: dict[str, str]) -> Style | None:
    """What a tag's own attributes declare, or None: ``style``, ``hidden``, ``bgcolor``, ``color``, ``size``."""
    size = given.get("size", "").lstrip("+-") if name == "font" else ""
    fore = given.get("text" if name == "body" else "color" if name == "font" else "", "")
    back = UNKNOWN if given.get("background") else colour(given["bgcolor"]) if given.get("bgcolor") else None
    own = Style(
        gone=True if "hidden" in given else None,
        size=_FONT_PX[min(int(size[0]), 7)] if size[:1] in tuple("01234567") else None,
        colour=colour(fore) if fore else None,
        ground=None if back == CLEAR else back,
    )
    if "style" in given:
        own = merged(own, declared(given["style"]))
    return None if own == _NOTHING else own


_NOTHING = Style()


def _alike(one: int, other: int) -> bool:
    return all(abs((one >> shift & 255) - (other >> shift & 255)) <= ALIKE for shift in (16, 8, 0))


@lru_cache(maxsize=8192)
def inherit(around: State, own: Style) -> State:
    """What holds inside an element that declares ``own`` and stands in ``around``."""
    gone = around.gone or own.gone is True
    invisible = around.invisible if own.invisible is None else own.invisible
    size = own.size if own.size is not None else around.size * (1.0 if own.scale is None else own.scale)
    fore = around.colour if own.colour is None else own.colour
    back = around.ground if own.ground is None else own.ground
    drowned = fore == CLEAR or (fore >= 0 and back >= 0 and _alike(fore, back))
    return State(gone, invisible, size, fore, back, not (gone or invisible or size <= TINY_PX or drowned))


class Hiding(NamedTuple):
    """By which means words could be hidden in a document."""

    taken_away: bool = False
    by_size: bool = False
    by_colour: bool = False

    def concerns(self, style: Style) -> bool:
        """Whether what a style declares plays a part in it."""
        if self.by_colour and (style.colour is not None or style.ground is not None):
            return True
        if self.by_size and (style.size is not None or style.scale is not None):
            return True
        return self.taken_away and (style.gone is not None or style.invisible is not None)


def hiding(styles: frozenset[Style]) -> Hiding:
    """How any words could be hidden where these styles are declared, whichever of them meet."""
    return Hiding(True, True, True) if len(styles) > MAX_STYLES else _hiding(styles)


@lru_cache(maxsize=1024)
def _hiding(styles: frozenset[Style]) -> Hiding:
    grounds = {WHITE, *(s.ground for s in styles if s.ground is not None)}
    fores = {BLACK, BLUE, *(s.colour for s in styles if s.colour is not None)}
    return Hiding(
        any(s.gone or s.invisible for s in styles),
        # nested often enough, any scale below 1 becomes tiny
        any((s.size is not None and s.size <= TINY_PX) or (s.scale is not None and s.scale < 1) for s in styles),
        CLEAR in fores or any(f >= 0 and g >= 0 and _alike(f, g) for f in fores for g in grounds),
    )


def _selectors(text: str, style: Style, rules: dict[str, Style]) -> None:
    """File one rule under each of its selectors. Of one that is not simple only that it sets some ground is kept."""
    for selector in text.lower().split(","):
        name = selector.strip()
        kept = style
        if not _SIMPLE.match(name):
            found = _LAST.search(name[-100:])
            name = found[0] if found else ""
            kept = Style(ground=None if style.ground is None else UNKNOWN)
        if name and kept != _NOTHING and len(rules) < MAX_RULES:
            rules[name] = merged(rules.get(name, _NOTHING), kept)


def sheet(text: str) -> Mapping[str, Style]:
    """The simple rules of ``<style>`` texts by selector: ``tag``, ``.class``, ``#id``, ``tag.class``, ``tag#id``.

    At-rules are skipped with their blocks (they speak of other screens); at most MAX_SHEET characters, MAX_RULES rules.
    """
    return _known_sheet(text) if len(text) <= MAX_KNOWN_SHEET else _sheet(text)


def _sheet(text: str) -> Mapping[str, Style]:
    rules: dict[str, Style] = {}
    if "{" not in text:  # the prose of spam that wants to be longer
        return rules
    pieces = _BRACE.split(_COMMENT.sub(" ", text[:MAX_SHEET]) + "}")
    selector, depth = "", 0
    for piece, brace in zip(pieces[0::2], pieces[1::2], strict=False):
        if brace == "{":
            if not depth:
                selector = piece.rpartition(";")[2].strip()
            depth += 1
            continue
        if depth == 1 and not selector.startswith("@"):
            _selectors(selector, declared(piece), rules)
        depth = max(depth - 1, 0)
    return rules


_known_sheet = lru_cache(maxsize=256)(_sheet)
