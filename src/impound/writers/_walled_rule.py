"""Whom it is time to wall in, and whom to let out again, by the life of a host and the settings of ``[notices]``.

RFC 6561 (sections 5 and 6) has the owner told first, and told again and louder when nothing happens; a walled garden is
the last step, for it takes away what people need, and is to end as soon as its reason does.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from impound.canonical import plural
from impound.config import Notices
from impound.notices import HELD_OUT, Due
from impound.writers._walled_lives import Life

SILENCE = {"quiet": timedelta(days=7), "clean": timedelta(days=14)}
"""How long a machine is silent in these states (``lives``)."""
OUT = {"quiet": ("quiet", "clean", "withdrawn"), "clean": ("clean", "withdrawn")}
"""The states in which nobody is walled in, by ``let_out``."""
NO_LIFE = "nobody found its life yet: impound find CASE lives"
UNSEEN = "not seen since"
POOL = "its name is one of a pool of addresses: say with customers=FILE that it is still the same customer's"


@dataclass(frozen=True)
class Rule:
    """The settings and the clock; ``audiences``: whose being told counts."""

    settings: Notices
    audiences: tuple[str, ...]
    now: datetime
    drill: bool

    def not_yet(self, life: Life) -> str:
        """Why a host is not to be walled in, whether it is silent now or not; or nothing."""
        if nobodys := Due(0, 0, self.now, self.drill).left(life.ip, life.last_at, None):
            return nobodys
        if life.held_out or life.since is None:
            return HELD_OUT if life.held_out else NO_LIFE
        return self._told_too_little(life, life.times(self.audiences))

    def _told_too_little(self, life: Life, told: list[datetime]) -> str:
        ours = self.settings
        if len(told) < ours.wall_notices:
            return f"told {len(told):,} of {plural(ours.wall_notices, 'time')}"
        if life.last_at <= told[ours.wall_notices - 1]:
            return f"{UNSEEN} it was told {plural(ours.wall_notices, 'time')}"
        if life.last_at - told[0] < timedelta(days=ours.wall_days):
            return f"not seen {plural(ours.wall_days, 'day')} after it was first told"
        return ""

    def silent(self, life: Life) -> str:
        """Why a host that was to be walled in is to be let out, or nothing."""
        if life.state in OUT[self.settings.let_out]:
            return f"{life.state} since {life.state_at:%Y-%m-%d}"
        if self.settings.fresh_days and self.let_out_at(life) <= self.now:
            return f"{UNSEEN} {life.last_at:%Y-%m-%d}"  # mail that was not read says nothing: the clock must
        return ""

    def let_out_at(self, life: Life) -> datetime:
        """When it is to be let out if it stays silent."""
        return life.last_at + SILENCE[self.settings.let_out]

    def why(self, life: Life) -> str:
        """Why it is to be walled in."""
        told = life.times(self.audiences)
        days = (life.last_at - told[0]).days
        return f"seen {plural(days, 'day')} after it was first told, told {plural(len(told), 'time')}"
