"""Lives: what became of each host that something speaks against, from suspicion to clean, and back.

What it finds: the states of a host, each with its date and reason, as rows of ``events``: *suspected* (something speaks
against it), *confirmed* (judged infected), *notified* (its network or owner was told) or *held-out* (nobody is told, to
compare), *quiet* (no message for seven days), *clean* (none for fourteen: the life is closed), *reinfected* (it sends
again after that), *withdrawn* (what was read since no longer speaks for an infection).

Why that is evidence: a bot sends whenever its controller has work, so one that was seen often and is silent for two
weeks is no longer used from that address. What is silent is not proven to be clean: nobody looked into the machine.

Known innocent causes of silence: the address went to another customer, the botnet rests, the port was closed, the
sensor saw nothing. Days are counted to the newest time of the case that can be believed (``LATE``): a case into which
nothing is read closes nothing, and no message with a date to come closes anything.

Reference: RFC 6561, sections 5 to 7, for detection, notification and remediation, and for telling again and louder;
``docs/explanation/life-of-a-host.md``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from impound import config
from impound.finders import _life
from impound.plugin import Engine
from impound.tables import EVENTS, LATE, LATE_READS, LATE_WITNESSES


@dataclass(frozen=True)
class Params:
    """How many days of silence mean what."""

    quiet_days: int = 7
    """Days without a message that begin a new stretch of a host (``hosts``): from then on it is quiet."""
    clean_days: int = 14
    """Days without a message that close the life: most who clean a bot do so within two weeks (Çetin et al., 2019)."""
    witnesses: int = LATE_WITNESSES
    """Networks whose mail must have come as late for a time to be believed."""


_Params = Params


class Lives:
    """Adds the states of hosts to ``events``. A second find adds nothing; what was written down stays."""

    name = "lives"
    version = "2"
    reads: ClassVar[tuple[str, ...]] = ("hosts", "notices", "events", *LATE_READS)
    writes: ClassVar[tuple[str, ...]] = ("events",)
    Params = _Params

    def __init__(self, params: _Params | None = None) -> None:
        self.params = params or _Params()

    @classmethod
    def from_config(cls, settings: config.Config) -> Lives:
        """The finder with a case's settings."""
        return cls()

    def find(self, engine: Engine) -> None:
        """Leave the view ``events``: those of before, and what is new."""
        p = self.params
        columns = ", ".join(f"e.{name}" for name in EVENTS.schema.names)
        engine.run("events_before", f"SELECT {columns} FROM events e", keep=True)
        engine.run("life_now", LATE, {"witnesses": p.witnesses}, keep=True)
        engine.run("life_stretches", _life.STRETCHES, keep=True)
        engine.run("life_begins", _life.BEGINS.format(clean=p.clean_days))
        engine.run("life_quiet", _life.ENDS.format(state="quiet", days=p.quiet_days))
        engine.run("life_clean", _life.ENDS.format(state="clean", days=p.clean_days))
        engine.run("life_told", _life.TOLD)
        engine.run("lives", _life.LIVES, keep=True)
        engine.run("life_recorded", _life.RECORDED, keep=True)
        engine.run("life_fresh", _life.FRESH, keep=True)
        engine.run("life_last", _life.LAST)
        engine.run("life_corrected", _life.CORRECTED, keep=True)
        engine.run("events", _life.EVENTS)
