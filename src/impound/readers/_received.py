"""What a ``Received`` line says: who handed a message over to whom, how and when.

RFC 5321, 4.4 gives the frame (``from … by … via … with … id … for …; date``) and leaves the rest to the programs;
:mod:`impound.readers._received_client` says how each of them writes the part before ``by``. What a hostile client may
choose, its HELO, stands to the left of the server's ``by``, so the last ``by`` outside comments is the server's.

The lines of spam programs are forgeries of the same forms and are read as written, nothing is guessed: whom to trust is
decided elsewhere.
"""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from impound import canonical
from impound.readers import _dates
from impound.readers._received_client import NOBODY, PEER, Client, client, is_exim, name

MAX_LINE = 4096
"""Characters of a line that is read; a longer one gives its time alone, since one cut short could end in what the
client wrote. An SMTP command has at most 512 octets (RFC 5321, 4.5.3.1.4); real lines are below 1,000."""

_PRODUCTS = (
    "Postfix|Exim|Gmexim|qpsmtpd|qmail|fetchmail|MEProxy|Cyrus|amavisd|PowerMTA|Lotus Domino|IBM Domino|CommuniGate"
    "|MDaemon|Mercury|SMTPD|SMTPL|LSMTP|InterMail|Sun Java|Sun ONE|iPlanet|Oracle Comm|StrongMail|ecelerity|Nemesis"
    "|Spam Firewall|PPS|Haraka|OpenSMTPD|DragonFly|Post.Office|MessageWall|ArGoSoft|MailGate|Microsoft Exchange"
    "|Tumbleweed|Email Firewall|SMTP Relay|InterScan"
)
_BY_PRODUCT = {product.lower(): product.lower() for product in _PRODUCTS.split("|")} | {
    "gmexim": "exim", "amavisd": "amavis", "lotus domino": "domino", "ibm domino": "domino", "smtpd": "imail",
    "sun java": "oracle", "sun one": "oracle", "iplanet": "oracle", "oracle comm": "oracle", "pps": "proofpoint",
    "spam firewall": "barracuda", "microsoft exchange": "exchange", "email firewall": "tumbleweed",
    "smtp relay": "tumbleweed", "smtpl": "lsmtp",
}  # fmt: skip
_BY_PROTOCOL = {
    "Microsoft": "exchange", "Internet": "exchange", "mapi": "exchange", "NNFMP": "yahoo", "[XMail": "xmail",
    "listexpand": "zmailer",
}  # fmt: skip
_BY_DOMAIN = {
    "outlook.com": "outlook", "google.com": "gmail", "gmail.com": "gmail", "yahoo.com": "yahoo",
    "postini.com": "postini",
    "mimecast.com": "mimecast", "mimecast.lan": "mimecast", "messagelabs.com": "messagelabs",
}  # fmt: skip
FORMS = (
    *dict.fromkeys((*_BY_PRODUCT.values(), *_BY_PROTOCOL.values(), *_BY_DOMAIN.values())),
    *("sendmail", "ironport", "other"),
)
"""In which program's way a line is written: by the product or service it names, else by its shape, else ``other``."""

_COMMON = re.compile(
    rf"(?:from {PEER}(?: \((?:using|No client|Client did)[^()]*(?:\([^()]*\)[^()]*)*\))* )?"
    r"by ([^\s()\[\]<>@;,]+)(?: \(([^()]*(?:\([^()]*\)[^()]*)*)\))? with (?!id\b)([A-Za-z]+)(?: id ([^\s();,<>@]+))?"
    r"(?: \([^()]*\))?(?: for (?:<([^\s<>\"]+)>|([^\s<>\"();,]+)))?\Z"
)
"""Three lines in four at once; there is only one reading of what it matches."""

