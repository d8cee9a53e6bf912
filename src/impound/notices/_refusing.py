"""Files that others can write to, line by line: what is too long or no text is refused, and so is what says nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from impound.errors import ConfigError

LINES = 1_000_000
"""Lines that are read of a file; the whole routing table of the internet has about as many networks."""
LINE = 2_048
"""Bytes of a line; a longer one is none."""
REASONS = 1_000
"""Refused lines that are kept with their reason; the rest are counted."""


@dataclass(kw_only=True)
class Refusing:
    """What is read from such a file, beside what was refused of it."""

    refused: list[str] = field(default_factory=list)
    """Lines that cannot be used, with the reason: the first ``REASONS`` of them."""
    refusals: int = 0

    def refuse(self, where: str, reason: str) -> None:
        """Say what cannot be used, and why."""
        self.refusals += 1
        if len(self.refused) < REASONS:
            self.refused.append(f"{where}: {reason}")

    def lines(self, path: Path, wanted: str) -> Iterator[tuple[int, str]]:
        """The lines of a file with their numbers, from 1. Raises ConfigError (``wanted``: what it should be)."""
        try:
            with path.open("rb") as file:
                for number in range(1, LINES + 1):
                    raw = file.readline(LINE + 1)
                    if not raw:
                        return
                    if len(raw) > LINE and not raw.endswith(b"\n"):
                        self.refuse(f"line {number:,}", f"longer than {LINE:,} bytes")
                        while raw and not raw.endswith(b"\n"):
                            raw = file.readline(1 << 20)
                        continue
                    try:
                        text = raw.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
                    except UnicodeDecodeError:
                        self.refuse(f"line {number:,}", "not UTF-8")
                        continue
                    yield number, text
                if file.readline(1):
                    self.refuse(f"line {LINES + 1:,} and after", f"more than {LINES:,} lines")
        except OSError as error:
            raise ConfigError(f"{path}: {error.strerror}", wanted) from error
