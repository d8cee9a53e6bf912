"""A notice or a letter as a message: the bulk report for the hosts of one contact, the letter about one machine."""

from __future__ import annotations

from collections.abc import Iterable

from impound.config import Config
from impound.notices import Envelope, Infection, arf, reporter
from impound.sending._plan import Job


def composed(job: Job, hosts: Iterable[Infection], settings: Config) -> bytes:
    """The message, with CRLF and without a signature: the same bytes for the same job and hosts."""
    who, envelope = reporter(settings), _envelope(job, settings)
    if job.owner is None:
        return arf.bulk(list(hosts), who, envelope)
    from impound.notices import letter_mail  # reportlab is an extra, and slow to start

    (machine,) = hosts
    return letter_mail.mail(machine, who, envelope, job.owner.time_zone, job.owner.reference)


def message_id(job: Job, settings: Config) -> str:
    """The Message-ID of a notice without its brackets; the same whenever it is sent."""
    return _envelope(job, settings).message_id


def _envelope(job: Job, settings: Config) -> Envelope:
    notices = settings.notices
    return Envelope(job.ticket, job.contact, notices.sender, job.at, job.language, notices.repeat_days)
