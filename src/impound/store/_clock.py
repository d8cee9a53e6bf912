"""The clock of a case: ``SOURCE_DATE_EPOCH`` where it is set (reproducible-builds.org), the machine's otherwise."""

from __future__ import annotations

import os
from datetime import UTC, datetime

from impound.errors import ConfigError


def clock() -> datetime:
    """Now, in UTC and whole seconds. Raises ConfigError when ``SOURCE_DATE_EPOCH`` is not a number of seconds."""
    given = os.environ.get("SOURCE_DATE_EPOCH")
    if given is None:
        return datetime.now(UTC).replace(microsecond=0)
    try:
        return datetime.fromtimestamp(int(given), UTC)
    except (ValueError, OverflowError, OSError):
        raise ConfigError(f"SOURCE_DATE_EPOCH is {given!r}", "give it as whole seconds since 1970") from None
