"""What mail programs write: the shapes that tell a real one from software that only bears its name. Data and lookup.

Sources, by letter in the table: *G* genuine mail in public collections (ham of TREC 2007, SpamAssassin, CSDMC 2010 and
a public kernel list; each shape below was met there), *S* the rules of Apache SpamAssassin (``20_ratware.cf``,
``20_fake_helo_tests.cf``, ``HeaderEval.pm``: ``check_outlook_message_id``) taken as facts and measured again, *C* the
program's own source code (Mozilla ``nsMsgCompUtils``, mutt ``sendlib.c``, Evolution ``camel-mime-utils``, Pine
``generate_message_id``, SquirrelMail ``Deliver.class.php``).

A program is in the table only where its shape is certain. Programs that let their user choose the Message-ID (Gnus,
KMail, PHPMailer) or leave it to the server (Foxmail) are named, so that they can be counted, without a shape.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

LIMIT = 300
"""Characters of a header that are looked at; longer ones are nobody's normal Message-ID."""
_HEX8 = "[0-9a-f]{8}"
_FILETIME_EPOCH = 11_644_473_600
"""Seconds from 1601, where FILETIME begins, to 1970."""

Clock = Callable[[re.Match[str], int], float | None]
"""Seconds since 1970 from a Message-ID that matched, given the Date header's zone in minutes; None: no such time."""


