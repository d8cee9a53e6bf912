"""The messages that findings cite as proof: those a stranger must look at to believe them, or to doubt them.

Of an indicator, the first and the last message that show it; of a template, the messages it was made from; of an
infected address, those that show each kind of evidence.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from impound.plugin import Engine
from impound.writers._rows import rows

READS = ("messages", "indicators", "templates", "hosts", "signals")
_PROOF = """
  SELECT DISTINCT p.kind, p.key, m.id, m.source_id, m."offset", m.bytes, m.seen_at, m.subject
  FROM (
    SELECT 'indicator' AS kind, type || ' ' || value AS key, e.id AS message FROM (
      SELECT type, value, unnest(evidence) AS e FROM indicators) AS told WHERE e."table" = 'messages'
    UNION ALL SELECT 'template', CAST(id AS VARCHAR), unnest(examples) FROM templates
    UNION ALL SELECT 'host', subject, e.id FROM (
      SELECT subject, unnest(proof) AS e FROM signals
      WHERE subject_type = 'host' AND subject IN (SELECT ip FROM hosts WHERE verdict = 'infected')) AS seen
      WHERE e."table" = 'messages') AS p
  JOIN messages m ON m.id = p.message"""


def cited(engine: Engine, limit: int) -> Iterator[dict[str, Any]]:
    """The cited messages, each once, by source and place: at most ``limit``. Yields rows of ``messages``, in part."""
    sql = f"""SELECT DISTINCT id, source_id, "offset", bytes, seen_at, subject FROM ({_PROOF}) AS proof
      ORDER BY source_id, "offset", id LIMIT {limit}"""
    yield from rows(engine, sql)


def sealed(engine: Engine, limit: int) -> Iterator[dict[str, Any]]:
    """The cited messages of which the case keeps the bytes, in the order in which those lie in its frames."""
    yield from rows(
        engine,
        f"""
      SELECT DISTINCT p.id, p.source_id, p."offset", s.bytes, s.frame, s.frame_offset FROM ({_PROOF}) AS p
      JOIN seals s ON s.source_id = p.source_id AND s."offset" = p."offset" WHERE s.frame <> ''
      ORDER BY s.frame, s.frame_offset, p.id LIMIT {limit}""",
    )


def proofs(engine: Engine) -> dict[tuple[str, str], list[int]]:
    """The ids of the messages that each finding cites: by its kind and ``type value``, address or template's id."""
    found: dict[tuple[str, str], list[int]] = {}
    for r in rows(engine, f"SELECT kind, key, id FROM ({_PROOF}) AS proof ORDER BY kind, key, id"):
        found.setdefault((r["kind"], r["key"]), []).append(r["id"])
    return found