_LOOSE_DATE = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? \d{1,2} [A-Z][a-z]{2} \d{4} \d|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"
)
_BY_OTHERWISE = re.compile(r"(?<=[\])])by | BY ")
_QUOTED = re.compile(r'<"[^"]*"@[^<>\s]*>')
_COMMENT = re.compile(r"\([^()]*\)")
_WORDS = r" (?!id\b|ID\b)([^\s();,<>@]+(?: (?!(?:id|for|via|with|from|tls|ID)\b)[^\s();,<>@]+){0,3})"
_WITH, _VIA = re.compile("(?:^| )with" + _WORDS), re.compile("(?:^| )via" + _WORDS)
_ID = re.compile(r"(?: |^)(?:id|ID) <?([^\s();,<>]+)")
_FOR = re.compile(
    r"(?:^|[ ;])for (?:<([^<>]*)>|([^\s<>()\[\];,]+@[^\s<>()\[\];,]+)|([^\s<>()\[\];,@]+)(?= ?(?:\(|;|$)))"
)
_ORCPT = re.compile(r"ORCPT <(?:rfc822;)?([^<>\s]*)>")
_SERVER = re.compile(
    r"<?\[?([^\s()\[\]<>;,]*)\]?>?,?(?: ?\((?:[^\s()\[\]]+ )?\[([^\s()\[\]]+)\](?::\d+)?\)| \[([^\s()\[\]]+)\]"
    r"| \(([0-9a-fA-F.:]+)\)(?= with ))?"
)
_PRODUCT = re.compile(r"\( ?(" + "|".join(map(re.escape, _PRODUCTS.split("|"))) + ")")
_SENDMAIL = re.compile(r"\S+ \((?:8\.\d+(?:\.\d+)?(?!\.?\d)|\d+\.\d+[\w.+-]*/|V8/| ?[Ss]endmail)")
_GMAIL = re.compile(r"(?:10\.|2002:a)\S+ with SMTPS?\Z")
_QMAIL_SERVER = re.compile(r"\S+ with (?:\([^()]*\) |\S+ encrypted )?(?:E?SMTPS?|QMQPS?)\Z", re.IGNORECASE)
_QMAIL_PEER = re.compile(r"network\[([^\s\]/]+)/([^\s\]]+)\]|\(ofmipd ([0-9a-f.:]+)()\)")
_LOGIN_SERVER = re.compile(r"\((?:smtp-)?auth(?:enticated)?\b|\((?:user|account) \S+ authenticated", re.IGNORECASE)
_LOGIN_PROTOCOL = re.compile(r"(?:utf8)?(?:e?smtp|lmtp)s?a\Z|asmtp|local-e?smtps?a\Z", re.IGNORECASE)


class Hop(NamedTuple):
    """One ``Received`` line; the fields are those of ``tables.HOP``, each None where the line does not say.

    ``verified``: Postfix and Exim write a name only where it resolves back to the address (smtpd_peer.c, host.c), and
    Sendmail says where it does not. Of other programs' names nobody knows.
    """

    helo: str | None = None
    name: str | None = None
    verified: bool | None = None
    ip: str | None = None
    port: int | None = None
    by: str | None = None
    by_ip: str | None = None
    protocol: str | None = None
    queue_id: str | None = None
    authenticated: bool = False
    at: datetime | None = None
    form: str = "other"


def parse(value: str) -> tuple[Hop, str | None]:
    """The hop a ``Received`` value describes, and the recipient it names (``for``, ``ORCPT``), or None.

    ``value`` may be folded. No field of the hop holds the recipient's address: user parts before an ``@`` are left out.
    """
    if len(value) > MAX_LINE:
        return Hop(at=_dates.parse(value.rpartition(";")[2][-_dates.MAX_DATE :].strip())[0]), None
    text, at = _split_date(" ".join(value.split()))
    if text.startswith(("(qmail", "(ofmipd")):
        return _qmail_local(text, at), None
    found = _COMMON.match(text)
    if found is None or "uthent" in text or "(AUTH" in text:
        return _general(text, at)
    first, helo, rdns, ip, plain_ip, by, product, protocol, queue_id, recipient, word = found.groups()
    form, by_ip, login, special = _taker(by, product, protocol)
    if special:
        return _general(text, at)
    if form is None:
        form = _form_by_shape(text[: found.start(6) - 4], f"{by} with {protocol}")
    if helo is None:
        helo, first = first, rdns or (first if form in ("qmail", "yahoo") else None)
        if helo == "unknown" and form in ("qmail", "yahoo"):
            helo = None
    if first and (not first[-1].isalpha() or first.isupper() or first in ("unknown", "unverified")):
        first = name(first)
    verified = _verified(form, text) if first else None
    hop = Hop(helo, first, verified, ip or plain_ip, None, by, by_ip, protocol, queue_id, login, at, form)
    return hop, recipient or word


