"""The report's campaigns and hosts: told in words, drawn, never more than is known; nothing hostile gets through."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from writers.conftest import START
from writers.test_report import EVIL, Page

Write = Callable[..., str]


def sent(case: Any, addresses: list[str]) -> list[int]:
    return [case.message(ip, START + timedelta(days=n)) for n, ip in enumerate(addresses)]


def test_the_sections_stand_in_the_order_of_the_questions(busy: str) -> None:
    order = ["summary", "campaigns", "hosts", "whence", "doubt", "read", "method"]
    assert [s["id"] for s in Page(busy).of("section") if s.get("class") != "part"] == order
    assert re.findall(r'<a href="#(\w+)">', busy.partition("<nav")[2].partition("</nav>")[0]) == order


def test_the_summary_counts_campaigns_and_verdicts(busy: str) -> None:
    text = Page(busy).text
    assert "15 of ten messages or more, 15 in all; the largest, Tall Heron" in text
    assert re.search(r"Hosts \d+ infected · 32 bulk senders · 8 relays · 8 unclear", text)
    assert "Addresses are counted, not machines" in text


def test_the_example_marks_what_varies_and_over_how_much(write: Write, case: Any) -> None:
    case.campaign(sent(case, ["203.0.113.5", "198.18.4.4", "198.19.4.4"]), text="Buy {} at http://{}.example today")
    text = write(case)
    assert re.search(r'Buy <mark title="elsewhere: word1 · word2">word0</mark><sub>.*?3.*?</sub>', text)
    assert "hxxp://word0[.]example" in text
    assert "beside 2 others worded like it" in Page(text).text


def test_a_campaign_of_one_address_says_so(write: Write, case: Any) -> None:
    case.campaign(sent(case, ["203.0.113.5"] * 3), hosts=1, networks=1, owners=1)
    assert "One address sent all of it" in Page(write(case)).text


def test_a_picture_without_times_is_left_out(write: Write, case: Any) -> None:
    case.campaign([case.message("203.0.113.5", None) for _ in range(3)], first_at=None, last_at=None)
    page = Page(write(case))
    assert "Quiet Otter" in page.text
    assert not any("most in one" in (s.get("aria-label") or "") for s in page.of("svg"))


def test_only_the_largest_are_drawn_and_the_others_counted(write: Write, case: Any) -> None:
    for n in range(130):
        case.campaign(sent(case, ["203.0.113.5"] * 2), name=f"Otter {n}")
    text = write(case)
    assert text.count('<article class="campaign"') == 10
    assert text.count('<div class="when">') == 20
    assert "30 campaigns more" in Page(text).text
    assert len(text.encode()) < 2_000_000


def test_infected_on_a_single_message_are_counted_and_doubt_is_shown(write: Write, case: Any) -> None:
    sent(case, ["203.0.113.5"])
    case.verdict("203.0.113.5", "infected", ("spread", "naming"))
    case.verdict("203.0.113.6", "infected", ("spread", "software"), messages=3)
    case.verdict("203.0.113.7", "unclear", ("naming",))
    text = Page(write(case)).text
    assert "2 addresses are called infected" in text
    assert "1 of them rest on a single message" in text
    assert "1 address is unclear" in text
    assert "Overturned by a second look" in text
    assert "NAT" in text and "DHCP" in text


def test_the_evidence_of_a_verdict_is_a_row_of_its_kinds(write: Write, case: Any) -> None:
    sent(case, ["203.0.113.5"])
    case.verdict("203.0.113.5", "infected", ("spread", "naming"))
    case.verdict("203.0.113.6", "infected", ("spread", "software"))
    page = Page(write(case))
    labels = [s["aria-label"] for s in page.of("svg") if (s.get("aria-label") or "").startswith(("spread", "naming"))]
    assert labels.count("spread: 0.90") == 2
    assert labels.count("naming: 0.90") == 1
    assert "not met" in page.text


def test_an_address_with_two_verdicts_counts_under_both(write: Write, case: Any) -> None:
    sent(case, ["203.0.113.5"])
    case.verdict("203.0.113.5", "ordinary", first_at=START - timedelta(days=30), last_at=START - timedelta(days=29))
    case.verdict("203.0.113.5", "infected", ("spread", "naming"))
    rows = re.findall(r'scope="row">(Infected|Ordinary)</th><td [^>]*data-l="Addresses">1</td>', write(case))
    assert rows == ["Infected", "Ordinary"]


def test_a_verdict_that_nobody_knew_is_shown_as_it_is(write: Write, case: Any) -> None:
    sent(case, ["203.0.113.5"])
    case.verdict("203.0.113.5", "<b>new</b>")
    assert "&lt;b&gt;new&lt;/b&gt;" in write(case)


def test_without_campaigns_and_hosts_the_page_names_the_command(write: Write, case: Any) -> None:
    sent(case, ["203.0.113.5"])
    text = Page(write(case)).text
    assert "No host has a verdict yet: impound find april" in text
    assert "No two messages of this case were found to be one campaign’s" in text


@pytest.mark.parametrize("evil", [*EVIL, "x" * 100_000, "\u202e" * 50, "victim@example.com"])
def test_nothing_in_a_campaign_or_a_verdict_gets_through(write: Write, case: Any, evil: str) -> None:
    mail = sent(case, ["203.0.113.5", "203.0.113.6", "2001:db8::1"])
    words = dict.fromkeys(("subject", "from_name", "from_domain", "mailer", "subject_shape", "why", "link"), evil)
    case.campaign(mail, evil, f"{evil} {{}} {evil}\n{evil}", domains=[evil], **words)
    for message in mail:
        case.rows.row("reply_contacts", message_id=message, kind="mailbox", value=evil)
    case.verdict("203.0.113.5", "infected", ("spread",), name=evil, why=f"{evil} Overturned by: {evil}", country=evil)
    case.verdict("'; DROP TABLE hosts; --", "unclear")
    text = write(case)
    page = Page(text)
    assert not page.of("img", "iframe")
    assert len(page.of("script")) == 1
    assert all((a.get("href") or "").startswith(("#", "data:,")) for a in page.of("a", "link"))
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", text)
    assert not re.search("https?://", text)
    assert "49" not in re.findall(r"\b49\b", page.text)
    assert "victim@" not in text
    assert len(text) < 150_000


def test_what_they_sell_is_told_with_marks_and_advice(write: Write, case: Any) -> None:
    case.source()
    first = case.campaign(sent(case, ["203.0.113.5"] * 3))
    second = case.campaign(sent(case, ["203.0.113.6"] * 2), name="Tall Heron")
    case.label(first, "pharmacy", "Viagra", ("viagra", "online pharmacy"))
    case.label(second, "lottery", None, ("you have won",))
    text = Page(write(case)).text
    assert "What they sell or pretend" in text
    assert "5 messages of 5 have words that speak for a lure; 3 messages abuse somebody’s mark" in text
    assert re.search(r"Medicines and slimming pills\s*pharmacy", text) and "Viagra 3" in text
    assert "Do not buy and do not take what came." in text and "Do not answer and pay no fee." in text
    assert "pharmacy, in 100 % of its messages, by viagra, online pharmacy" in text
    assert "It abuses the mark Viagra." in text
    assert "has 3 messages from 2 addresses: medicines and slimming pills." in text


def test_without_labels_nothing_is_said_of_lures(write: Write, case: Any) -> None:
    case.campaign(sent(case, ["203.0.113.5"] * 3))
    assert "What they sell" not in write(case)


@pytest.mark.parametrize("evil", EVIL)
def test_words_of_a_label_cannot_break_the_page(write: Write, case: Any, evil: str) -> None:
    case.label(case.campaign(sent(case, ["203.0.113.5"] * 3)), "pharmacy", evil, (evil,))
    page = Page(write(case))
    assert not [tag for tag in page.of("img") if "evil" in str(tag)]
    assert len(page.of("script")) == 1 and "49" not in page.text.partition("It abuses the mark")[2][:40]
