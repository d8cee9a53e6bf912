"""Replies: what networks and their mail servers answered to the notices of a case.

What it finds: in mail of vantage ``reply`` the answers to notices, as rows of ``events`` about the notice (its ticket):
*answered*, *acknowledged* (an automatic answer), *bounced* (it was not delivered), *delayed* (not yet).

Why that is evidence: an answer names the notice by its Message-ID (In-Reply-To, or what a report returns) or by its
ticket in the subject. Who writes the answer is not checked, so no answer takes a verdict back or closes a life: people
read it.

Known innocent causes: an abuse desk may answer under a ticket of its own; such an answer is not recognised here.

References: RFC 3834 for automatic answers, RFC 3464 for reports of mail servers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from impound import config
from impound.plugin import Engine
from impound.tables import EVENTS


@dataclass(frozen=True)
class Params:
    """Nothing to choose."""


_Params = Params


class Replies:
    """Adds answers to ``events``; a second find adds nothing."""

    name = "replies"
    version = "1"
    replies = True
    reads: ClassVar[tuple[str, ...]] = ("sources", "messages", "answers", "notices", "events")
    writes: ClassVar[tuple[str, ...]] = ("events",)
    Params = _Params

    def __init__(self, params: _Params | None = None) -> None:
        self.params = params or _Params()

    @classmethod
    def from_config(cls, settings: config.Config) -> Replies:
        """The finder with a case's settings."""
        return cls()

    def find(self, engine: Engine) -> None:
        """Leave the view ``events``: those of before, and what is new."""
        columns = ", ".join(f"e.{name}" for name in EVENTS.schema.names)
        engine.run("events_before", f"SELECT {columns} FROM events e", keep=True)
        engine.run("reply_mail", MAIL, keep=True)
        engine.run("reply_answers", ANSWERED, {"ticket": TICKET}, keep=True)
        engine.run("events", NEW)


MAIL = """
SELECT m.id, COALESCE(m.seen_at, s.read_at) AS said_at, COALESCE(m.subject, '') AS subject, a.about,
       CASE WHEN m.mime_shape LIKE 'multipart/report%' AND a.status LIKE '4%' THEN 'delayed'
            WHEN m.mime_shape LIKE 'multipart/report%' AND a.status LIKE '2%' THEN NULL
            WHEN m.mime_shape LIKE 'multipart/report%' THEN 'bounced'
            WHEN ',' || LOWER(COALESCE(m.header_order, '')) || ',' LIKE '%,auto-submitted,%' THEN 'acknowledged'
            ELSE 'answered' END AS state
FROM messages m JOIN sources s ON s.id = m.source_id
LEFT JOIN (SELECT message_id, MAX(about) AS about, MAX(status) AS status FROM answers GROUP BY message_id) a
  ON a.message_id = m.id
WHERE s.vantage = 'reply'
"""
"""The mail that answers, with what it says of itself; a report of success says nothing that one must know."""

ANSWERED = """
SELECT t.ticket, r.state, r.said_at, MIN(r.id) AS message_id
FROM (SELECT id, state, said_at, SPLIT_PART(about, '@', 1) AS ticket FROM reply_mail WHERE about IS NOT NULL
      UNION ALL SELECT id, state, said_at, REGEXP_EXTRACT(subject, :ticket, 0) AS ticket FROM reply_mail) r
JOIN (SELECT DISTINCT ticket FROM notices WHERE ticket IS NOT NULL) t ON t.ticket = r.ticket
WHERE r.state IS NOT NULL AND r.said_at IS NOT NULL GROUP BY t.ticket, r.state, r.said_at
"""
"""By equality, so that many answers to many notices cost what both cost, and not their product."""
TICKET = "IMP-[0-9]{8}-[A-Z2-7]{6}"
"""A ticket in a subject, as :func:`impound.notices.ticket` makes it; the first one counts."""

NEW = """
SELECT e.subject_type, e.subject, e.from_state, e.to_state, e.actor, e.reason, e.at FROM events_before e
UNION ALL
SELECT 'notice', r.ticket, 'sent', r.state, 'replies', 'message ' || CAST(r.message_id AS STRING), r.said_at
FROM reply_answers r
LEFT JOIN (SELECT b.subject, b.to_state, b.at AS said_at FROM events_before b WHERE b.subject_type = 'notice') k
  ON k.subject = r.ticket AND k.to_state = r.state AND k.said_at = r.said_at
WHERE k.subject IS NULL
"""
