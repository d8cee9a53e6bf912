"""Prints a mailbox of 300 made-up messages, or writes them into a folder: what tests read.

    python tests/made_mail.py > example.mbox
    python tests/made_mail.py FOLDER

The same bytes every time. All names and addresses are reserved ones (RFC 2606, 5737, 2544, 1112, 3849), every message
says that it is synthetic, and none was ever sent. The organisation is example.com: mx1 (198.51.100.10) takes its mail,
fwd (198.51.100.20) takes mail for old addresses and hands it on to mx1. Two botnets, one sender in rented
addresses, a newsletter, a mailing list and ordinary people write to it.
"""

from __future__ import annotations

import base64
import random
import struct
import sys
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

SEED = 20110404
START = datetime(2011, 4, 4, tzinfo=UTC)
DAYS = 24
BOTS = 120
MARK = "X-Drill: synthetic, made by impound"


def named(text: str) -> tuple[str, ...]:
    """The words of a line."""
    return tuple(text.split())


USERS = named("ada bela chandra dorit emre fatou goran hana ines jun kofi lena")
FIRST = named("Alex Bo Cleo Dara Eli Fay Gil Hal Ira Jo Kai Lou Max Noa Pat Ray Sam Toni Uma Val")
LAST = named("Ashdown Birch Cole Dale Elm Fenn Grove Hill Ives Kerr Lake Moor North Oak Pond Reed Stone Vale West")
WORDS = named("garden window river paper summer letter table music report morning kitchen bridge travel market school")

PILLS = (
    "Your {w} pharmacy order {n}",
    "Save {n} percent on health",
    "Doctor approved {w} offer",
    "Re: medicine list {n}",
)
WATCHES = ("Fine {w} watches, {n} models", "You won the {w} lottery, ticket {n}", "Watches for every {w}")


@dataclass
class Client:
    """A machine that hands mail in: its address, its reverse name (empty: none) and what it calls itself."""

    ip: str
    name: str
    helo: str


@dataclass
class Mail:
    """What one message says, before it has headers of the way it took."""

    client: Client
    at: datetime
    sender: str
    display: str
    subject: str
    body: bytes
    kind: str = "text/plain; charset=us-ascii"
    headers: list[str] = field(default_factory=list)
    forged: list[str] = field(default_factory=list)


