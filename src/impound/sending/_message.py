"""A notice as a message: words that a person at an abuse desk can act on, and the hosts as a CSV file.

Nothing of a recipient of the spam stands in it: of each host only its address, port, times, numbers and the working
name of its campaign. Times are UTC with their offset, to the second (RFC 6650 asks for what finds one customer).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP

from impound.config import Config
from impound.sending._plan import Job, Target

COLUMNS = ("ip", "port", "last_seen", "first_seen", "messages", "campaign")
TEXT = """\
Ticket {ticket}

{what} in your network sent spam on behalf of a botnet. The owner probably does not know.
{whose} own mail servers took these messages in; the addresses are those that connected to them.

What was seen, one line a host, is in the file attached: its address, its port where our server
wrote it down, the times of the latest and the first message (UTC), how many messages came, and
our working name for the campaign.

Please find the customer by address and time, tell the owner, and see that the machine is
cleaned. We tell you again of hosts that go on sending after {days} days, and of no other.

If one of them is no infected machine (a relay, a list server, a shared outgoing server), please
answer this message: we take it back. This report asks for nothing else and links to nothing.

{sender}
"""


def notice(job: Job, hosts: Iterable[Target], settings: Config) -> bytes:
    """The message of a notice, with CRLF and without a signature: the same bytes for the same job and hosts."""
    rows = list(hosts)
    notices, ours = settings.notices, settings.organisation.name or "The receiving organisation"
    message = EmailMessage(policy=SMTP.clone(max_line_length=78))
    message["From"] = notices.sender
    message["To"] = job.contact
    message["Date"] = job.at
    message["Subject"] = f"[{job.ticket}] {_count(len(rows))} in your network sent spam"
    message["Message-ID"] = f"<{message_id(job, notices.sender)}>"
    message["Auto-Submitted"] = "auto-generated"
    whose = f"{ours}'s" if settings.organisation.name else "Our"
    words = TEXT.format(ticket=job.ticket, what=_count(len(rows)).capitalize(), whose=whose,
                        days=notices.repeat_days, sender="\n".join(filter(None, (settings.organisation.name,
                        settings.organisation.contact or notices.sender, settings.organisation.page))))  # fmt: skip
    message.set_content(words, cte="quoted-printable")
    message.add_attachment(_table(rows).encode(), maintype="text", subtype="csv", filename=f"{job.ticket}.csv",
                           cte="base64")  # fmt: skip
    if message.is_multipart():
        message.set_boundary(f"={job.ticket}=")
    return message.as_bytes()


def message_id(job: Job, sender: str) -> str:
    """The Message-ID of a notice without its brackets; the same whenever it is sent."""
    return f"{job.ticket}@{sender.rpartition('@')[2]}"


def _count(number: int) -> str:
    return "a computer" if number == 1 else f"{number:,} computers"


def _table(rows: list[Target]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow((row.ip, row.port or "", _time(row.last_at), _time(row.first_at), row.messages,
                         row.campaign or ""))  # fmt: skip
    return out.getvalue()


def _time(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
