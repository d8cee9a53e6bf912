"""The public page in a browser: accessible by axe, usable on a telephone, with a keyboard, in print, without script."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import public_case as made  # its folder was put on the path just above

import browser  # tests/browser.py

pytestmark = browser.needs_browser
PAGES = ("index.html", *(f"{language}/index.html" for language in made.LANGUAGES))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("public") / "site"
    known = made.known(legal=made.LEGAL, authority=made.AUTHORITY)
    domains = ("pills.example", "a-very-long-name-of-a-site-that-nobody-would-ever-type-by-hand-but-robots.example")
    made.write(made.case(drill=True, domains=domains), place, known)
    return place


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with browser.browsing() as running:
        yield running


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(site: Path, chromium: Any, name: str, scheme: str) -> None:
    page = chromium.new_page(color_scheme=scheme, viewport=browser.WIDE)
    page.goto((site / name).as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert browser.violations(page) == []
    page.close()


def test_axe_would_find_something(site: Path, chromium: Any) -> None:
    page = chromium.new_page(viewport=browser.WIDE)
    page.goto((site / "en" / "index.html").as_uri())
    page.evaluate("document.documentElement.removeAttribute('lang'); document.querySelector('svg').ariaLabel = ''")
    found = browser.violations(page)
    assert any(f.startswith("html-has-lang") for f in found) and any(f.startswith("svg-img-alt") for f in found)
    page.close()


@pytest.mark.parametrize("name", PAGES)
def test_a_telephone_shows_it_without_scrolling_sideways(site: Path, chromium: Any, name: str) -> None:
    page = chromium.new_page(viewport=browser.NARROW)
    page.goto((site / name).as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert browser.overflow(page) == 0
    page.close()


@pytest.mark.parametrize("name", PAGES)
def test_it_asks_nobody_and_the_console_is_silent(site: Path, chromium: Any, name: str) -> None:
    page, asked, said = chromium.new_page(), [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.goto((site / name).as_uri())
    assert asked == [(site / name).as_uri()]
    assert said == []
    page.close()


def test_everything_is_reached_by_keyboard_the_way_past_the_links_first(site: Path, chromium: Any) -> None:
    page = chromium.new_page(viewport=browser.WIDE)
    page.goto((site / "en" / "index.html").as_uri())
    order = browser.reached(page)
    assert order[0] == "A Skip to the content"
    assert len(order) == len(set(order)) == page.locator("a, summary").count()
    page.locator("summary").focus()
    page.keyboard.press("Enter")
    assert page.locator("table").is_visible()
    page.locator(".skip").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    page.close()


def test_without_script_nothing_is_missing(site: Path, chromium: Any) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((site / "de" / "index.html").as_uri())
    assert page.locator("h2").count() == 7
    assert all(page.locator("h2").nth(n).is_visible() for n in range(7))
    page.locator("summary").click()
    assert page.locator("table").is_visible()
    page.locator('a[hreflang="es"]').click()
    assert page.locator("html").get_attribute("lang") == "es"
    context.close()


def test_on_paper_the_numbers_are_shown_and_the_ways_to_click_are_not(site: Path, chromium: Any) -> None:
    page = chromium.new_page(viewport=browser.WIDE)
    page.goto((site / "en" / "index.html").as_uri())
    page.emulate_media(media="print")
    assert not page.locator(".languages").is_visible()
    assert page.locator("tbody tr").first.bounding_box()["height"] > 5
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    paper = page.pdf(format="A4")
    assert 3 <= paper.count(b"/Type /Page\n") <= 8
    page.close()
