"""How mail programs write headers: the real ones, and the spam programs that claim to be them.

The orders, Message-ID forms and boundaries of the real programs are those of their releases of 2003 to 2012. A spam
program is a real one with some of it wrong; what is wrong belongs to the botnet, not to the machine or the campaign.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

from impound.drill import _clock
from impound.drill._bodies import Parts
from impound.drill._chance import Chance


class Envelope(NamedTuple):
    """What a program knows of a message when it writes its headers."""

    display: str
    sender: str
    recipient: str
    subject: str
    at: int
    zone: int
    host: str
    """The name of the machine it runs on."""
    tag: str
    """Eight hexadecimal digits that belong to the machine, as Outlook makes them of its address."""


Maker = Callable[[Chance, Envelope], str]


@dataclass(frozen=True)
class Program:
    """A mail program: ``order`` names its headers as spelt; those in ``extras`` are the same in every message."""

    name: str
    order: tuple[str, ...]
    extras: dict[str, str]
    message_id: Maker
    boundary: Maker
    zone_name: Callable[[int], str] = field(default=lambda zone: "")
    quotes: bool = True
    """Whether it writes ``"Ada Dale" <...>`` with quotes."""
    parts: Parts = field(default=Parts())

    @cached_property
    def _forms(self) -> dict[tuple[str, ...], str]:
        """The header block to be filled, by the content headers that a message has."""
        return {}

    def _form(self, content: tuple[str, ...]) -> str:
        there = {"from", "to", "subject", "date", "message-id", "mime-version", "thread-index", *content}
        lines = []
        for name in self.order:
            low = name.lower()
            if low in self.extras and low not in content:
                lines.append(f"{name}: {self.extras[low]}\n".replace("%", "%%"))
            elif low in there:
                lines.append(f"{name}: %({low})s\n")
        return "".join(lines)

    def head(self, chance: Chance, e: Envelope, content: dict[str, str]) -> str:
        """The header block, without the empty line."""
        form = self._forms.get(names := tuple(content))
        if form is None:
            form = self._forms[names] = self._form(names)
        display = f'"{e.display}" ' if self.quotes else f"{e.display} "
        return form % {
            "from": f"{display if e.display else ''}<{e.sender}>",
            "to": f"<{e.recipient}>" if self.quotes else e.recipient,
            "subject": e.subject,
            "date": _clock.header(e.at, e.zone) + self.zone_name(e.zone),
            "message-id": f"<{self.message_id(chance, e)}>",
            "mime-version": "1.0",
            "thread-index": f"Aco{chance.token(27)}==",
            **content,
        }


# -- Message-IDs and boundaries --------------------------------------------------------------------------------------


def _outlook_express_id(chance: Chance, e: Envelope) -> str:
    high, low = _clock.filetime(e.at, chance.below(1000))
    return f"{chance.getrandbits(12):04x}{high}${low}${e.tag}@{e.host}"


def _outlook_id(chance: Chance, e: Envelope) -> str:
    high, low = _clock.filetime(e.at, chance.below(1000))
    third = f"{chance.getrandbits(16):04x}{e.tag[4:]}"
    return f"{chance.getrandbits(12):04x}{high}${low}${third}$@{_domain(e)}"


def _outlook_boundary(chance: Chance, e: Envelope) -> str:
    high, low = _clock.filetime(e.at)
    return (
        f"----=_NextPart_000_{chance.getrandbits(12):04X}_{high.upper()}.{low[:4].upper()}{chance.getrandbits(16):04X}"
    )


def _thunderbird_id(chance: Chance, e: Envelope) -> str:
    return f"{_clock.epoch(e.at):08X}.{chance.between(1000000, 9090909)}@{_domain(e)}"


def _thunderbird_boundary(chance: Chance, e: Envelope) -> str:
    return "------------" + "".join(f"0{chance.below(10)}" for _ in range(12))


def _apple_id(chance: Chance, e: Envelope) -> str:
    h = chance.hex(32).upper()
    return f"{h[:8]}-{h[8:12]}-4{h[13:16]}-A{h[17:20]}-{h[20:]}@{_domain(e)}"


def _mutt_id(chance: Chance, e: Envelope) -> str:
    return f"{_clock.compact(e.at)}.G{chance.letters(1).upper()}{chance.between(1000, 32000)}@{e.host}"


def _webmail_id(chance: Chance, e: Envelope) -> str:
    return f"CA{chance.token(46)}@mail.example.com"


def _domain(e: Envelope) -> str:
    return e.sender.rpartition("@")[2]


# -- the real programs -----------------------------------------------------------------------------------------------

_CONTENT = ("Content-Type", "Content-Transfer-Encoding")

OUTLOOK_EXPRESS = Program(
    "Outlook Express",
    ("Message-ID", "Reply-To", "From", "To", "Subject", "Date", "MIME-Version", *_CONTENT, "X-Priority",
     "X-MSMail-Priority", "X-Mailer", "X-MimeOLE"),
    {"x-priority": "3", "x-msmail-priority": "Normal", "x-mailer": "Microsoft Outlook Express 6.00.2900.2180",
     "x-mimeole": "Produced By Microsoft MimeOLE V6.00.2900.2180"},
    _outlook_express_id, _outlook_boundary,
)  # fmt: skip
OUTLOOK = Program(
    "Outlook 2003",
    ("Reply-To", "From", "To", "Subject", "Date", "Message-ID", "MIME-Version", *_CONTENT, "X-Mailer", "Thread-Index",
     "X-MimeOLE"),
    {"x-mailer": "Microsoft Office Outlook, Build 11.0.5510",
     "x-mimeole": "Produced By Microsoft MimeOLE V6.00.2900.2180"},
    _outlook_id, _outlook_boundary,
)  # fmt: skip
OUTLOOK_2007 = replace(
    OUTLOOK, name="Outlook 2007", extras={"x-mailer": "Microsoft Office Outlook 12.0", "content-language": "en-us"},
    order=("Reply-To", "From", "To", "Subject", "Date", "Message-ID", "MIME-Version", *_CONTENT, "X-Mailer",
           "Content-Language"),
)  # fmt: skip
THUNDERBIRD = Program(
    "Thunderbird",
    ("Message-ID", "Date", "From", "Reply-To", "User-Agent", "MIME-Version", "To", "Subject", *_CONTENT),
    {"user-agent": "Thunderbird 2.0.0.24 (Windows/20100228)"},
    _thunderbird_id, _thunderbird_boundary, quotes=False,
    parts=Parts("ISO-8859-1", "; format=flowed", " "),
)  # fmt: skip
APPLE = Program(
    "Apple Mail",
    ("Message-Id", "From", "To", *_CONTENT, "Mime-Version", "Subject", "Date", "X-Mailer"),
    {"x-mailer": "Apple Mail (2.936)", "mime-version": "1.0 (Apple Message framework v936)"},
    _apple_id, lambda c, e: f"Apple-Mail-{c.between(1, 99)}-{c.between(100_000_000, 999_999_999)}", quotes=False,
    parts=Parts("US-ASCII", "; format=flowed; delsp=yes", "\n\t", ""),
)  # fmt: skip
MUTT = Program(
    "Mutt",
    ("Date", "From", "To", "Subject", "Message-ID", "MIME-Version", *_CONTENT,
     "Content-Disposition", "User-Agent"),
    {"user-agent": "Mutt/1.5.20 (2009-06-14)", "content-disposition": "inline"},
    _mutt_id, lambda c, e: c.token(16), quotes=False, parts=Parts("us-ascii", "", " ", ""),
)  # fmt: skip
WEBMAIL = Program(
    "webmail",
    ("MIME-Version", "Date", "Message-ID", "Subject", "From", "To", *_CONTENT),
    {}, _webmail_id, lambda c, e: c.hex(28), quotes=False, parts=Parts("ISO-8859-1", "", " ", ""),
)  # fmt: skip
PHP = Program(
    "PHPMailer",
    ("To", "Subject", "X-PHP-Originating-Script", "Date", "From", "Reply-To", "Message-ID", "X-Priority", "X-Mailer",
     "MIME-Version", *_CONTENT),
    {"x-priority": "3", "x-mailer": "PHPMailer 5.1"},
    lambda c, e: f"{c.hex(32)}@{e.host}", lambda c, e: f"b1_{c.hex(32)}", quotes=False,
    parts=Parts('"utf-8"', "", " ", ""),
)  # fmt: skip
BULK = Program(
    "bulk mailer",
    ("Date", "From", "Reply-To", "To", "Message-ID", "Subject", "MIME-Version", *_CONTENT, "List-Unsubscribe",
     "Precedence", "X-Campaign"),
    {"precedence": "bulk"},
    lambda c, e: f"{_clock.epoch(e.at)}.{c.between(10_000_000, 99_999_999)}.JavaMail.mailer@{e.host}",
    lambda c, e: f"----=_Part_{c.between(1000, 99999)}_{c.between(10_000_000, 99_999_999)}.{_clock.epoch(e.at)}000",
    parts=Parts("UTF-8", "", " ", ""),
)  # fmt: skip
SERVER = Program(
    "shop system",
    ("Date", "To", "From", "Subject", "Message-ID", "MIME-Version", *_CONTENT),
    {}, lambda c, e: f"{c.hex(24)}@{e.host}", lambda c, e: f"=_{c.hex(32)}", quotes=False,
    parts=Parts("utf-8", "", " ", ""),
)  # fmt: skip
PERSONAL = (OUTLOOK_EXPRESS, OUTLOOK, OUTLOOK_2007, OUTLOOK_2007, THUNDERBIRD, THUNDERBIRD, APPLE, MUTT)
"""What people at companies write with, some more often."""

# -- the spam programs -----------------------------------------------------------------------------------------------


def _mixed(order: tuple[str, ...], chance: Chance) -> tuple[str, ...]:
    """A program's headers in an order that it would not write: two or three of them moved."""
    names = list(order)
    for _ in range(chance.between(2, 3)):
        names.insert(chance.below(len(names)), names.pop(chance.below(len(names))))
    return tuple(names)


