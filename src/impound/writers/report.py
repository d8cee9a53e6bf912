"""The report: one HTML file that opens from disk, offline, on a phone, in the dark and on paper.

It asks nobody anything: figures come from the engine, a few hundred rows in all, pictures are SVG, and the one script
only sorts tables.
"""

from __future__ import annotations

import base64
import hashlib
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import Markup

from impound import portrait
from impound.check import advice
from impound.geo import Geo
from impound.plugin import CaseFacts, Engine
from impound.writers import (
    _botnets,
    _campaigns,
    _chain,
    _charts,
    _figures,
    _folders,
    _indicators,
    _lives,
    _lures,
    _text,
    _verdicts,
)
from impound.writers._standing import Standing, alarms, standing
from impound.writers._timeline import Timeline, at, timeline

FILTERS = ("clean", "lines", "reason", "name", "number", "plural", "size", "day", "minute", "long_day", "sentence")
PAGES = (
    "report",
    "macros",
    "summary",
    "campaigns",
    "lures",
    "botnets",
    "verdicts",
    "lives",
    "indicators",
    "whence",
    "doubt",
    "read",
    "method",
)

SIDES = {"own": "own", "partner": "partner", "shared-provider": "shared provider"}
CLOCKS = {
    "receiver": "The receiving server wrote the time down",
    "log": "A log wrote the time down",
    "file": "Only the file's own date says when",
    "sender": "Only the sender says when (the Date header)",
    "none": "Nobody says when",
}


class ReportWriter:
    """Writes ``report.html``. Options: ``country_db`` and ``asn_db``, paths of databases in MaxMind's format."""

    name = "report"
    options = ("country_db", "asn_db")
    reads = (
        "sources",
        "rejects",
        "networks",
        "signals",
        "message_labels",
        "indicators",
        "events",
        "returns",
        *_botnets.READS,
        *_lives.READS,
        *portrait.READS,
    )

    def write(self, engine: Engine, to: Path, facts: CaseFacts, options: Mapping[str, str]) -> None:
        """Write the page to the path, the same bytes for the same tables, facts and options."""
        geo = Geo(options.get("country_db", ""), options.get("asn_db", ""))
        to.write_bytes(render(figures(engine, geo), facts).encode("utf-8"))


@dataclass(frozen=True)
class Figures:
    """Everything the page shows, counted and ready to be laid out."""

    totals: _figures.Totals
    line: Timeline
    hosts: list[dict[str, Any]]
    networks: list[dict[str, Any]]
    own: list[dict[str, Any]]
    ways: _chain.Ways
    placed: list[_figures.Share]
    unplaced: list[_figures.Share]
    clocks: list[tuple[str, int]]
    rejects: list[_figures.Reject]
    folders: list[_folders.Folder]
    more_folders: int
    geo: Geo
    campaigns: _campaigns.Campaigns
    lures: _lures.Lures
    botnets: _botnets.Botnets
    verdicts: _verdicts.Verdicts
    lives: _lives.Lives
    indicators: _indicators.Indicators
    known: dict[str, str]
    standing: Standing
    alarms: list[str]


def figures(engine: Engine, geo: Geo) -> Figures:
    """The figures of a case, from the views of the tables that the report reads."""
    line = timeline(engine)
    folders, more = _folders.folders(engine)
    clocks = _figures.clocks(engine)
    placed, unplaced = _figures.boundaries(engine)
    hosts = _hosts(engine, line, geo)
    return Figures(
        totals=_figures.totals(engine, sum(clocks.values())),
        line=line,
        hosts=hosts,
        networks=_networks(engine, geo),
        own=_figures.own_side(engine),
        ways=_chain.ways(engine),
        placed=placed,
        unplaced=unplaced,
        clocks=[(words, clocks[name]) for name, words in CLOCKS.items() if clocks.get(name)],
        rejects=_figures.rejects(engine),
        folders=folders,
        more_folders=more,
        geo=geo,
        campaigns=_campaigns.campaigns(engine, line),
        lures=_lures.lures(engine),
        botnets=_botnets.botnets(engine, line),
        verdicts=_verdicts.verdicts(engine, geo),
        lives=_lives.lives(engine),
        indicators=_indicators.indicators(engine),
        known=_verdicts.known(engine, [row["host"].ip for row in hosts]),
        standing=standing(engine),
        alarms=alarms(engine),
    )


def _hosts(engine: Engine, line: Timeline, geo: Geo) -> list[dict[str, Any]]:
    times = _figures.host_times(engine, "hour" if line.unit == "hour" else "day")
    return [
        {
            "host": host,
            "country": geo.country(host.ip),
            "asn": geo.asn(host.ip),
            "strip": _charts.strip(times.get(host.ip, []), line),
        }
        for host in _figures.hosts(engine)
    ]


def _networks(engine: Engine, geo: Geo) -> list[dict[str, Any]]:
    return [
        {
            "net": net,
            "country": geo.country(net.cidr.partition("/")[0]),
            "asn": geo.asn(net.cidr.partition("/")[0]),
            "strip": _charts.net_strip(net.places),
        }
        for net in _figures.networks(engine)
    ]


def render(found: Figures, facts: CaseFacts) -> str:
    """The page as text. Whatever comes from mail is cleaned by a filter and escaped by the template."""
    css, script = _part("report.css"), _part("report.js")
    environment = Environment(
        loader=DictLoader({name: _part(f"{name}.html.j2") for name in PAGES}),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update({name: getattr(_text, name) for name in FILTERS})
    digest = base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")
    return environment.get_template("report").render(
        f=found,
        t=found.totals,
        facts=facts,
        case=shlex.quote(_text.clean(facts.name) or "CASE"),
        css=Markup(css),
        script=Markup(script),
        script_hash=digest,
        share=_text.share,
        sides=SIDES,
        rest=_folders.REST,
        sample=_chain.SAMPLE,
        spread=_campaigns.spread,
        verdicts=_verdicts.VERDICTS,
        advice=advice.parts,
        compared=portrait.COMPARED,
        effect_doubts=portrait.EFFECT_DOUBTS,
        **_time_parts(found.line),
    )


def _time_parts(line: Timeline) -> dict[str, Any]:
    """The chart in two sizes (none for a single message), its words, and its bars as the rows of a table."""
    if not line.counts:
        return {"charts": [], "span": "", "bars": [], "peak": ""}
    bars = [(_charts.moment(line.unit, start), n) for start, n in zip(line.starts, line.counts, strict=False) if n]
    first, last = at(line.starts[0]), at(line.starts[-1] - 1)
    if line.first and line.last:
        first, last = line.first, line.last
    one_day = _text.day(first) == _text.day(last)
    return {
        "charts": []
        if line.shown < 2
        else [_charts.mail_over_time(line, size) for size in (_charts.WIDE, _charts.NARROW)],
        "span": _text.long_day(first) if one_day else f"{_text.long_day(first)} to {_text.long_day(last)}",
        "bars": [(words.removeprefix("on ").removeprefix("in "), n) for words, n in bars],
        "peak": _charts.moment(line.unit, line.starts[line.peak]),
    }


def _part(name: str) -> str:
    return (files("impound.writers") / "templates" / name).read_text("utf-8")
