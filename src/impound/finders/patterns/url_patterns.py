"""URL patterns: how a campaign's links are made, as expressions that match its next links on whatever domain.

What it finds: for each way in which a campaign of infected hosts writes its links an expression in RE2's syntax for a
whole link (``url_patterns``). How: :mod:`impound.finders.patterns._links`.

Why that is evidence: domains are changed within days, the program that makes the links is not. A pattern is proposed
where it is *specific* (a link that was not made by that program does not match by chance), *spread* (many networks send
it at once) and *bursty* (its domains live for days: what is linked to for weeks may be somebody's real site).

Known innocent causes: shops, newsletters and web servers make links by patterns too, and spam shows pictures of sites
that know nothing of it. So links to domains that many share are not learnt from, and a pattern is withheld as soon as
list mail, a reply or mail of an ordinary host or a mail service has a link that it matches.

Reference: Xie et al., "Spamming Botnets: Signatures and Characteristics" (SIGCOMM 2008), whose AutoRE begins with the
links; here campaigns are known already, so a pattern needs no common domain to be found.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, ClassVar

import pyarrow as pa

from impound import canonical, config
from impound.check.links import LinkMatcher
from impound.finders import _guilt
from impound.finders.patterns import _links
from impound.plugin import Engine
from impound.tables import URL_PATTERNS


@dataclass(frozen=True)
class _Params:
    """Which patterns are proposed."""

    fewest: int = 5
    """Messages of a campaign that is learnt from."""
    most: int = 2000
    """Links of a campaign that are learnt from, drawn by their ids, which are hashes."""
    infected: float = 0.5
    """Share of a campaign's messages that must come from infected hosts, as for templates."""
    networks: int = 20
    """Networks (/24 or /48) that must send a pattern: the paper's number of autonomous systems."""
    days: int = 5
    """Days that a domain may live to be part of a burst (the paper's line)…"""
    bursty: float = 0.5
    """…and the share of a pattern's messages that must lead to such domains: a choice."""


class UrlPatterns:
    """Finds ``url_patterns``."""

    name = "url_patterns"
    version = "1"
    reads: ClassVar[tuple[str, ...]] = (*_guilt.READS, "urls")
    writes: ClassVar[tuple[str, ...]] = ("url_patterns",)
    Params = _Params

    def __init__(self, params: _Params | None = None) -> None:
        self.params = params or _Params()

    @classmethod
    def from_config(cls, settings: config.Config) -> UrlPatterns:
        """The finder with a case's settings."""
        return cls()

    def find(self, engine: Engine) -> None:
        """Leave the view ``url_patterns``."""
        _guilt.guilt(engine, self.params.fewest)
        engine.run("pattern_links", LINKS, {"infected": self.params.infected, "most": self.params.most})
        engine.map_groups("pattern_learnt", learnt, "pattern_links", "campaign_id", LEARNT)
        engine.run("pattern_once", ONCE, keep=True)
        rows = [r for b in engine.stream("SELECT * FROM pattern_once ORDER BY id") for r in b.to_pylist()]
        engine.run("pattern_urls", URLS)
        known = tuple((row["id"], row["regex"]) for row in rows)
        engine.map("pattern_hits", partial(hits, patterns=known), "pattern_urls", HITS)
        engine.run("pattern_mail", MAIL, keep=True)
        engine.run("pattern_domains", DOMAINS.format(days=int(self.params.days)))
        counts = {r["pattern_id"]: r for b in engine.stream(COUNTS) for r in b.to_pylist()}
        found = [self._judged(row, counts.get(row["id"], {})) for row in rows]
        engine.view("url_patterns", pa.Table.from_pylist(found, schema=URL_PATTERNS.schema))

    def _judged(self, row: dict[str, Any], count: dict[str, Any]) -> dict[str, Any]:
        """A pattern with what it matches in the case, and whether it is proposed."""
        told = {name: count.get(name) or 0 for name in ("matched", "ham_matched", "networks", "landings")}
        bursty = count.get("bursty") or 0.0
        against = []
        if told["ham_matched"]:
            against.append(f"it matches {told['ham_matched']:,} messages that are list mail, replies or ordinary")
        if told["networks"] < self.params.networks:
            against.append(f"sent from {told['networks']:,} networks; {self.params.networks} are asked for")
        if bursty < self.params.bursty:
            against.append(f"{100 * bursty:.0f} % of it leads to domains that lived {self.params.days} days or less")
        why = (
            "; ".join(against) or "specific, sent from many networks at once, its domains short-lived, in no other mail"
        )
        return row | told | {"bursty": bursty, "state": "withheld" if against else "proposed", "why": why}


_COUNTED = ("matched", "ham_matched", "networks", "landings", "bursty", "state", "why")
LEARNT = pa.schema([f for f in URL_PATTERNS.schema if f.name not in _COUNTED])
HITS = pa.schema([("pattern_id", pa.int64()), ("url", pa.string())])