@lru_cache(maxsize=4096)
def _taker(by: str, product: str | None, protocol: str) -> tuple[str | None, str | None, bool, bool]:
    """Form, address of the server, whether the protocol tells of a login, and whether the form needs the long way."""
    server = f"{by} ({product}) with {protocol}" if product else f"{by} with {protocol}"
    form = _form_by_name(server, by, protocol)
    special = form in ("exim", "fetchmail", "zmailer", "postini") or protocol.lower() == "local"
    return form, _server(server)[1], _LOGIN_PROTOCOL.match(protocol) is not None, special


def _verified(form: str, said: str) -> bool | None:
    if form == "sendmail":
        return "] (may be forged))" not in said
    return True if form in ("postfix", "exim") else None


def _split_date(text: str) -> tuple[str, datetime | None]:
    """The line without its date, and the date; the whole line where it has none that can be read."""
    head, mark, tail = text.rpartition(";")
    if mark:
        at = _dates.parse(tail)[0]
        if at is not None:
            return head.rstrip(), at
    starts = [found.start() for found in _LOOSE_DATE.finditer(text)]
    if not starts:
        return text, None
    return text[: starts[-1]].rstrip(" ;"), _dates.parse(text[starts[-1] :])[0]


def _general(text: str, at: datetime | None) -> tuple[Hop, str | None]:
    said, server = _split_by(text)
    taker, _, rest = server.partition(" id ")
    if not rest or taker.count("(") != taker.count(")"):
        taker, rest = server, ""
    who, by, by_ip, protocol, form = _ends(said if server else "", taker)
    queue_id: str | None = rest.partition(" ")[0].strip("<>;,()")
    rest = _without_comments(rest or server or text)
    if not queue_id:
        found = _ID.search(rest) or _ID.search(said)
        queue_id = found[1] if found else None
    recipient = _recipient(rest, server)
    if queue_id and ("@" in queue_id or queue_id == recipient):
        queue_id = None
    login = who.login or ("uth" in server.lower() and _LOGIN_SERVER.search(server) is not None)
    verified = _verified(form, said) if who.name else None
    hop = Hop(who.helo, who.name, verified, who.ip, who.port, by, by_ip, protocol, queue_id, login, at, form)
    return hop, recipient


@lru_cache(maxsize=2048)
def _ends(said: str, taker: str) -> tuple[Client, str | None, str | None, str | None, str]:
    """Client, server, its address, protocol and form. Many lines differ in id and time alone: 43 % are met again."""
    protocol = _protocol(_without_comments(taker))
    by, by_ip = _server(taker)
    form = _form_by_name(taker, by, protocol) or _form_by_shape(said, taker)
    who = client(said, form, protocol) if said else NOBODY
    if protocol and _LOGIN_PROTOCOL.match(protocol):
        who = who._replace(login=True)
    return who, by, by_ip, protocol, form


