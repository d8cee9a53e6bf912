"""Drafts of templates tried on the mail of a case: each on each text once, however often the case is looked through.

Whether a draft matches a text rests on the two alone. So what is known of drafts that were tried before
(``template_hits``) stays; they are tried on texts that came since, new drafts on all.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import lru_cache, partial
from typing import Any

import pyarrow as pa

from impound.check.face import TEXT, face, text
from impound.check.mail import Mail
from impound.check.templates import Matcher, Signature, word
from impound.finders.patterns import _heads
from impound.plugin import Engine
from impound.tables import TEMPLATE_HITS

HITS = TEMPLATE_HITS.schema
MOST_HELD = 64
"""Texts that are looked for in one pass; more take longer than cutting everything into words once."""
TRIED = pa.schema([("signature", pa.int64())])
HEADERS = (
    *("header_order", "mailer", "rfc_message_id", "date_shape", "mime_shape", "charset", "boundary_shape"),
    *("from_name", "from_addr", "reply_to", "subject"),
)
"""What the lines of a face before its links are made of."""
Signatures = tuple[Signature, ...]


def known(engine: Engine) -> set[int]:
    """The signatures of the drafts that were tried on all that had come then (view ``template_drafts``, as it was)."""
    sql = "SELECT DISTINCT d.signature FROM template_drafts d WHERE d.signature IS NOT NULL"
    return {number for batch in engine.stream(sql) for number in batch.column(0).to_pylist()}


def hits(engine: Engine, drafts: Iterable[Mapping[str, Any]], before: Collection[int]) -> None:
    """Leave the views ``template_hits`` and ``template_matched``: which messages (``message_id``) each matches.

    ``drafts``: rows of ``template_learnt``; ``before``: what :func:`known` said. The view ``template_hits`` is what was
    found then.
    """
    made = {d["signature"]: Signature(d["signature"], d["regex"], tuple(d["anchors"])) for d in drafts}
    engine.view("template_tried", pa.table([[n for n in made if n in before]], schema=TRIED))
    old, new = (tuple(s for n, s in made.items() if (n in before) == tried) for tried in (True, False))
    parts = [*_tried(engine, "new", old), *_tried(engine, "all", new)]
    every = " UNION ALL ".join([STILL, *(f"SELECT * FROM {part}" for part in parts)])
    engine.run("template_hits_now", every, keep=True)
    engine.run("template_hits", "SELECT * FROM template_hits_now")
    engine.run("template_matched", MATCHED)


def _tried(engine: Engine, which: str, signatures: Signatures) -> Iterator[str]:
    """Try some on the texts, and those that ask for no text on the headers, of all mail or of ``new``; gives views."""
    mark = "new_" if which == "new" else ""
    texts, heads = f"template_{which}_texts", f"template_{which}_heads"
    if worded := tuple(s for s in signatures if not s.wordless):
        words = {word(anchor) for s in worded for anchor in s.anchors or ("",)}
        where, said = _holding("t.words", words)
        engine.run(texts, f"SELECT t.* FROM ({TEXTS.format(bodies=f'{mark}bodies', most=2 * TEXT)}) t {where}", said)
        engine.map(f"{texts}_hit", partial(text_hits, signatures=worded), texts, HITS)
        yield f"{texts}_hit"
    if wordless := tuple(s for s in signatures if s.wordless):
        where, said = _holding("m.rfc_message_id", {constant for s in wordless for constant in s.anchors[:1] or ("",)})
        columns = ", ".join(f"m.{c}" for c in HEADERS)
        engine.run(heads, f"SELECT m.id, {columns} FROM {mark}messages m {where}", said)
        engine.map(f"{heads}_hit", partial(head_hits, signatures=wordless), heads, HITS)
        yield f"{heads}_hit"


def _holding(column: str, texts: set[str]) -> tuple[str, dict[str, str]]:
    """A condition that a column holds one of some texts, with its parameters; none where they are too many.

    A matcher tries a signature where one of these stands: so most of a large case need not even be moved to one.
    """
    if "" in texts or len(texts) > MOST_HELD:
        return "", {}
    said = {f"held{n}": held for n, held in enumerate(sorted(texts))}
    return f"WHERE {' OR '.join(f'contains({column}, :{name})' for name in said)}", said


def text_hits(batch: pa.RecordBatch, signatures: Signatures) -> Iterable[pa.RecordBatch]:
    """Which signatures' line for the text each text matches, rows of ``HITS``."""
    matcher = _matcher(signatures)
    texts = zip(batch["body_sha256"].to_pylist(), batch["words"].to_pylist(), strict=True)
    yield _rows((s.id, sha, None) for sha, words in texts for s in matcher.match_text(text(words)))


def head_hits(batch: pa.RecordBatch, signatures: Signatures) -> Iterable[pa.RecordBatch]:
    """Which signatures that ask for no text each message's headers match, rows of ``HITS``."""
    matcher = _matcher(signatures)
    found: list[tuple[int, None, int]] = []
    at = HEADERS.index("rfc_message_id")
    for number, *said in zip(*map(pa.Array.to_pylist, batch.columns), strict=True):
        if matcher.by_constant.keys() & _heads.constants(said[at] or ""):
            mail = Mail.of(dict(zip(HEADERS, said, strict=True)))
            found += [(s.id, None, number) for s in matcher.match_head(face(mail).rpartition("\n")[0] + "\n")]
    yield _rows(found)


def _rows(found: Iterable[tuple[int, str | None, int | None]]) -> pa.RecordBatch:
    columns = tuple(zip(*found, strict=True)) or ((), (), ())
    return pa.RecordBatch.from_arrays([pa.array(c, f.type) for c, f in zip(columns, HITS, strict=True)], schema=HITS)


@lru_cache(maxsize=2)
def _matcher(signatures: Signatures) -> Matcher:
    return Matcher(signatures)


STILL = """
SELECT h.signature, h.body_sha256, h.message_id FROM template_hits h JOIN template_tried t ON t.signature = h.signature
"""
TEXTS = """
SELECT b.body_sha256, SUBSTR(COALESCE(NULLIF(b.html_text, ''), b.text, ''), 1, {most}) AS words FROM {bodies} b
"""
"""What a reader reads (``Mail.words``): a text that many messages share is looked at once."""
MATCHED = """
SELECT l.id AS template_id, m.id AS message_id FROM template_hits_now h
JOIN template_learnt l ON l.signature = h.signature JOIN messages m ON m.body_sha256 = h.body_sha256
UNION ALL
SELECT l.id AS template_id, h.message_id FROM template_hits_now h
JOIN template_learnt l ON l.signature = h.signature WHERE h.message_id IS NOT NULL
"""
