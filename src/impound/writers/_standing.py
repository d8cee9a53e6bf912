"""How a case stands, for whoever is shown it: what people said last, as ``impound status`` wrote it into ``events``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from impound.plugin import Engine
from impound.writers._rows import rows

STATES = ("open", "handed-over", "closed", "reopened")


@dataclass(frozen=True)
class Standing:
    """The state, and since when and why; of an open case that nobody said anything of the state alone."""

    state: str = "open"
    at: datetime | None = None
    reason: str = ""

    @property
    def words(self) -> str:
        """The state in words."""
        return self.state.replace("-", " ")


def standing(engine: Engine) -> Standing:
    """How the case stands by its newest event; open where none says otherwise."""
    sql = """SELECT e.to_state, e.at, e.reason FROM events e WHERE e.subject_type = 'case'
             ORDER BY e.at DESC, e.to_state LIMIT 1"""
    for row in rows(engine, sql):
        if row["to_state"] in STATES:
            return Standing(row["to_state"], row["at"], row["reason"] or "")
    return Standing()


def alarms(engine: Engine) -> list[str]:
    """What of a closed case is back, in words, the earliest first; at most five."""
    sql = "SELECT r.why FROM returns r WHERE r.state = 'alarm' ORDER BY r.alarm_at, r.botnet_id LIMIT 5"
    return [row["why"] for row in rows(engine, sql)]
