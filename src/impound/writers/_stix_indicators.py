"""Indicators with their sightings, and the infected addresses with when they were seen, as STIX objects."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from impound.canonical import is_reserved
from impound.plugin import Engine
from impound.writers._rows import rows
from impound.writers._stix_findings import GUILTY, LANDING, campaign, infrastructure
from impound.writers._stix_maker import Maker, Object, address, stamp
from impound.writers._stix_patterns import Pattern, pattern
from impound.writers._text import clean

READS = ("indicators", "hosts", "botnet_members", "urls", "reply_contacts", "attachments", "templates", "url_patterns")
KINDS = ("contact", "domain", "file", "template", "url-pattern")
"""Kinds that a pattern can say; a picture's hash is no hash of its bytes, and no language compares it."""


def indicators(engine: Engine, maker: Maker, limit: int, drill: bool) -> Iterator[Object]:
    """What is no address: released and proposed, at most ``limit`` of a kind (the latest); what is withdrawn, addresses
    too, is revoked."""
    wanted = {r["id"] for r in rows(engine, GUILTY)}
    for r in rows(engine, _indicators(limit)):
        made = pattern(r["type"], r["value"], r["contact"])
        if made is None or r["first_at"] is None or not (drill or not is_reserved(r["value"])):
            continue
        one = _indicator(maker, r, made)
        yield one
        if r["state"] == "withdrawn":
            continue
        yield from _sighted(maker, one, r, made)
        for proof in r["evidence"] or ():
            if proof["table"] == "campaigns" and proof["id"] in wanted:
                yield maker.link(one, "indicates", campaign(maker, proof["id"]))


def _sighted(maker: Maker, one: Object, r: dict[str, Any], made: Pattern) -> Iterator[Object]:
    data = []
    if made.met is not None:
        yield made.met
        key = (r["type"], r["value"])
        data.append(maker.data(key, r["n"] or 1, r["first_at"], r["last_at"], [made.met["id"]]))
    yield from data
    if r["n"]:
        yield maker.seen(one, r["n"], r["first_at"], r["last_at"], [d["id"] for d in data])


def _indicator(maker: Maker, r: dict[str, Any], made: Pattern) -> Object:
    until = r["expires_at"]
    if until is not None and until <= r["first_at"]:
        until = r["first_at"] + timedelta(milliseconds=1)  # it must lie after the beginning (STIX 2.1, 4.7)
    short = r["value"] if len(r["value"]) <= 100 else f"{r['value'][:99]}…"
    return maker.thing(
        "indicator",
        (r["type"], r["value"]),
        name=clean(f"{r['type']}: {short}", 200).replace("hxxp", "http"),
        description=clean(f"{r['state']}: {r['reason']}", 1000),
        indicator_types=["compromised" if r["type"] == "address" else "malicious-activity"],
        pattern=made.text,
        pattern_type=made.language,
        pattern_version="2.1" if made.language == "stix" else None,
        valid_from=stamp(r["first_at"]),
        valid_until=stamp(until) if until else None,
        labels=[r["state"]],
        confidence=r.get("confidence"),
        revoked=True if r["state"] == "withdrawn" else None,
    )


def addresses(engine: Engine, maker: Maker, limit: int, drill: bool) -> Iterator[Object]:
    """Infected addresses, at most ``limit`` (those met last), with each stretch of time in which they were seen."""
    for h in rows(engine, _hosts(limit)):
        if not drill and is_reserved(h["ip"]):
            continue
        met = address(h["ip"])
        yield met
        data = [
            maker.data(("address", h["ip"], stamp(s["first_at"])), s["n"], s["first_at"], s["last_at"], [met["id"]])
            for s in h["stretches"]
        ]
        yield from data
        for number in h["botnets"] or ():
            yield maker.link(infrastructure(maker, number), "consists-of", met)
        if h["state"]:
            yield from _told(maker, h, [d["id"] for d in data])


def _told(maker: Maker, h: dict[str, Any], data: list[str]) -> Iterator[Object]:
    """The indicator of an address; its confidence is the score: the chance of an infection, as counted in drills."""
    made = pattern("address", h["ip"])
    if made is None:
        return
    row = h | {"type": "address", "value": h["ip"], "confidence": round(100 * h["score"]) if h["score"] else None}
    one = _indicator(maker, row, made)
    yield one
    yield maker.seen(one, sum(s["n"] for s in h["stretches"]), h["first_at"], h["last_at"], data)
    for number in h["botnets"] or ():
        yield maker.link(one, "indicates", infrastructure(maker, number))


def _indicators(limit: int) -> str:
    kinds = ", ".join(f"'{kind}'" for kind in KINDS)
    return f"""WITH picked AS (
      SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY type ORDER BY last_at DESC NULLS LAST, value) AS place
        FROM indicators WHERE (type IN ({kinds}) AND state IN ('released', 'proposed', 'withdrawn'))
          OR (type = 'address' AND state = 'withdrawn')) AS ranked
      WHERE place <= {limit}),
    counted AS (
      SELECT 'domain' AS type, {LANDING} AS value, NULL AS contact, count(DISTINCT u.message_id) AS n FROM urls u
        WHERE {LANDING} IN (SELECT value FROM picked WHERE type = 'domain') GROUP BY {LANDING}
      UNION ALL SELECT 'contact', r.value, min(r.kind), count(DISTINCT r.message_id) FROM reply_contacts r
        WHERE r.value IN (SELECT value FROM picked WHERE type = 'contact') GROUP BY r.value
      UNION ALL SELECT 'file', a.sha256, NULL, count(DISTINCT a.message_id) FROM attachments a
        WHERE a.sha256 IN (SELECT value FROM picked WHERE type = 'file') GROUP BY a.sha256
      UNION ALL SELECT 'template', t.regex, NULL, max(t.matched) FROM templates t
        WHERE t.regex IS NOT NULL GROUP BY t.regex
      UNION ALL SELECT 'url-pattern', p.regex, NULL, max(p.matched) FROM url_patterns p
        WHERE p.regex IS NOT NULL GROUP BY p.regex)
    SELECT s.*, c.contact, CAST(c.n AS BIGINT) AS n
    FROM picked s LEFT JOIN counted c ON c.type = s.type AND c.value = s.value ORDER BY s.type, s.value"""


def _hosts(limit: int) -> str:
    return f"""WITH bad AS (
      SELECT value FROM indicators WHERE type = 'address' AND state NOT IN ('released', 'proposed')),
    guilty AS (
      SELECT ip, min(first_at) AS first_at, max(last_at) AS last_at, max(score) AS score,
        list({{'first_at': first_at, 'last_at': last_at, 'n': messages}} ORDER BY first_at) AS stretches
      FROM hosts WHERE verdict = 'infected' AND first_at IS NOT NULL AND last_at IS NOT NULL
        AND ip NOT IN (SELECT value FROM bad) GROUP BY ip
      ORDER BY max(last_at) DESC, ip LIMIT {limit}),
    joined AS (
      SELECT member, list(botnet_id ORDER BY botnet_id) AS botnets FROM botnet_members WHERE member_type = 'host'
      GROUP BY member)
    SELECT g.*, j.botnets, i.state, i.reason, i.expires_at
    FROM guilty g LEFT JOIN joined j ON j.member = g.ip
    LEFT JOIN indicators i ON i.type = 'address' AND i.value = g.ip ORDER BY g.ip"""
