"""What every notice and letter by mail begins with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP

from impound.notices._catalogue import FALLBACK

POLICY = SMTP.clone(max_line_length=78)


@dataclass(frozen=True)
class Envelope:
    """What a notice needs besides its machines: the ticket, to whom, from which mailbox, and when it is written.

    ``again_after``: days after which the contact is told again of what goes on.
    """

    ticket: str
    to: str
    sender: str
    at: datetime
    language: str = FALLBACK
    again_after: int = 0
    xarf: int = 4

    @property
    def message_id(self) -> str:
        """The Message-ID without its brackets; the same whenever it is sent."""
        return f"{self.ticket}@{self.sender.rpartition('@')[2]}"

    def head(self, message: EmailMessage, subject: str) -> None:
        """Put the fields of the head into a message."""
        message["From"] = self.sender
        message["To"] = self.to
        message["Date"] = self.at
        message["Subject"] = f"[{self.ticket}] {subject}"
        message["Message-ID"] = f"<{self.message_id}>"
        message["Auto-Submitted"] = "auto-generated"
        message["MIME-Version"] = "1.0"


def attachment(raw: bytes, main: str, sub: str, name: str) -> EmailMessage:
    """A file as a part of a message."""
    part = EmailMessage(policy=POLICY)
    part.set_content(raw, maintype=main, subtype=sub, filename=name, cte="base64")
    del part["MIME-Version"]
    return part
