"""The public page: a folder of web pages that tell everybody what a botnet is, and its victims what to do.

A page for each language and one to choose among them. They need no script, ask nobody anything and name no address of
a machine and no person: who sent is a victim, and so is who received.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import Markup

from impound.canonical import is_web_address
from impound.errors import UsageError
from impound.plugin import CaseFacts, Engine
from impound.writers import _public_chart, _public_facts
from impound.writers._public_facts import Told
from impound.writers._public_words import Words, languages
from impound.writers._timeline import at

PAGES = ("public", "public_choose", "public_frame")


class PublicWriter:
    """Writes a folder. Options: ``botnet`` (name or id; else the one with most addresses) and ``tips`` (the tip form's
    address)."""

    name = "public"
    options = ("botnet", "tips")
    reads = _public_facts.READS

    def write(self, engine: Engine, to: Path, facts: CaseFacts, options: Mapping[str, str]) -> None:
        """Write ``index.html`` and a folder for each language, the same bytes for the same case, clock and options."""
        links = _links(facts, options.get("tips", ""))
        told = _public_facts.told(engine, facts, options.get("botnet", ""))
        environment, spoken = _environment(), languages()
        to.mkdir(parents=True, exist_ok=True)
        common = {"facts": facts, "told": told, "languages": spoken, "links": links, **_style()}
        _put(to / "index.html", environment.get_template("public_choose").render(**common))
        for words in spoken:
            page = environment.get_template("public").render(words=words, **page_parts(told, facts, words), **common)
            (to / words.code).mkdir(exist_ok=True)
            _put(to / words.code / "index.html", page)


def page_parts(told: Told, facts: CaseFacts, words: Words) -> dict[str, Any]:
    """What a page in one language shows, ready to be laid out."""
    botnet, steps, texts = told.botnet, told.steps, words.texts
    charts = [
        _public_chart.chart(steps.starts, counts, steps.unit, texts["did"][key], words)
        for key, counts in (("chart_hosts", steps.new_hosts), ("chart_messages", steps.messages))
    ]
    low, high = botnet["machines_low"], botnet["machines_high"]
    fill = {
        "name": told.name,
        "low": words.number(low),
        "high": words.number(high),
        "first": words.date(botnet["first_at"]) if botnet["first_at"] else "–",
        "last": words.date(botnet["last_at"]) if botnet["last_at"] else "–",
        "made": words.date(facts.made_at) if facts.made_at else "–",
        "authority": facts.config.authority.name,
        "publisher": facts.config.organisation.name,
    }
    return {
        "t": texts,
        "fill": fill,
        "charts": charts,
        "bars": _bars(told, words),
        "machines": "addresses" if low is None else "machines" if high is None else "machines_range",
        "extent": _public_facts.extent(botnet),
    }


def _bars(told: Told, words: Words) -> list[tuple[str, str, str]]:
    """The bars of both charts as rows of a table; steps in which nothing happened are left out."""
    steps = told.steps
    counted = zip(steps.starts, steps.new_hosts, steps.messages, strict=False)
    return [
        (words.date(at(start)), words.number(new), words.number(mails)) for start, new, mails in counted if new or mails
    ]


def _links(facts: CaseFacts, tips: str) -> dict[str, str]:
    """The addresses that the page links to. Raises UsageError for one that is no web address."""
    settings = facts.config
    given = {"tips": tips, "authority": settings.authority.page, "organisation": settings.organisation.page}
    for name, address in given.items():
        if address and not is_web_address(address):
            raise UsageError(f"{name}: {address} is no web address", "write it as https://name.example/page")
    return given


def _environment() -> Environment:
    environment = Environment(
        loader=DictLoader({name: _part(f"{name}.html.j2") for name in PAGES}),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["fill"] = lambda text, values: str(text).format_map(values)
    return environment


def _style() -> dict[str, Any]:
    css = _part("public.css")
    digest = base64.b64encode(hashlib.sha256(css.encode("utf-8")).digest()).decode("ascii")
    return {"css": Markup(css), "css_hash": digest}


def _part(name: str) -> str:
    return (files("impound.writers") / "templates" / name).read_text("utf-8")


def _put(path: Path, page: str) -> None:
    path.write_bytes(page.encode("utf-8"))
