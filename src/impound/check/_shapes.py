"""How a message is built, as words such as ``mid=w{12}@name.name``: shapes, presence, relations; nothing of the site.

What a mail program or a spamming engine leaves behind travels from site to site; what a receiver adds does not.
So there is no recipient here, no receiving host, no header that servers or lists add, and of the sender's names only
how they relate to each other: the methods of ``METHODS`` in the model card say why.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from impound.check.mail import File, Link, Mail

SENDERS_HEADERS = frozenset(
    """accept-language comments content-class content-disposition content-id content-language content-transfer-encoding
    content-type date disposition-notification-to from importance in-reply-to keywords message-id mime-version
    organization priority references reply-to return-receipt-to subject thread-index thread-topic to user-agent
    x-accept-language x-antiabuse x-authenticated-sender x-complaints-to x-confirm-reading-to x-mailer x-mimeole
    x-mime-autoconverted x-msmail-priority x-php-originating-script x-priority x-sender cc bcc x-library x-campaign
    x-campaignid x-mailer-version x-mailingid x-msg-ref""".split()  # noqa: SIM905  (a list of quoted words is harder to read)
)
"""Headers that whoever writes a message sets; what a server, a filter or a list adds is not among them."""
MOST_KEPT = 4096
"""Shapes of names and links that are remembered: less than a megabyte each."""
MOST = 40
"""Links of one message whose build is looked at."""
_KINDS = (
    (string.ascii_letters.encode(), str.isalpha),
    (string.ascii_uppercase.encode(), str.isupper),
    (string.digits.encode(), str.isdigit),
)
"""Kinds of characters: those of ASCII, and how others are known."""
_FOREIGN = re.compile(r"[^\x00-\x7f]+")
_LENGTH = re.compile(r"\{\d+\}")
_DIGITS = re.compile(r"\d+")
_WORDS = re.compile(r"[A-Za-z]+")


def shapes(mail: Mail) -> list[str]:
    """Every feature of a message's build, each at most once, in the order in which they are thought of."""
    found = [*_headers(mail), *_identifiers(mail), *_people(mail), *_subject(mail.subject), *_content(mail)]
    found += _links(mail)
    found += _files(mail.files)
    return list(dict.fromkeys(found))


def _headers(mail: Mail) -> Iterator[str]:
    """Which headers the sender wrote, how they are spelt, and which follows which."""
    names = [n for n in mail.header_order.split(",") if n.lower() in SENDERS_HEADERS]
    low = {n.lower() for n in names}
    for name in names:
        yield f"header={name}"
    for one, other in pairwise(names):
        yield f"order={one},{other}"
    for name in ("to", "subject", "message-id", "date", "mime-version", "content-type", "from", "x-mailer"):
        if name not in low:
            yield f"without={name}"
    yield f"headers={','.join(names)}"
    answer, marked = not low.isdisjoint(("in-reply-to", "references")), mail.subject[:3].lower() == "re:"
    if answer or marked:
        yield f"answer={answer},{marked}"


def _identifiers(mail: Mail) -> Iterator[str]:
    """Message-ID, Date, boundary, MIME tree, charset and program."""
    mid, boundary = mail.message_id_shape[:80], mail.boundary_shape[:80]
    left, _, right = mid.rpartition("@")
    host = mail.rfc_message_id.rpartition("@")[2].rstrip("> ").lower()
    kinds = _kind(left)
    program = _program(mail.mailer)
    yield f"mid={mid}"
    yield f"mid-left={kinds}"
    yield f"mid-right={right}"
    yield f"mid-from={_relation(host, mail.from_domain)}"
    yield f"date={mail.date_shape}"
    yield f"date-kind={_kind(mail.date_shape)}"
    yield f"boundary={boundary}"
    yield f"boundary-kind={_kind(boundary)}"
    yield f"mime={mail.mime_shape[:120]}"
    yield f"charset={mail.charset[:30]}"
    yield f"mailer={program}"
    yield f"mailer-first={program.split(' ')[0]}"
    yield f"mailer,mid={program}|{kinds}"
    yield f"mailer,boundary={program}|{_kind(boundary)}"
    yield f"mime,charset={mail.mime_shape[:60]}|{mail.charset[:30]}"


def _program(mailer: str) -> str:
    return _DIGITS.sub("0", mailer)[:60]


def _relation(one: str, other: str) -> str:
    """How two host names relate, without naming them."""
    if not one or not other:
        return "none"
    if one == other:
        return "same"
    if one.endswith("." + other) or other.endswith("." + one):
        return "below"
    return "kin" if one.split(".")[-2:] == other.split(".")[-2:] else "other"


