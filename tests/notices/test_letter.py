"""The owner's letter: plain enough to read, complete in every language, without a link, and the same every time."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import impound.notices
from impound.config import LURES
from impound.errors import UsageError
from impound.notices import languages
from impound.notices.letter import Asked, Letter, html, letter, text
from notices import reading
from notices.made import ENVELOPE, SEEN, WHO, infection, sighting

TEXTS = Path(impound.notices.__file__).parent / "texts"
KINDS = ("spread", "software", "naming", "traffic", "control", "external")


def asked(language: str = "en", zone: str = "Europe/Berlin") -> Asked:
    return Asked(ENVELOPE.ticket, ENVELOPE.at, language, zone)


def prose(made: Letter) -> str:
    """What is read, without the table, the address of the sender and the date."""
    parts = [made.title, *made.opening]
    for section in made.sections:
        parts += [section.heading, *section.items, *section.steps, *section.paragraphs]
        parts += [words for _, words in section.terms]
    return "\n".join((*parts, *made.closing[:-1]))


def whole(language: str) -> str:
    return prose(letter(infection(kinds=KINDS), WHO, asked(language)))


def keys(texts: Any, path: str = "") -> set[str]:
    if isinstance(texts, dict):
        return set().union(*(keys(value, f"{path}.{key}") for key, value in texts.items()))
    if isinstance(texts, list) and texts and isinstance(texts[0], dict | list):
        return set().union(*(keys(value, f"{path}[{n}]") for n, value in enumerate(texts)))
    names = {path, *re.findall(r"\{[a-z]+\}", texts if isinstance(texts, str) else "")}
    return names if not isinstance(texts, list) else {f"{path}:{len(texts)}"}


def test_english_reads_at_grade_eight_or_below_by_two_formulas() -> None:
    assert reading.flesch_kincaid(whole("en")) <= 8
    assert reading.coleman_liau(whole("en")) <= 8


def test_german_is_plain_by_two_formulas() -> None:
    assert reading.wiener(whole("de")) <= 8
    assert reading.amstad(whole("de")) >= 60


def test_spanish_is_plain_by_two_formulas() -> None:
    assert reading.fernandez_huerta(whole("es")) >= 65
    assert reading.szigriszt(whole("es")) >= 60


def test_the_formulas_tell_a_hard_text_from_an_easy_one() -> None:
    hard = "Notwithstanding unauthorised utilisation, organisational responsibility necessitates immediate remediation."
    assert reading.flesch_kincaid(hard) > 15 and reading.coleman_liau(hard) > 15
    schwer = "Datenverarbeitungsanlagen unautorisierter Telekommunikationsteilnehmer verursachen Beeinträchtigungen."
    assert reading.wiener(schwer) > 12 and reading.amstad(schwer) < 0
    dificil = "Independientemente de responsabilidades organizacionales, procedimientos administrativos posteriores."
    assert reading.fernandez_huerta(dificil) < 30 and reading.szigriszt(dificil) < 30


@pytest.mark.parametrize(
    ("count", "word", "n"),
    [
        *((reading.syllables_en, *one) for one in (
            ("computer", 3), ("device", 2), ("clean", 1), ("password", 2), ("used", 1), ("table", 2))),
        *((reading.syllables_de, *one) for one in (
            ("Rechner", 2), ("Gerät", 2), ("Passwörter", 3), ("bereinigen", 4), ("neu", 1), ("Besitzer", 3))),
        *((reading.syllables_es, *one) for one in (
            ("contraseña", 4), ("equipo", 3), ("limpio", 2), ("día", 2), ("ciudad", 2), ("correo", 3))),
    ],
)  # fmt: skip
def test_syllables_are_counted_as_people_count_them(count: Any, word: str, n: int) -> None:
    assert count(word) == n


def test_every_language_says_everything_that_english_says() -> None:
    english = keys(tomllib.loads((TEXTS / "en.toml").read_text("utf-8")))
    for language in languages():
        assert keys(tomllib.loads((TEXTS / f"{language}.toml").read_text("utf-8"))) == english, language


@pytest.mark.parametrize("language", languages())
def test_every_kind_of_evidence_and_every_lure_has_its_words(language: str) -> None:
    texts = tomllib.loads((TEXTS / f"{language}.toml").read_text("utf-8"))
    assert set(texts["kinds"]) == set(KINDS)
    assert set(texts["lures"]) == set(LURES) - {"ham"}
    assert len(texts["months"]) == 12


@pytest.mark.parametrize("language", languages())
def test_a_letter_says_what_was_seen_by_the_owners_clock_and_asks_for_nothing(language: str) -> None:
    said = text(letter(infection(), WHO, asked(language)))
    for needed in ("198.51.100.7", "12:30:05", "+02:00", "2011", "Windows", "macOS", "Linux", "Android", "Router",
                   "ESET", "clamav", ENVELOPE.ticket, WHO.mailbox, WHO.page, "Europe/Berlin"):  # fmt: skip
        assert needed in said, needed
    assert "http" not in said and "{" not in said and "pills.example" not in said
    assert max(map(len, said.splitlines())) <= 78


def test_without_a_public_page_the_letter_says_how_else_to_check_it() -> None:
    made = " ".join(text(letter(infection(), replace(WHO, page=""), asked())).split())
    assert "Find our phone number" in made and WHO.page not in made


class Tags(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


@pytest.mark.parametrize("language", languages())
def test_the_page_needs_no_script_no_link_and_no_request(language: str) -> None:
    page = html(letter(infection(), WHO, asked(language)))
    tags = Tags(page).found
    assert not {t for t, _ in tags} & {"a", "script", "img", "link", "form", "input", "iframe", "object"}
    assert not any(name in ("href", "src") or name.startswith("on") for _, given in tags for name in given)
    assert ("html", {"lang": language}) in tags and "url(" not in page and "@import" not in page


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=80), st.text(max_size=80))
def test_no_word_of_the_spammer_gets_into_a_letter(name: str, lure: str) -> None:
    shown = sighting(subject=name, from_name=name, text=name, helo=name, lure=lure)
    plain = letter(infection(name="x"), WHO, asked())
    made = letter(infection("198.51.100.7", shown, name=name, why=name, campaign=name), WHO, asked())
    assert replace(made, sections=()) == replace(plain, sections=())
    rows = [row for section in made.sections for row in section.rows]
    assert set(rows) <= {row for section in plain.sections for row in section.rows} | {("What the mail is about", "x")}


def test_an_unknown_language_or_time_zone_is_said() -> None:
    for wrong in (asked("xx"), asked("en", "Nowhere/Else"), asked("en", "../../etc/passwd")):
        with pytest.raises(UsageError):
            letter(infection(), WHO, wrong)


def test_the_clock_of_a_time_zone_knows_summer() -> None:
    winter = letter(infection(first_at=datetime(2011, 1, 4, 23, 30, tzinfo=UTC), last_at=SEEN), WHO, asked("de"))
    (rows,) = [s.rows for s in winter.sections if s.rows]
    assert rows[1][1] == "5. Januar 2011, 00:30:00 Uhr (UTC+01:00)" and rows[2][1].endswith("(UTC+02:00)")


@pytest.mark.parametrize("language", languages())
def test_the_print_is_two_pages_with_its_fonts_and_the_same_again(language: str, tmp_path: Path) -> None:
    pdf = pytest.importorskip("impound.notices.letter_pdf").pdf
    made = letter(infection(kinds=KINDS[:3]), WHO, asked(language))
    raw = pdf(made)
    assert raw == pdf(made) and b"/FontFile2" in raw and b"Helvetica" not in raw
    assert len(re.findall(rb"/Type /Page\b", raw)) == 2
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext (poppler-utils) is not installed: the text of the letter was not looked at")
    (tmp_path / "letter.pdf").write_bytes(raw)
    ran = subprocess.run(["pdftotext", tmp_path / "letter.pdf", "-"], capture_output=True, text=True, check=True)
    printed = " ".join(ran.stdout.split())
    for section in made.sections:
        assert section.heading in printed
        for words in (*section.steps, *section.items, *section.paragraphs):
            assert words in printed, words
