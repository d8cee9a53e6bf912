"""Who handed a message over, from the part of a ``Received`` line before ``by``, as the server saw it.

Two families of programs matter, because a hostile client chooses its HELO freely:

- *Claim first*: ``from HELO (what the server saw) by``. The parenthesis directly before ``by`` is the server's own;
  all to its left is the client's claim, whatever it looks like. Comments of the server's that may stand between (TLS,
  AUTH, envelope sender) are known by how they begin; to the left of any other nothing is believed.
  *Sendmail 8* (``$?sfrom $s $.$?_($?s$|from $.$_)``, cf/m4/cfhead.m4): ``(user@rdns [ip] (may be forged))``. The name
  is the PTR record, written also where it does not resolve back ("may be forged").
  *Postfix* (smtpd.c): ``(name [ip])``, ``(unknown [IPv6:ip])``; ``by host (Postfix, from userid 33)`` is local.
  *qmail* (received.c), *qpsmtpd*, *IronPort*, *Yahoo*: ``rdns (HELO helo) (ident@ip)``; no HELO where it is the rdns.
  *Exchange, Outlook.com*: ``HELO (ip) by host (ip) with Microsoft SMTP Server``; no name is looked up.
  *Microsoft SMTPSVC, Gmail, Courier, MDaemon, IMail, PowerMTA*: ``([ip])``, ``(name. [ip])``, ``[ip]``, ``(ip:port)``.
- *Observation first*: Exim (``received_header_text`` and host.c): ``rdns ([ip]:port helo=HELO ident=user)`` or
  ``[ip] (port=n helo=HELO)``; ZMailer (vger): ``HELO ([ip]:port "EHLO HELO" rhost-flags-…)``. The first address is the
  server's, and the HELO after it can end nothing early. Obtuse smtpd and smap write likewise. fetchmail names the
  server that it fetched from: name and address are its own view, a HELO there is none.

An address is taken only where the server's form puts what it saw. A lone ``from 192.0.2.1 by`` or ``from [192.0.2.1]
by`` is a claim, except where no HELO exists (HTTP, Yahoo's NNFMP, QMQP) or the program is known to write its view so.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from impound import canonical

_NO_HELO = frozenset(
    {"exim", "yahoo", "communigate", "post.office", "messagewall", "argosoft", "mailgate"}
    | {"messagelabs", "tumbleweed", "interscan"}
)
"""Programs whose lone ``from [ip] by`` is what they saw; Exim leaves the HELO out where it equals the address."""

_BARE_PROTOCOL = re.compile(r"(?:https?|nnfmp|qmqp|dav|tcp)(?:/[\d.]+)?\Z", re.IGNORECASE)

_BYTE = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_IPV4 = rf"{_BYTE}\.{_BYTE}\.{_BYTE}\.{_BYTE}"
PEER = (
    r"([^\s()\[\]\"<>@;]+|\[[^\s()\[\]@]+\])(?: \((?:HELO|EHLO) ([^\s()@\"]+)\))?"
    rf" \((?:(?:([^\s()\[\]<>@\":]+) )?\[({_IPV4})\](?: \(may be forged\))?|({_IPV4}))\)"
)
"""The usual shapes: first word, HELO, name, address in brackets, address without. Only one reading of each exists."""

_QUICK = re.compile(PEER + r"\Z")
_EXIM = re.compile(r"(?:([^\s()\[\]]+) \(?)?\[([^\s()\[\]]+)\](?::(\d+))?(?: ?\(?(.*)\))?\Z")
_EXIM_CLEAN = re.compile(
    r"(?:[^\s()\[\]]+ \(\[[^\s()\[\]]+\](?::\d+)?|(?:[^\s()\[\]]+ )?\[[^\s()\[\]]+\](?::\d+)? \()"
    r"(?: ?port=\d+)?(?: ?helo=[^\s()]+)?(?: ?ident=[^\s()]+)?\)\Z"
)
_EXIM_PORT = re.compile(r" ?port=(\d{1,5})\b")
_ZMAILER = re.compile(r'(.*) \((?:[^\s()\[\]]+ )?\[([^\s()\[\]]+)\](?::(\d+))? "[HE][HE]LO \1"(?: [^()]*)?\)\Z')
_CLAIMING = re.compile(
    r'([^\s()\[\]]+) ?\(([0-9a-fA-F.:]+)\)?, (?:claiming to be "([^()"]*)"|[HE][HE]LO ([^()]*)\))(?: via \S+)?\Z'
)
_NOTE = re.compile(
    r"(?:not )?using |no client|client (?:cn|did)|(?:not )?authenticated(?![:?]\S*@\[)|auth[.: ]|sasl|smtp-auth|asmtp"
    r"|for \[|envelope|squirrelmail|proxying|forwarded-for|user[ =]|account |(?:tls|ssl)[v:/ ]|cipher|version=|misses"
    r"|sender |ecelerity",
    re.IGNORECASE,
)
_LOGIN_NOTE = re.compile(
    r"authenticated|auth[.: ]|sasl|smtp-auth|asmtp|squirrelmail auth|account |user[ =]", re.IGNORECASE
)
_WEB_NOTE = re.compile(r"account |squirrelmail|proxying|forwarded-for|auth\. user", re.IGNORECASE)
_SEEN = re.compile(r"(.*)\[([^\s\[\]]+)\](?::(\d+))?([^\[\]]*)\Z")
_NAME_HELO = re.compile(r"(?:(\S*) ?)\([HEhe][HEhe](?:LO|lo) (.*)\)\Z")
_HELO_WORD = re.compile(r"[HEhe][HEhe](?:LO|lo)(?: (.*))?\Z")
_ACCOUNT_HELO = re.compile(r"\b[HE][HE]LO (\S+)")
_TAIL = re.compile(r" (?:via \S+|as user \S+|id \S+)\Z")
_NO_NAME = frozenset({"unknown", "unverified", "softdnserr", "none", "nodnsquery", "untrusted", "-"})
_NOT_A_NAME = re.compile(r"[\s()\[\]<>@\":]")
_USER_PART = re.compile(r"[^\s@<>()\[\]]+@")


class Client(NamedTuple):
    """What stands before ``by``: the claim, the observation, and whether the client logged in."""

    helo: str | None = None
    name: str | None = None
    ip: str | None = None
    port: int | None = None
    login: bool = False


NOBODY = Client()


def client(said: str, form: str, protocol: str | None) -> Client:
    """Who handed over, from the text before ``by``; the user part of an address in a HELO is left out."""
    if said[:6] == "(from " and said[-1:] == ")":
        return _seen(said[6:-1], "") if "[" in said else NOBODY
    said = said.removeprefix("(apparently) ")
    if said[:5].lower() != "from ":
        return NOBODY
    found = _by_form(said[5:].strip(), form, protocol)
    if found.ip is None and ((protocol or "").lower() == "local" or found.helo == "mail pickup service"):
        return NOBODY
    if found.helo and "@" in found.helo:  # bots greet with the recipient's address, and it is personal data
        return found._replace(helo=_USER_PART.sub("@", found.helo))
    return found


def is_exim(said: str) -> bool:
    """Whether the text before ``by`` is Exim's and can be nothing else."""
    return ("helo=" in said or "port=" in said) and _EXIM_CLEAN.match(said[5:]) is not None