def _people(mail: Mail) -> Iterator[str]:
    """The sender's names: their build, and how they relate."""
    local = mail.from_addr.partition("@")[0]
    yield f"from-local={_kind(_shape(local))[:40]}"
    yield f"from-labels={min(mail.from_domain.count('.'), 4)}"
    name = mail.from_name
    yield f"name={'none' if not name else _case(name)},{min(len(name.split()), 5)}"
    if "@" in name:
        yield "name-has-address"
    if name and local:
        words = [w.lower() for w in _WORDS.findall(name) if len(w) > 2]
        yield f"name-in-local={any(w in local.lower() for w in words)}"
    if mail.reply_to:
        answer = mail.reply_to.rpartition("@")[2]
        yield f"reply-to={'same' if mail.reply_to == mail.from_addr else _relation(answer, mail.from_domain)}"


@lru_cache(maxsize=MOST_KEPT)
def _kind(shape: str) -> str:
    """A shape without its lengths."""
    return _LENGTH.sub("", shape) if "{" in shape else shape


@lru_cache(maxsize=MOST_KEPT)
def _shape(text: str) -> str:
    return "".join("9" if c.isdigit() else "a" if c.isalpha() else c for c in text[:40]).replace("aa", "a")


def _case(text: str) -> str:
    if text.isupper():
        return "upper"
    return "lower" if text.islower() else "title" if text.istitle() else "mixed" if text.isascii() else "foreign"


def _subject(subject: str) -> Iterator[str]:
    if not subject:
        yield "subject=none"
        return
    letters = [c for c in subject if c.isalpha()]
    yield f"subject-upper={_tenths(sum(c.isupper() for c in letters), len(letters))}"
    yield f"subject-words={min(len(subject.split()), 12)}"
    yield f"subject-foreign={_tenths(sum(c > '~' for c in subject), len(subject))}"
    yield f"subject-end={subject[-1] if not subject[-1].isalnum() else 'a'}"
    for mark in "!?$%*|{[":
        if mark in subject:
            yield f"subject-has={mark}"
    if any(c.isdigit() for c in subject):
        yield "subject-has=9"


def _content(mail: Mail) -> Iterator[str]:
    """How much text of which kind there is, and how it is set."""
    words, text = mail.words, mail.words[:3500]
    yield f"text={_size(len(mail.text))},{_size(len(mail.html_text))}"
    yield f"hidden={_size(len(mail.hidden_text))}"
    yield f"length={_size(len(words))}"
    plain = text.encode("ascii", "ignore")
    foreign = "".join(_FOREIGN.findall(text)) if len(plain) < len(text) else ""
    letters, upper, digits = (
        len(plain) - len(plain.translate(None, kind)) + sum(map(is_kind, foreign)) for kind, is_kind in _KINDS
    )
    yield f"letters={_tenths(letters, len(text))}"
    yield f"upper={_tenths(upper, letters)}"
    yield f"digits={_tenths(digits, len(text))}"
    yield f"foreign={_tenths(len(text) - len(plain), len(text))}"
    for mark, sign in (("quoted", "\n>"), ("wrote", "wrote:"), ("signature", "\n-- \n"), ("loud", "!"), ("money", "$")):
        if sign in text:
            yield f"{mark}={_few(text.count(sign))}"
    lines = text.count("\n") + 1
    yield f"line={_size(len(text) // lines)}"


def _links(mail: Mail) -> Iterator[str]:
    """The build of the links: never a name but its top-level domain."""
    links = mail.links[:MOST]
    domains = {link.domain or link.host for link in links}
    yield f"links={_few(len(mail.links))},{_few(len(domains))}"
    if links:
        yield f"link-from={any(d == mail.from_domain or mail.from_domain.endswith('.' + d) for d in domains if d)}"
        yield f"words-a-link={_size(len(mail.words) // (1 + len(links)))}"
    for link in links:
        yield from _link(link)


@lru_cache(maxsize=MOST_KEPT)
def _link(link: Link) -> tuple[str, ...]:
    """Campaigns repeat their links."""
    return tuple(_of_link(link))


def _of_link(link: Link) -> Iterator[str]:
    path = link.path_shape[:60]
    yield f"path={path}"
    yield f"path-kind={_kind(path)}"
    yield f"link-tld={link.domain.rpartition('.')[2] if link.domain else 'address'}"
    yield f"link={link.scheme},{link.place},{link.form}"
    yield f"host={_kind(_shape(link.host.rpartition('.')[0]))[:30]}"
    if link.link_text:
        said = link.link_text.lower()
        shown = "address" if "://" in said or said.startswith("www.") else "words"
        yield f"link-text={shown},{link.host in said}"


def _files(files: tuple[File, ...]) -> Iterator[str]:
    yield f"files={_few(len(files))}"
    for file in files[:MOST]:
        yield f"file={file.media_type[:40]},{file.magic[:40]}"
        yield f"file-end={file.name.rpartition('.')[2].lower()[:8] if file.name else 'none'}"
        yield f"file-size={_size(file.bytes)}"


def _tenths(part: int, whole: int) -> int:
    """A share in tenths, rounded down; -1 of nothing."""
    return 10 * part // whole if whole else -1


def _size(count: int) -> int:
    """A count by its binary order of magnitude."""
    return count.bit_length()


def _few(count: int) -> int:
    return count if count < 4 else 2 + count.bit_length()
