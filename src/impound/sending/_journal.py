"""What the custody log knows of notices: who was told of what and when, what is in doubt, what waits.

The log is the journal of sending. Before a message goes out it says so (``notify sending``), and afterwards what the
mail server answered (``notify sent``, ``notify refused``, ``notify later``). What has a beginning and no end was cut
short by a crash: nobody knows whether it arrived, so it is sent again, with the same Message-ID, and said to be a
repeat.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

SENDING, SENT, REFUSED, LATER, REPEATED, HELD_OUT = (
    f"notify {word}" for word in ("sending", "sent", "refused", "later", "repeated", "held out")
)
ENDS = frozenset({SENT, REFUSED, LATER})


@dataclass(frozen=True)
class Journal:
    """The state of sending, by what the log says."""

    told: dict[tuple[str, str], datetime] = field(default_factory=dict)
    """By audience (network or owner) and host when it was last told, or refused for good."""
    held_out: dict[str, datetime] = field(default_factory=dict)
    """Hosts left untold, with when that was first decided."""
    doubtful: list[dict[str, Any]] = field(default_factory=list)
    """Entries ``notify sending`` that have no end."""
    waiting: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By ticket the last ``notify later`` of what was not taken yet."""
    tickets: frozenset[str] = frozenset()
    """Every ticket there was."""

    @classmethod
    def of(cls, entries: Iterable[Mapping[str, Any]]) -> Journal:
        """The journal in the entries of a custody log, in their order."""
        begun: dict[str, dict[str, Any]] = {}
        made = cls()
        tickets = set()
        for entry in entries:
            what, at = entry["what"], datetime.fromisoformat(entry["at"])
            if what == HELD_OUT:
                for ip in entry["hosts"]:
                    made.held_out.setdefault(ip, at)
            elif what == SENDING:
                begun[entry["ticket"]] = dict(entry)
                tickets.add(entry["ticket"])
            elif what in ENDS and entry["ticket"] in begun:
                made._ended(begun.pop(entry["ticket"]), entry, at)
        return cls(made.told, made.held_out, list(begun.values()), made.waiting, frozenset(tickets))

    def _ended(self, begun: dict[str, Any], end: Mapping[str, Any], at: datetime) -> None:
        ticket = begun["ticket"]
        if end["what"] == LATER:
            self.waiting[ticket] = begun | {"tries": end["tries"], "not_before": end["not_before"]}
            return
        self.waiting.pop(ticket, None)
        for ip in begun["hosts"]:
            self.told[begun["audience"], ip] = at


def rows(entries: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows of ``notices`` for the entries of a custody log."""
    begun: dict[str, Mapping[str, Any]] = {}
    found: list[dict[str, Any]] = []
    met: set[str] = set()
    for entry in entries:
        what, at = entry["what"], datetime.fromisoformat(entry["at"])
        if what == HELD_OUT:
            fresh = [ip for ip in entry["hosts"] if ip not in met]
            met.update(fresh)
            found += [_row(at, ip, "none", "held-out", reason="left untold, to compare") for ip in fresh]
        elif what == SENDING:
            begun[entry["ticket"]] = entry
        elif what in (SENT, REFUSED) and entry["ticket"] in begun:
            first = begun.pop(entry["ticket"])
            said = {"ticket": first["ticket"], "rfc_message_id": first["message_id"]}
            said["contact"] = first["contact"] if first["audience"] == "network" else None
            state = "sent" if what == SENT else "refused"
            found += [_row(at, ip, first["audience"], state, reason=entry["answer"], **said) for ip in first["hosts"]]
    return sorted(found, key=lambda row: (row["at"], row["ip"], row["audience"]))


def _row(at: datetime, ip: str, audience: str, state: str, **rest: Any) -> dict[str, Any]:
    return {"at": at, "ip": ip, "audience": audience, "state": state, **rest}
