"""Made-up cases for the writers: tables in the contract's schema, and an engine just large enough to ask them."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from impound.canonical import network_of
from impound.plugin import CaseFacts, Rows
from impound.tables import TABLES
from impound.writers.report import ReportWriter

START = datetime(2011, 4, 4, tzinfo=UTC)
FACTS = CaseFacts("april", "0.1.0", datetime(2011, 5, 1, 12, tzinfo=UTC))


class TinyEngine:
    """Holds tables in memory and answers ``stream`` only: all that a writer asks for."""

    name = "tiny"

    def __init__(self, tables: Mapping[str, pa.Table]) -> None:
        self.connection = duckdb.connect(config={"threads": 1})
        self.connection.execute("SET TimeZone = 'UTC'")
        for name in ReportWriter.reads:
            self.connection.register(name, tables.get(name, TABLES[name].schema.empty_table()))

    def stream(self, sql: str, params: Mapping[str, Any] | None = None) -> Iterator[pa.RecordBatch]:
        yield from self.connection.sql(sql).to_arrow_reader(1_000)


def hop(by: str, ip: str = "", **more: Any) -> dict[str, Any]:
    """One Received line as the reader leaves it."""
    empty = dict.fromkeys(("helo", "name", "ip", "port", "by", "by_ip", "protocol", "queue_id", "at", "form"))
    return {**empty, "authenticated": False, "by": by, "ip": ip or None, **more}


@dataclass
class MadeUpCase:
    """Builds the tables of a case, a line for each thing that happened."""

    rows: Rows = field(default_factory=lambda: Rows(b""))
    next_id: int = 1

    def source(self, path: str = "april/1.eml", **columns: Any) -> int:
        self.next_id += 1
        given = {
            "records": 1,
            "rejects": 0,
            "copies": 0,
            "bytes": 2_000,
            "sha256": "0" * 64,
            "reader": "mail",
            "drill": False,
        }
        self.rows.row("sources", id=self.next_id, paths=[path], **(given | columns))
        return self.next_id

    def message(self, ip: str | None, at: datetime | None = START, **columns: Any) -> int:
        """A message that ``ip`` handed in; its hop lines are ``received``, else one line of mx1.example.com."""
        self.next_id += 1
        received = columns.pop("received", [hop("mx1.example.com", ip or "", helo=columns.get("helo"), at=at)])
        clock = columns.pop("clock", "receiver")
        self.rows.row("messages", id=self.next_id, offset=0, seen_at=at, clock=clock, received=received)
        net = network_of(ip) if ip else None
        given = {"hop": 0 if ip else None, "trusted_hops": 1, "boundary_reason": "the next host is outside"}
        self.rows.row("origins", message_id=self.next_id, client_ip=ip, client_net=net, **(given | columns))
        return self.next_id

    hop = staticmethod(hop)

    def reject(self, reason: str, source: int, excerpt: str = "", offset: int = 0) -> None:
        self.next_id += 1
        self.rows.row("rejects", id=self.next_id, source_id=source, offset=offset, reason=reason, excerpt=excerpt)

    def own(self, cidr: str = "198.51.100.0/24", reason: str = "seen as receiver in 99 % of the chains") -> None:
        self.rows.row("networks", cidr=cidr, side="own", reason=reason, servers=3, messages=300)

    def campaign(self, messages: list[int], name: str = "Quiet Otter", text: str = "Buy it now", **columns: Any) -> int:
        """A campaign of messages that are there already, each with a text; ``{}`` in it is a word that varies."""
        number = min(messages)
        said = {k: columns.pop(k) for k in ("subject", "from_name", "from_domain", "mailer", "link") if k in columns}
        given = {"hosts": 2, "networks": 2, "owners": 2, "domains": ["shop.example"], "confidence": 0.98, "why": "so"}
        given |= {"first_at": START, "last_at": START, "subject_shape": "offer #"} | columns
        self.rows.row("campaigns", id=number, name=name, messages=len(messages), **given)
        by_id = {row["id"]: row for row in self.rows.rows["messages"]}
        for n, message in enumerate(messages):
            words = {"subject": f"Offer {n}", "from_name": f"Ann {n}", "from_domain": "a.example", "mailer": "Bat 3"}
            body = text.replace("{}", f"word{n}")
            by_id[message].update({"body_sha256": body, **words, **{k: v for k, v in said.items() if k in words}})
            self.rows.row("bodies", id=message, body_sha256=body, text=body, html_text="")
            link = said.get("link", "the same text")
            self.rows.row("campaign_members", campaign_id=number, message_id=message, link=link, strength=0.98)
        return number

    def label(
        self, campaign: int, lure: str = "pharmacy", brand: str | None = None, words: tuple[str, ...] = ()
    ) -> None:
        """What a campaign and all of its messages sell."""
        said = {"lure": lure, "brand": brand, "share": 1.0, "words": list(words)}
        self.rows.row("campaign_labels", campaign_id=campaign, **said)
        for row in self.rows.rows["campaign_members"]:
            if row["campaign_id"] == campaign:
                self.rows.row("message_labels", message_id=row["message_id"], **said)

    def verdict(self, ip: str, verdict: str = "infected", kinds: tuple[str, ...] = (), **columns: Any) -> None:
        """A host with its verdict, and a signal for each kind of evidence."""
        given = {"messages": 1, "first_at": START, "last_at": START, "score": 0.97, "name": None, "dynamic": False}
        given |= {"why": "It has no reverse name. Overturned by: a second look."} | columns
        self.rows.row("hosts", ip=ip, net=network_of(ip), side="outside", verdict=verdict, kinds=list(kinds), **given)
        for kind in kinds:
            self.rows.row("signals", finder="hosts", kind=kind, subject_type="host", subject=ip, score=0.9, why="so",
                          from_at=given["first_at"], to_at=given["last_at"], proof=[])  # fmt: skip

    def engine(self) -> TinyEngine:
        return TinyEngine(self.rows.tables())


@pytest.fixture
def case() -> MadeUpCase:
    return MadeUpCase()


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., str]:
    """The report of a case as text."""

    def written(case: MadeUpCase, facts: CaseFacts = FACTS, **options: str) -> str:
        path = tmp_path / "report.html"
        ReportWriter().write(case.engine(), path, facts, options)
        return path.read_text("utf-8")

    return written


def busy_case(seed: int = 7, messages: int = 4_000) -> MadeUpCase:
    """A month of mail: bots here and there, one rented network, ordinary senders, a forwarder of one's own."""
    chance, case = random.Random(seed), MadeUpCase()
    case.own()
    mbox = case.source("april/mail.mbox", records=messages, rejects=3, bytes=52_000_000, first_at=START)
    case.source("april/spam.tar.gz!1.eml", archive="april/spam.tar.gz", copies=12, first_at=START)
    bots = [f"198.{chance.choice((18, 19))}.{chance.randrange(256)}.{chance.randrange(1, 255)}" for _ in range(300)]
    rented = [f"203.0.113.{n}" for n in range(64, 96)]
    for _ in range(messages):
        _one_message(case, chance, bots, rented)
    case.message("198.18.4.4", datetime(1970, 1, 1, tzinfo=UTC), clock="sender")
    case.message("198.18.4.4", datetime(2038, 1, 19, tzinfo=UTC), clock="sender")
    case.message(None, None, boundary_reason="no Received line", received=[])
    _found(case)
    for place in range(3):
        case.reject("no header ends here within 1 MiB", mbox, "From ·· …@… x", offset=48_211_004 + place)
    return case


