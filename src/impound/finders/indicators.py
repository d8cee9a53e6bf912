"""Indicators: what may be published of a case, what may not, and why.

What it finds: landing domains, infected addresses, reply contacts, files, templates and URL patterns of the campaigns
that infected hosts send, each *released*, *proposed* (nothing speaks against it, but too little for it) or *withheld*,
with the reason (``indicators``). What an earlier find released and this one does not is *withdrawn*: whoever has it
must hear of that, so it stays in the table for good, and in ``events``.

Why that is evidence: a domain that several networks advertise in one campaign and nobody else writes of is the
campaign's own.

Known innocent causes: spammers mix in links to well-known sites, and garbage domains by the million to poison lists
that are made from their mail (Rustock: Levchenko et al., "Click Trajectories", 2011, table I). Hence two guards. *Ham*:
nothing is released that mail of ordinary hosts, of lists or in replies has too, nor a domain that many share.
*Poisoning*: a domain must lead its campaign's links, rise above what is mixed in, and belong to few campaigns. And what
people allowed (``impound allow``) is never released, whatever speaks for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any, ClassVar

import pyarrow as pa

from impound import config
from impound.finders import _allowed, _events, _guards, _quiet, _signatures
from impound.finders._allowed import Allowed
from impound.plugin import Engine
from impound.tables import INDICATORS

_Params = _guards.Params
DAYS = {"domain": 30, "address": 7, "contact": 90, "file": 365, "image": 365} | _signatures.DAYS
"""Days after which an indicator is too old to act on: addresses change hands within a week; the rest are choices."""
DOMAIN_NAMES = pa.schema([("host", pa.string()), ("domain", pa.string())])


class Indicators:
    """Finds ``indicators``."""

    name = "indicators"
    version = "1"
    reads: ClassVar[tuple[str, ...]] = (
        *("sources", "messages", "origins", "urls", "attachments", "reply_contacts"),
        *("campaigns", "campaign_members", "hosts", "templates", "url_patterns", "indicators", "events"),
    )
    writes: ClassVar[tuple[str, ...]] = ("indicators", "events")
    Params = _Params

    def __init__(self, params: _Params | None = None) -> None:
        self.params = params or _Params()

    @classmethod
    def from_config(cls, settings: config.Config) -> Indicators:
        """The finder with a case's settings."""
        return cls()

    def find(self, engine: Engine) -> None:
        """Leave the views ``indicators`` and ``events``."""
        engine.run("indicators_before", BEFORE, keep=True)
        for name, sql in STATEMENTS:
            if name == "traces":
                engine.map("domain_names", domain_names, "domain_hosts", DOMAIN_NAMES)
            engine.run(name, sql, {"share": self.params.infected_share} if ":share" in sql else None, keep=True)
        engine.map("indicator_things", partial(judged, params=self.params), "indicator_facts", INDICATORS.schema)
        made = [row | {"expires_at": _expires(row)} for row in _signatures.signatures(engine, self.params)]
        engine.view("indicator_signatures", pa.Table.from_pylist(made, schema=INDICATORS.schema))
        engine.run("indicator_judged", JUDGED)
        engine.run("indicators_now", NOW, keep=True)
        engine.map(
            "indicators", partial(vouched, allowed=_allowed.allowed(engine)), "indicators_now", INDICATORS.schema
        )
        _events.add(engine, self.name, "indicator", list(_withdrawn(engine)), _newest(engine))


def _withdrawn(engine: Engine) -> Iterator[_events.Change]:
    """What was released before, and is not any more."""
    for row in (r for batch in engine.stream(WITHDRAWN) for r in batch.to_pylist()):
        yield _events.Change(f"{row['type']} {row['value']}", "released", "withdrawn", row["reason"])


def _newest(engine: Engine) -> int:
    """The newest time of the case, in seconds; 0 where there is none."""
    (at,) = (b["at"][0].as_py() for b in engine.stream("SELECT MAX(m.seen_at) AS at FROM messages m") if len(b))
    return int(at.timestamp()) if at is not None else 0


def domain_names(batch: pa.RecordBatch) -> Iterable[pa.RecordBatch]:
    """Rows of DOMAIN_NAMES: the registrable domain of each host; below a reserved suffix its last two labels."""
    hosts = batch.column("host").to_pylist()
    yield pa.RecordBatch.from_pydict({"host": hosts, "domain": [_guards.domain(h) for h in hosts]}, schema=DOMAIN_NAMES)