def _digits(match: re.Match[str], minutes: int) -> float | None:
    try:
        at = datetime.strptime(match["time"], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None
    return at.timestamp() - 60 * minutes


def _hex_seconds(match: re.Match[str], minutes: int) -> float:
    return float(int(match["time"], 16))


def _seconds(match: re.Match[str], minutes: int) -> float:
    return float(match["time"])


def filetime(match: re.Match[str]) -> int:
    """The Windows FILETIME (100 ns since 1601) in a Message-ID of Outlook's form."""
    return int(match["high"], 16) << 32 | int(match["low"], 16)


def machine(match: re.Match[str]) -> int | None:
    """The first octet of the address of its machine in such a Message-ID; None where the form has none."""
    return None if match["later"] else int(match["machine"][6:], 16)


def _windows(match: re.Match[str], minutes: int) -> float:
    return filetime(match) / 1e7 - _FILETIME_EPOCH


@dataclass(frozen=True)
class Form:
    """A form of Message-ID, and what time stands in it; whether that is UTC, so that no zone can shift it."""

    pattern: re.Pattern[str]
    clock: Clock | None = None
    utc: bool = False


@dataclass(frozen=True)
class Program:
    """A mail program: how it names itself, and what it always does. An empty field says nothing."""

    name: str
    claims: re.Pattern[str]
    forms: tuple[Form, ...] = ()
    always: tuple[str, ...] = ()
    """Headers that it never leaves out (lower case)."""
    gives_id: bool = False
    """It gives every message a Message-ID itself, and never leaves that to a server."""
    nextpart: bool = False
    """Its boundaries are ``----=_NextPart_000_0012_01C77A0B.4E2F1234``."""
    sources: str = "G"


def _form(pattern: str, clock: Clock | None = None, utc: bool = False) -> Form:
    return Form(re.compile(pattern), clock, utc)


def _claims(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


WINDOWS = _form(
    rf"<[0-9a-f]{{4}}(?P<high>{_HEX8})\$(?P<low>{_HEX8})\$(?P<machine>{_HEX8})(?P<later>\$?)@", _windows, utc=True
)
"""Outlook and Outlook Express: a counter, the FILETIME, the machine's address in hex, backwards (S, G). From Outlook 12
on, which adds a ``$``, the last part is no address."""
SERVICE = _form(
    rf"<[0-9a-f]{{4,8}}(?P<high>{_HEX8})\$(?P<low>{_HEX8})\$(?P<machine>{_HEX8})(?P<later>)@", _windows, utc=True
)
"""CDO, whose counter goes on past four digits where a server sends much (G)."""

_PRIORITIES = ("x-priority", "x-msmail-priority")

PROGRAMS: tuple[Program, ...] = (
    Program("outlook express for mac", _claims(r"Microsoft[ -]Outlook[ -]Express[ -]Macintosh|Microsoft-Entourage")),
    Program(
        "outlook express",
        _claims(r"Microsoft Outlook Express"),
        (WINDOWS,),
        gives_id=True,
        always=_PRIORITIES,
        nextpart=True,
        sources="GS",
    ),
    Program("windows mail", _claims(r"Microsoft Windows (?:Live )?Mail")),
    Program(
        "outlook imo",
        _claims(r"Microsoft Outlook IMO"),
        (_form(r"<[A-P]{28}\."), WINDOWS),
        gives_id=True,
        nextpart=True,
        sources="GS",
    ),
    Program(
        "outlook 9-10",
        _claims(r"Microsoft Outlook(?:,? Build| CWS|,? [89]| 10)"),
        (WINDOWS,),
        nextpart=True,
        sources="GS",
    ),
    Program(
        "outlook 11", _claims(r"Microsoft Office Outlook(?:,? Build 11| 11)"), (WINDOWS, _form(r"<!&!")), nextpart=True
    ),
    Program("outlook 12", _claims(r"Microsoft (?:Office )?Outlook 1[2-9]"), (WINDOWS, _form(r"<!&!")), nextpart=True),
    Program("cdo", _claims(r"Microsoft CDO"), (SERVICE,), nextpart=True),
    Program(
        "exchange 5", _claims(r"Internet Mail Service"), (_form(r"<[0-9A-F]{30,48}@|<c="),), gives_id=True, sources="GS"
    ),
    Program(
        "the bat",
        _claims(r"The Bat!"),
        (_form(r"<\d{5,13}\.(?P<time>\d{14})@", _digits),),
        gives_id=True,
        sources="GS",
    ),
    Program(
        "thunderbird",
        _claims(r".{0,200}?(?:Thunderbird|Icedove)(?:[ /]\d|\Z)"),
        (
            _form(r"<(?P<time>[0-9A-F]{8})\.\d{1,8}@", _hex_seconds, utc=True),
            _form(r"<[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}@"),
        ),
        gives_id=True,
        sources="GC",
    ),
    Program(
        "eudora",
        _claims(r"QUALCOMM Windows Eudora"),
        (_form(r"<\d{1,2}(?:\.\d{1,3}){1,6}\.(?P<time>\d{14})\.[0-9a-f]{8}@", _digits),),
        gives_id=True,
        sources="GS",
    ),
    Program(
        "pegasus",
        _claims(r"Pegasus Mail for Win(?:32|dows) \(v?(?:3\.[1-9]|4)"),
        (_form(r"<(?P<time>[0-9A-F]{8})\.\d{1,5}\.[0-9A-F]{1,8}@", _hex_seconds),),
        gives_id=True,
    ),
    Program("pegasus", _claims(r"Pegasus Mail"), gives_id=True),
    Program(
        "evolution",
        _claims(r"(?:Ximian )?Evolution"),
        (_form(r"<(?P<time>\d{9,10})\.\d{1,7}\.\d{1,6}\.camel@", _seconds, utc=True), _form(r"<[0-9a-f]{40}\.camel@")),
        gives_id=True,
        sources="GC",
    ),
    Program("squirrelmail", _claims(r"SquirrelMail"), (_form(r"<[0-9a-f.]{10,80}\.squirrel@"),), sources="GC"),
    Program("pine", _claims(r"Al?pine"), (_form(r"<(?:alpine|Pine)\."),), sources="GC"),
    Program("aol", _claims(r"AOL \d"), (_form(r"<[^@>]{1,100}@[a-z0-9.-]{0,60}(?:aol|cs|netscape|aim|compuserve)\."),)),
    Program(
        "mozilla",
        _claims(r"Mozilla(?:/5\.0 \(.{1,80}rv:.{1,60}\) Gecko/\d{8}(?!.{0,150}Firefox)| 4\.)"),
        (_form(r"<(?P<time>[0-9A-F]{8})\.[0-9A-F]{1,8}@", _hex_seconds, utc=True),),
        gives_id=True,
        sources="GC",
    ),
    *(
        Program(name, _claims(pattern), gives_id=True)
        for name, pattern in (
            ("mutt", r"(?:Neo)?Mutt"),
            ("apple mail", r"Apple Mail"),
            ("kmail", r"KMail"),
            ("sylpheed", r"Sylpheed|Claws"),
        )
    ),
    *(
        Program(name, _claims(pattern))
        for name, pattern in (
            ("mozilla", r"Mozilla"),
            ("gnus", r"Gnus"),
            ("horde", r"Internet Messaging Program|Horde"),
            ("phpmailer", r"PHPMailer"),
            ("lotus notes", r"Lotus Notes"),
            ("foxmail", r"Foxmail"),
            ("eudora", r".{0,60}Eudora"),
            ("outlook", r"Microsoft (?:Office )?Outlook"),
            ("exchange", r"Microsoft Exchange|Produced By Microsoft Exchange"),
            ("yahoo", r"YahooMail"),
            ("zimbra", r"Zimbra"),
        )
    ),
)
"""In order: the first whose claim matches counts."""

_SERVERS = re.compile(
    r"<(?:"
    r"(?:19|20)\d\d(?:0[1-9]|1[0-2])\d{6}(?:\d\d)?\.[0-9A-Za-z]{5,20}"  # sendmail, Postfix, and those behind them
    r"(?:-[0-9A-Za-z]{5,20}|\.[a-z0-9.-]{3,80})?@"
    r"|(?:19|20)\d\d(?:0[1-9]|1[0-2])\d{8}\.\d{1,7}\.qmail@"
    r"|(?:[A-Za-z]{1,8}-)?E?[0-9A-Za-z]{6}-[0-9A-Za-z]{6,12}-[0-9A-Za-z]{2,5}@"  # Exim
    r"|0[0-9A-Z]{12,16}@"  # Sun, iPlanet
    r"|[0-9A-F]{30,48}@|[0-9a-f]{32}@"  # Exchange
    r"|(?i:(?P<host>[0-9a-z-]{2,15})[0-9a-z]{8,20}[0-9a-f]{8}@(?P=host))"  # Microsoft's SMTP service
    r"|(?:[0-9A-F]{16}\+)?[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}@"
    r"|(?:[0-9A-F]{16}\+)?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}@"
    r"|0[0-9a-f]{15}-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}-"  # Amazon SES
    r"|[0-9a-f]{7,8}\.[0-9a-f]{7,8}\.[0-9a-f]{3,4}\.[0-9a-f]{3,8}@"  # Google
    r"|[0-9a-z]{6}\$[0-9a-z]{4,6}@[0-9a-z.-]{1,100}\.[a-z]{2,20}>"  # IronPort
    r"|\d{10}_\d{1,9}@|(?:auto|list|web|rule)-\d{1,15}@|\d{9,10}\.\d{1,6}@|tencent_"
    r"|OF[0-9A-F]{8}\.[0-9A-F]{8}|(?:LYRIS|LISTMANAGER)"
    r"|[0-9a-f]{8}\$\d\$\d{1,6}\$[0-9a-f]{8}@|[^@>]{1,60}\.ln\d@"  # news servers, leafnode
    r"|[^@>]{1,120}@(?:[A-Za-z0-9.-]{0,60}\.)?(?i:phx\.gbl|hotmail\.com|gmane\.org|microsoft\.com|google\.com|outlook\.com"
    r"|giganews\.com)>"
    r")"
)
"""Ids that servers, gateways and news systems give in a program's place (S: ``__UNUSABLE_MSGID``; G)."""

_MISSPELT = re.compile(
    r"Microsoft Outlook Express V\d|Microsoft Outlook Build|Microsoft Outlook IMO Build|%[A-Z_]+|\{%|\$[A-Z_]+\$"
)
"""Names that no program gives itself (the ``V`` belongs to X-MimeOLE, the comma is missing), and bare placeholders."""


@lru_cache(maxsize=4096)
def find(mailer: str) -> Program | None:
    """The program that an X-Mailer or User-Agent claims; None for one that is not in the table."""
    text = mailer.strip()[:LIMIT]
    return next((program for program in PROGRAMS if program.claims.match(text)), None)


@lru_cache(maxsize=4096)
def name(mailer: str | None) -> str:
    """The claimed program without its version: from the table, or the claim's first words, or empty."""
    if not mailer or not mailer.strip():
        return ""
    found = find(mailer)
    if found:
        return found.name
    words = re.split(r"[^a-z ]", mailer.strip()[:60].lower(), maxsplit=1)[0]
    return " ".join(words.split()[:3]) or "?"


def misspelt(mailer: str) -> bool:
    """Whether a claim is spelt as the program it names never spells itself, or is an unfilled placeholder."""
    return bool(_MISSPELT.match(mailer.strip()[:LIMIT]))


def from_server(message_id: str) -> bool:
    """Whether an id has the form that servers give to mail that came without one: it says nothing of the program."""
    return bool(_SERVERS.match(message_id)) or "added by" in message_id