def name(text: str | None) -> str | None:
    """A looked-up name without its root dot; None for the words that programs put where there is none."""
    if not text or text.lower() in _NO_NAME or _NOT_A_NAME.search(text):
        return None
    text = text.rstrip(".")
    return None if not text or text.rpartition(".")[2].isdigit() else text


def _by_form(text: str, form: str, protocol: str | None) -> Client:
    text, mark, _ = text.partition("; authenticated") if text.endswith("; authenticated") else (text, "", "")
    if ("=" in text or form == "exim") and (_EXIM if form == "exim" else _EXIM_CLEAN).match(text):
        found = _exim(text)
        return found._replace(login=True) if mark else found
    bare = form in _NO_HELO or bool(protocol and _BARE_PROTOCOL.match(protocol))
    found = _quick(text) or (_dashed(text) if form == "exchange" else None) or _claimed_first(text, bare)
    if form == "fetchmail":
        return found._replace(name=name(found.helo), helo=None)
    if form == "postini" and found.helo == "source":
        return found._replace(helo=None)
    if form in ("qmail", "yahoo") and found.name is None and found.ip and "LO " not in text:
        return found._replace(name=name(found.helo), helo=found.helo if found.helo != "unknown" else None)
    return found


def _exim(text: str) -> Client:
    """Exim's ``name ([ip]:port helo=x ident=y)`` and ``[ip] (port=n helo=x)``, read from the left."""
    found = _EXIM.match(text)
    if found is None:
        return NOBODY
    rdns, ip, port, rest = found[1], found[2], found[3], found[4] or ""
    if port is None and (written := _EXIM_PORT.match(rest)):
        port = written[1]
    _, said, helo = (" " + rest).partition(" helo=")
    if said:
        helo = helo.rpartition(" ident=")[0] or helo
    return Client(helo if said else rdns, name(rdns), canonical.ip(ip), _port(port))