def judged(batch: pa.RecordBatch, params: _Params) -> Iterable[pa.RecordBatch]:
    """Rows of ``indicators`` for a batch of ``indicator_facts``."""
    rows = [_judged(row, params) for row in batch.to_pylist()]
    arrays = [pa.array([row[f.name] for row in rows], f.type) for f in INDICATORS.schema]
    yield pa.RecordBatch.from_arrays(arrays, schema=INDICATORS.schema)


def vouched(batch: pa.RecordBatch, allowed: Allowed) -> Iterable[pa.RecordBatch]:
    """Rows of ``indicators`` for a batch of ``indicators_now``: what people allowed is listed no more, or never."""
    rows = batch.to_pylist() if allowed else []
    for row in rows:
        reason = allowed.thing(row["type"], row["value"])
        if reason is not None:
            row["state"] = "withdrawn" if row["given"] else "withheld"
            row["reason"] = f"{'released before, but ' if row['given'] else ''}allowed: {reason}"
    names = INDICATORS.schema.names
    columns = [batch.column(name) for name in names] if not allowed else [[row[name] for row in rows] for name in names]
    arrays = [pa.array(column, f.type) for column, f in zip(columns, INDICATORS.schema, strict=True)]
    yield pa.RecordBatch.from_arrays(arrays, schema=INDICATORS.schema)


def _judged(row: dict[str, Any], params: _Params) -> dict[str, Any]:
    facts = _guards.Facts(**{name: row[name] for name in _guards.Facts._fields if row[name] is not None})
    state, reason = _guards.state(facts, params)
    proof = [("campaigns", row["campaign_id"]), ("messages", row["first_id"]), ("messages", row["last_id"])]
    evidence = [{"table": table, "id": number} for table, number in dict.fromkeys(proof) if number is not None]
    return {
        "type": facts.type,
        "value": facts.value,
        "state": state,
        "reason": reason,
        "evidence": evidence,
        "first_at": row["first_at"],
        "last_at": row["last_at"],
        "expires_at": _expires(row),
    }


def _expires(row: dict[str, Any]) -> datetime | None:
    return row["last_at"] + timedelta(days=DAYS[row["type"]]) if row["last_at"] is not None else None


MAIL = f"""
SELECT m.id, m.seen_at, o.client_net AS net, o.client_ip AS ip, c.campaign_id, s.drill,
       {_quiet.SQL} AS quiet, v.verdict
FROM messages m
LEFT JOIN sources s ON s.id = m.source_id
LEFT JOIN origins o ON o.message_id = m.id
LEFT JOIN (SELECT message_id, MIN(campaign_id) AS campaign_id FROM campaign_members GROUP BY message_id) c
  ON c.message_id = m.id
LEFT JOIN (SELECT h.ip, CASE WHEN MAX(CASE WHEN h.verdict = 'infected' THEN 1 ELSE 0 END) = 1 THEN 'infected'
                             ELSE MIN(h.verdict) END AS verdict FROM hosts h GROUP BY h.ip) v
  ON v.ip = o.client_ip
"""
"""Each message with its campaign and what is thought of its host: infected where any stretch of time says so."""

GUILTY = """
SELECT campaign_id, COUNT(*) AS messages FROM indicator_mail WHERE campaign_id IS NOT NULL AND ip IS NOT NULL
GROUP BY campaign_id HAVING SUM(CASE WHEN verdict = 'infected' THEN 1 ELSE 0 END) >= :share * COUNT(*)
"""
"""Campaigns that infected hosts send."""

SIDED = """
SELECT m.*, g.campaign_id IS NOT NULL AS guilty,
       g.campaign_id IS NULL AND (m.quiet OR m.verdict IN ('ordinary', 'relay', 'webmail-or-esp')) AS ham
FROM indicator_mail m LEFT JOIN guilty g ON g.campaign_id = m.campaign_id
"""

DOMAIN_HOSTS = """
SELECT u.host FROM urls u WHERE u.domain IS NULL AND u.host IS NOT NULL
UNION SELECT m.from_domain AS host FROM messages m JOIN sided s ON s.id = m.id
WHERE s.ham AND m.from_domain IS NOT NULL
"""

