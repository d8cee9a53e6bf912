"""One spelling for each link, how it was disguised, and the targets that stand inside it.

Links are read as browsers read them (WHATWG URL Standard: control characters dropped, backslashes as slashes, numbers
as addresses) and written as RFC 3986, section 6.2, makes them comparable.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote

from impound import canonical as rules

MAX_URL = 2048
"""Characters of a link that are kept: what browsers and registries agree to carry. The host always lies within."""
MAX_INNER = 3
"""Redirectors in redirectors that are followed: no chain in the mail sets here is longer than two."""

_PORTS = {"http": "80", "https": "443", "ftp": "21"}
_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]{0,15}):")
_DROPPED = re.compile(r"[\x00-\x1f\x7f]+")
_AUTHORITY = re.compile(r"[/\\]*+([^/\\?#]*+)(.*)\Z", re.DOTALL)
_ORDINARY = re.compile(
    r"(https?)://((?:[A-Za-z0-9-]{1,63}\.){1,8}+[A-Za-z]{2,63})(/[A-Za-z0-9\-._~!$&'()*+,;=:@/?|\[\]]*+)?\Z"
)
"""Links as most are written: nothing to decode, no port, no user, no fragment."""
_NUMBER = re.compile(r"(?:0[xX][0-9a-fA-F]{0,16}|[0-9]{1,20})\Z")
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_ESCAPE = re.compile(r"%([0-9a-fA-F]{2})")
_NORMAL = re.compile(r"[A-Za-z0-9\-._~!$&'()*+,;=:@/?#\[\]|]*\Z")
_KEPT = "!$&'()*+,;=:@/?#[]|%~"
_ADDRESS = re.compile(r"([^\s@<>\"(),:;\[\]\\]{1,64})@([^\s@<>\"(),:;?&\[\]\\]{1,253})")
_INNER = re.compile(r"([=/*,|?&])(https?(?::|%3a)(?:/|%2f|\\|%5c){1,3}.{3,})", re.IGNORECASE | re.DOTALL)
_COUNTRIES = frozenset(
    ("au", "br", "ca", "ch", "cl", "cn", "cz", "de", "dk", "ee", "eu", "fi", "fr", "gr", "hk", "hu", "ie", "il", "ir",
     "jp", "kr", "kz", "lt", "lv", "mx", "nl", "nz", "pt", "ro", "ru", "sg", "sk", "tr", "tw", "ua", "uk", "hr", "bg",
     "za")
)  # fmt: skip
"""Country suffixes that are neither words nor the endings of files nor parts of programs: ``object.sd``, ``x.pl``."""
_GENERIC = frozenset(("com", "net", "org", "edu", "gov", "mil"))
_LONGER = frozenset(
    ("info", "biz", "xyz", "online", "site", "club", "shop", "icu", "vip", "tech", "website", "space", "store")
)
"""Suffixes taken for such only behind a label of four letters or more (``ld.info`` is a field of a program)."""
SUFFIXES = _COUNTRIES | _GENERIC | _LONGER | {s.upper() for s in _GENERIC}
"""Every suffix that a bare host without ``www.`` may have, as it may be written."""
_PRODUCTS = frozenset(("asp.net", "vb.net", "ado.net", "j2ee.com"))


class Link(NamedTuple):
    """A link made canonical. ``domain`` is None for addresses; ``path`` holds the query, and is empty for mailto."""

    url: str
    scheme: str
    host: str
    domain: str | None
    path: str


def canonical(raw: str) -> Link | None:
    """The one spelling of a link; None for what leads nowhere in the web (``javascript:``, ``cid:``, ``#top``, files).

    Scheme and host in lower case and ASCII, default port, user name, dot segments and fragment (but for ``#!``) gone,
    escapes normalised; at most MAX_URL characters.
    """
    found = _ORDINARY.match(raw) if len(raw) < MAX_URL else None
    if found and (link := _ordinary(*found.groups("/"))):
        return link
    return _canonical(raw[: 2 * MAX_URL])


def _ordinary(scheme: str, written: str, path: str) -> Link | None:
    """An ordinary link; None when there is something about its path or host all the same."""
    host = None if "/." in path or path[-1] == "?" else _named(written)
    return Link(f"{scheme}://{host[0]}{path}", scheme, host[0], host[1], path) if host else None


@lru_cache(maxsize=16384)
def _named(written: str) -> tuple[str, str | None] | None:
    """A host by its one name, and the domain that somebody registered."""
    name = rules.host(written)
    return (name, rules.registrable_domain(name)) if name else None


@lru_cache(maxsize=2048)
def _canonical(raw: str) -> Link | None:
    text = _DROPPED.sub("", raw).strip()
    found = _SCHEME.match(text)
    if found and found[1].lower() in _PORTS:
        return _web(found[1].lower(), text[found.end() :])
    if found and found[1].lower() == "mailto":
        return _mail(text[found.end() :])
    if text[:2] in ("//", "\\\\", "/\\", "\\/"):
        return _web("http", text)
    return _web("http", text) if _looks_bare(text) else None


def _looks_bare(text: str) -> bool:
    """Whether a link without a scheme begins with a host: mail programs open ``www.example.com`` as such."""
    name = re.split(r"[/\\?#:]", text[:300], maxsplit=1)[0]
    return plausible_host(name, followed="/" in text)


@lru_cache(maxsize=16384)
def plausible_host(name: str, *, followed: bool = False) -> bool:
    """Whether a bare word may be taken for a host: precision first, so that words, fields and file names are none.

    Under suffixes that are also words or endings of files it needs ``www.``; a path (``followed``) helps for the rest.
    """
    lowered = name.lower()
    known = rules.host(lowered) if not name.startswith(("-", ".")) and lowered not in _PRODUCTS else None
    domain = rules.registrable_domain(known) if known else None
    if not domain or "_" in domain:
        return False
    if lowered.startswith("www."):
        return True
    label, suffix = domain.partition(".")[0], name.rpartition(".")[2]
    if not (suffix.islower() or suffix in ("COM", "ORG") or name.isupper()):
        return False
    if suffix.lower() in _GENERIC:
        return followed or len(label) > 1
    if suffix in _LONGER:
        return followed or len(label) > 3
    return suffix in _COUNTRIES and (followed or len(label) > 2)


def _mail(text: str) -> Link | None:
    found = _ADDRESS.match(rules.unpercent(text[:1000]).lstrip())
    name = rules.host(found[2]) if found else None
    if not found or not name:
        return None
    return Link(f"mailto:{found[1]}@{name}", "mailto", name, rules.registrable_domain(name), "")


def _web(scheme: str, rest: str) -> Link | None:
    found = _AUTHORITY.match(rest)
    if not found:
        return None
    authority, tail = found.groups()
    name, port = _host_and_port(authority.rpartition("@")[2])
    if not name:
        return None
    path = _path(tail)
    shown = f"[{name}]" if ":" in name else name
    if port and port != _PORTS[scheme]:
        shown += ":" + port
    path = path[: max(MAX_URL - len(scheme) - 3 - len(shown), 1)]
    domain = None if rules.ip(name) else rules.registrable_domain(name)
    return Link(f"{scheme}://{shown}{path}", scheme, name, domain, path)


def _host_and_port(text: str) -> tuple[str | None, str]:
    """The host of an authority as browsers find it, and its port without leading zeros."""
    if text.startswith("["):
        name, closed, port = text.partition("]")
        return (rules.ip(name) if closed and ":" in name else None), port.lstrip(":").lstrip("0")
    name, _, port = text.partition(":")
    if len(name) > 1000 or (port and not (port.isascii() and port.isdigit())):
        return None, ""
    name = rules.unpercent(name).replace("\u3002", ".").replace("\uff0e", ".").replace("\uff61", ".")
    return _address(name) or rules.host(name), port.lstrip("0")[:5]


@lru_cache(maxsize=4096)
def _address(name: str) -> str | None:
    """An IPv4 address from its decimal, octal or hexadecimal parts, one to four of them (WHATWG URL, 3.5)."""
    parts = name.rstrip(".").split(".")
    if len(parts) > 4 or not all(_NUMBER.match(p) for p in parts):
        return None
    try:
        values = [int(p[2:] or "0", 16) if p[:2] in ("0x", "0X") else int(p, 8 if p[0] == "0" else 10) for p in parts]
    except ValueError:  # 08 and 09 are no octal numbers
        return None
    *head, last = values
    if any(v > 255 for v in head) or last >= 256 ** (5 - len(parts)):
        return None
    value = sum(v << 8 * (3 - i) for i, v in enumerate(head)) + last
    return ".".join(str(value >> shift & 255) for shift in (24, 16, 8, 0))


def _path(tail: str) -> str:
    """Path, query and route of a link in normal form; ``/`` when there is none."""
    body, hash_mark, fragment = tail.partition("#")
    route = hash_mark + fragment if fragment.startswith("!") else ""
    path, mark, query = body.partition("?")
    path = _escaped(path.replace("\\", "/"))
    if "/." in path:
        path = _without_dots(path)
    if not path.startswith("/"):
        path = "/" + path
    return path + _escaped(mark + query + route if query or route else "")


def _escaped(text: str) -> str:
    """Escapes of unreserved characters decoded, the others in upper case, the rest escaped (RFC 3986, 6.2.2)."""
    if "%" in text:
        text = _ESCAPE.sub(_escape, text)
    elif _NORMAL.match(text):
        return text
    return quote(text, safe=_KEPT, errors="replace")


def _escape(found: re.Match[str]) -> str:
    byte = int(found[1], 16)
    return chr(byte) if byte in _UNRESERVED else found[0].upper()


def _without_dots(path: str) -> str:
    """A path without its ``.`` and ``..`` segments (RFC 3986, 5.2.4)."""
    kept: list[str] = []
    segments = path.split("/")
    for segment in segments[1:] if path.startswith("/") else segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in (".", ".."):
        kept.append("")
    return "/" + "/".join(kept)


def form(raw: str) -> str:
    """``encoded`` when a link is written so that people misread it, or programs do; else ``plain``.

    That is a host in escapes, in another number system, in another script or behind a user name; or backslashes,
    control characters and missing slashes that browsers forgive.
    """
    if (ordinary := _ORDINARY.match(raw)) and "xn--" not in ordinary[2].lower():
        return "plain"
    text = raw.strip()
    found = _SCHEME.match(text)
    if not found or found[1].lower() not in _PORTS:
        return "plain"
    rest = text[found.end() : found.end() + MAX_URL]
    authority = _AUTHORITY.match(rest)
    if not authority or rest[:2] != "//" or rest[2:3] in ("/", "\\") or _DROPPED.search(rest):
        return "encoded"
    name = authority[1]
    if "%" in name or "@" in name or not name.isascii() or "xn--" in name.lower() or rest[2 + len(name) :][:1] == "\\":
        return "encoded"
    name = name.partition(":")[0]
    address = _address(name)
    return "encoded" if address and address != name else "plain"


def inner(raw: str) -> list[str]:
    """The links that a link carries inside (a redirector's target), the outermost first; at most MAX_INNER."""
    found: list[str] = []
    text = raw[: 2 * MAX_URL]
    if text.lower().find("http", 1) < 0:
        return found
    while len(found) < MAX_INNER:
        start = text.find("://")
        match = _INNER.search(text, start + 3 if start >= 0 else 0)
        if not match:
            break
        text = match[2]
        if match[1] == "=":
            text = text.partition("&")[0]
        text = rules.unpercent(text)
        found.append(text)
    return found
