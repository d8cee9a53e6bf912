"""The report's botnets: their lives, who sends what, and what stays unassigned; nothing hostile gets through."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from writers.conftest import START
from writers.test_report import EVIL, Page

Write = Callable[..., str]


def sent(case: Any, addresses: list[str]) -> list[int]:
    return [case.message(ip, START + timedelta(days=n)) for n, ip in enumerate(addresses)]


def botnet(case: Any, number: int, name: str, addresses: list[str], campaigns: dict[int, float], **size: int) -> None:
    times = {"first_at": START, "last_at": START + timedelta(days=3)}
    counts = {"messages": 9, "hosts": len(addresses), "networks": len(addresses), "programs": 1, "confidence": 0.9}
    case.rows.row("botnets", id=number, name=name, campaigns=len(campaigns), why="so", **times, **counts, **size)
    case.rows.row("botnet_days", botnet_id=number, day=START.replace(hour=0), messages=4, new_hosts=len(addresses))
    for n in range(1, 4):
        case.rows.row(
            "botnet_days", botnet_id=number, day=START.replace(hour=0) + timedelta(days=n), messages=1, new_hosts=0
        )
    for ip in addresses:
        case.rows.row("botnet_members", botnet_id=number, member_type="host", member=ip, link="sent", strength=0.5)
    for campaign, share in campaigns.items():
        case.rows.row(
            "botnet_members",
            botnet_id=number,
            member_type="campaign",
            member=str(campaign),
            link="sent",
            strength=share,
        )


def two(case: Any, names: tuple[str, str] = ("Upland Dune", "Busy Crane")) -> None:
    mine, theirs = ["198.18.1.1", "198.18.2.1"], ["198.19.1.1", "198.19.2.1"]
    rented = case.campaign(sent(case, mine + theirs), name="Rented Fox")
    own = case.campaign(sent(case, mine), name="Own Fern")
    size = {"machines": 1, "machines_low": 1, "machines_high": 2, "quiet_days": 1}
    botnet(case, 1, names[0], mine, {rented: 0.5, own: 1.0}, **size)
    botnet(case, 2, names[1], theirs, {rented: 0.5})


def test_without_botnets_there_is_no_section_about_them(write: Write, case: Any) -> None:
    case.campaign(sent(case, ["198.18.1.1"] * 3))
    text = write(case)
    assert 'id="botnets"' not in text and "#botnets" not in text


def test_each_life_is_drawn_and_told(write: Write, case: Any) -> None:
    two(case)
    page = Page(write(case))
    assert "2 botnets hold 4 of 0 infected addresses" in page.text
    lives = [s.get("aria-label") or "" for s in page.of("svg") if s.get("class") == "stretch"]
    assert any(label.startswith("Upland Dune: 9 messages from 2011-04-04") for label in lives)


def test_size_and_growth_are_told_where_they_are_known(write: Write, case: Any) -> None:
    two(case)
    text = Page(write(case)).text
    assert text.count("about 1 machine (1 to 2)") == 1
    assert "1 new addresses a day at first, 0 in the second half of its time; 1 quiet day" in text


def test_a_hypothesis_is_told_as_one_with_its_age(write: Write, case: Any) -> None:
    two(case)
    case.rows.row("botnet_hypotheses", botnet_id=1, family="Sample", reasons=["so"], why="It ended 9 years before.")
    assert "Its mail looks like Sample, perhaps: It ended 9 years before." in Page(write(case)).text


def test_the_picture_links_botnets_with_what_they_send_and_marks_what_is_shared(write: Write, case: Any) -> None:
    two(case)
    text = write(case)
    picture = re.search(r'<svg class="network".*?</svg>', text, re.S)
    assert picture is not None
    assert picture[0].count('<path class="shared"') == 2
    assert picture[0].count('<path class="own"') == 1
    assert (
        "Upland Dune sends Rented Fox, Own Fern" in picture[0] or "Upland Dune sends Own Fern, Rented Fox" in picture[0]
    )
    assert "1 campaign, with dashed links, comes from several botnets" in Page(text).text


def test_hostile_names_stay_text(write: Write, case: Any) -> None:
    two(case, (EVIL[0], EVIL[1]))
    text = write(case)
    assert "<script>alert" not in text
    assert "<img" not in text
