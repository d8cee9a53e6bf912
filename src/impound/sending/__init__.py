"""Notices on their way: what is to be sent, sending it once and no more, and what the custody log then says.

The room knows no engine: it is handed rows, and a function that adds to the custody log.
"""

from __future__ import annotations

import fcntl
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from impound.config import Config
from impound.errors import ConfigError, InUse
from impound.notices import Infection
from impound.sending import _journal, _message
from impound.sending._journal import Journal, rows
from impound.sending._plan import READS, Job, Plan, Target, Terms, hosts, letters, plan, targets
from impound.sending._signing import Signer
from impound.sending._transport import Answer, Server, ServerGone

__all__ = [
    "READS", "Answer", "Job", "Journal", "Plan", "Sent", "Server", "ServerGone", "Target",
    "Terms",
    "alone", "deliver", "hosts", "letters", "plan", "rows", "targets",
]  # fmt: skip

FIRST_WAIT = timedelta(minutes=30)
"""The wait after a first refusal for now, doubled each time; RFC 5321, 4.5.4.1 asks for at least 30 minutes."""
LONGEST_WAIT = timedelta(hours=8)
TRIES = 12
"""Tries after which a notice counts as refused: some three days, as RFC 5321, 4.5.4.1 asks (four to five at most)."""
Touch = Callable[..., str]


@dataclass
class Sent:
    """What one run of sending did, in messages."""

    taken: int = 0
    refused: int = 0
    later: int = 0
    repeated: int = 0


@contextmanager
def alone(case: Path) -> Iterator[None]:
    """Keep others from sending for the same case at once. Raises InUse; reading and finding go on meanwhile."""
    with (case / "case.key").open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise InUse(f"{case}: another impound is sending its notices", "wait for it to end, or end it") from None
        yield


def deliver(
    made: Plan,
    look: Callable[[Sequence[str]], Iterable[Infection]],
    settings: Config,
    *,
    touch: Touch,
    now: Callable[[], datetime],
    progress: Callable[[int, int], None] = lambda done, total: None,
    sleep: Callable[[float], None] = time.sleep,
) -> Sent:
    """Send what is planned, notices first, at most ``per_minute``; before and after each the custody log says so.

    ``look`` gives what is known of hosts, in the order in which they are named.
    Raises ConfigError before anything is sent where there is no sender or the key cannot sign, ServerGone when the
    mail server cannot be reached: then what was sent stands, and the next run goes on from there.
    """
    notices, done = settings.notices, Sent()
    if "@" not in notices.sender:
        raise ConfigError("[notices] sender is not a mailbox", "name the mailbox that answers are to come to")
    signer = Signer(notices)
    if made.held_out:
        touch(_journal.HELD_OUT, hosts=made.held_out, percent=notices.hold_out)
    jobs = made.everything
    if not jobs:
        return done
    with Server(notices.server, notices.port) as server:
        began = time.monotonic()
        for number, planned in enumerate(jobs):
            progress(number, len(jobs))
            sleep(max(0.0, began + number * 60 / notices.per_minute - time.monotonic()))
            machines = list(look(planned.hosts))
            if not machines:  # another find was quicker: nothing speaks against them any more
                continue
            job = replace(planned, hosts=tuple(machine.ip for machine in machines))
            raw = signer.signed(_message.composed(job, machines, settings))
            _begin(job, settings, touch, done)
            _end(job, server.send(notices.sender, job.contact, raw), touch, now(), done)
    progress(len(jobs), len(jobs))
    return done


def _begin(job: Job, settings: Config, touch: Touch, done: Sent) -> None:
    message_id = _message.message_id(job, settings)
    if job.again:
        done.repeated += 1
        touch(_journal.REPEATED, ticket=job.ticket, message_id=message_id,
              why="an earlier run was cut short, and nobody knows whether it arrived")  # fmt: skip
        return
    clock = {"time_zone": job.owner.time_zone} if job.owner else {}
    touch(_journal.SENDING, ticket=job.ticket, message_id=message_id, audience=job.audience, contact=job.known_as,
          hosts=list(job.hosts), language=job.language, composed_at=job.at.isoformat(), **clock)  # fmt: skip


def _end(job: Job, answer: Answer, touch: Touch, now: datetime, done: Sent) -> None:
    tries = job.tries + 1
    said: dict[str, Any] = {"ticket": job.ticket, "answer": answer.bare if job.owner else answer.text}
    if answer.taken:
        done.taken += 1
        touch(_journal.SENT, **said)
    elif answer.refused or tries >= TRIES:
        done.refused += 1
        touch(_journal.REFUSED, **said)
    else:
        done.later += 1
        wait = min(FIRST_WAIT * 2 ** (tries - 1), LONGEST_WAIT)
        touch(_journal.LATER, **said, tries=tries, not_before=(now + wait).isoformat())
