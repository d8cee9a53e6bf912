"""Notices as mail: the Abuse Reporting Format (RFC 5965), as RFC 6650 asks for reports that nobody asked for.

A person reads them first: the first part is plain words, the sender is a mailbox that answers, and everything a network
needs to find its customer (address, port, second and offset from UTC) stands there too. *Single*: a machine is one
``multipart/report``. *Bulk*: all machines of a contact are one message, a report with the latest message as example,
and beside it the list as CSV and as XARF reports.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from email.message import EmailMessage
from email.utils import format_datetime

from impound.notices import xarf
from impound.notices._catalogue import catalogue
from impound.notices._envelope import POLICY, Envelope, attachment
from impound.notices._evidence import redacted
from impound.notices._facts import Infection, Sighting
from impound.notices._reporter import Reporter
from impound.version import __version__

COLUMNS = ("ip", "port", "last_seen", "first_seen", "messages", "campaign")


def single(infection: Infection, who: Reporter, envelope: Envelope) -> bytes:
    """The report of one machine, with CRLF: words, fields for programs, and the redacted message."""
    message = _report([infection], who, envelope, f"={envelope.ticket}=")
    _head(message, envelope, 1)
    return message.as_bytes()


def bulk(infections: Sequence[Infection], who: Reporter, envelope: Envelope) -> bytes:
    """One message for all machines of a contact, with CRLF; the same bytes for the same machines and envelope."""
    message = EmailMessage(policy=POLICY)
    _head(message, envelope, len(infections))
    message["Content-Type"] = "multipart/mixed"
    message.set_boundary(f"={envelope.ticket}=")
    message.attach(_report(infections, who, envelope, f"={envelope.ticket}-report=", attached=True))
    message.attach(attachment("".join(table(infections)).encode(), "text", "csv", "hosts.csv"))
    reports = "".join(xarf.bulk(infections, who, envelope.ticket, envelope.xarf))
    message.attach(attachment(reports.encode(), "application", "json", "report.xarf.json"))
    return message.as_bytes()


def table(infections: Iterable[Infection]) -> Iterator[str]:
    """The machines as CSV, line by line; times are UTC with their offset."""
    for row in (COLUMNS, *((i.ip, i.port or "", xarf.second(i.last_at), xarf.second(i.first_at), i.messages, i.campaign)
                           for i in infections)):  # fmt: skip
        out = io.StringIO()
        csv.writer(out, lineterminator="\r\n").writerow(row)
        yield out.getvalue()


def _head(message: EmailMessage, envelope: Envelope, hosts: int) -> None:
    words = catalogue(envelope.language)
    key = "subject_one" if hosts == 1 else "subject_many"
    envelope.head(message, words.say("network", key, computers=words.count("computer", hosts)))


def _report(
    infections: Sequence[Infection], who: Reporter, envelope: Envelope, boundary: str, attached: bool = False
) -> EmailMessage:
    made = EmailMessage(policy=POLICY)
    made["Content-Type"] = 'multipart/report; report-type="feedback-report"'
    made.set_boundary(boundary)
    words = EmailMessage(policy=POLICY)
    words.set_content(_words(infections, who, envelope, attached), cte="quoted-printable")
    newest = max(infections, key=lambda i: (i.last_at, i.ip))
    shown = newest.sightings[0] if newest.sightings else None
    alone = infections[0] if len(infections) == 1 else None
    fields = EmailMessage(policy=POLICY)
    fields["Content-Type"] = "message/feedback-report"
    fields.set_payload("".join(f"{n}: {v}\r\n" for n, v in _fields(infections, alone, newest, shown)))
    for part in (words, fields, _example(newest, shown)):
        del part["MIME-Version"]
        made.attach(part)
    return made


def _words(infections: Sequence[Infection], who: Reporter, envelope: Envelope, attached: bool) -> str:
    """What a person reads."""
    words = catalogue(envelope.language)
    facts = {"organisation": who.name, "mailbox": who.mailbox, "days": envelope.again_after,
             "computers": words.count("computer", len(infections))}  # fmt: skip
    alone = len(infections) == 1
    keys = ["one" if alone else "many", "how"]
    said = [words.say("network", key, **facts) for key in keys]
    said += [_host(infections[0], envelope)] if alone else []
    keys = (["attached"] if attached else []) + ["example", "please"] + (["again"] if envelope.again_after else [])
    said += [words.say("network", key, **facts) for key in (*keys, "wrong", "sender")]
    page = f"{who.page}\n" if who.page else ""
    return f"{words.say('letter', 'ticket')} {envelope.ticket}\n\n" + "\n\n".join(said) + f"\n{page}"


def _host(infection: Infection, envelope: Envelope) -> str:
    words = catalogue(envelope.language)
    return words.say("network", "host", ip=infection.ip, port=infection.port or words.say("network", "no_port"),
                     messages=words.count("message", infection.messages), first=words.time(infection.first_at, "UTC"),
                     last=words.time(infection.last_at, "UTC"))  # fmt: skip


def _fields(
    infections: Sequence[Infection], alone: Infection | None, newest: Infection, shown: Sighting | None
) -> Iterator[tuple[str, str]]:
    """The fields of RFC 5965, 3.1 and 3.2, and RFC 6692's port; a report of many machines names no source."""
    yield "Feedback-Type", "abuse"
    yield "User-Agent", f"impound/{__version__}"
    yield "Version", "1"
    yield "Arrival-Date", format_datetime(newest.last_at.replace(microsecond=0))
    if alone is not None:
        yield "Source-IP", alone.ip
        if alone.port:
            yield "Source-Port", str(alone.port)
    if shown is not None and (by := "".join(c for c in shown.by if c.isascii() and (c.isalnum() or c in ".-"))):
        yield "Reporting-MTA", f"dns; {by}"
    yield "Incidents", str(sum(i.messages for i in infections))


def _example(newest: Infection, shown: Sighting | None) -> EmailMessage:
    """The third part: the latest message, redacted, or only its time where no message is at hand."""
    part = EmailMessage(policy=POLICY)
    if shown is None:
        part["Content-Type"] = "text/rfc822-headers"
        part.set_payload(f"Date: {format_datetime(newest.last_at.replace(microsecond=0))}\r\n")
        return part
    part["Content-Type"] = "message/rfc822"
    part.set_payload(redacted(newest, shown).replace("\n", "\r\n"))
    return part