TRACES = """
SELECT 'domain' AS type, COALESCE(u.domain, d.domain) AS value, u.message_id FROM urls u
LEFT JOIN domain_names d ON d.host = u.host
WHERE COALESCE(u.domain, d.domain) IS NOT NULL AND u.scheme <> 'mailto'
UNION SELECT 'domain' AS type, d.domain AS value, m.id AS message_id FROM messages m JOIN sided s ON s.id = m.id
JOIN domain_names d ON d.host = m.from_domain WHERE s.ham AND d.domain IS NOT NULL
UNION SELECT 'contact' AS type, r.value, r.message_id FROM reply_contacts r
UNION SELECT 'contact' AS type, m.from_addr AS value, m.id AS message_id FROM messages m JOIN sided s ON s.id = m.id
WHERE s.ham AND m.from_addr IS NOT NULL
UNION SELECT 'file' AS type, a.sha256 AS value, a.message_id FROM attachments a
WHERE a.bytes >= 1000 AND a.image_hash IS NULL
UNION SELECT 'image' AS type, a.image_hash AS value, a.message_id FROM attachments a
WHERE a.image_hash IS NOT NULL AND a.width * a.height >= 4000
UNION SELECT 'address' AS type, s.ip AS value, s.id AS message_id FROM sided s WHERE s.verdict = 'infected' AND s.guilty
"""
"""What each message shows. Of ham its senders too: who writes it is nobody's landing and no contact."""

COUNTED = """
SELECT t.type, t.value, s.campaign_id, COUNT(*) AS n FROM traces t JOIN sided s ON s.id = t.message_id
WHERE s.guilty AND t.type = 'domain' GROUP BY t.type, t.value, s.campaign_id
"""
"""How often each guilty campaign links to each domain."""

LED = """
SELECT t.value, s.campaign_id, t.message_id, c.n, MAX(c.n) OVER (PARTITION BY t.message_id) AS most
FROM traces t JOIN sided s ON s.id = t.message_id
JOIN counted c ON c.value = t.value AND c.campaign_id = s.campaign_id
WHERE t.type = 'domain' AND s.guilty
"""

LEADS = """
SELECT value, campaign_id, MAX(n) AS n, AVG(CASE WHEN n >= most THEN 1.0 ELSE 0.0 END) AS lead
FROM led GROUP BY value, campaign_id
"""

NOISE = """
SELECT l.campaign_id, SUM(CASE WHEN l.n = 1 THEN 1 ELSE 0 END) AS singles, MAX(k.linked) AS linked,
       COALESCE(2 * AVG(CASE WHEN l.lead < 0.5 THEN l.n END)
                + 3 * COALESCE(STDDEV_POP(CASE WHEN l.lead < 0.5 THEN l.n END), 0), 0) AS decoys
FROM leads l
JOIN (SELECT campaign_id, COUNT(DISTINCT message_id) AS linked FROM led GROUP BY campaign_id) k
  ON k.campaign_id = l.campaign_id
GROUP BY l.campaign_id
"""

MAIN = """
SELECT value, campaign_id, n, lead FROM (
  SELECT leads.*, ROW_NUMBER() OVER (PARTITION BY value ORDER BY n DESC, campaign_id) AS place FROM leads
) ranked WHERE place = 1
"""
"""For each domain the campaign that links to it most."""

GROUPED = """
SELECT t.type, t.value, SUM(CASE WHEN s.guilty THEN 1 ELSE 0 END) AS guilty,
       SUM(CASE WHEN s.campaign_id IS NOT NULL THEN 1 ELSE 0 END) AS joined,
       SUM(CASE WHEN s.ham THEN 1 ELSE 0 END) AS ham,
       COUNT(DISTINCT CASE WHEN s.campaign_id IS NOT NULL THEN s.net END) AS nets,
       COUNT(DISTINCT CASE WHEN s.guilty THEN s.net END) AS networks,
       COUNT(DISTINCT CASE WHEN s.guilty THEN s.campaign_id END) AS campaigns,
       MIN(CASE WHEN s.drill THEN 1 ELSE 0 END) = 1 AS drill,
       MIN(CASE WHEN s.campaign_id IS NOT NULL THEN s.seen_at END) AS first_at,
       MAX(CASE WHEN s.campaign_id IS NOT NULL THEN s.seen_at END) AS last_at,
       MIN(CASE WHEN s.guilty THEN s.campaign_id END) AS campaign_id,
       MIN(CASE WHEN s.campaign_id IS NOT NULL THEN s.id END) AS first_id,
       MAX(CASE WHEN s.campaign_id IS NOT NULL THEN s.id END) AS last_id
FROM traces t JOIN sided s ON s.id = t.message_id GROUP BY t.type, t.value
"""

