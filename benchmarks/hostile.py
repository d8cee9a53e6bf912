"""What hand-made evil costs: ``python benchmarks/hostile.py [NAME…]`` prints each one's outcome, seconds, MiB.

Each evil of ``tests/hostile`` is read by ``impound -q read`` in a process of its own. From its time and memory (the
peak of the process tree's proportional set size) those of ordinary mail are taken off that starts as many processes.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path[0] = str(Path(__file__).parents[1] / "tests")  # in place of this folder, where "hostile" is this file

from hostile import evil_files, evil_text, measure  # noqa: E402
from hostile.evil import EVILS  # noqa: E402
from hostile.ordinary import Ordinary  # noqa: E402


def main(names: list[str]) -> None:
    """Print the table."""
    assert evil_files and evil_text  # their evils register when they are imported
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        ordinary = Ordinary(place)
        print(f"{'evil':32} {'seconds':>8} {'of CPU':>8} {'MiB':>6}  outcome")
        for name in names or EVILS:
            folder = place / name
            folder.mkdir()
            outcome = measure.read(folder / "case", EVILS[name].make(folder))
            cost = ordinary.beyond(outcome)
            print(f"{name:32} {cost.seconds:8.2f} {cost.cpu:8.2f} {cost.mib:6.0f}  {outcome.words}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
