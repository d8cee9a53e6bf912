"""What became of hosts, as people are shown it: how many are in which state now, and what each state says."""

from __future__ import annotations

from impound.portrait._facts import Ask
from impound.tables import HOST_STATES, state_rank

LIFE_READS = ("events",)
STATES = {
    "suspected": "something speaks against it, but not enough to tell anybody",
    "confirmed": "judged infected; nobody was told since",
    "notified": "its network or its owner was told, and it was seen since or not long before",
    "held-out": "left untold by lots, so that the effect of notices can be measured",
    "quiet": "not seen for seven days",
    "clean": "not seen for fourteen days: the life is closed, which proves nothing of the machine",
    "reinfected": "seen again after that: not cleaned, or infected anew",
    "withdrawn": "what was read since no longer speaks for an infection",
}
"""What is said of a host whose last state it is."""
LAST = f"""SELECT to_state, COUNT(*) AS n FROM (
    SELECT e.to_state, ROW_NUMBER() OVER (
      PARTITION BY e.subject ORDER BY e.at DESC, {state_rank("e.to_state")} DESC) AS place
    FROM events e WHERE e.subject_type = 'host' AND e.actor = 'lives' AND e.at IS NOT NULL) AS each
  WHERE place = 1 GROUP BY to_state"""


def states(ask: Ask) -> dict[str, int]:
    """How many hosts are in which state by the last word on each, in the order of a life."""
    found = {row["to_state"]: row["n"] for row in ask(LAST)}
    return {state: found[state] for state in HOST_STATES if state in found}
