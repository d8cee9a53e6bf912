"""Drafts of templates: what is learnt from a campaign's messages, once for every set of messages that is drawn.

A campaign that grows may draw other messages, and then it is learnt from again; where it draws the same ones, what was
learnt from them stays (``template_drafts``), for nothing else enters into it.
"""

from __future__ import annotations

import hashlib
from itertools import groupby
from operator import itemgetter
from typing import Any

import pyarrow as pa

from impound import canonical
from impound.check.face import TEXT, face
from impound.finders import _whole
from impound.finders.patterns import _heads
from impound.finders.patterns._learn import Learned, Piece, learn
from impound.plugin import Engine
from impound.tables import TEMPLATE_DRAFTS

LEARNT = pa.schema([f for f in TEMPLATE_DRAFTS.schema if f.name != "sample"])
DRAFTED = [f.name for f in LEARNT if f.name not in ("campaign_id", "signature")]
"""Columns that a draft has in common with the template that comes of it."""
SAMPLES = pa.schema([("campaign_id", pa.int64()), ("sample", pa.int64())])


def drafts(engine: Engine, sample: int, infected: float) -> None:
    """Leave the views ``template_drafts``, and ``template_learnt``: those with an expression.

    ``sample``: messages of a campaign that are looked at; ``infected``: share of its messages that must come from
    infected hosts (view ``campaign_guilt``). The view ``template_drafts`` is what was learnt before.
    """
    engine.run("template_drawn", DRAWN, {"sample": sample, "infected": infected}, keep=True)
    engine.view("template_samples", pa.table(list(zip(*samples(engine), strict=True)) or [(), ()], schema=SAMPLES))
    engine.run("template_known", KNOWN, keep=True)
    engine.run("template_fresh", FRESH, keep=True)
    _whole.whole(engine, "template_whole", most=2 * TEXT, only="template_fresh")
    engine.run("template_mail", MAIL)
    engine.map_groups("template_new", learnt, "template_mail", "campaign_id", LEARNT)
    engine.run("template_drafts_now", DRAFTS, keep=True)
    engine.run("template_drafts", "SELECT * FROM template_drafts_now")
    engine.run("template_learnt", "SELECT * FROM template_drafts_now WHERE regex IS NOT NULL")


def samples(engine: Engine) -> list[tuple[int, int]]:
    """Each campaign with a hash of the messages that are drawn of it."""
    sql = "SELECT d.campaign_id, d.message_id FROM template_drawn d ORDER BY d.campaign_id, d.message_id"
    drawn = (pair for b in engine.stream(sql) for pair in zip(*map(pa.Array.to_pylist, b.columns), strict=True))
    return [
        (campaign, _key(b"".join(message.to_bytes(8, "big") for _, message in rows)))
        for campaign, rows in groupby(drawn, itemgetter(0))
    ]


def _key(data: bytes) -> int:
    """63 bits that stand for some bytes."""
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "big") >> 1


def learnt(campaign: int, rows: pa.Table) -> pa.Table:
    """The templates of one campaign's messages, rows of ``LEARNT``."""
    times = dict(zip(rows["id"].to_pylist(), rows["seen_at"].cast(pa.int64()).to_pylist(), strict=True))
    found = [(times[i] or 0, i, face(mail)) for batch in rows.to_batches() for i, mail in _whole.mails(batch)]
    found.sort()
    ids, faces = [i for _, i, _ in found], [shown for *_, shown in found]
    made = [_row(campaign, template, ids) for template in learn(faces)]
    if headers := _heads.head(faces):
        made.append(_row(campaign, _of_headers(headers), ids, ordinal=1))
    return pa.Table.from_pylist(made, schema=LEARNT)


def _of_headers(made: _heads.Head) -> Learned:
    pieces = tuple(Piece(name, macro) for name, macro in made.pieces)
    return Learned(made.regex, pieces, (made.constant,), _heads.letters(made), made.learnt, made.learnt)


def _row(campaign: int, made: Learned, ids: list[int], ordinal: int = 0) -> dict[str, Any]:
    first = ids[made.members[0]]
    asked = "\0".join((made.regex, *made.anchors))
    return {
        "signature": _key(asked.encode("utf-8", "replace")),
        "id": canonical.record_id(first.to_bytes(8, "big"), 0, "templates", ordinal),
        "campaign_id": campaign,
        "regex": made.regex,
        "anchors": list(made.anchors),
        "fixed_chars": made.letters,
        "learned_from": len(made.learnt),
        "examples": [ids[n] for n in made.learnt[:3]],
        "parts": [
            {"part": p.part, "kind": p.macro.kind, "regex": p.macro.regex, "values": list(p.macro.values),
             "distinct": p.macro.distinct, "unseen": p.macro.unseen}
            for p in made.pieces
        ],
    }  # fmt: skip


KNOWN = """
SELECT d.* FROM template_drafts d
JOIN template_samples s ON s.campaign_id = d.campaign_id AND s.sample = d.sample
"""
FRESH = """
SELECT d.campaign_id, d.message_id, d.seen_at FROM template_drawn d
LEFT JOIN (SELECT DISTINCT campaign_id FROM template_known) k ON k.campaign_id = d.campaign_id
WHERE k.campaign_id IS NULL
"""
DRAWN = """
SELECT p.campaign_id, p.message_id, p.seen_at FROM (
  SELECT m.campaign_id, m.message_id, t.seen_at,
    row_number() OVER (PARTITION BY m.campaign_id ORDER BY m.message_id) AS place
  FROM campaign_members m JOIN campaign_guilt s ON s.campaign_id = m.campaign_id
  JOIN messages t ON t.id = m.message_id WHERE s.infected >= :infected) p
WHERE p.place <= :sample
"""
MAIL = """
SELECT d.campaign_id, d.seen_at, w.* FROM template_fresh d JOIN template_whole w ON w.id = d.message_id
"""
DRAFTS = f"""
SELECT k.campaign_id, k.sample, k.signature, {", ".join(f"k.{c}" for c in DRAFTED)} FROM template_known k
UNION ALL
SELECT f.campaign_id, s.sample, l.signature, {", ".join(f"l.{c}" for c in DRAFTED)}
FROM (SELECT DISTINCT campaign_id FROM template_fresh) f JOIN template_samples s ON s.campaign_id = f.campaign_id
LEFT JOIN template_new l ON l.campaign_id = f.campaign_id
"""
"""A campaign that gave nothing has a row too, so that nobody tries again before it draws other messages."""
