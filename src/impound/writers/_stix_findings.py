"""Botnets, campaigns and what a botnet's mail looks like, as STIX objects. No object ever names a person or a group."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from impound import portrait
from impound.canonical import is_reserved, plural
from impound.plugin import Engine
from impound.portrait import Portrait, Segment
from impound.writers._rows import rows
from impound.writers._stix_maker import Maker, Object, observable, stamp
from impound.writers._text import clean, lines

READS = (*portrait.READS, *portrait.BOTNET_READS, "sources", "indicators")
EXAMPLES = 200
"""Campaigns that are shown with an example and links: the largest ones."""
AT_ONCE = 25
LINKS = 3
"""Links of a campaign that are given, the most frequent ones."""

LANDING = "coalesce(u.domain, regexp_extract(u.host, '[^.]+[.][^.]+$'))"
"""A link's registrable domain; below a suffix that nobody registers, as in drills, the last two labels."""
GUILTY = """SELECT DISTINCT id FROM (
    SELECT e.id AS id FROM (SELECT unnest(evidence) AS e FROM indicators WHERE state = 'released') AS proof
    WHERE e."table" = 'campaigns'
    UNION ALL SELECT CAST(member AS BIGINT) FROM botnet_members WHERE member_type = 'campaign') AS guilty"""
"""The campaigns that are written: a botnet sends them or a released indicator rests on them; others may be innocent."""


def botnets(engine: Engine, maker: Maker) -> Iterator[Object]:
    """Each botnet as an infrastructure, with a note where its mail looks like what was published of a family."""
    for b in rows(engine, "SELECT * FROM botnets ORDER BY id"):
        yield maker.thing(
            "infrastructure",
            (b["id"],),
            name=b["name"],
            infrastructure_types=["botnet"],
            description=_of_botnet(b),
            **_seen(b),
        )
    for h in rows(engine, "SELECT * FROM botnet_hypotheses ORDER BY botnet_id, family"):
        yield maker.thing(
            "note",
            (h["botnet_id"], h["family"]),
            abstract=f"Hypothesis, no name: mail like that published of {clean(h['family'])}",
            content=clean(f"{h['why']} {'; '.join(h['reasons'] or ())}", 4000),
            labels=["hypothesis"],
            object_refs=[infrastructure(maker, h["botnet_id"])],
        )


def campaigns(engine: Engine, maker: Maker, drill: bool) -> Iterator[Object]:
    """Each campaign, which botnets send it, and for the largest an example and the links that may be published."""
    sql = f"""SELECT c.*, l.lure, l.brand, l.share FROM campaigns c LEFT JOIN campaign_labels l ON l.campaign_id = c.id
      WHERE c.id IN ({GUILTY}) ORDER BY c.messages DESC, c.id"""
    found = list(rows(engine, sql))
    for c in found:
        yield maker.thing("campaign", (c["id"],), name=c["name"], description=_of_campaign(c), **_seen(c))
    for m in rows(engine, _SENDS):
        yield maker.link(campaign(maker, m["campaign_id"]), "uses", infrastructure(maker, m["botnet_id"]))
    shown = [c for c in found[:EXAMPLES] if c["first_at"]]
    for start in range(0, len(shown), AT_ONCE):
        yield from _examples(engine, maker, shown[start : start + AT_ONCE], drill)


def _examples(engine: Engine, maker: Maker, found: Sequence[dict[str, Any]], drill: bool) -> Iterator[Object]:
    links = _links(engine, [c["id"] for c in found], drill)
    shown = portrait.portraits(lambda sql: rows(engine, sql), [c["id"] for c in found])
    built = _built(engine, [p.example.message_id for p in shown])
    for p in shown:
        c = p.campaign
        met = [_message(p, built[p.example.message_id]), *links.get(c["id"], [])]
        yield from met
        data = maker.data(("campaign", c["id"]), c["messages"], c["first_at"], c["last_at"], [o["id"] for o in met])
        yield data
        yield maker.seen({"id": campaign(maker, c["id"])}, c["messages"], c["first_at"], c["last_at"], [data["id"]])


