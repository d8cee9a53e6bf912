"""The public page: what it says, in which order, and what it never says."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from impound.errors import UsageError

sys.path.insert(0, str(Path(__file__).parent))

import public_case as made  # its folder was put on the path just above

ORDER = ("what", "did", "mine", "protect", "report", "who", "case")


def test_there_is_a_page_for_each_language_and_one_to_choose(tmp_path: Path) -> None:
    pages = made.write(made.case(), tmp_path / "site")
    assert sorted(pages) == ["de/index.html", "en/index.html", "es/index.html", "index.html"]
    for language in made.LANGUAGES:
        assert f'href="{language}/index.html"' in pages["index.html"]
        assert pages[f"{language}/index.html"].startswith(f'<!doctype html>\n<html lang="{language}" dir="ltr">')


@pytest.mark.parametrize("language", made.LANGUAGES)
def test_the_questions_are_answered_in_their_order(tmp_path: Path, language: str) -> None:
    page = made.write(made.case(), tmp_path / "site")[f"{language}/index.html"]
    assert tuple(re.findall(r'<h2 id="(\w+)">', page)) == ORDER
    assert page.count("Quiet Otter") >= 3
    assert {"en": "6,789", "de": "6.789", "es": "6.789"}[language] in page
    assert {"en": "4 April 2011", "de": "4. April 2011", "es": "4 de abril de 2011"}[language] in page


def test_it_needs_no_script_and_nothing_from_elsewhere(tmp_path: Path) -> None:
    for page in made.write(made.case(), tmp_path / "site").values():
        assert "<script" not in page and "<img" not in page and "<link" not in page
        assert not re.search(r"url\(|@import|\bsrc=| on\w+=| style=", page)
        assert "default-src 'none'; style-src 'sha256-" in page


def test_the_same_case_gives_the_same_bytes(tmp_path: Path) -> None:
    assert made.write(made.case(), tmp_path / "a") == made.write(made.case(), tmp_path / "b")


def test_charts_are_said_in_words_and_as_a_table(tmp_path: Path) -> None:
    page = made.write(made.case(days=10), tmp_path / "site")["en/index.html"]
    said = re.findall(r'<svg class="chart" role="img"[^>]*aria-label="([^"]+)"', page)
    assert [s.partition(".")[0] for s in said] == [
        "Internet addresses that we met for the first time", "Spam mails that we got"
    ]  # fmt: skip
    assert "From 4 April 2011 to 13 April 2011: 145 in all. The highest bar is 19, from 13 April 2011." in said[1]
    assert '<tr><th scope="row">5 April 2011</th><td class="n">1</td><td class="n">11</td></tr>' in page


@pytest.mark.parametrize(("days", "unit", "bars"), [(7, "day", 7), (300, "week", 43), (2_000, "month", 66)])
def test_a_long_life_is_drawn_in_longer_steps_and_nothing_is_lost(
    tmp_path: Path, days: int, unit: str, bars: int
) -> None:
    page = made.write(made.case(days=days), tmp_path / "site")["en/index.html"]
    total = sum(10 + n for n in range(days))
    assert f"One bar for each {unit}." in page
    assert f"{total:,} in all" in page
    assert page.count('<th scope="row">') == bars


@pytest.mark.parametrize(
    ("lure", "said"),
    [
        ("phishing", "mail that pretended to be from Big &lt;Brand&gt;"),
        ("pharmacy", "mail that used the name Big &lt;Brand&gt;"),
    ],
)
def test_only_phishing_is_said_to_pretend_to_come_from_a_brand(tmp_path: Path, lure: str, said: str) -> None:
    page = made.write(made.case(lure=lure), tmp_path / "site")["en/index.html"]
    assert said in page and page.count("Big &lt;Brand&gt;") == 1


def test_the_vague_kind_of_mail_stands_last(tmp_path: Path) -> None:
    page = made.write(made.case(), tmp_path / "site")["en/index.html"]
    assert page.index("sells medicine") < page.index("other mail that nobody asked for")


def test_only_released_domains_that_are_fresh_are_named_and_none_can_be_clicked(tmp_path: Path) -> None:
    page = made.write(made.case(), tmp_path / "site")["en/index.html"]
    assert "<code>pills[.]shop</code>" in page
    assert "pills.shop" not in page and "withheld" not in page
    later = replace(made.FACTS, made_at=made.FACTS.made_at.replace(year=2012))
    assert "pills" not in made.write(made.case(), tmp_path / "later", later)["en/index.html"]


@pytest.mark.parametrize(
    "name", ["pills.example", "example.com", "a.example.net", "x.test", "198.18.1.1", "a@pills.shop"]
)
def test_names_that_are_nobodys_and_addresses_are_not_published(tmp_path: Path, name: str) -> None:
    page = made.write(made.case(domains=(name,)), tmp_path / "site")["en/index.html"]
    assert "<code>" not in page


def test_a_drill_says_on_every_page_that_it_is_one(tmp_path: Path) -> None:
    drill = made.write(made.case(drill=True, domains=("pills.example",)), tmp_path / "drill")
    assert all('class="drill"' in page for page in drill.values())
    assert "<code>pills[.]example</code>" in drill["en/index.html"]
    assert not any('class="drill"' in page for page in made.write(made.case(), tmp_path / "real").values())


def test_another_botnet_can_be_named(tmp_path: Path) -> None:
    page = made.write(made.case(), tmp_path / "site", botnet="tall heron")["en/index.html"]
    assert "Tall Heron" in page and "Quiet Otter" not in page
    with pytest.raises(UsageError, match="no botnet is called"):
        made.write(made.case(), tmp_path / "site", botnet="Nobody")


def test_a_case_without_a_botnet_has_nothing_to_tell(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nothing to tell the public"):
        made.write(made.Rows(b""), tmp_path / "site")


def test_the_legal_notice_names_the_court_and_says_so_when_there_is_none(tmp_path: Path) -> None:
    assert "We know of no court case so far." in made.write(made.case(), tmp_path / "a")["en/index.html"]
    page = made.write(made.case(), tmp_path / "b", made.known(legal=made.LEGAL))["en/index.html"]
    assert "2:11-cv-00222" in page and "District Court of Example" in page
    assert "no court case" not in page


def test_tips_go_to_the_authority_else_to_the_form_else_to_the_mailbox(tmp_path: Path) -> None:
    form = "https://cert.example/tips"
    first = made.write(made.case(), tmp_path / "a", made.known(authority=made.AUTHORITY), tips=form)["en/index.html"]
    assert "Example Police" in first and "$250 &lt;b&gt;" in first and "As we say" in first
    assert form not in first
    assert f'href="{form}"' in made.write(made.case(), tmp_path / "b", tips=form)["en/index.html"]
    third = made.write(made.case(), tmp_path / "c")["en/index.html"]
    assert 'Write to <a href="mailto:cert@cert.example">' in third


def test_a_page_of_nobody_says_that_it_should_not_be_trusted(tmp_path: Path) -> None:
    page = made.write(made.case(), tmp_path / "a", made.known(organisation=made.Organisation()))["en/index.html"]
    assert "Do not trust a page without one." in page


@pytest.mark.parametrize("address", ["javascript:alert(1)", "cert.example", "file:///etc/passwd"])
def test_a_link_must_be_a_web_address(tmp_path: Path, address: str) -> None:
    with pytest.raises(UsageError, match="is no web address"):
        made.write(made.case(), tmp_path / "site", tips=address)


@pytest.mark.parametrize("state", ["handed-over", "closed", "reopened"])
def test_it_says_how_far_the_case_is(tmp_path: Path, state: str) -> None:
    rows = made.case()
    rows.row("events", subject_type="case", subject="case", to_state=state, at=made.START, actor="x", reason="y")
    said = {"handed-over": "We gave all that we know", "closed": "The case is closed", "reopened": "came back, so"}
    assert said[state] in made.write(rows, tmp_path / "site")["en/index.html"]
