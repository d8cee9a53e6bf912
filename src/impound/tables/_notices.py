"""Who was told of which host, and who was not told, so that the effect of telling can be measured."""

from __future__ import annotations

from impound.tables._kinds import STRING, TIME, Column, Table

NOTICES = Table(
    "notices",
    "finding",
    "a host that somebody was told of, or was left untold; made from the custody log by `impound notify`",
    (
        Column("at", TIME, "when the mail server took it or refused it, or when it was decided not to tell"),
        Column("ip", STRING, "the host"),
        Column("audience", STRING, "network (an abuse contact), owner (of the machine), or none"),
        Column("state", STRING, "sent, refused (by the mail server, for good) or held-out (left untold to compare)"),
        Column("ticket", STRING, "the ticket of the notice; null where none was written"),
        Column("contact", STRING, "the mailbox of the network's abuse contact; never an owner's"),
        Column("rfc_message_id", STRING, "the Message-ID of the notice, without its brackets"),
        Column("reason", STRING, "what the mail server answered, or why nobody was told"),
    ),
    ("at", "ip", "audience"),
)
