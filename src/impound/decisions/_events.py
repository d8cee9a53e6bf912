"""Events of what people decided: their order, and the reason that each must have."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from impound import store
from impound.case import Case
from impound.errors import UsageError

MOST = 500
"""Characters of a reason: a few sentences."""


def by(case: Case, actor: str) -> list[dict[str, Any]]:
    """The events that a command added, the earliest first: rows of ``events``."""
    sql = "SELECT e.* FROM events e WHERE e.actor = :actor ORDER BY e.at, e.to_state"
    found: list[dict[str, Any]] = case.query(sql, {"actor": actor}, ["events"]).to_pylist()
    return found


def decided(case: Case, actor: str, subject: tuple[str, str], step: tuple[str | None, str], reason: str) -> datetime:
    """Add an event (``subject``: its type and what; ``step``: the state before and after); gives its time.

    That is now, and later than every event of the same command, so that they keep their order whatever the clock says.
    """
    last = [row["at"].astimezone(UTC) + timedelta(microseconds=1) for row in by(case, actor)[-1:]]
    at: datetime = max([store.clock(), *last])
    row = {"subject_type": subject[0], "subject": subject[1], "from_state": step[0], "to_state": step[1]}
    case.happened(actor, [{**row, "reason": reason, "at": at}])
    return at


def said(reason: str, example: str) -> str:
    """The reason on one line. Raises UsageError where there is none, or one too long."""
    words = " ".join(reason.split())
    if not words:
        raise UsageError("a reason is missing", f'say why: --reason "{example}"')
    if len(words) > MOST:
        raise UsageError(f"a reason has at most {MOST} characters", "say it shorter; a file can be named in it")
    return words