FACTS = """
SELECT g.type, g.value,
       CAST(CASE WHEN g.type = 'domain' THEN m.n WHEN g.guilty > 0 THEN g.guilty
                 ELSE g.joined END AS BIGINT) AS messages,
       CAST(CASE WHEN g.guilty > 0 THEN g.networks ELSE g.nets END AS BIGINT) AS networks,
       CAST(g.campaigns AS BIGINT) AS campaigns, CAST(g.ham AS BIGINT) AS ham, g.drill,
       CAST(COALESCE(m.lead, 1.0) AS DOUBLE) AS lead, CAST(COALESCE(x.singles, 0) AS BIGINT) AS singles,
       CAST(COALESCE(x.linked, 0) AS BIGINT) AS linked, CAST(COALESCE(x.decoys, 0) AS DOUBLE) AS decoys,
       g.guilty > 0 AS infected, g.first_at, g.last_at, COALESCE(m.campaign_id, g.campaign_id) AS campaign_id,
       g.first_id, g.last_id
FROM grouped g
LEFT JOIN main m ON g.type = 'domain' AND m.value = g.value
LEFT JOIN noise x ON x.campaign_id = m.campaign_id
WHERE g.guilty > 0 OR (g.type = 'contact' AND g.joined > 0 AND g.ham = 0)
"""

BEFORE = """
SELECT i.type, i.value, i.state, i.evidence, i.first_at, i.last_at, i.expires_at FROM indicators i
WHERE i.state IN ('released', 'withdrawn')
"""
"""What somebody may have been given."""

JUDGED = """
SELECT t.type, t.value, t.state, t.reason, t.evidence, t.first_at, t.last_at, t.expires_at FROM indicator_things t
UNION ALL SELECT s.type, s.value, s.state, s.reason, s.evidence, s.first_at, s.last_at, s.expires_at
FROM indicator_signatures s
"""

NOW = """
SELECT j.type, j.value,
  CASE WHEN b.value IS NOT NULL AND j.state <> 'released' THEN 'withdrawn' ELSE j.state END AS state,
  CASE WHEN b.value IS NOT NULL AND j.state <> 'released' THEN 'released before, but ' || j.reason
       ELSE j.reason END AS reason, j.evidence, j.first_at, j.last_at, j.expires_at, b.value IS NOT NULL AS given
FROM indicator_judged j LEFT JOIN indicators_before b ON b.type = j.type AND b.value = j.value
UNION ALL SELECT b.type, b.value, 'withdrawn' AS state,
  CASE WHEN b.type IN ('template', 'url-pattern') THEN 'released before, but another expression has taken its place'
       ELSE 'released before, but nothing in the case speaks for it any more' END AS reason,
  b.evidence, b.first_at, b.last_at, b.expires_at, TRUE AS given
FROM indicators_before b LEFT JOIN indicator_judged j ON j.type = b.type AND j.value = b.value WHERE j.value IS NULL
"""
"""Each thing with its state; ``given``: whether it was released before."""

WITHDRAWN = """
SELECT i.type, i.value, i.reason FROM indicators i
JOIN indicators_before b ON b.type = i.type AND b.value = i.value
WHERE i.state = 'withdrawn' AND b.state = 'released' ORDER BY i.type, i.value
"""

STATEMENTS = (
    ("indicator_mail", MAIL),
    ("guilty", GUILTY),
    ("sided", SIDED),
    ("domain_hosts", DOMAIN_HOSTS),
    ("traces", TRACES),
    ("counted", COUNTED),
    ("led", LED),
    ("leads", LEADS),
    ("noise", NOISE),
    ("main", MAIN),
    ("grouped", GROUPED),
    ("indicator_facts", FACTS),
)