def infrastructure(maker: Maker, number: int) -> str:
    """The id of a botnet's object."""
    return f"infrastructure--{maker.whose.id('infrastructure', number)}"


def campaign(maker: Maker, number: int) -> str:
    """The id of a campaign's object."""
    return f"campaign--{maker.whose.id('campaign', number)}"


def _seen(row: dict[str, Any]) -> dict[str, str]:
    if row["first_at"] is None:
        return {}
    return {"first_seen": stamp(row["first_at"]), "last_seen": stamp(max(row["first_at"], row["last_at"]))}


def _of_botnet(b: dict[str, Any]) -> str:
    machines = f" {b['machines_why']}" if b["machines_why"] else ""
    return clean(
        f"{plural(b['messages'], 'message')} from {plural(b['hosts'], 'address', 'addresses')} in "
        f"{plural(b['networks'], 'network')}, of {plural(b['campaigns'], 'campaign')}: addresses, not machines."
        f"{machines} Held together by: {b['why']}",
        4000,
    )


def _of_campaign(c: dict[str, Any]) -> str:
    sells = f" Sells or pretends: {c['lure']}" + (f", abusing the mark {c['brand']}" if c["brand"] else "") + "."
    return clean(
        f"{plural(c['messages'], 'message')} from {plural(c['hosts'], 'address', 'addresses')} in "
        f"{plural(c['networks'], 'network')}: addresses, not machines.{sells if c['lure'] else ''} "
        f"Held together by: {c['why']} In its example recipients are tokens and links are defanged.",
        4000,
    )


def _message(p: Portrait, built: dict[str, Any]) -> Object:
    """The example as an e-mail message: no sender (whom it names did not send it), no recipient."""
    subject, text = clean(said(p.example.subject), 500), lines(said(p.example.text))
    parted = (built["mime_shape"] or "").startswith("multipart/")
    body: dict[str, Any] = {"body": text}
    if parted:
        body = {"body_multipart": [{"body": text or "-", "content_type": "text/plain; charset=utf-8"}]}
    date = {"date": stamp(built["seen_at"])} if built["seen_at"] else {}
    return observable("email-message", is_multipart=parted, subject=subject, **date, **body)


def said(segments: Sequence[Segment]) -> str:
    """An example's words in one text, an ellipsis where some are left out."""
    return " ".join(s.text + (" …" if s.more else "") for s in segments)


def _built(engine: Engine, messages: Sequence[int]) -> dict[int, dict[str, Any]]:
    listed = ", ".join(map(str, messages)) or "0"
    return {r["id"]: r for r in rows(engine, f"SELECT id, seen_at, mime_shape FROM messages WHERE id IN ({listed})")}


def _links(engine: Engine, numbers: Sequence[int], drill: bool) -> dict[int, list[Object]]:
    sql = f"""SELECT campaign_id, url FROM (
        SELECT c.campaign_id, u.url,
          row_number() OVER (PARTITION BY c.campaign_id ORDER BY count(*) DESC, u.url) AS place
        FROM campaign_members c JOIN urls u ON u.message_id = c.message_id
        JOIN indicators i ON i.type = 'domain' AND i.value = {LANDING} AND i.state = 'released'
        WHERE c.campaign_id IN ({", ".join(map(str, numbers))}) AND u.scheme IN ('http', 'https')
          AND u.url NOT LIKE '%{{{{%' AND length(u.url) < 2000
        GROUP BY c.campaign_id, u.url) AS ranked
      WHERE place <= {LINKS} ORDER BY campaign_id, place"""
    found: dict[int, list[Object]] = {}
    for r in rows(engine, sql):
        if drill or not is_reserved(r["url"].split("/")[2]):
            found.setdefault(r["campaign_id"], []).append(observable("url", value=r["url"]))
    return found


_SENDS = f"""SELECT botnet_id, CAST(member AS BIGINT) AS campaign_id FROM botnet_members
  WHERE member_type = 'campaign' AND CAST(member AS BIGINT) IN ({GUILTY}) ORDER BY botnet_id, member"""