def _wrong_zone(chance: Chance) -> Callable[[int], str]:
    """A zone name behind the offset, the same whatever the offset is."""
    name = chance.pick((" (EST)", " (GMT)", " (CST)", " (Romance Standard Time)", " GMT"))
    return lambda zone: name


def _word_id(chance: Chance) -> Program:
    digits = chance.between(9, 14)
    return replace(
        OUTLOOK, name="Outlook with an invented Message-ID", order=_mixed(OUTLOOK.order, chance),
        message_id=lambda c, e: f"{c.hex(digits)}.{c.getrandbits(40):x}@{_domain(e)}",
        boundary=lambda c, e: f"----=_NextPart_{c.hex(3)}_{c.hex(4)}_{c.hex(8)}.{c.hex(8)}",
    )  # fmt: skip


def _constant_field(chance: Chance) -> Program:
    third = chance.hex(8)
    return replace(
        OUTLOOK_EXPRESS, name=f"Outlook Express with the field {third}",
        message_id=lambda c, e: _outlook_express_id(c, e._replace(tag=third)),
    )  # fmt: skip


def _constant_outlook(chance: Chance) -> Program:
    first, third = chance.hex(4), chance.hex(8)
    return replace(
        OUTLOOK, name=f"Outlook with the fields {first} and {third}", zone_name=_wrong_zone(chance),
        message_id=lambda c, e: f"{first}{_clock.filetime(e.at)[0]}${c.hex(8)}${third}@{c.letters(8)}",
        boundary=lambda c, e: f"----=_NextPart_000_{first.upper()}_01C{c.hex(5).upper()}.{third.upper()}",
    )  # fmt: skip


