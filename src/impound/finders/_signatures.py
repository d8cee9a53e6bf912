"""Templates and URL patterns as indicators: what their finders propose, and whether that is enough to publish it."""

from __future__ import annotations

from typing import Any

from impound.finders._guards import PROPOSED, RELEASED, WITHHELD, Params
from impound.plugin import Engine

Row = dict[str, Any]
DAYS = {"template": 30, "url-pattern": 30}
"""Days after which an expression is too old to act on: campaigns change their words within weeks; a choice."""


def signatures(engine: Engine, params: Params) -> list[Row]:
    """A row for each expression of ``templates`` and ``url_patterns``: an indicator's columns but ``expires_at``."""
    (ham,) = (int(b["n"][0].as_py()) for b in engine.stream("SELECT COUNT(*) AS n FROM sided WHERE ham") if len(b))
    rows = [row for batch in engine.stream(_EXPRESSIONS) for row in batch.to_pylist()]
    largest = {(row["type"], row["value"]): row for row in rows}  # two campaigns may be written by one machine
    return [_indicator(row, ham, params) for row in largest.values()]


def state(row: Row, ham: int, params: Params) -> tuple[str, str]:
    """The state of an expression, and why. ``ham``: messages of the case that nothing speaks against."""
    if row["state"] == WITHHELD:
        return WITHHELD, row["why"]
    seen = f"matches {row['matched']:,} messages of a campaign that {row['networks']:,} networks sent"
    if ham < params.tried_on:
        return PROPOSED, f"{seen}, but the case holds only {ham:,} messages that nothing speaks against to try it on"
    if row["matched"] < params.messages or row["networks"] < params.networks:
        return PROPOSED, f"{seen}; {params.messages} and {params.networks} are asked for"
    return RELEASED, f"{seen}, and none of {ham:,} that nothing speaks against"


def _indicator(row: Row, ham: int, params: Params) -> Row:
    found, reason = state(row, ham, params)
    return {
        "type": row["type"],
        "value": row["value"],
        "state": found,
        "reason": reason,
        "evidence": [{"table": row["made_by"], "id": row["id"]}, {"table": "campaigns", "id": row["campaign_id"]}],
        "first_at": row["first_at"],
        "last_at": row["last_at"],
    }


_COLUMNS = """t.id, t.campaign_id, t.matched, t.state, t.why, c.first_at, c.last_at,
  COALESCE(c.networks, 0) AS networks"""
_EXPRESSIONS = f"""
SELECT 'template' AS type, t.regex AS value, 'templates' AS made_by, {_COLUMNS}
FROM templates t JOIN campaigns c ON c.id = t.campaign_id WHERE t.regex IS NOT NULL
UNION ALL SELECT 'url-pattern' AS type, t.regex AS value, 'url_patterns' AS made_by, {_COLUMNS}
FROM url_patterns t JOIN campaigns c ON c.id = t.campaign_id WHERE t.regex IS NOT NULL
ORDER BY type, matched, id
"""
