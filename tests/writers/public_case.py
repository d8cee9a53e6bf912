"""A made-up case with a botnet, for the tests of the public page, and the page of it in every language."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from impound.config import Authority, Config, Legal, Organisation
from impound.plugin import CaseFacts, Rows
from impound.tables import TABLES
from impound.writers.public import PublicWriter

START = datetime(2011, 4, 4, tzinfo=UTC)
LANGUAGES = ("en", "de", "es")
ORGANISATION = Organisation(name="Example CERT", contact="cert@cert.example", address="1 Road\nTown")
FACTS = CaseFacts("april", "0.1.0", datetime(2011, 5, 1, 12, tzinfo=UTC), Config(organisation=ORGANISATION))
LEGAL = Legal(case_number="2:11-cv-00222", court="District Court of Example", process="order of 9 March 2011")
AUTHORITY = Authority(
    "Example Police", "tips@police.example", "+1 555 0100", "https://police.example/t", "$250 <b>", "As we say"
)


class Tables:
    """Holds tables in memory and answers ``stream`` only: all that the writer asks for."""

    name = "tables"

    def __init__(self, tables: Mapping[str, pa.Table]) -> None:
        self.connection = duckdb.connect(config={"threads": 1})
        self.connection.execute("SET TimeZone = 'UTC'")
        for name in PublicWriter.reads:
            self.connection.register(name, tables.get(name, TABLES[name].schema.empty_table()))

    def stream(self, sql: str, params: Mapping[str, Any] | None = None) -> Iterator[pa.RecordBatch]:
        yield from self.connection.sql(sql).to_arrow_reader(1_000)


def case(
    days: int = 30, drill: bool = False, domains: tuple[str, ...] = ("pills.shop",), lure: str = "pharmacy"
) -> Rows:
    """A botnet of two campaigns that lived for some days, and its released domains."""
    rows = Rows(b"")
    rows.row("sources", id=1, drill=drill, paths=["a"])
    given = {"first_at": START, "last_at": START + timedelta(days=days - 1), "messages": 12_345, "hosts": 6_789}
    rows.row("botnets", id=7, name="Quiet Otter", machines_low=1_200, machines_high=3_400, networks=5, **given)
    rows.row("botnets", id=8, name="Tall Heron", **(given | {"hosts": 3, "messages": 5}))
    for number, sells, brand in ((71, "other-spam", None), (72, lure, "Big <Brand>")):
        rows.row("campaigns", id=number, name="Red Fox", messages=80 - number, domains=list(domains), **_times(days))
        rows.row("campaign_labels", campaign_id=number, lure=sells, brand=brand)
        rows.row("botnet_members", botnet_id=7, member_type="campaign", member=str(number), strength=1.0)
    rows.row("botnet_members", botnet_id=7, member_type="host", member="198.18.7.9", strength=1.0)
    for n in range(days):
        rows.row("botnet_days", botnet_id=7, day=START + timedelta(days=n), messages=10 + n, hosts=9, new_hosts=n % 5)
    for domain in domains:
        rows.row("indicators", type="domain", value=domain, state="released", last_at=START,
                 expires_at=datetime(2011, 6, 1, tzinfo=UTC))  # fmt: skip
    rows.row("indicators", type="domain", value="withheld.shop", state="withheld", last_at=START)
    return rows


def _times(days: int) -> dict[str, datetime]:
    return {"first_at": START, "last_at": START + timedelta(days=days - 1)}


def write(rows: Rows, to: Path, facts: CaseFacts = FACTS, **options: str) -> dict[str, str]:
    """The pages by their name below the folder."""
    PublicWriter().write(Tables(rows.tables()), to, facts, options)
    return {str(p.relative_to(to)): p.read_text("utf-8") for p in sorted(to.rglob("*.html"))}


def known(config: Config = FACTS.config, **sections: Any) -> CaseFacts:
    """The facts of the case with other settings."""
    return replace(FACTS, config=replace(config, **sections))


def text(page: str) -> str:
    """What a page says, without its marks."""
    body = re.sub(r"<(style|title|svg)\b.*?</\1>", " ", page, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def sentences(page: str) -> str:
    """What a page says in blocks of running text, each ended with a full stop, for measuring how hard it is to read."""
    page = re.sub(r"<(style|title|svg|table|nav|dt)\b.*?</\1>", " ", page, flags=re.DOTALL)
    blocks = re.split(r"</?(?:p|li|h1|h2|h3|dd|figcaption|summary|blockquote)\b[^>]*>", page)
    plain = (" ".join(unescape(re.sub(r"<[^>]+>", " ", b)).split()) for b in blocks)
    return " ".join(b if b[-1] in ".?!:" else f"{b}." for b in plain if len(b.split()) > 2)