def _thunderbird_like(chance: Chance) -> Program:
    return replace(
        THUNDERBIRD, name="Thunderbird with Outlook's boundary", boundary=_outlook_boundary, quotes=True,
        message_id=lambda c, e: f"{c.hex(8)}.{c.between(1000000, 9999999)}@{_domain(e)}",
    )  # fmt: skip


def _bare(chance: Chance) -> Program:
    digits = chance.pick((16, 20, 24, 32))
    order = ("From", "Reply-To", "To", "Subject", "Message-ID", "MIME-Version", *_CONTENT, "Date")
    return Program(
        f"no program, {digits} digits", _mixed(order, chance), {}, lambda c, e: f"{c.hex(digits)}@{e.host}",
        lambda c, e: f"--{c.hex(digits)}", zone_name=_wrong_zone(chance), quotes=False,
    )  # fmt: skip


def _bat_like(chance: Chance) -> Program:
    version = f"v{chance.between(1, 4)}.{chance.below(99):02d}"
    return Program(
        f"The Bat! {version} with an invented date",
        ("Date", "From", "X-Mailer", "X-Priority", "Message-ID", "To", "Subject", "MIME-Version", *_CONTENT),
        {"x-mailer": f"The Bat! ({version}) Business", "x-priority": "3 (Normal)"},
        lambda c, e: f"{c.between(10**8, 10**9)}.{c.between(10**13, 10**14 - 1)}@{_domain(e)}",
        lambda c, e: f"----------{c.hex(16).upper()}",
    )