def _quick(text: str) -> Client | None:
    """The most usual shapes at once, and those of ZMailer, Obtuse smtpd and smap; None for any other."""
    if found := _QUICK.match(text):
        first, helo, rdns, ip, plain_ip = found.groups()
        return Client(helo or first, name(first if helo else rdns), ip or plain_ip)
    if '"' in text and (found := _ZMAILER.match(text)):
        login = '" smtp-auth: <' in text and '" smtp-auth: <none>' not in text
        return Client(found[1], None, canonical.ip(found[2]), _port(found[3]), login)
    if "," in text and (found := _CLAIMING.match(text)):
        return Client(found[3] or found[4], name(found[1]), canonical.ip(found[2]))
    return None


def _dashed(text: str) -> Client | None:
    """The ``HELO - ip`` of Microsoft's SMTP service 5.5."""
    helo, mark, ip = text.rpartition(" - ")
    address = canonical.ip(ip) if mark else None
    return Client(helo, None, address) if address else None


def _claimed_first(text: str, bare: bool) -> Client:
    """``HELO (seen)``, read from the right; ``bare`` says that an address that stands alone is no HELO."""
    login, helo = False, None
    while True:
        if text[-1:] not in ")]" and (tail := _TAIL.search(text)):
            login = login or tail[0].startswith(" as user")
            text = text[: tail.start()].rstrip()
        group, before = _last_group(text)
        if group is None:
            found = _ungrouped(text, bare)
            break
        if helo is None and (word := _HELO_WORD.match(group)) and "[" not in group.rpartition(" ")[2]:
            helo, bare = word[1] or "", True
        elif _NOTE.match(group):
            login = login or bool(_LOGIN_NOTE.match(group))
            bare = bare or _WEB_NOTE.match(group) is not None
            said = _ACCOUNT_HELO.search(group) if group.startswith("account ") else None
            helo = said[1] if said else helo
        else:
            found = _seen(group, before)
            break
        text = before
    if helo is not None:
        found = found._replace(helo=helo or None, name=found.name or name(found.helo))
    return found._replace(login=login or found.login)


def _last_group(text: str) -> tuple[str | None, str]:
    """The content of the parenthesis at the end of a text, and what stands before it; (None, text) without one."""
    if text[-1:] != ")":
        return None, text
    depth, place = 0, len(text)
    while True:
        opening, closing = text.rfind("(", 0, place), text.rfind(")", 0, place)
        if opening < 0:
            return None, text
        place = max(opening, closing)
        depth += 1 if closing > opening else -1
        if depth == 0:
            return text[opening + 1 : -1].strip(), text[:opening].rstrip()


def _seen(group: str, before: str) -> Client:
    """What the server wrote between its parentheses: ``ident@name [ip] (may be forged)``, ``ip:port``, ``name``."""
    helo, rdns = before or None, None
    if first := _NAME_HELO.match(before):
        helo, rdns = first[2] or None, name(first[1])
    login = group[:13].lower() == "authenticated"
    if (found := _SEEN.match(group)) and (address := canonical.ip(found[2])):
        who = found[1].strip(" ?")
        if word := _HELO_WORD.match(who):
            return Client(word[1] or None, name(before), address, _port(found[3]))
        return Client(helo, rdns or name(who.rpartition("@")[2]), address, _port(found[3]), login)
    token, _, rest = group.partition(" ")
    token = token.strip("[],").rpartition("@")[2]
    address, port = canonical.ip(token), None
    if address is None and token.count(":") == 1:
        host, _, number = token.partition(":")
        address, port = canonical.ip(host), _port(number)
    if address is not None and rest.startswith("helo="):  # Ecelerity
        return Client(rest[5:], name(before), address, port)
    if address is not None:
        return Client(helo, rdns, address, port, login or rest.startswith("with "))
    return Client(helo, rdns or (name(group) if "." in group or group == "localhost" else None))


def _ungrouped(text: str, bare: bool) -> Client:
    """``HELO [ip]``, ``[ip]``, ``ip`` or a HELO alone; an address that stands alone is seen only when ``bare``."""
    found = _SEEN.match(text)
    if found and not found[4] and (address := canonical.ip(found[2])):
        before, port = found[1].strip(), _port(found[3])
        if not before:
            return Client(ip=address, port=port) if bare else Client(helo=text)
        if helo := _NAME_HELO.match(before):
            return Client(helo[2] or None, name(helo[1]), address, port)
        return Client(before, None, address, port)
    address = canonical.ip(text) if bare else None
    return Client(ip=address) if address else Client(helo=text or None)


def _port(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 6 and int(text) < 65536 else None