def _split_by(text: str) -> tuple[str, str]:
    """What stands before and after the server's own ``by``: the last one outside comments and quoted addresses.

    A HELO can only stand to its left, so a ``by`` inside a HELO is never taken.
    """
    masked = _QUOTED.sub(lambda found: "<" + "_" * (len(found[0]) - 2) + ">", text) if '"' in text else text
    start = len(text)
    while (start := masked.rfind(" by ", 0, start)) > 0:
        if masked.count(")", start) <= masked.count("(", start):
            return text[:start], text[start + 4 :]
    if text[:3].lower() == "by ":
        return "", text[3:]
    if found := _BY_OTHERWISE.search(masked):
        return text[: found.start()].rstrip(), text[found.end() :]
    said, _, server = text.rpartition(" by ")  # the tail has stray parentheses: some spam programs write random ones
    return (said, server) if said and said.count("(") == said.count(")") else (text, "")


def _without_comments(text: str) -> str:
    if "(" not in text:
        return text
    for _ in range(4):
        text = _COMMENT.sub("", text)
        if "(" not in text:
            break
    return " ".join(text.split())


def _protocol(plain: str) -> str | None:
    """The words after ``with``, or else after ``via``, at most four of them."""
    word = plain.partition(" with ")[2]
    if word and word.isalnum() and word != "id":
        return word
    found = _WITH.search(plain) or _VIA.search(plain)
    return found[1].rstrip(":.!") if found else None


def _recipient(rest: str, server: str) -> str | None:
    found = _FOR.search(rest) if "for " in rest else None
    if found is None and "ORCPT" in server:
        found = _ORCPT.search(server)
    return next((part for part in found.groups() if part), None) if found else None


def _server(text: str) -> tuple[str | None, str | None]:
    """Name and address of the server from the text after ``by``. A version in parentheses is no address."""
    by, _, more = text.partition(" ")
    written = None
    if more[:1] in ("(", "[") or not by[-1:].isalnum() or "(" in by or by[0] in "<[":
        found = _SERVER.match(text)
        by, *places = found.groups("") if found else ("",)
        written = canonical.ip("".join(places)) if found else None
    by = by.rpartition("@")[2]
    if written is None and by and (by[-1].isdigit() or ":" in by):
        written = canonical.ip(by)
    return by or None, written


def _form_by_name(server: str, by: str | None, protocol: str | None) -> str | None:
    """The form by what the server says about itself; what it quotes of the client comes later in its text."""
    if "(" in server:
        if _SENDMAIL.match(server):
            return "sendmail"
        if found := _PRODUCT.search(server.partition("(envelope-")[0]):
            return _BY_PRODUCT[found[1].lower()]
    form = _BY_DOMAIN.get(".".join(by.rsplit(".", 2)[-2:])) if by else None
    if form is None and protocol:
        form = _BY_PROTOCOL.get(protocol.partition(" ")[0])
        if form is None and _GMAIL.match(server):
            form = "gmail"
        elif form is None and protocol[:10] == "ESMTP/TLS/":
            form = "ironport"
    return form or ("exim" if " running ExIM " in server else None)


def _form_by_shape(said: str, server: str) -> str:
    """The form of a line that names no product: Exim by ``helo=``, qmail and IronPort by their short lines."""
    if "rhost-flags-" in said or ' "EHLO ' in said or ' "HELO ' in said:
        return "zmailer"
    if "(using TLS" in said:
        return "postfix"
    if is_exim(said):
        return "exim"
    if said[-1:] == ")" and _QMAIL_SERVER.match(server):
        if said[-2] == "]":
            return "ironport" if ") ([" in said and ("(HELO " in said or "(EHLO " in said) else "other"
        return "qmail" if canonical.ip(said[:-1].rpartition("(")[2].rpartition("@")[2]) else "other"
    return "qmail" if server.startswith("0 with SMTP") else "other"


def _qmail_local(text: str, at: datetime | None) -> Hop:
    """``(qmail 1 invoked by uid 2)``; two patches note the peer: ``(… from network[ip/name])``, ``(ofmipd ip)``."""
    peer = _QMAIL_PEER.search(text)
    if peer is None:
        return Hop(at=at, form="qmail")
    return Hop(name=name(peer[2]), ip=canonical.ip(peer[1] or peer[3]), at=at, form="qmail")
