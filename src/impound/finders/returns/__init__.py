"""Returns: whether a botnet of a closed case, or what it was made of, is met again, with proof.

What it finds: in mail that came after the case was closed, what the baseline knows of its botnets
(``baseline_hits``), and for each botnet met again a row of ``returns``: under *alarm* where it is enough to say that it
is back, else under *watch*. An alarm is also an event of the botnet. In a case never closed it looks at nothing.

Why that is evidence: addresses and words change, but whoever rebuilds a botnet keeps what costs him: the program with
its constants, the shop behind the domain, the mailbox that the fraud lives on, the way links are made. A message
*tells* when two kinds of evidence, one of them the botnet's own (a template, contact, constant or domain), are together
as rare in other mail as one message in thirty thousand. One message is an accident: three networks within a
week must hand in such mail. A template, a contact or a constant alone must come from ten.

Known innocent causes: people quote spam in lists and replies, so such mail is left out. Programs are sold and rented,
and an affiliate programme gives all its sellers one way to make links, so a fingerprint and a URL pattern raise nothing
without a kind that is the botnet's own. Addresses get other owners, so they do not count at all. A new tenant of an old
program, with its constant, raises an alarm that is true of the program and not of its tenant; the reason says what was
met.

Reference: ``docs/explanation/never-again.md``; the weights come from the case itself when it is closed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, ClassVar

import pyarrow as pa

from impound import config
from impound.check.face import TEXT
from impound.check.links import LinkMatcher
from impound.check.templates import Matcher, Signature
from impound.finders import _guards, _quiet, _whole
from impound.finders.returns import _returning
from impound.plugin import Engine
from impound.tables import BASELINE_HITS, EVENTS, RETURNS

Known = tuple[tuple[str, str, tuple[str, ...]], ...]
"""What a text or link may show: kind, value, fixed texts."""
LOOKED_FOR = ("template", "url-pattern", "domain")


@dataclass(frozen=True)
class Params:
    """From when on something is an alarm: choices, measured with ``benchmarks/returns.py``."""

    bits: float = 15.0
    """What a message must tell: as rare in other mail as one in 32,768."""
    networks: int = 3
    """Networks (/24 or /48) that must hand in such mail…"""
    days: int = 7
    """…within so many days."""
    lone_bits: float = 9.0
    """What a template, a contact or a constant must tell to count alone: as rare as one message in 512…"""
    lone_networks: int = 10
    """…from so many networks."""


_Params = Params


class Returns:
    """Finds ``baseline_hits`` and ``returns``, and adds to ``events``."""

    name = "returns"
    version = "1"
    reads: ClassVar[tuple[str, ...]] = (
        *("sources", "origins", "reply_contacts", "message_software", "baselines", "events", *_whole.READS),
    )
    writes: ClassVar[tuple[str, ...]] = ("baseline_hits", "returns", "events")
    each: ClassVar[tuple[str, ...]] = ("baseline_hits",)
    sees: ClassVar[tuple[str, ...]] = ("sources", "baselines", *_whole.READS)
    Params = Params

    def __init__(self, params: _Params | None = None) -> None:
        self.params = params or Params()

    @classmethod
    def from_config(cls, settings: config.Config) -> Returns:
        """The finder with a case's settings."""
        return cls()

    def look(self, engine: Engine) -> None:
        """Leave the view ``baseline_hits``: what each new message shows of the baseline by its text and links."""
        rows = (row for batch in engine.stream(KNOWN) for row in batch.to_pylist())
        known = tuple({(row["kind"], row["value"]): _known(row) for row in rows}.values())
        if not known:
            engine.view("baseline_hits", BASELINE_HITS.schema.empty_table())
            return
        engine.run("return_new", NEW, keep=True)
        _whole.whole(engine, "return_whole", most=2 * TEXT, only="return_new")
        engine.map("baseline_hits", partial(hits, known=known), "return_whole", BASELINE_HITS.schema)

    def find(self, engine: Engine) -> None:
        """Leave the views ``returns`` and ``events``."""
        found = self._found(engine) if _any(engine, "SELECT b.botnet_id FROM baselines b LIMIT 1") else []
        engine.view("returns", pa.Table.from_pylist(found, schema=RETURNS.schema))
        told = {row["subject"] for b in engine.stream(TOLD) for row in b.to_pylist()} if found else set()
        fresh = [
            {"subject_type": "botnet", "subject": str(row["botnet_id"]), "from_state": None, "to_state": "returned",
             "actor": self.name, "reason": row["why"], "at": row["alarm_at"]}
            for row in found if row["state"] == "alarm" and str(row["botnet_id"]) not in told
        ]  # fmt: skip
        if fresh:
            before = [batch.cast(EVENTS.schema) for batch in engine.stream(BEFORE)]
            rows = pa.Table.from_pylist(fresh, schema=EVENTS.schema)
            engine.view("events", pa.Table.from_batches([*before, *rows.to_batches()], schema=EVENTS.schema))

    def _found(self, engine: Engine) -> list[dict[str, Any]]:
        p = self.params
        engine.run("return_new", NEW, keep=True)
        engine.run("return_shown", SHOWN)
        engine.run("return_bits", BITS, keep=True)
        engine.run("return_mail", MAIL, {"bits": p.bits, "lone_bits": p.lone_bits}, keep=True)
        alarms = _returning.alarms(engine, p.networks, p.lone_networks, p.days)
        return _returning.rows(engine, alarms)