def _random_mailer(chance: Chance) -> Program:
    word = chance.letters(chance.between(5, 9)).title()
    return Program(
        f"{word}, a program that does not exist",
        ("Message-ID", "Date", "From", "X-Mailer", "MIME-Version", "To", "Subject", *_CONTENT),
        {"x-mailer": f"{word} {chance.between(1, 9)}.{chance.below(99)}"},
        lambda c, e: f"{c.letters(12)}.{c.between(100, 999)}@{c.letters(7)}",
        lambda c, e: f"={'=' * 20}_{c.between(10**7, 10**8)}==",
        zone_name=_wrong_zone(chance),
    )  # fmt: skip


def _webmail_like(chance: Chance) -> Program:
    digits = chance.between(6, 10)
    return replace(
        WEBMAIL, name="webmail that was no webmail", order=(*WEBMAIL.order, "X-Mailer"),
        extras={"x-mailer": f"WebMailer {chance.between(2, 5)}"},
        message_id=lambda c, e: f"{c.between(10**5, 10**6)}.{c.hex(digits)}.qm@web{c.between(10, 99)}.example.com",
        boundary=lambda c, e: f"0-{c.between(10**9, 10**10)}-{c.between(10**9, 10**10)}=:{c.between(1000, 99999)}",
    )  # fmt: skip


_COPIES = (OUTLOOK_EXPRESS, THUNDERBIRD, OUTLOOK_2007)
_WRONG = (
    _constant_field,
    _word_id,
    _bare,
    _constant_outlook,
    _thunderbird_like,
    _random_mailer,
    _bat_like,
    _webmail_like,
)


def spam_program(seed: int, botnet: int, botnets: int, copied: float) -> tuple[Program, bool]:
    """The program of a botnet, and whether it is an exact copy of a real one."""
    chance = Chance.of(seed, "program", botnet)
    copies = max(round(botnets * copied), 1 if copied and botnets > 1 else 0)
    if botnet >= botnets - copies:
        real = chance.pick(_COPIES)
        return replace(real, name=f"{real.name}, copied"), True
    return _WRONG[(botnet + seed) % len(_WRONG)](chance), False
