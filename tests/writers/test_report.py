"""The report says what the case holds and what to do; the same bytes each time; nothing hostile gets through."""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from impound.errors import InputError
from impound.plugin import CaseFacts
from impound.writers.report import ReportWriter

Write = Callable[..., str]
START, MADE_AT = datetime(2011, 4, 4, tzinfo=UTC), datetime(2011, 5, 1, 12, tzinfo=UTC)
COMMANDS = ("read", "find", "show", "write", "verify", "plugins", "investigate")
EVIL = (
    "<script>alert(1)</script>",
    '"><img src=http://evil.example/x onerror=alert(1)>',
    "{{ 7 * 7 }}{% for x in range(9) %}",
    "</title></style></script><b>",
    "\u202emoc.elpmaxe\u2066",
    "https://click.example/now",
)


class Page(HTMLParser):
    """The parts of a page that the tests look at."""

    VOID = frozenset({"meta", "link", "br", "img", "input", "hr"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        self.words.append(" " if tag in {"td", "th", "li", "p", "dt", "dd"} else "")

    def handle_data(self, data: str) -> None:
        if "style" not in self.open and "script" not in self.open:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())

    def of(self, *names: str) -> list[dict[str, str | None]]:
        return [attrs for tag, attrs in self.tags if tag in names]


def test_it_says_what_happened_and_the_next_command(busy: str) -> None:
    text = Page(busy).text
    assert "4,003 messages from 2 sources (52 MB); 12 further files held bytes that were already read" in text
    assert "3 pieces could not be read" in text
    assert "198.51.100.0/24" in text
    assert "seen as receiver in 99 % of the chains" in text
    assert "2 messages lie outside of this stretch" in text
    assert "impound show april origins --format csv" in text


def test_only_commands_that_exist_are_named(busy: str) -> None:
    named = set(re.findall(r"impound ([a-z]+) april", Page(busy).text))
    assert named
    assert named <= set(COMMANDS)


def test_the_same_case_gives_the_same_bytes(write: Write, case: Any) -> None:
    for n in range(40):
        case.message(f"203.0.113.{n % 7}", helo=f"h{n % 3}.example")
    assert write(case) == write(case)


def test_hosts_stand_in_order_of_their_mail_and_ties_by_address(write: Write, case: Any) -> None:
    for ip in ("203.0.113.9", "203.0.113.5", "192.0.2.7", "203.0.113.9"):
        case.message(ip)
    rows = re.findall(r'<th scope="row" class="ip">([0-9.]+)<', write(case))
    assert rows[:3] == ["203.0.113.9", "192.0.2.7", "203.0.113.5"]


def test_the_most_frequent_names_are_shown_and_the_others_counted(write: Write, case: Any) -> None:
    for helo in ("b.example", "a.example", "b.example", "c.example"):
        case.message("203.0.113.5", helo=helo, client_name="one.example")
    text = Page(write(case)).text
    assert "one[.]example" in text
    assert "HELO b[.]example and 2 others" in text


@pytest.mark.parametrize("evil", EVIL)
def test_nothing_a_sender_wrote_becomes_markup_a_link_or_a_template(write: Write, case: Any, evil: str) -> None:
    source = case.source(f"mail/{evil}")
    below = [case.hop(evil, helo=evil, name=evil, at=START)]
    for _ in range(2):
        line = case.hop(evil, "203.0.113.5", helo=evil, name=evil, at=START)
        case.message(
            "203.0.113.5", helo=evil, client_name=evil, boundary_reason=evil, received=[line, *below]
        )  # fmt: skip
    case.message(None, boundary_reason=evil)
    case.reject(evil, source, evil)
    case.own("198.51.100.0/24", evil)
    text = write(case, CaseFacts(evil, evil, None))
    page = Page(text)
    assert not page.of("img", "iframe")
    assert len(page.of("script")) == 1
    assert "49" not in re.findall(r"\b49\b", page.text)
    assert all((a.get("href") or "").startswith(("#", "data:,")) for a in page.of("a", "link"))
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", text)
    assert not re.search("https?://", text)


def test_an_address_of_a_person_is_blotted_out_wherever_it_stands(write: Write, case: Any) -> None:
    source = case.source("vmail/victim@example.com/1.eml")
    case.message("203.0.113.5", helo="victim@example.com", client_name="x", boundary_reason="for victim@example.com")
    case.reject("bad victim@example.com", source, "To: victim@example.com")
    assert "victim" not in write(case)


def test_tokens_of_recipients_are_printed_as_they_stand(write: Write, case: Any) -> None:
    case.message("203.0.113.5", helo="{{to.local}}.example")
    assert "{{to[.]local}}[.]example" in write(case)


def test_the_example_of_a_chain_shows_where_trust_ends(write: Write, case: Any) -> None:
    case.message("192.0.2.1")
    lines = [
        case.hop("fwd.example.com", "198.51.100.10", at=START),
        case.hop("mx1.example.com", "203.0.113.5", at=START),
        case.hop("bank.example", "240.1.2.3", at=START),
    ]
    case.message("203.0.113.5", hop=1, received=lines, helo="liar.example")
    chain = re.search(r'<ol class="chain".*?</ol>', write(case), re.DOTALL)
    assert chain
    kinds = re.findall(r'<li class="(\w+)">', chain[0])
    assert kinds == ["mailbox", "own", "own", "border", "client", "claim"]
    assert "Not believed: written by the sender’s side" in chain[0]
    assert chain[0].index("Trust ends here") < chain[0].index("203.0.113.5") < chain[0].index("240.1.2.3")


def test_a_chain_of_ten_thousand_lines_is_cut(write: Write, case: Any) -> None:
    lines = [case.hop(f"h{n}.example", "198.51.100.1", at=START) for n in range(10_000)]
    case.message("203.0.113.5", hop=5_000, received=lines)
    text = write(case)
    assert text.count('<li class="own">') == 7
    assert "further lines are left out" in text
    assert len(text) < 100_000


@pytest.mark.parametrize("hop", [-1, 1, 99, None])
def test_a_hop_that_does_not_exist_gives_no_example(write: Write, case: Any, hop: int | None) -> None:
    case.message("203.0.113.5", hop=hop)
    assert "there is no example to draw" in write(case)


def test_an_empty_case_says_how_to_begin(write: Write, case: Any) -> None:
    page = Page(write(case))
    assert "impound investigate april PATH" in page.text
    assert not page.of("table")


def test_one_message(write: Write, case: Any) -> None:
    case.source()
    case.message("203.0.113.5")
    text = Page(write(case)).text
    assert "1 message from 1 source" in text
    assert "1 address in 1 network handed in 1 message" in text


def test_messages_without_origin_and_time_are_counted_with_the_reason(write: Write, case: Any) -> None:
    case.source(records=3)
    for _ in range(3):
        case.message(None, None, boundary_reason="no Received line", received=None)
    text = Page(write(case)).text
    assert "3 messages (all) name no outside host" in text
    assert "No Received line 3" in text
    assert "No message says when it was sent or received" in text


def test_more_hosts_than_are_shown_are_counted_and_the_file_stays_small(write: Write, case: Any) -> None:
    for n in range(30_000):
        case.message(f"198.18.{n // 250}.{n % 250 + 1}", helo=f"host-{n}.example")
    begun = time.perf_counter()
    text = write(case)
    assert time.perf_counter() - begun < 60
    assert "29,975 addresses more" in text
    assert len(text.encode()) < 200_000


def test_rejects_stand_with_reason_place_and_the_command_that_lists_all(write: Write, case: Any) -> None:
    source = case.source("mail.mbox", rejects=3)
    for place in (48_211_004, 5, 6):
        case.reject("no header ends here within 1 MiB", source, "garbage", place)
    text = Page(write(case)).text
    assert "No header ends here within 1 MiB 3 mail.mbox, byte 48,211,004 garbage" in text
    assert "impound show april rejects" in text


def test_a_drill_says_that_it_is_one(write: Write, case: Any) -> None:
    case.source(drill=True)
    assert "All of this mail is marked as synthetic" in Page(write(case)).text


def test_a_name_with_spaces_is_quoted_in_commands(write: Write, case: Any) -> None:
    text = Page(write(case, CaseFacts("my case; rm", "0.1.0", None))).text
    assert "impound investigate 'my case; rm' PATH" in text


def test_every_table_has_a_caption_and_headers_and_headings_come_in_order(busy: str) -> None:
    page = Page(busy)
    assert len(page.of("caption")) == len(page.of("table"))
    assert all(attrs.get("scope") in {"col", "row", "rowgroup"} for attrs in page.of("th"))
    assert all(
        attrs.get("aria-label") and attrs.get("tabindex") == "0" for attrs in page.of("div") if attrs.get("role")
    )
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert all(b - a <= 1 for a, b in itertools.pairwise(levels))
    images = [attrs for attrs in page.of("svg") if attrs.get("role") == "img"]
    assert images
    assert all(attrs.get("aria-label") for attrs in images)
    targets = {attrs.get("id") for _, attrs in page.tags}
    assert all((attrs.get("href") or "")[1:] in targets for attrs in page.of("a"))


def test_it_asks_nobody_anything(busy: str) -> None:
    page = Page(busy)
    assert not page.of("img", "iframe", "object", "embed", "video", "audio", "base", "form")
    assert all(not attrs.get("src") for _, attrs in page.tags)
    assert not re.search(r"(?i)url\s*\(|@import", busy)
    policy = next(attrs["content"] for attrs in page.of("meta") if attrs.get("http-equiv"))
    assert policy
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'sha256-")


def test_a_file_that_is_no_database_is_named(write: Write, case: Any, tmp_path: Path) -> None:
    pytest.importorskip("maxminddb")
    (tmp_path / "x.mmdb").write_bytes(b"no database")
    with pytest.raises(InputError, match=r"x\.mmdb"):
        write(case, country_db=str(tmp_path / "x.mmdb"))


def test_the_engine_of_one_machine_gives_the_same_page(busy: str, busy_tables: dict[str, Any], tmp_path: Path) -> None:
    engines = pytest.importorskip("impound.engines.duckdb", reason="NO ENGINE: impound.engines.duckdb is not there")
    engine = engines.DuckDBEngine(tmp=tmp_path, workers=1)
    try:
        for name in ReportWriter.reads:
            engine.view(name, busy_tables.get(name, []))
        ReportWriter().write(engine, tmp_path / "r.html", CaseFacts("april", "0.1.0", MADE_AT), {})
    finally:
        engine.close()
    assert (tmp_path / "r.html").read_text("utf-8") == busy
