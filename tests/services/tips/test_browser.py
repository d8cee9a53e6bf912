"""The tip form in a browser: accessible by axe, on a telephone, by keyboard, in print; no script, nobody else asked."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import running as made  # its folder was put on the path just above

import browser  # tests/browser.py
from impound import Case
from impound.services import tips

pytestmark = browser.needs_browser
LANGUAGES = ("en", "de", "es")
KINDS = ("form", "wrong words", "wrong receipt", "receipt", "again", "nowhere")
SETTINGS = """[organisation]
name = "Example CERT"
contact = "cert@cert.example"
page = "https://cert.example/"
[authority]
name = "Example Police"
mailbox = "tips@police.example"
telephone = "+1 555 0100"
page = "https://police.example/a-very-long-name-of-a-page-that-nobody-would-ever-type-by-hand/but-robots-might"
reward = "$250 <b>"
terms = "As we say"
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[made.Server]:
    place = made.case(tmp_path_factory.mktemp("tips"), SETTINGS)
    with made.serving(place, "--per-hour", "1000") as running:
        yield running


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with browser.browsing() as running:
        yield running


def open_page(page: Any, server: made.Server, language: str, kind: str = "form") -> None:
    """Bring a browser's page to one of the pages there are."""
    place = f"http://127.0.0.1:{server.port}/{language}/"
    page.goto(f"{place}nowhere/" if kind == "nowhere" else place)
    if kind in ("form", "nowhere"):
        return
    if kind != "wrong words":
        page.fill("#words", "What I know\n<b>of it</b>")
    if kind == "wrong receipt":
        page.fill("#receipt", "five words that are none")
    if kind == "again":
        page.fill("#receipt", "bogav nusas zoris somim hukip")
    page.click("button")
    page.wait_for_load_state()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_axe_finds_nothing_and_a_telephone_is_wide_enough(
    server: made.Server, chromium: Any, kind: str, language: str
) -> None:
    page = chromium.new_page(viewport=browser.WIDE, bypass_csp=True)  # axe is a script
    open_page(page, server, language, kind)
    assert page.locator("html").get_attribute("lang") == language
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert browser.violations(page) == [], scheme
    page.set_viewport_size(browser.NARROW)
    assert browser.overflow(page) == 0
    page.close()


def test_axe_would_find_something(server: made.Server, chromium: Any) -> None:
    page = chromium.new_page(viewport=browser.WIDE, bypass_csp=True)
    open_page(page, server, "en")
    page.evaluate("document.querySelector('label').remove(); document.documentElement.removeAttribute('lang')")
    found = browser.violations(page)
    assert any(f.startswith("html-has-lang") for f in found) and any(f.startswith("label") for f in found)
    page.close()


def test_who_adds_too_much_reads_why_it_is_not_taken(server: made.Server, chromium: Any, tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(bytes(21_000_000))
    page = chromium.new_page(viewport=browser.WIDE, bypass_csp=True)
    open_page(page, server, "en")
    page.fill("#words", "see the file")
    page.set_input_files("#files", tmp_path / "large")
    page.click("button")
    page.wait_for_selector("h1:has-text('too large')")
    assert browser.violations(page) == []
    page.close()


@pytest.mark.parametrize("kind", KINDS[:-1])
def test_it_asks_nobody_else_and_the_policy_holds(server: made.Server, chromium: Any, kind: str) -> None:
    page, asked, said = chromium.new_page(), [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    open_page(page, server, "en", kind)
    assert set(asked) == {f"http://127.0.0.1:{server.port}/en/"}
    assert [s for s in said if "status of 4" not in s] == []
    assert page.context.cookies() == []
    page.close()


def test_a_tip_is_sent_and_added_to_by_keyboard_alone_without_script(
    server: made.Server, chromium: Any, tmp_path: Path
) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{server.port}/de/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # past the links
    while page.locator("#words:focus").count() == 0:
        page.keyboard.press("Tab")
    page.keyboard.type("Ich weiß es")
    while page.locator("button:focus").count() == 0:
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector(".receipt")
    receipt = page.locator(".receipt").inner_text()
    page.click("main a")
    page.fill("#words", "und noch etwas")
    page.fill("#receipt", receipt)
    page.keyboard.press("Enter")
    page.wait_for_selector(".receipt")
    assert page.locator(".receipt").inner_text() == receipt
    context.close()


def test_everything_is_reached_by_keyboard_and_the_way_past_the_links_first(server: made.Server, chromium: Any) -> None:
    page = chromium.new_page(viewport=browser.WIDE)
    open_page(page, server, "en")
    order = browser.reached(page)
    assert order[0] == "A Skip to the content"
    assert len(order) == len(set(order)) == page.locator("a, textarea, input, button").count()
    assert [o for o in order if "#" not in o][-7:-2] == [
        "TEXTAREA words", "INPUT files", "INPUT contact", "INPUT receipt", "BUTTON Seal and send"
    ]  # fmt: skip
    page.close()


def test_the_authority_comes_first_and_its_words_are_only_text(server: made.Server, chromium: Any) -> None:
    page = chromium.new_page(viewport=browser.WIDE)
    open_page(page, server, "en")
    assert page.locator("h2").first.inner_text() == "Tips go to Example Police"
    assert page.locator("blockquote").first.inner_text() == "$250 <b>"
    assert page.locator("#mail ~ p a").get_attribute("href") == "mailto:cert@cert.example"
    page.close()


def test_what_is_wrong_is_seen_first_and_marked(server: made.Server, chromium: Any) -> None:
    page = chromium.new_page(viewport=browser.WIDE)
    open_page(page, server, "en", "wrong receipt")
    assert page.title().startswith("It is not sent yet: ")
    assert page.locator("main > :first-child").get_attribute("role") == "alert"
    widths = [page.locator(at).evaluate("e => getComputedStyle(e).borderTopWidth") for at in ("#receipt", "#contact")]
    assert widths == ["2px", "1px"]
    page.click(".wrong a")
    assert page.evaluate("location.hash") == "#receipt"
    page.close()


def test_no_link_leads_away_from_a_receipt_by_mistake(server: made.Server, chromium: Any) -> None:
    page = chromium.new_page(viewport=browser.WIDE)
    open_page(page, server, "en", "receipt")
    assert [a.inner_text() for a in page.locator("a").all()] == [
        "Skip to the content",
        "Back to the form",
        "Who we are",
    ]
    page.close()


def test_a_receipt_can_be_printed_on_one_sheet(server: made.Server, chromium: Any) -> None:
    page = chromium.new_page(viewport=browser.WIDE)
    open_page(page, server, "es", "receipt")
    page.emulate_media(media="print")
    assert page.locator(".receipt").is_visible()
    assert page.pdf(format="A4").count(b"/Type /Page\n") == 1
    page.close()


def test_tips_of_a_browser_are_in_the_case(server: made.Server, chromium: Any) -> None:
    page = chromium.new_page()
    place = Path(server.process.args[3])  # type: ignore[index]  # the command of the server
    before = len(tips.came(Case.open(place)))
    open_page(page, server, "en", "receipt")
    assert len(tips.came(Case.open(place))) == before + 1
    page.close()
