"""How late it is in a case: the newest time that can be believed, so that no forged date makes hosts look silent.

Whether a host has been silent for two weeks depends on what time it is, and the machine's own clock does not tell: a
case into which nothing is read would close every life. So the mail tells, and mail is written by spammers. A time
counts where

* a server of the organisation wrote it (its line is on top of the message; ``clock`` receiver, or a log), in mail that
  reached the organisation itself: who reports a message, or passes a feed on, may have written its lines himself;
* it is no later than the moment when the message was read, for nobody reads what is yet to come;
* mail of other networks goes as far: of the newest times of each network the third counts, so no single message, and
  no single server's wrong clock, moves the case.

Each rule can only make it earlier, and what is earlier closes fewer lives.
"""

from __future__ import annotations

LATE_WITNESSES = 3
"""Networks whose mail must have come as late: one is an accident or a forgery, two may be neighbours. A choice."""
LATE_READS = ("messages", "origins", "sources")
LATE = """
SELECT MIN(w.newest_at) AS now_at FROM (
  SELECT b.newest_at, ROW_NUMBER() OVER (ORDER BY b.newest_at DESC, b.net) AS place
  FROM (SELECT COALESCE(o.client_net, '') AS net, MAX(m.seen_at) AS newest_at
        FROM messages m
        JOIN origins o ON o.message_id = m.id
        JOIN sources s ON s.id = m.source_id
        WHERE m.clock IN ('receiver', 'log') AND o.trusted_hops >= 1 AND m.seen_at <= s.read_at
          AND COALESCE(s.vantage, 'inbound') NOT IN ('user-report', 'feed', 'reply')
        GROUP BY COALESCE(o.client_net, '')) b) w
WHERE w.place = :witnesses
"""
"""One row; its time is null where no time can be believed. What was written inside counts as one network."""
QUIET_HEADERS = ("In-Reply-To", "References")
"""Headers of a message that answers another one."""
QUIET = "(m.list_id IS NOT NULL OR {})".format(
    " OR ".join(
        f"(',' || LOWER(COALESCE(m.header_order, '')) || ',') LIKE '%,{name.lower()},%'" for name in QUIET_HEADERS
    )
)
"""Whether a row ``m`` of ``messages`` is quiet mail: written to a list, or a reply."""