def learnt(campaign: int, rows: pa.Table) -> pa.Table:
    """The patterns of one campaign's links, rows of ``LEARNT``."""
    read = zip(rows["url"].to_pylist(), rows["messages"].to_pylist(), strict=True)
    links = sorted((link for url, n in read if (link := _links.read(url, n))), key=lambda link: link.url)
    return pa.Table.from_pylist([_row(campaign, p) for p in _links.patterns(links)], schema=LEARNT)


def _row(campaign: int, made: _links.Pattern) -> dict[str, Any]:
    often = sorted(made.links, key=lambda link: (-link.messages, link.url))
    return {
        "id": canonical.record_id(made.regex.encode("utf-8", "replace"), campaign, "url_patterns"),
        "campaign_id": campaign,
        "regex": made.regex,
        "fixed_chars": made.letters,
        "bits": round(made.bits, 1),
        "learned_from": sum(link.messages for link in made.links),
        "example_urls": [link.url for link in often[:3]],
    }


def hits(batch: pa.RecordBatch, patterns: tuple[tuple[int, str], ...]) -> Iterable[pa.RecordBatch]:
    """Which patterns each link matches, rows of ``HITS``."""
    matcher = _matcher(patterns)
    found = [(number, url) for url in batch["url"].to_pylist() for number in matcher.match(url)]
    numbers, urls = zip(*found, strict=True) if found else ((), ())
    yield pa.RecordBatch.from_arrays([pa.array(numbers, pa.int64()), pa.array(urls, pa.string())], schema=HITS)


@lru_cache(maxsize=1)
def _matcher(patterns: tuple[tuple[int, str], ...]) -> LinkMatcher:
    return LinkMatcher(patterns)


LINKS = """
SELECT l.campaign_id, l.url, l.messages FROM (
  SELECT c.campaign_id, u.url, COUNT(DISTINCT u.message_id) AS messages,
    row_number() OVER (PARTITION BY c.campaign_id ORDER BY MIN(u.id)) AS place
  FROM urls u JOIN campaign_members c ON c.message_id = u.message_id
  JOIN campaign_guilt g ON g.campaign_id = c.campaign_id
  WHERE g.infected >= :infected AND u.scheme IN ('http', 'https', 'ftp') GROUP BY c.campaign_id, u.url) l
WHERE l.place <= :most
"""
ONCE = """
SELECT p.id, p.campaign_id, p.regex, p.fixed_chars, p.bits, p.learned_from, p.example_urls FROM (
  SELECT l.*, row_number() OVER (PARTITION BY l.regex ORDER BY l.learned_from DESC, l.campaign_id) AS place
  FROM pattern_learnt l) p
WHERE p.place = 1
"""
"""A pattern that several campaigns show is the largest one's."""
URLS = "SELECT DISTINCT u.url FROM urls u WHERE u.scheme IN ('http', 'https', 'ftp')"
MAIL = """
SELECT DISTINCT h.pattern_id, u.message_id, COALESCE(u.domain, u.host) AS domain, m.seen_at, o.client_net AS net,
  g.infected, CASE WHEN g.ham = 1 AND g.infected = 0 AND c.message_id IS NULL THEN u.message_id END AS ham
FROM pattern_hits h JOIN urls u ON u.url = h.url
JOIN messages m ON m.id = u.message_id JOIN mail_guilt g ON g.message_id = u.message_id
JOIN pattern_once p ON p.id = h.pattern_id
LEFT JOIN origins o ON o.message_id = u.message_id
LEFT JOIN campaign_members c ON c.message_id = u.message_id AND c.campaign_id = p.campaign_id
"""
DOMAINS = """
SELECT d.pattern_id, COUNT(*) AS landings,
  SUM(CASE WHEN d.ended <= d.began + INTERVAL '{days}' DAY THEN d.messages ELSE 0 END)
    / CAST(SUM(d.messages) AS DOUBLE) AS bursty
FROM (SELECT pattern_id, domain, COUNT(DISTINCT message_id) AS messages, MIN(seen_at) AS began, MAX(seen_at) AS ended
      FROM pattern_mail GROUP BY pattern_id, domain) d
GROUP BY d.pattern_id
"""
COUNTS = """
SELECT m.pattern_id, COUNT(DISTINCT m.message_id) AS matched, COUNT(DISTINCT m.ham) AS ham_matched,
  COUNT(DISTINCT CASE WHEN m.infected = 1 THEN m.net END) AS networks,
  MAX(d.landings) AS landings, MAX(d.bursty) AS bursty
FROM pattern_mail m JOIN pattern_domains d ON d.pattern_id = m.pattern_id GROUP BY m.pattern_id
"""
