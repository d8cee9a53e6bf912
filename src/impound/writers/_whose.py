"""What makes a case itself: an id that stays while it grows, and when it was made and last changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

from impound.plugin import CaseFacts
from impound.store import CaseStore

SPACE = UUID("7e5c7b0c-6a3c-5a0a-9a64-7d0f0a1c5b11")
"""The namespace of all ids that impound makes (RFC 9562, version 5); drawn once."""
CHANGES = ("create", "read", "find", "prune", "events")
"""Entries of the custody log that change what a case holds; whatever else is there only looks at it."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Whose:
    """A case: ``space`` for its ids, when it was ``made`` and ``changed``, its custody log and its sealed files."""

    space: UUID
    made: datetime
    changed: datetime
    entries: list[dict[str, Any]] = field(default_factory=list)

    def id(self, *words: object) -> UUID:
        """The id of a thing of this case: the same whenever it is asked for."""
        return uuid5(self.space, "\0".join(map(str, words)))


def whose(facts: CaseFacts) -> Whose:
    """The case that is written. Its id rests on its key, so that a copy of it has the same and no other case has.

    The times come from the custody log, not from the clock: what is written twice is the same twice. Raises
    VerifyError where the log's chain is broken.
    """
    if facts.folder is None:
        at = facts.made_at or EPOCH
        return Whose(uuid5(SPACE, facts.name), at, at)
    held = CaseStore.open(facts.folder)
    try:
        entries = held.custody.entries()
        space = uuid5(SPACE, str(held.manifest.facts.get("key_id")))
    finally:
        held.close()
    times = [datetime.fromisoformat(e["at"]) for e in entries if e.get("what") in CHANGES]
    made = min(times, default=facts.made_at or EPOCH)
    return Whose(space, made, max(times, default=made), entries)
