"""A real browser for the tests: pages looked at by axe, by keyboard, on a narrow screen, in print, without script."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
needs_browser = pytest.mark.skipif(
    CHROMIUM is None or find_spec("axe_playwright_python") is None,
    reason="NO BROWSER: install chromium and axe-playwright-python to test the pages in it",
)
NARROW = {"width": 320, "height": 700}
WIDE = {"width": 1000, "height": 800}


@contextmanager
def browsing() -> Iterator[Any]:
    """A browser that is closed at the end."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as running:
        browser = running.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        try:
            yield browser
        finally:
            browser.close()


def violations(page: Any) -> list[str]:
    """What axe finds wrong with a page, in words."""
    import axe_playwright_python

    script = Path(axe_playwright_python.__file__).parent / "axe.min.js"
    page.evaluate(script.read_text("utf-8"))
    found = page.evaluate("axe.run(document)")
    assert len(found["passes"]) > 10, "axe did not look"
    return [f"{v['id']}: {v['help']}: {n['html'][:200]}" for v in found["violations"] for n in v["nodes"]]


def overflow(page: Any) -> int:
    """By how many pixels a page is wider than its screen."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def reached(page: Any, most: int = 200) -> list[str]:
    """What the Tab key reaches, in order, as text, until it comes round."""
    words: list[str] = []
    for _ in range(most):
        page.keyboard.press("Tab")
        at = page.evaluate(
            "(e => e === document.body ? '' : e.tagName + ' ' + (e.id || e.innerText.trim()))(document.activeElement)"
        )
        if not at or (words and at == words[0]):
            break
        words.append(at)
    return words
