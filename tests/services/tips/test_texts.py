"""The texts of the tip form: every language says the same things, in words that anybody reads."""

from __future__ import annotations

import re
import tomllib
from html import unescape
from importlib.resources import files
from typing import Any

import pytest

from impound.config import Authority, Config, Organisation
from impound.errors import ConfigError
from impound.services.tips._pages import Pages
from notices import reading  # tests/notices/reading.py

LANGUAGES = ("en", "de", "es")
PAGES = Pages(Config(organisation=Organisation(name="Example CERT", contact="a@cert.example")))


def texts(language: str) -> dict[str, Any]:
    return tomllib.loads((files("impound.services.tips") / "texts" / f"{language}.toml").read_text("utf-8"))


def shape(found: Any) -> Any:
    """The keys of a catalogue, the lengths of its lists, and the words in braces of its texts."""
    if isinstance(found, dict):
        return {key: shape(value) for key, value in found.items()}
    return [shape(text) for text in found] if isinstance(found, list) else sorted(re.findall(r"\{\w+\}", found))


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_every_language_says_the_same_things(language: str) -> None:
    assert shape(texts(language)) == shape(texts("en"))


def test_there_is_a_text_for_whatever_can_be_refused() -> None:
    room = files("impound.services.tips")
    code = "".join((room / name).read_text("utf-8") for name in ("_app.py", "_form.py", "_limits.py"))
    refused = set(re.findall(r'Refused\(\d+, "(\w+)"\)', code)) | {"not_found", "failed"}
    assert refused == set(texts("en")["said"]) - {"back"}
    assert set(re.findall(r'_again\(language, "(\w+)"', code)) == set(texts("en")["wrong"]) - {"title", "files"}


def test_the_receipt_that_the_form_shows_as_an_example_is_none() -> None:
    from impound.services.tips import _receipt

    for language in LANGUAGES:
        (example,) = re.findall(r"\w{5}(?:-\w{5}){4}", texts(language)["form"]["receipt_hint"])
        assert _receipt.understood(example) is None


def running_text(language: str) -> str:
    """What all pages of a language say in sentences."""
    pages = [PAGES.form(language), PAGES.receipt(language, "", False)]
    pages += [PAGES.said(language, why) for why in texts(language)["said"] if why != "back"]
    blocks = re.split(
        r"</?(?:p|li|h1|h2|label|dd)\b[^>]*>",
        re.sub(r"<style>.*?</style>|<nav.*?</nav>", "", "".join(pages), flags=re.S),
    )
    plain = (" ".join(unescape(re.sub(r"<[^>]+>", " ", b)).split()) for b in blocks)
    return "\n".join(p for p in plain if len(p.split()) > 2)


def test_english_is_read_at_grade_eight_by_two_formulas() -> None:
    text = running_text("en")
    assert len(text) > 2_000
    assert reading.flesch_kincaid(text) <= 8 and reading.coleman_liau(text) <= 8


def test_german_and_spanish_are_plain_by_their_own_formulas() -> None:
    assert reading.amstad(running_text("de")) >= 60
    assert reading.fernandez_huerta(running_text("es")) >= 65


@pytest.mark.parametrize("page", ["javascript:alert(1)", "cert.example", "file:///etc/passwd"])
@pytest.mark.parametrize("section", ["authority", "organisation"])
def test_a_link_must_be_a_web_address(section: str, page: str) -> None:
    given = {"authority": Authority(name="A", page=page)} if section == "authority" else {
        "organisation": Organisation(page=page)}  # fmt: skip
    with pytest.raises(ConfigError, match="is no web address"):
        Pages(Config(**given))


def test_a_form_of_nobody_says_so_and_one_of_a_drill_too() -> None:
    page = Pages(Config(), drill=True).form("en")
    assert "Do not trust a form without one." in page and 'class="drill"' in page
    assert "Do not trust a form" not in PAGES.form("en") and 'class="drill"' not in PAGES.form("en")


def test_without_an_authority_the_form_comes_first() -> None:
    assert 'id="authority"' not in PAGES.form("en")
    assert 'href="mailto:a@cert.example"' in PAGES.form("en")