class Maker:
    """Makes the messages, all from one seeded source of chance."""

    def __init__(self, seed: int = SEED) -> None:
        self.chance = random.Random(seed)
        self.pills = [self.bot("dyn-{}.access.example") for _ in range(BOTS * 3 // 5)]
        self.watches = [self.bot("pool-{}.cable.example") for _ in range(BOTS - len(self.pills))]

    def messages(self) -> list[bytes]:
        """All messages, in the order of their times; at the end two copies, and one cut off inside its headers."""
        plan: list[tuple[Callable[[], Mail], int]] = [
            (self.pill, 112),
            (self.watch, 72),
            (self.bulk, 30),
            (self.person, 42),
            (self.post, 26),
            (self.newsletter, 15),
        ]
        mails = sorted((make() for make, count in plan for _ in range(count)), key=lambda mail: mail.at)
        done = [self.deliver(mail) for mail in mails]
        broken = done[40].partition(b"\nMIME-Version")[0]
        return [*done, done[7], done[150], broken]

    def word(self) -> str:
        return self.chance.choice(WORDS)

    def number(self, low: int, high: int) -> int:
        return self.chance.randrange(low, high)

    def token(self, length: int) -> str:
        return "".join(self.chance.choice("0123456789ABCDEF") for _ in range(length))

    def person_name(self) -> str:
        return f"{self.chance.choice(FIRST)} {self.chance.choice(LAST)}"

    def time(self, night: bool = True) -> datetime:
        hour = self.number(0, 24) if night else self.number(8, 18)
        day = self.number(0, DAYS)
        return START + timedelta(days=day, hours=hour, minutes=self.number(0, 60), seconds=self.number(0, 60))

    def bot(self, pattern: str) -> Client:
        """An infected machine somewhere in the benchmark, documentation or class E addresses."""
        nets = ("198.18", "198.19", "198.18", "198.19", "203.0.113", "240.7", "245.31", "6")
        net = self.chance.choice(nets)
        if net == "6":
            return Client(f"2001:db8:{self.number(1, 999):x}::{self.number(1, 65535):x}", "", self.lie())
        octets = [net, *(str(self.number(1, 255)) for _ in range(3 - net.count(".")))]
        ip = ".".join(octets)
        name = pattern.format(ip.replace(".", "-")) if self.chance.random() < 0.7 else ""
        return Client(ip, name, self.lie())

    def lie(self) -> str:
        """What a bot calls itself: a bare word, the receiver's own name, or some other name."""
        kinds = (f"pc-{self.token(6).lower()}", "mx1.example.com", f"mail.{self.word()}.example", "localhost")
        return self.chance.choice(kinds)

    def pill(self) -> Mail:
        name, link = self.person_name(), f"http://pills{self.number(1, 9)}.example/{self.word()}?r={self.token(8)}"
        plain = f"Dear friend,\n\nour {self.word()} pharmacy has {self.number(20, 90)} offers today.\n{link}\n"
        html = (
            f"<html><body><p>Our {self.word()} pharmacy</p><a href='{link}'>see the list</a>"
            f"<div style='display:none'>{' '.join(self.word() for _ in range(12))}</div></body></html>\n"
        )
        kind, body = self.alternative(plain, html)
        if self.chance.random() < 0.12:
            kind, body = self.with_picture(html, "image/gif", gif(self.number(8, 24), self.number(0, 255)))
        return self.bot_mail(self.pills, name, self.chance.choice(PILLS), (kind, body))

    def watch(self) -> Mail:
        name = self.person_name()
        link = f"http://{self.word()}-time.example/{self.token(5)}"
        body = f"Hello,\n\nfine watches for every {self.word()}. Only {self.number(2, 9)} days: {link}\n\n{name}\n"
        kind, data = "text/plain; charset=utf-8", body.encode()
        if self.chance.random() < 0.1:
            kind, data = self.with_picture(f"<a href='{link}'>look</a>\n", "image/png", png(self.number(8, 24)))
        return self.bot_mail(self.watches, name, self.chance.choice(WATCHES), (kind, data))

    def bot_mail(self, bots: list[Client], name: str, subject: str, typed: tuple[str, bytes]) -> Mail:
        client, at = self.chance.choice(bots), self.time()
        sender = f"{name.split(maxsplit=1)[0].lower()}{self.number(10, 99)}@{self.word()}.example"
        subject = subject.format(w=self.word(), n=self.number(10, 999))
        forged = [self.forge(sender, at)] if self.chance.random() < 0.6 else []
        headers = [f"X-Mailer: {'Quick Post 6.1' if bots is self.pills else 'Letter Writer 2.0'}"]
        return Mail(client, at, sender, name, subject, typed[1], typed[0], headers, forged)

    def forge(self, sender: str, at: datetime) -> str:
        """A Received line that a bot writes itself, to look like somebody who only passes mail on."""
        ip = f"203.0.113.{self.number(1, 255)}"
        relay = f"mail.{sender.partition('@')[2]}"
        zone = timedelta(hours=self.number(-8, 9))
        when = format_datetime(at - timedelta(minutes=self.number(1, 90)) + zone).replace(
            "+0000", f"{'-' if zone < timedelta(0) else '+'}{abs(zone) // timedelta(hours=1):02d}00"
        )
        return f"Received: from {ip} (HELO {self.word()}.example) by {relay} with SMTP id {self.token(7)}; {when}"

    def bulk(self) -> Mail:
        client = Client(f"192.0.2.{self.number(128, 140)}", "", "")
        client.name = client.helo = f"out{client.ip.rpartition('.')[2]}.offers.example"
        at = START + timedelta(days=self.chance.choice((3, 10, 17)), seconds=self.number(30_000, 50_000))
        text = f"This week: {self.word()} and {self.word()} at half price.\nhttp://www.offers.example/week?c=17\n"
        headers = ["Precedence: bulk", "List-Unsubscribe: <http://www.offers.example/leave>"]
        return Mail(
            client, at, "news@offers.example", "Weekly Offers", "Offers of the week", text.encode(), headers=headers
        )

    def person(self) -> Mail:
        place = self.number(1, 9)
        client = Client(f"192.0.2.{place}", f"mail.{WORDS[place]}.example", f"mail.{WORDS[place]}.example")
        if place > 6:
            client = Client(f"2001:db8:100:{place}::25", client.name, client.helo)
        name = self.person_name()
        subject = f"the {self.word()} on {self.chance.choice(('Monday', 'Friday'))}"
        if self.chance.random() < 0.25:
            subject = f"Grüße vom {subject}"
        text = (
            f"Hello,\n\nthank you for the {self.word()}. I will bring the {self.word()} along.\n\n{name.split()[0]}\n"
        )
        sender = f"{name.split()[0].lower()}@{WORDS[place]}.example"
        return Mail(client, self.time(night=False), sender, name, subject, text.encode())

    def post(self) -> Mail:
        """A message of a mailing list: the list server is the outside host, its author stands below the border."""
        at, name = self.time(night=False), self.person_name()
        client = Client("198.18.200.5", "lists.club.example", "lists.club.example")
        below = (
            f"Received: from desk ([203.0.113.{self.number(1, 99)}]) by lists.club.example (Postfix) with ESMTPA id "
        )
        below += f"{self.token(8)}; {format_datetime(at - timedelta(seconds=40))}"
        text = f"Has anybody seen the {self.word()} in the {self.word()}?\n\n-- \ngardeners mailing list\n"
        headers = ["List-Id: gardeners <gardeners.club.example>", "Precedence: list"]
        sender = f"{name.split()[0].lower()}@{self.word()}.example"
        subject = f"[gardeners] {self.word()} and {self.word()}"
        return Mail(client, at, sender, name, subject, text.encode(), headers=headers, forged=[below])

    def newsletter(self) -> Mail:
        at = START + timedelta(days=self.number(0, DAYS) // 7 * 7, hours=6, seconds=self.number(0, 900))
        client = Client("2001:db8:500::10", "news.museum.example", "news.museum.example")
        html = f"<h1>This month</h1><p>A new hall of {self.word()}.</p><a href='http://museum.example/'>Read on</a>\n"
        kind, body = self.alternative("This month: a new hall.\nhttp://museum.example/\n", html)
        headers = ["List-Unsubscribe: <http://museum.example/leave>"]
        return Mail(client, at, "letter@museum.example", "Museum", "Letter of the museum", body, kind, headers)

    def alternative(self, plain: str, html: str) -> tuple[str, bytes]:
        """A text in two forms."""
        edge = f"=_{self.token(16)}"
        body = (
            f"--{edge}\nContent-Type: text/plain; charset=us-ascii\n\n{plain}\n"
            f"--{edge}\nContent-Type: text/html; charset=us-ascii\n\n{html}\n--{edge}--\n"
        )
        return f'multipart/alternative; boundary="{edge}"', body.encode()

    def with_picture(self, html: str, kind: str, data: bytes) -> tuple[str, bytes]:
        """A page with a picture that says what the text does not."""
        edge, name = f"=_{self.token(16)}", f"{self.word()}.{kind.partition('/')[2]}"
        body = (
            f"--{edge}\nContent-Type: text/html; charset=us-ascii\n\n{html}\n"
            f'--{edge}\nContent-Type: {kind}; name="{name}"\nContent-Transfer-Encoding: base64\n'
            f'Content-Disposition: inline; filename="{name}"\n\n{base64.encodebytes(data).decode()}--{edge}--\n'
        )
        return f'multipart/related; boundary="{edge}"', body.encode()

    def deliver(self, mail: Mail) -> bytes:
        """The message as it lies in the mailbox, with the lines of the servers that took it on top."""
        user = f"{self.chance.choice(USERS)}@example.com"
        head = [*self.way(mail, user), *mail.forged]
        head += [MARK, f"From: {mail.display} <{mail.sender}>", f"To: <{user}>", f"Subject: {encoded(mail.subject)}"]
        head += [f"Date: {format_datetime(mail.at - timedelta(seconds=self.number(1, 60)))}"]
        head += [f"Message-ID: <{self.token(12)}.{self.number(1000, 9999)}@{mail.sender.partition('@')[2]}>"]
        head += [*mail.headers, "MIME-Version: 1.0", f"Content-Type: {mail.kind}"]
        return "\n".join([f"Return-Path: <{mail.sender}>", *head, "", ""]).encode() + mail.body

    def way(self, mail: Mail, user: str) -> list[str]:
        """The Received lines of the organisation: straight to mx1, through fwd, or from mx1 on to the mailboxes."""
        road, at = self.chance.random(), mail.at
        later = at + timedelta(seconds=self.number(1, 9))
        if road < 1 / 3:
            old = f"{user.partition('@')[0]}@old.example.com"
            inner = Client("198.51.100.20", "fwd.example.com", "fwd.example.com")
            return [self.postfix(inner, user, later), self.exim(mail.client, mail.sender, old, at)]
        border = self.postfix(mail.client, user, at)
        if road < 2 / 3:
            return [border]
        inner = Client("198.51.100.10", "mx1.example.com", "mx1.example.com")
        return [self.sendmail(inner, user, later), border]

    def postfix(self, client: Client, user: str, at: datetime) -> str:
        return (
            f"Received: from {client.helo} ({client.name or 'unknown'} [{literal(client.ip)}])\n"
            f"\tby mx1.example.com (Postfix) with ESMTP id {self.token(10)}\n\tfor <{user}>; {format_datetime(at)}"
        )

    def exim(self, client: Client, sender: str, user: str, at: datetime) -> str:
        who = (
            f"{client.name} ([{client.ip}] helo={client.helo})"
            if client.name
            else f"[{client.ip}] (helo={client.helo})"
        )
        return (
            f"Received: from {who}\n\tby fwd.example.com with esmtp (Exim 4.72)\n\t(envelope-from <{sender}>)\n"
            f"\tid 1Q{self.token(4)}-{self.token(6)}-{self.token(2)}\n\tfor {user}; {format_datetime(at)}"
        )

    def sendmail(self, client: Client, user: str, at: datetime) -> str:
        return (
            f"Received: from {client.helo} ({client.name} [{literal(client.ip)}])\n"
            f"\tby imap.example.com (8.14.4/8.14.4) with ESMTP id p{self.token(13)}\n"
            f"\tfor <{user}>; {format_datetime(at)}"
        )


def literal(ip: str) -> str:
    """An address as mail servers write it in brackets (RFC 5321, section 4.1.3)."""
    return f"IPv6:{ip}" if ":" in ip else ip


def encoded(subject: str) -> str:
    """A subject as a header may hold it (RFC 2047)."""
    if subject.isascii():
        return subject
    return f"=?utf-8?B?{base64.b64encode(subject.encode()).decode()}?="


def gif(side: int, grey: int) -> bytes:
    """A square of two colours, its codes never compressed: a clear code before every two pixels."""
    pixels = [(x // 4 + y // 4) % 2 for y in range(side) for x in range(side)]
    codes = [code for pixel in pixels for code in (4, pixel)] + [5]
    bits = sum(code << 3 * place for place, code in enumerate(codes))
    data = bits.to_bytes((3 * len(codes) + 7) // 8, "little")
    blocks = b"".join(bytes([len(data[i : i + 255])]) + data[i : i + 255] for i in range(0, len(data), 255))
    palette = bytes([grey, 255 - grey, 128, 255, 255, 255]) + bytes(6)
    head = b"GIF89a" + struct.pack("<HHBBB", side, side, 0x81, 0, 0) + palette
    return head + b"," + struct.pack("<HHHHB", 0, 0, side, side, 0) + b"\x02" + blocks + b"\x00;"


def png(side: int) -> bytes:
    """A square with a slope of grey, stored without compression, so that every zlib writes the same bytes."""
    rows = b"".join(b"\0" + bytes((x * 9 + y * 5) % 256 for x in range(side)) for y in range(side))
    stored = (
        b"\x78\x01\x01"
        + struct.pack("<HH", len(rows), 0xFFFF - len(rows))
        + rows
        + struct.pack(">I", zlib.adler32(rows))
    )
    chunks = ((b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)), (b"IDAT", stored), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )


def mailbox(messages: list[bytes]) -> bytes:
    """The messages as an mbox file, lines that begin with ``From `` quoted."""
    parts = []
    for message in messages:
        body = message.replace(b"\nFrom ", b"\n>From ")
        parts.append(b"From drill@example.com Mon Apr  4 00:00:00 2011\n" + body.rstrip(b"\n") + b"\n\n")
    return b"".join(parts).rstrip(b"\n")


def main(arguments: list[str]) -> None:
    """Write the messages to the folder named, or as one mailbox to standard output."""
    messages = Maker().messages()
    if not arguments:
        sys.stdout.buffer.write(mailbox(messages))
        return
    folder = Path(arguments[0])
    folder.mkdir(parents=True, exist_ok=True)
    for place, message in enumerate(messages, 1):
        (folder / f"{place:03d}.eml").write_bytes(message)


if __name__ == "__main__":
    main(sys.argv[1:])
