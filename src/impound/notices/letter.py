"""The letter to the owner of an infected machine, from the texts of a language: as plain text and as a web page.

It says what was seen by the clock of the owner, why that means an infection, what to do in which order, and how to tell
that it is no fraud. It holds no link and asks for nothing; whoever made the spam has no word in it. :mod:`_letter_pdf`
prints the same.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any

from impound.notices._catalogue import FALLBACK, Catalogue, catalogue
from impound.notices._facts import Infection
from impound.notices._reporter import Reporter

WIDTH = 78
STYLE = """
body{font:1.05rem/1.5 system-ui,sans-serif;max-width:42rem;margin:0 auto;padding:1rem;color:#1b1b1b;background:#fff}
h1{font-size:1.5rem;line-height:1.25}h2{font-size:1.15rem;margin:1.8rem 0 .4rem}
table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.3rem .6rem .3rem 0;
border-bottom:1px solid #c8c8c8;overflow-wrap:anywhere}th{font-weight:600;width:40%}li{margin:.3rem 0}
dt{font-weight:600;margin-top:.5rem}dd{margin:0}.sender{color:#4a4a4a;border-bottom:2px solid #1f4e79;
padding-bottom:.5rem}
@media (prefers-color-scheme:dark){body{color:#eee;background:#161616}.sender{color:#bbb;border-color:#7fb2e5}}
@media print{body{font-size:11pt;max-width:none;color:#000;background:#fff}h2{break-after:avoid}}
"""


@dataclass(frozen=True)
class Section:
    """A part of the letter: paragraphs, and before them a table, steps in order, items, or terms with their words."""

    heading: str
    paragraphs: tuple[str, ...] = ()
    rows: tuple[tuple[str, str], ...] = ()
    steps: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    terms: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Letter:
    """A letter, filled in, before it is given a form."""

    language: str
    sender: tuple[str, ...]
    date: str
    ticket: str
    title: str
    opening: tuple[str, ...]
    sections: tuple[Section, ...]
    closing: tuple[str, ...]
    page: str
    """How pages are numbered, with ``{n}``."""


@dataclass(frozen=True)
class Asked:
    """Which letter is wanted: in which language (there must be texts), by which clock (IANA), with which ticket.

    ``reference``: what the provider calls the customer, so that he knows the letter by it.
    """

    ticket: str
    at: datetime
    language: str = FALLBACK
    zone: str = "UTC"
    reference: str = ""


def letter(infection: Infection, who: Reporter, asked: Asked) -> Letter:
    """The letter about a machine. Raises UsageError for a language or a time zone that does not exist."""
    words = catalogue(asked.language)
    check = words.say("letter", "check_page" if who.page else "check_mailbox", page=who.page)
    facts = {"zone": words.say("letter", "zone", zone=asked.zone.replace("_", " ")), "check": check,
             "ticket": asked.ticket, "mailbox": who.mailbox, "organisation": who.name}  # fmt: skip
    rows, reasons = tuple(_rows(words, infection, asked)), _reasons(words, infection)
    sections = [_section(said, facts, rows, reasons) for said in words.texts["letter"]["sections"]]
    sender = (who.name, *(line.strip() for line in who.address.splitlines() if line.strip()), who.mailbox)
    return Letter(
        asked.language,
        tuple(dict.fromkeys(sender)),
        words.day(asked.at, asked.zone),
        f"{words.say('letter', 'ticket')} {asked.ticket}",
        words.say("letter", "title"),
        (words.say("letter", "greeting"), words.say("letter", "lead")),
        tuple(sections),
        (words.say("letter", "contact", **facts), *words.say("letter", "farewell", **facts).split("\n\n")),
        words.texts["page"],
    )


def _section(
    said: dict[str, Any], facts: dict[str, str], rows: tuple[tuple[str, str], ...], reasons: tuple[str, ...]
) -> Section:
    return Section(
        said["heading"],
        tuple(text.format_map(facts) for text in said.get("paragraphs", ())),
        rows if said.get("table") else (),
        tuple(said.get("steps", ())),
        (*(reasons if said.get("kinds") else ()), *said.get("items", ())),
        tuple((name, text) for name, text in said.get("terms", ())),
    )


def _reasons(words: Catalogue, infection: Infection) -> tuple[str, ...]:
    return tuple(words.say("kinds", kind) for kind in infection.kinds if kind in words.texts["kinds"])


def _rows(words: Catalogue, infection: Infection, asked: Asked) -> Iterator[tuple[str, str]]:
    lure = infection.sightings[0].lure if infection.sightings else ""
    yield words.say("letter", "address"), infection.ip
    yield words.say("letter", "first"), words.time(infection.first_at, asked.zone)
    yield words.say("letter", "last"), words.time(infection.last_at, asked.zone)
    yield words.say("letter", "messages"), words.count("message", infection.messages)
    if lure in words.texts["lures"]:
        yield words.say("letter", "about"), words.say("lures", lure)
    if asked.reference:
        yield words.say("letter", "customer"), asked.reference
    yield words.say("letter", "ticket"), asked.ticket


def text(made: Letter) -> str:
    """The letter as plain text, in lines of at most 78 characters."""
    parts = ["\n".join(made.sender), f"{made.date}\n{made.ticket}", _heading(made.title, "="), *made.opening]
    for section in made.sections:
        parts.append(_heading(section.heading, "-"))
        if section.rows:
            width = max(len(name) for name, _ in section.rows)
            parts.append("\n".join(f"{name.ljust(width)}  {value}" for name, value in section.rows))
        parts += [_hung(f"{n}. ", step) for n, step in enumerate(section.steps, 1)]
        parts += [_hung("- ", item) for item in section.items]
        parts += [_hung("  ", words, f"{name}:\n") for name, words in section.terms]
        parts += section.paragraphs
    return "\n\n".join(_wrapped(part) for part in (*parts, *made.closing)) + "\n"


def _heading(words: str, line: str) -> str:
    return f"{words}\n{line * min(WIDTH, len(words))}"


def _hung(mark: str, words: str, before: str = "") -> str:
    return before + textwrap.fill(words, WIDTH, initial_indent=mark, subsequent_indent=" " * len(mark))


def _wrapped(part: str) -> str:
    return part if "\n" in part else textwrap.fill(part, WIDTH, break_on_hyphens=False)


def html(made: Letter) -> str:
    """The letter as a page that needs nothing else: no script, no link, no outside request."""
    body = "\n".join(_html(made))
    return (
        f'<!DOCTYPE html>\n<html lang="{made.language}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(made.title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _html(made: Letter) -> Iterator[str]:
    yield f'<header class="sender">{"<br>".join(escape(line) for line in made.sender)}</header>'
    yield f"<main>\n<p>{escape(made.date)}<br>{escape(made.ticket)}</p>\n<h1>{escape(made.title)}</h1>"
    yield from (f"<p>{escape(words)}</p>" for words in made.opening)
    for section in made.sections:
        yield f"<h2>{escape(section.heading)}</h2>"
        if section.rows:
            cells = (f'<tr><th scope="row">{escape(n)}</th><td>{escape(v)}</td></tr>' for n, v in section.rows)
            yield f"<table>{''.join(cells)}</table>"
        for tag, found in (("ol", section.steps), ("ul", section.items)):
            if found:
                yield f"<{tag}>{''.join(f'<li>{escape(item)}</li>' for item in found)}</{tag}>"
        if section.terms:
            pairs = (f"<dt>{escape(name)}</dt><dd>{escape(words)}</dd>" for name, words in section.terms)
            yield f"<dl>{''.join(pairs)}</dl>"
        yield from (f"<p>{escape(words)}</p>" for words in section.paragraphs)
    yield from (f"<p>{escape(words)}</p>" for words in made.closing)
    yield "</main>"
