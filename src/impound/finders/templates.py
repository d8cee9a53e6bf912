"""Templates: what a campaign's messages have in common, as an expression that recognises the next ones.

What it finds: for each wording of a campaign a regular expression in RE2's syntax over the message's face
(:mod:`impound.check.face`), with the pieces it was made of (``templates``). How: :mod:`impound.finders._learn`.

Why that is evidence: a machine that fills in a template leaves the template's words in every message; a person who
writes does not. The expression asks for a stretch of them that fixes fifty letters, any one: templates are edited
while they run, and seldom all at once.

Known innocent causes: newsletters, receipts and notices are filled in by machines too, and people quote spam. So an
expression is proposed only where most of the campaign comes from infected hosts, and where no list mail, no reply and
no mail of an ordinary host or mail service matches it; the others are withheld, and ``why`` says for what reason.

A case that grows is learnt from again: wordings are looked for until nothing is left over, so that what a stale
template misses either extends it or becomes one of its own. Its id comes from the earliest message that it matches, and
stays: a new template keeps the id of the earlier one whose examples it matches.

Reference: Pitsillidis et al., "Botnet Judo: Fighting Spam with Itself" (NDSS 2010).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, ClassVar

import pyarrow as pa

from impound import canonical, config
from impound.check.face import TEXT, face, text
from impound.check.mail import Mail
from impound.check.templates import Matcher, Signature
from impound.finders import _guilt, _heads, _lineage, _whole
from impound.finders._learn import Learned, Piece, learn
from impound.plugin import Engine
from impound.tables import BODIES, TEMPLATES


@dataclass(frozen=True)
class _Params:
    """Where templates are looked for, and which are proposed."""

    fewest: int = 5
    """Messages of a campaign that is learnt from."""
    sample: int = 80
    """Messages of a campaign that are looked at, drawn by their ids, which are hashes."""
    infected: float = 0.5
    """Share of a campaign's messages that must come from infected hosts; on the TREC 2007 mail campaigns lie below
    0.1 or above 0.5, and none of ham above."""


class Templates:
    """Finds ``templates``."""

    name = "templates"
    version = "1"
    reads: ClassVar[tuple[str, ...]] = (*_whole.READS, *(t for t in _guilt.READS if t not in _whole.READS), "templates")
    writes: ClassVar[tuple[str, ...]] = ("templates",)
    Params = _Params

    def __init__(self, params: _Params | None = None) -> None:
        self.params = params or _Params()

    @classmethod
    def from_config(cls, settings: config.Config) -> Templates:
        """The finder with a case's settings."""
        return cls()

    def find(self, engine: Engine) -> None:
        """Leave the view ``templates``."""
        known = [row for batch in engine.stream(KNOWN) for row in batch.to_pylist()]
        _guilt.guilt(engine, self.params.fewest)
        drawn = {"sample": self.params.sample, "infected": self.params.infected}
        engine.run("template_drawn", DRAWN, drawn, keep=True)
        _whole.whole(engine, "template_whole", most=2 * TEXT, only="template_drawn")
        engine.run("template_mail", MAIL)
        engine.map_groups("template_learnt", learnt, "template_mail", "campaign_id", LEARNT)
        rows = [r for b in engine.stream("SELECT * FROM template_learnt ORDER BY id") for r in b.to_pylist()]
        counts = self._counted(engine, tuple(Signature(r["id"], r["regex"], tuple(r["anchors"])) for r in rows))
        kept = _lineage.ids((r["id"] for r in rows), self._continued(engine, known))
        found = [_judged(r, *counts.get(r["id"], (0, 0, 0))) | {"id": kept[r["id"]]} for r in rows]
        engine.view("templates", pa.Table.from_pylist([*found, *self._none(engine, found)], schema=TEMPLATES.schema))

    def _counted(self, engine: Engine, signatures: tuple[Signature, ...]) -> dict[int, tuple[int, int, int]]:
        """How many messages each signature matches, how many of them are of its campaign, and how many are ham."""
        engine.run("template_texts", TEXTS.format(most=2 * TEXT))
        engine.map("template_text_hits", partial(hits, signatures=signatures), "template_texts", HITS)
        engine.run("template_heads", f"SELECT m.id, {', '.join(f'm.{c}' for c in HEADERS)} FROM messages m")
        engine.map("template_head_hits", partial(head_hits, signatures=signatures), "template_heads", HEAD_HITS)
        engine.run("template_hits", MATCHED)
        counts = (r for b in engine.stream(COUNTS) for r in b.to_pylist())
        return {r["template_id"]: (r["matched"], r["own"], r["ham"]) for r in counts}

    def _continued(self, engine: Engine, known: list[dict[str, Any]]) -> dict[tuple[int, int], int]:
        """By earlier and new template of one campaign how many examples of the earlier one the new one matches."""
        examples = [(row["id"], row["campaign_id"], i) for row in known for i in row["examples"] or ()]
        columns = list(zip(*examples, strict=True)) or [(), (), ()]
        engine.view("template_examples", pa.table(list(map(list, columns)), schema=EXAMPLES))
        return {(r["old_id"], r["id"]): r["n"] for batch in engine.stream(CONTINUED) for r in batch.to_pylist()}

    def _none(self, engine: Engine, found: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """A withheld row, without an expression, for each campaign that has no template."""
        have = {row["campaign_id"] for row in found}
        for batch in engine.stream("SELECT * FROM campaign_guilt ORDER BY campaign_id"):
            for campaign, infected in zip(*map(pa.Array.to_pylist, batch.columns), strict=True):
                if campaign not in have:
                    yield NOTHING | {
                        "id": canonical.record_id(campaign.to_bytes(8, "big"), 0, "templates"),
                        "campaign_id": campaign,
                        "why": _why_none(infected, infected >= self.params.infected),
                    }


def _judged(row: dict[str, Any], matched: int, own: int, ham: int) -> dict[str, Any]:
    """A template with what it matches in the case, and whether it is proposed."""
    wordless = Signature(row["id"], row["regex"]).wordless
    against = ""
    if ham:
        against = f"it matches {ham:,} messages that are list mail, replies or an ordinary host's"
    elif wordless and own < OWN * matched:
        against = (
            f"it asks for no word, and {matched - own:,} of {matched:,} are of other campaigns: it tells a program"
        )
    why = "nothing but the campaign's own kind of mail matches it" + (", by its headers alone" if wordless else "")
    return row | {
        "matched": matched, "ham_matched": ham, "state": "withheld" if against else "proposed", "why": against or why,
    }  # fmt: skip


def _why_none(infected: float, guilty: bool) -> str:
    if guilty:
        return "too little of its text is the same in its messages: nobody could be recognised by it"
    return (
        f"{100 * infected:.0f} % of the campaign comes from infected hosts: it may be a newsletter, nothing is learnt"
    )


LEARNT = pa.schema([f for f in TEMPLATES.schema if f.name not in ("matched", "ham_matched", "state", "why")])
HITS = pa.schema([("template_id", pa.int64()), ("body_sha256", BODIES.schema.field("body_sha256").type)])
HEAD_HITS = pa.schema([("template_id", pa.int64()), ("message_id", pa.int64())])
EXAMPLES = pa.schema([("old_id", pa.int64()), ("campaign_id", pa.int64()), ("message_id", pa.int64())])
HEADERS = (
    *("header_order", "mailer", "rfc_message_id", "date_shape", "mime_shape", "charset", "boundary_shape"),
    *("from_name", "from_addr", "reply_to", "subject"),
)
"""What the lines of a face before its links are made of."""
OWN = 0.8
"""Share of what a signature of headers alone matches that must be of its own campaign: a choice."""
NOTHING: dict[str, Any] = {
    "regex": None, "anchors": [], "fixed_chars": 0, "learned_from": 0, "matched": 0, "ham_matched": 0,
    "state": "withheld", "examples": [], "parts": [],
}  # fmt: skip


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
    return {
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


def hits(batch: pa.RecordBatch, signatures: tuple[Signature, ...]) -> Iterable[pa.RecordBatch]:
    """Which signatures' line for the text each text matches, rows of ``HITS``."""
    matcher = _matcher(tuple(s for s in signatures if not s.wordless))
    texts = zip(batch["body_sha256"].to_pylist(), batch["words"].to_pylist(), strict=True)
    found = [(s.id, sha) for sha, words in texts for s in matcher.match_text(text(words))]
    ids, shas = zip(*found, strict=True) if found else ((), ())
    yield pa.RecordBatch.from_arrays([pa.array(ids, pa.int64()), pa.array(shas, HITS[1].type)], schema=HITS)


def head_hits(batch: pa.RecordBatch, signatures: tuple[Signature, ...]) -> Iterable[pa.RecordBatch]:
    """Which signatures that ask for no text each message's headers match, rows of ``HEAD_HITS``."""
    matcher = _matcher(tuple(s for s in signatures if s.wordless))
    found: list[tuple[int, int]] = []
    at = HEADERS.index("rfc_message_id")
    for number, *said in zip(*map(pa.Array.to_pylist, batch.columns), strict=True):
        if matcher.by_constant.keys() & _heads.constants(said[at] or ""):
            mail = Mail.of(dict(zip(HEADERS, said, strict=True)))
            found += [(s.id, number) for s in matcher.match_head(face(mail).rpartition("\n")[0] + "\n")]
    templates, messages = zip(*found, strict=True) if found else ((), ())
    arrays = [pa.array(templates, pa.int64()), pa.array(messages, pa.int64())]
    yield pa.RecordBatch.from_arrays(arrays, schema=HEAD_HITS)


@lru_cache(maxsize=2)
def _matcher(signatures: tuple[Signature, ...]) -> Matcher:
    return Matcher(signatures)


KNOWN = "SELECT t.id, t.campaign_id, t.examples FROM templates t WHERE t.regex IS NOT NULL ORDER BY t.id"
CONTINUED = """
SELECT e.old_id, l.id, COUNT(*) AS n FROM template_examples e
JOIN template_hits h ON h.message_id = e.message_id
JOIN template_learnt l ON l.id = h.template_id AND l.campaign_id = e.campaign_id GROUP BY e.old_id, l.id
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
SELECT d.campaign_id, d.seen_at, w.* FROM template_drawn d JOIN template_whole w ON w.id = d.message_id
"""
TEXTS = """
SELECT b.body_sha256, SUBSTR(COALESCE(NULLIF(b.html_text, ''), b.text, ''), 1, {most}) AS words FROM bodies b
"""
"""What a reader reads (``Mail.words``): a text that many messages share is looked at once."""
MATCHED = """
SELECT t.template_id, m.id AS message_id FROM template_text_hits t JOIN messages m ON m.body_sha256 = t.body_sha256
UNION ALL SELECT h.template_id, h.message_id FROM template_head_hits h
"""
COUNTS = """
SELECT t.template_id, COUNT(*) AS matched, COUNT(c.message_id) AS own,
  COUNT(CASE WHEN s.ham = 1 AND s.infected = 0 AND c.message_id IS NULL THEN 1 END) AS ham
FROM template_hits t
JOIN mail_guilt s ON s.message_id = t.message_id
JOIN template_learnt l ON l.id = t.template_id
LEFT JOIN campaign_members c ON c.message_id = t.message_id AND c.campaign_id = l.campaign_id
GROUP BY t.template_id
"""
