"""Mail made to frame innocents: copies of a botnet's mail that each name another address, and innocents who carry them.

Bots stand in 198.18.0.0/15, innocents in 240.0.0.0/16; all names are under ``.example``. Everybody innocent writes
ordinary mail as well, half of them from addresses without a reverse name, so that a slip would be seen.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import NamedTuple

START = datetime(2011, 4, 4, tzinfo=UTC)
MX = "mx.receiver.example"
OFFER = ("Finest replica watches, {n} models at half price, each with its box and papers.\n"
         "Order before Sunday and the second one is free: {link}\n"
         "Every watch is tested for a week before it is sent to you by express mail.\n")  # fmt: skip
WORDS = tuple("garden river paper summer letter table music report kitchen bridge market school window travel".split())  # noqa: SIM905


class Peer(NamedTuple):
    """A machine: its address and its reverse name (empty: none)."""

    ip: str
    name: str

    def line(self, by: str, at: datetime, helo: str = "", queue: str = "A1B2C3") -> str:
        """A Received line as Postfix writes it."""
        helo = helo or self.name or "mail.office.example"
        stamp = format_datetime(at)
        client = f"{helo} ({self.name or 'unknown'} [{self.ip}])"
        return f"Received: from {client}\n\tby {by} (Postfix) with ESMTP id {queue}; {stamp}"


def bot(number: int) -> Peer:
    """One of the infected: at home, without a name, each in a network of its own."""
    return Peer(f"198.{18 + number // 250}.{number % 250}.77", "")


def innocent(number: int) -> Peer:
    """A small firm's own server; every second one has no reverse name."""
    ip = f"240.0.{number // 200}.{number % 200 + 1}"
    return Peer(ip, f"mail.firm{number}.example" if number % 2 else "")


LIST = Peer("240.1.0.1", "lists.club.example")
FORWARDER = Peer("240.2.0.1", "fwd.alumni.example")
NAMELESS = Peer("240.3.0.1", "")
"""A forwarder of a small firm, on a line without a reverse name, that calls itself relay.office.example."""
BOUNCER, REPORTER = 4, 5
"""Second octets of servers that send undeliverable copies back, and of offices that pass copies on to complain."""
CARRIERS = {LIST.ip, FORWARDER.ip, NAMELESS.ip}


def messages(copies: int, seed: int = 7) -> Iterator[str]:
    """So many copies of a botnet's template by as many bots, each naming another innocent, and all the other mail."""
    chance = random.Random(seed)
    for n in range(copies):
        at = START + timedelta(minutes=7 * n)
        yield _copy(n, at, [_framing(n, at, innocent(n)), bot(n).line(MX, at, _helo(n))][::-1], chance)
        yield from _own(innocent(n), n, at, chance)
    for n in range(copies, copies + copies // 10):
        at = START + timedelta(minutes=70 * (n - copies))
        yield from _carried(n, at, chance)
        yield from _quoted(n, at, chance)


def _helo(number: int) -> str:
    """What a bot calls itself: an innocent's address or name, or a name of its own."""
    framed = innocent(number)
    return (f"[{framed.ip}]", framed.name or "mail.office.example", "pc")[number % 3]


def _framing(number: int, at: datetime, framed: Peer) -> str:
    """What stands below the client's line: the innocent as the one who wrote it, in one of four ways."""
    ways = (
        framed.line(MX, at, queue="F0F0F0"),
        framed.line(f"mail.firm{number}.example", at),
        f"X-Originating-IP: [{framed.ip}]",
        f"{framed.line('mail.isp.example', at)}\nX-Originating-IP: [{framed.ip}]\nX-Sender-IP: {framed.ip}",
    )
    return ways[number % len(ways)]


def _copy(number: int, at: datetime, way: list[str], chance: random.Random, more: str = "") -> str:
    link = f"http://{innocent(number).ip}/w" if number % 2 else f"http://shop{number % 5}.watches.example/w"
    subject = f"Replica watches, {chance.randrange(100, 999)} models"
    body = OFFER.format(n=chance.randrange(100, 999), link=link)
    sender = f"{chance.choice(WORDS)}{number}@{chance.choice(WORDS)}.example"
    return _mail(way, at, sender, (subject, body, f"{number:x}.{chance.getrandbits(40):x}"), more)


def _own(peer: Peer, number: int, at: datetime, chance: random.Random) -> Iterator[str]:
    """What an innocent wrote himself."""
    words = " ".join(chance.choices(WORDS, k=40))
    sender = f"office@firm{number}.example"
    way = [peer.line(MX, at, f"mail.firm{number}.example")]
    yield _mail(way, at, sender, (f"About the {words[:20]}", f"{words}\n", f"own{number}.{chance.getrandbits(40):x}"))


def _carried(number: int, at: datetime, chance: random.Random) -> Iterator[str]:
    """The same bot's copy by way of a list, of a forwarder, and of a forwarder without a name."""
    first = bot(number)
    listed = "List-Id: <members.club.example>\nPrecedence: list\n"
    carriers = ((LIST, LIST.name, listed), (FORWARDER, FORWARDER.name, ""), (NAMELESS, "relay.office.example", ""))
    for carrier, helo, more in carriers:
        yield _copy(number, at, [carrier.line(MX, at, helo), first.line(helo, at, "pc")], chance, more)
        yield from _own(carrier, number, at, chance)


def quoters(copies: int) -> list[Peer]:
    """Those who quote a whole copy: every second one has no reverse name."""
    return [_quoter(octet, n) for n in range(copies, copies + copies // 10) for octet in (BOUNCER, REPORTER)]


def _quoter(octet: int, number: int) -> Peer:
    return Peer(f"240.{octet}.{number % 250}.9", f"mx.quoter{number}.example" if number % 2 else "")


def _quoted(number: int, at: datetime, chance: random.Random) -> Iterator[str]:
    """A copy sent back as undeliverable, and one passed on by somebody who complains."""
    link = f"http://shop{number % 5}.watches.example/w"
    body = OFFER.format(n=chance.randrange(100, 999), link=link)
    returned = f"Your message could not be delivered: the mailbox does not exist.\n\n--- The message ---\n\n{body}"
    complaint = f"I get this every day, please stop it.\n\n--- Forwarded message ---\n\n{body}"
    for octet, subject, text in ((BOUNCER, "Undelivered Mail", returned), (REPORTER, "Fwd: Replica", complaint)):
        peer = _quoter(octet, number)
        way = [peer.line(MX, at, f"mx.quoter{number}.example")]
        sender = f"{'postmaster' if octet == BOUNCER else 'office'}@quoter{number}.example"
        yield _mail(way, at, sender, (subject, text, f"q{number}.{chance.getrandbits(40):x}"))


def _mail(way: list[str], at: datetime, sender: str, said: tuple[str, str, str], more: str = "") -> str:
    """A whole message; ``said``: its subject, text, and what makes its id its own."""
    subject, body, key = said
    head = [*way, f"From: <{sender}>", "To: <ada@receiver.example>", f"Subject: {subject}"]
    head += [f"Date: {format_datetime(at)}", f"Message-ID: <{key}@{sender.partition('@')[2]}>"]
    return "\n".join(head) + f"\n{more}X-Drill: synthetic, made by impound\n\n{body}\n"


def write(folder: Path, copies: int) -> Path:
    """The messages as files of a folder."""
    folder.mkdir()
    for n, text in enumerate(messages(copies)):
        (folder / f"{n:06}.eml").write_text(text, encoding="ascii")
    return folder
