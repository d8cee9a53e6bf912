"""Runs the real command on one input in a process of its own, and measures what it took."""

from __future__ import annotations

import ctypes
import os
import resource
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from impound import Case

MIB = 1 << 20
EVERY = 0.01
"""Seconds between two looks at memory."""
PATIENCE = 600.0
"""Seconds after which a command is ended and its test has failed."""
COMMAND = (sys.executable, "-c", "import sys; from impound.cli import main; sys.argv[0] = 'impound'; main()")
_PR_CAPBSET_DROP = 24
_MAY_READ_ANYTHING = (1, 2)  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH: with them, root finds nothing unreadable


@dataclass
class Outcome:
    """What came of one ``read``.

    ``seconds`` is wall time, ``cpu`` the processor time of the process and its children. ``mib`` is the peak of the
    proportional set size (PSS, shared pages counted once) of the whole process tree, looked at every 10 ms.
    """

    case: Path
    code: int
    seconds: float
    cpu: float
    mib: float
    errors: str
    sources: int = 0
    copies: int = 0
    messages: list[str | None] = field(default_factory=list)
    """The subjects."""
    rejects: list[tuple[int, str]] = field(default_factory=list)
    """Offset and reason."""
    sizes: list[int | None] = field(default_factory=list)
    """Bytes of each source; None for what has no bytes."""
    changed: list[str] = field(default_factory=list)
    """What ``verify`` finds."""

    @property
    def words(self) -> str:
        """The outcome in a few words."""
        if self.code:
            return f"EXIT CODE {self.code}: {self.errors.strip().splitlines()[-1:]}"
        reasons = dict.fromkeys(reason for _, reason in self.rejects)
        counted = f"{len(self.messages):,} messages, {len(self.rejects):,} rejects"
        return f"{counted}: {next(iter(reasons))}" if reasons else counted


def read(case: Path, *paths: Path | str) -> Outcome:
    """``impound -q read`` in a new process, and what stands in the case afterwards."""
    outcome = run(case, *map(str, paths))
    if outcome.code == 0:
        _look(outcome)
    return outcome


def run(case: Path, *paths: str) -> Outcome:
    """Run the command; its folder is the case's, its temporary and home folders too."""
    surroundings = os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "TMPDIR": str(case.parent), "HOME": str(case.parent)}
    began, before = time.monotonic(), _cpu()
    process = subprocess.Popen(
        [*COMMAND, "-q", "read", str(case), "--", *paths],
        cwd=case.parent,
        env=surroundings,
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        preexec_fn=_like_anybody,  # noqa: PLW1509 - no other thread runs yet
    )
    watch = _Watch(process.pid)
    try:
        _, errors = process.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        _, errors = process.communicate()
    seconds, cpu, mib = time.monotonic() - began, _cpu() - before, watch.stop() / MIB
    return Outcome(case, process.returncode, seconds, cpu, mib, errors.decode("utf-8", "replace"))


def _cpu() -> float:
    """Processor time of all children that have ended, and of theirs that they waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _like_anybody() -> None:
    """Give up root's right to read every file; nothing happens for anybody else."""
    if os.geteuid() == 0:
        for capability in _MAY_READ_ANYTHING:
            ctypes.CDLL(None).prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)


def _look(outcome: Outcome) -> None:
    with Case.open(outcome.case) as case:
        for batch in case.rows("sources"):
            outcome.sources += batch.num_rows
            outcome.copies += sum(batch["copies"].to_pylist())
            outcome.sizes += batch["bytes"].to_pylist()
        for batch in case.rows("messages"):
            outcome.messages += batch["subject"].to_pylist()
        for batch in case.rows("rejects"):
            outcome.rejects += zip(batch["offset"].to_pylist(), batch["reason"].to_pylist(), strict=True)
        outcome.changed = case.verify()


class _Watch(threading.Thread):
    """Looks at the memory of a process and its children until stopped."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid, self._peak, self._stopped = pid, 0, threading.Event()
        self.start()

    def run(self) -> None:
        while not self._stopped.wait(EVERY):
            self._peak = max(self._peak, sum(map(_memory, _tree(self._pid))))

    def stop(self) -> int:
        """The peak in bytes."""
        self._stopped.set()
        self.join()
        return self._peak


def _tree(pid: int) -> list[int]:
    found = [pid]
    with suppress(OSError):  # it has just ended
        for thread in os.listdir(f"/proc/{pid}/task"):  # noqa: PTH208 - looked at very often
            for child in _text(Path(f"/proc/{pid}/task/{thread}/children")).split():
                found += _tree(int(child))
    return found


def _memory(pid: int) -> int:
    for line in _text(Path(f"/proc/{pid}/smaps_rollup")).splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) << 10
    return 0


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""  # it has just ended