def _found(case: MadeUpCase) -> None:
    """Fifteen campaigns of the bots and the rented network, and a verdict for everybody."""
    senders: dict[str, list[int]] = {}
    for row in case.rows.rows["origins"]:
        if row["client_ip"]:
            senders.setdefault(row["client_ip"], []).append(row["message_id"])
    bots = sorted(ip for ip in senders if ip.startswith("198."))
    for n in range(14):
        mine = bots[n::14]
        mail = [message for ip in mine for message in senders[ip]]
        text = "Dear {{to.local}}, buy {} at http://{}.example today or never"
        wide = {"hosts": len(mine), "networks": len(mine), "owners": 20, "last_at": START + timedelta(days=29)}
        case.campaign(mail, f"Quiet Otter {n}", text, **wide)
    rented = [message for ip, mail in senders.items() if ip.startswith("203.0.113.") for message in mail]
    case.campaign(rented, "Tall Heron", "Our offers of the week", hosts=32, networks=1, owners=1)
    for ip, mail in sorted(senders.items()):
        kind = ip.partition(".")[0]
        verdict = {"198": "infected", "203": "bulk-sender", "192": "relay"}.get(kind, "unclear")
        kinds = ("spread", "naming") if kind == "198" else ("naming",) if verdict == "unclear" else ()
        case.verdict(ip, verdict, kinds, messages=len(mail), name=f"host-{ip.replace('.', '-')}.example")


def _one_message(case: MadeUpCase, chance: random.Random, bots: list[str], rented: list[str]) -> None:
    kind = chance.random()
    at = START + timedelta(days=min(29.9, chance.expovariate(0.11)), seconds=chance.randrange(86_400))
    if kind < 0.5:
        ip = chance.choice(bots)
        helo, name = (
            chance.choice(("home-pc", "mail.example.com", "xp-7f3a")),
            f"dyn-{ip.replace('.', '-')}.access.example",
        )
    elif kind < 0.7:
        ip, helo, name = chance.choice(rented), "offers.bulk.example", "offers.bulk.example"
        at = START + timedelta(days=chance.choice((3, 4, 17)), seconds=chance.randrange(40_000))
    elif kind < 0.9:
        ip, helo, name = f"192.0.2.{chance.randrange(1, 9)}", "mail.friend.example", "mail.friend.example"
    else:
        ip, helo, name = f"2001:db8:{chance.randrange(1, 9)}::25", "six.example", None
    border = hop("mx1.example.com", ip, helo=helo, name=name, at=at)
    inside = [hop("fwd.example.com", "198.51.100.10", at=at)] if chance.random() < 0.33 else []
    forged = [hop("mail.forged.example", "240.1.2.3", at=at)] if kind < 0.5 else []
    case.message(
        ip, at, helo=helo, client_name=name, hop=len(inside), received=[*inside, border, *forged],
        boundary_reason="the host that handed it over is outside of 198.51.100.0/24",
    )  # fmt: skip


@pytest.fixture
def busy(write: Callable[..., str]) -> str:
    """The report of a month of mail."""
    return write(busy_case())


@pytest.fixture
def busy_tables() -> dict[str, pa.Table]:
    """The tables behind it."""
    return busy_case().rows.tables()
