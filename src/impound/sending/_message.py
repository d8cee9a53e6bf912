"""A notice as a message: the bulk report of :mod:`impound.notices` for the hosts of one contact."""

from __future__ import annotations

from collections.abc import Iterable

from impound.config import Config
from impound.notices import Infection, arf, reporter
from impound.sending._plan import Job


def notice(job: Job, hosts: Iterable[Infection], settings: Config) -> bytes:
    """The message of a notice, with CRLF and without a signature: the same bytes for the same job and hosts."""
    return arf.bulk(list(hosts), reporter(settings), _envelope(job, settings))


def message_id(job: Job, settings: Config) -> str:
    """The Message-ID of a notice without its brackets; the same whenever it is sent."""
    return _envelope(job, settings).message_id


def _envelope(job: Job, settings: Config) -> arf.Envelope:
    notices = settings.notices
    return arf.Envelope(job.ticket, job.contact, notices.sender, job.at, job.language, notices.repeat_days)
