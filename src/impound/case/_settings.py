"""Settings that a command writes: ``--own-network`` into ``impound.toml``, everything else in it kept as it is."""

from __future__ import annotations

import re
from pathlib import Path

from impound import config
from impound.errors import ConfigError
from impound.store import write_whole


def set_own_networks(file: Path, given: list[str]) -> None:
    """Write the CIDRs into the file. Raises ConfigError where they cannot be put there without touching more."""
    text = file.read_text("utf-8") if file.exists() else config.dump(config.Config())
    line = f"own_networks = {given}".replace("'", '"')
    changed, times = re.subn(r"(?m)^own_networks[ \t]*=[ \t]*\[[^\]]*\]", line, text)
    if not times:
        changed, times = re.subn(r"(?m)^\[organisation\].*$", rf"\g<0>\n{line}", text)
    if not times:
        changed = f"{text.rstrip()}\n\n[organisation]\n{line}\n"
    if config.parse(changed, str(file)).organisation.own_networks != tuple(given):
        raise ConfigError(f"{file}: own_networks cannot be changed there", f"write it yourself: {line}")
    if changed != text:
        write_whole(file, changed.encode())
