"""Pure rules on strings: one spelling for every address, name and link, so that equal things compare equal."""

from __future__ import annotations

import hashlib
import ipaddress
import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes, urlsplit

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network

RESERVED = (".example", ".test", ".invalid", ".localhost", "example.com", "example.net", "example.org")
"""Names for documentation (RFC 2606, RFC 6761)."""
_FORMULA = ("=", "+", "-", "@", "|", "\t", "\r", "\n")
"""What a spreadsheet takes for the beginning of a formula (OWASP, "CSV Injection")."""
RESERVED_RANGES = ("192.0.2.", "198.51.100.", "203.0.113.", "198.18.", "198.19.", "2001:db8:")
"""Addresses for documentation and measuring (RFC 5737, RFC 2544, RFC 3849)."""
PRINTED = 120
"""The longest string from mail that is printed, in characters: two lines of a table cell."""
WORD = 40
"""Characters of a hostile word that are shown; what has no spaces is no word of a text."""
_ID_MASK = (1 << 63) - 1
_HOST = re.compile(r"(?=.{1,253}\Z)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]\Z")
_RUN = re.compile(r"[0-9]+|[a-z]+|[A-Z]+|[^\x00-\x7f]+")
_TOKEN_RUN = re.compile(r"([0-9A-Za-z]+)")
_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]{0,15}):(?://)?")
_PERCENT = re.compile(r"%[0-9a-fA-F]{2}")
_LOCAL_PART = re.compile(r"[^\s<>@\"'(),;:/\\]+@")
_WEB = re.compile(r"http(?=s?:)", re.IGNORECASE)
_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
"""Unicode categories that move, hide or turn round what stands beside them (UTR 36, section 2.10; UAX 9)."""
_RECIPIENT = re.compile(r"(\{\{to\.[a-z]+\}\})")
_DOT = re.compile(r"(?<=[^\W_])\.(?=[^\W\d_])")
_LINK = re.compile(r"(?i)(?:https?|ftp)://|www\.")


def record_id(source_sha256: bytes, offset: int, table: str, ordinal: int = 0) -> int:
    """The id of a record: a non-negative 63-bit BLAKE2b of where it came from, the same on every machine."""
    text = b"%s\0%d\0%s\0%d" % (source_sha256, offset, table.encode(), ordinal)
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big") & _ID_MASK


@lru_cache(maxsize=65536)
def ip(text: str) -> str | None:
    """The one spelling of an IP address, or None. IPv4 in IPv6 (RFC 4291, 2.5.5.2) becomes IPv4; a zone is dropped.

    Accepts ``[192.0.2.1]``, ``IPv6:2001:db8::1`` and octets with leading zeros (read as decimal).
    """
    text = text.strip().strip("[]")
    if text[:5].lower() == "ipv6:":
        text = text[5:]
    text = text.partition("%")[0]
    if len(text) > 45:
        return None
    if ":" not in text:
        if not text[-1:].isdigit() or text.count(".") != 3:  # most that is asked about are names
            return None
        parts = text.split(".")
        if all(p.isascii() and p.isdigit() and len(p) <= 3 and int(p) <= 255 for p in parts):
            return ".".join(str(int(p)) for p in parts)
        return None
    try:
        address = ipaddress.IPv6Address(text)
    except ValueError:
        return None
    return str(address.ipv4_mapped or address)


@lru_cache(maxsize=65536)
def network_of(address: str) -> str:
    """The network that stands for one owner when nothing better is known: /24 for IPv4, /48 for IPv6.

    ``address`` must be canonical (see :func:`ip`).
    """
    if ":" in address:
        return str(ipaddress.ip_network((address, 48), strict=False))
    return address.rpartition(".")[0] + ".0/24"


def host(text: str) -> str | None:
    """A host name in lower case and ASCII (IDNA), without a trailing dot; None when it is not one."""
    text = text.strip().rstrip(".").lower()
    if not text.isascii():
        try:
            text = text.encode("idna").decode("ascii")
        except UnicodeError:
            return None
    return text if _HOST.match(text) else None


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList(accept_unknown=False)


@lru_cache(maxsize=65536)
def registrable_domain(name: str) -> str | None:
    """The domain somebody registered for a canonical host name, by the public suffix list; None for a bare suffix."""
    found: str | None = _suffixes().privatesuffix(name)
    return found


@lru_cache(maxsize=65536)
def has_public_suffix(name: str) -> bool:
    """Whether a canonical host name ends in a suffix that exists, so that a bare word may be taken for a link."""
    return _suffixes().publicsuffix(name) is not None


@lru_cache(maxsize=65536)
def _class_of(run: str) -> str:
    if run.isdigit():
        return f"9{{{len(run)}}}"
    if not run.isalpha() and all(c in "0123456789abcdef" for c in run):
        return f"h{{{len(run)}}}"
    if not run.isalpha() and all(c in "0123456789ABCDEF" for c in run):
        return f"H{{{len(run)}}}"
    if run.islower():
        kind = "a" if run.isalpha() else "b"
    elif run.isupper():
        kind = "A" if run.isalpha() else "B"
    else:
        kind = "w"
    return f"{kind}{{{len(run)}}}"


def shape(text: str, limit: int = 200) -> str:
    """A text with every run of letters and digits replaced by its class and length; punctuation stays.

    ``9`` digits, ``h``/``H`` hexadecimal with digits, ``a``/``A`` letters, ``b``/``B`` letters and digits of one case,
    ``w`` mixed: ``<01c77a0b$4e2f$6c822ecf@word>`` becomes ``<h{8}$h{4}$h{8}@a{4}>``. At most ``limit`` characters
    are read.
    """
    parts = _TOKEN_RUN.split(text[:limit])
    parts[1::2] = map(_class_of, parts[1::2])
    return "".join(parts)


def message_id_shape(text: str) -> str:
    """The shape of a Message-ID; of its right side only whether it is a name (with its dots), a word or an address."""
    left, end = message_id_parts(text)
    return shape(left) + end


def message_id_parts(text: str) -> tuple[str, str]:
    """The part of a Message-ID whose shape counts, and what is to stand behind that shape."""
    left, at, right = text.strip()[:300].rpartition("@")
    if not at:
        return right, ""
    right = right.rstrip(">")
    if ip(right):
        kind = "[ip]" if right.startswith("[") else "ip"
    else:
        kind = "name." * right.count(".") + "name" if "." in right else "word" if right else ""
    return left, "@" + kind + (">" if text.rstrip().endswith(">") else "")


_SUBJECT_PREFIX = re.compile(r"^(?:\s*(?:re|fw|fwd|aw|wg|sv|antw|tr|rif)\s*(?:\[\d+\])?\s*:\s*)+", re.IGNORECASE)
_SUBJECT_NUMBER = re.compile(r"\d[\d.,:/%-]*")
_SPACES = re.compile(r"\s+")


def subject_shape(subject: str) -> str:
    """A subject as its template left it: case and spaces folded, reply marks and numbers taken out, ends trimmed."""
    text = _SUBJECT_PREFIX.sub("", subject[:500]).casefold()
    text = _SUBJECT_NUMBER.sub("#", text)
    return _SPACES.sub(" ", text).strip(" \t.!?-_*:;,")


def path_shape(path: str) -> str:
    """Path and query of a link with its runs replaced by their classes, so that one template's links look alike."""
    return shape(path) if path not in ("", "/") else "/"


def unpercent(text: str) -> str:
    """A text with its percent escapes decoded as UTF-8 (or Latin-1 where that fails)."""
    if "%" not in text or not _PERCENT.search(text):
        return text
    raw = unquote_to_bytes(text)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def defang(text: str) -> str:
    """A link, name or address made harmless to click: ``hxxps://example[.]com``."""
    head, scheme, rest = "", _SCHEME.match(text), text
    if scheme:
        head, rest = text[: scheme.end()], text[scheme.end() :]
        head = re.sub(r"(?i)^http", "hxxp", head)
    name, slash, path = rest.partition("/")
    return head + name.replace(".", "[.]").replace("@", "[at]") + slash + path


def is_reserved(value: str) -> bool:
    """Whether a name, a mailbox or an address is one kept for documentation, tests or nobody: it names no one."""
    host = value.rpartition("@")[2]
    if any(host == name.lstrip(".") or host.endswith("." + name.lstrip(".")) for name in RESERVED):
        return True
    return host.startswith(RESERVED_RANGES) or (
        host.count(".") == 3 and host.partition(".")[0].isdigit() and 240 <= int(host.partition(".")[0]) <= 255
    )


def is_web_address(text: str) -> bool:
    """Whether a text is the address of a page, so that it may be made a link: ``https://name.example/page``."""
    parts = urlsplit(text)
    return parts.scheme in ("https", "http") and bool(parts.netloc)


def printable(data: bytes, limit: int = 120) -> str:
    """The first bytes of something unreadable, as one line of printable ASCII; addresses are blotted out."""
    text = "".join(chr(b) if 32 <= b < 127 else "·" for b in data[:limit])
    return re.sub(r"[^\s<>@\"'(),;:]+@[^\s<>@\"'(),;:]*", "…@…", text)


def as_cell(text: str) -> str:
    """A text that no spreadsheet takes for a formula (CWE-1236): what begins like one gets an apostrophe."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def plural(count: int | None, one: str, many: str = "") -> str:
    """A count with its noun: ``1 message``, ``2,000 messages``, ``3 addresses``; None counts as 0."""
    more = many or (f"{one}es" if one.endswith("s") else f"{one}s")
    return f"{count or 0:,} {one if count == 1 else more}"


def clean(text: str | None, limit: int = PRINTED) -> str:
    """A string on one line without control, format or bidirectional characters, fit to stand among trusted words.

    The name before an ``@`` is blotted out and links are defanged. At most ``limit`` characters, the last one ``…``
    when there were more.
    """
    if not text:
        return ""
    head = text[: limit + 1]
    safe = head if head.isprintable() else "".join("·" if unicodedata.category(c) in _UNSAFE else c for c in head)
    safe = " ".join(safe.split())
    if "@" in safe or ":" in safe:
        safe = _WEB.sub("hxxp", _LOCAL_PART.sub("…@", safe))
    return safe if len(safe) <= limit else safe[: limit - 1] + "…"


def lines(text: str, limit: int = 8 * PRINTED) -> str:
    """A text with its line breaks, each line cleaned."""
    return "\n".join(clean(line, limit) for line in text.split("\n"))


def harmless(word: str) -> str:
    """A word of hostile text: links, names and mail addresses defanged; tokens of recipients stay as they are."""
    kept = word[:WORD]
    parts = _RECIPIENT.split(kept) if "{{" in kept else [kept]
    parts[::2] = map(_defanged, parts[::2])
    return "".join(parts) + ("…" if len(word) > WORD else "")


def _defanged(part: str) -> str:
    if found := _LINK.search(part):
        return _defanged(part[: found.start()]) + defang(part[found.start() :]).replace("@", "[at]")
    if "." in part:
        part = _DOT.sub("[.]", part)
    return part.replace("://", "[:]//").replace("@", "[at]")