def _known(row: dict[str, Any]) -> tuple[str, str, tuple[str, ...]]:
    return row["kind"], row["value"], tuple(row["anchors"] or ())


def _any(engine: Engine, sql: str) -> bool:
    return any(len(batch) for batch in engine.stream(sql))


def hits(batch: pa.RecordBatch, known: Known) -> Iterable[pa.RecordBatch]:
    """Rows of ``baseline_hits`` for a batch of whole messages."""
    found = [(message, *shown) for message, mail in _whole.mails(batch) for shown in sorted(set(_shown(mail, known)))]
    columns = list(zip(*found, strict=True)) or [()] * len(BASELINE_HITS.schema)
    arrays = [pa.array(c, f.type) for c, f in zip(columns, BASELINE_HITS.schema, strict=True)]
    yield pa.RecordBatch.from_arrays(arrays, schema=BASELINE_HITS.schema)


def _shown(mail: Any, known: Known) -> Iterator[tuple[str, str]]:
    """Kind and value of all that a message shows."""
    templates, links, domains = _matchers(known)
    for number in templates.match(mail):
        yield known[number][:2]
    for link in mail.links:
        for number in links.match(link.url):
            yield known[number][:2]
        name = link.domain or _guards.domain(link.host or "")
        if name in domains:
            yield "domain", name


@lru_cache(maxsize=1)
def _matchers(known: Known) -> tuple[Matcher, LinkMatcher, frozenset[str]]:
    numbered = list(enumerate(known))
    templates = Matcher(Signature(n, value, anchors) for n, (kind, value, anchors) in numbered if kind == "template")
    links = LinkMatcher([(n, value) for n, (kind, value, _) in numbered if kind == "url-pattern"])
    return templates, links, frozenset(value for kind, value, _ in known if kind == "domain")


KNOWN = f"SELECT b.kind, b.value, b.anchors FROM baselines b WHERE b.kind IN {LOOKED_FOR} ORDER BY b.kind, b.value"
NEW = f"""
SELECT m.id AS message_id, m.seen_at FROM messages m JOIN sources s ON s.id = m.source_id
CROSS JOIN (SELECT MAX(b.until) AS until_at, MAX(b.closed_at) AS closed_at FROM baselines b) c
WHERE m.seen_at > c.until_at AND s.read_at >= c.closed_at AND NOT {_quiet.SQL}
"""
"""The mail that came after the case was closed; without what people quote in."""
SHOWN = """
SELECT h.message_id, h.kind, h.value FROM baseline_hits h
UNION SELECT r.message_id, 'contact', r.kind || ' ' || r.value FROM reply_contacts r
UNION SELECT s.message_id, 'constant', s.constant FROM message_software s WHERE s.constant IS NOT NULL
UNION SELECT s.message_id, 'software', s.fingerprint FROM message_software s WHERE s.fingerprint IS NOT NULL
"""
BITS = """
SELECT b.botnet_id, n.message_id, MIN(n.seen_at) AS seen_at, b.kind, MAX(b.bits) AS bits, MIN(b.value) AS value
FROM return_shown s JOIN return_new n ON n.message_id = s.message_id
JOIN baselines b ON b.kind = s.kind AND b.value = s.value
GROUP BY b.botnet_id, n.message_id, b.kind
"""
"""What each new message shows of each botnet: of a kind only what tells most."""
MAIL = """
SELECT w.botnet_id, w.message_id, w.seen_at, o.client_ip AS ip, o.client_net AS net,
       w.bits >= :bits AND w.kinds >= 2 AND w.own > 0 AS tells, w.lone >= :lone_bits AS lone
FROM (SELECT s.*, MAX(s.bits) OVER (PARTITION BY s.message_id) AS most
      FROM (SELECT b.botnet_id, b.message_id, MIN(b.seen_at) AS seen_at, ROUND(SUM(b.bits), 3) AS bits,
                   COUNT(*) AS kinds, SUM(CASE WHEN b.kind = 'software' THEN 0 ELSE 1 END) AS strong,
                   SUM(CASE WHEN b.kind IN ('software', 'url-pattern') THEN 0 ELSE 1 END) AS own,
                   MAX(CASE WHEN b.kind IN ('template', 'contact', 'constant') THEN b.bits ELSE 0.0 END) AS lone
            FROM return_bits b GROUP BY b.botnet_id, b.message_id) s) w
LEFT JOIN origins o ON o.message_id = w.message_id
WHERE w.strong > 0 AND w.bits = w.most
"""
"""The messages that show something strong of a botnet, and of no other botnet more. ``own``: kinds not for sale."""
TOLD = """
SELECT e.subject FROM events e CROSS JOIN (SELECT MAX(b.until) AS until_at FROM baselines b) c
WHERE e.actor = 'returns' AND e.at > c.until_at
"""
BEFORE = f"SELECT {', '.join(f'e.{name}' for name in EVENTS.schema.names)} FROM events e"
