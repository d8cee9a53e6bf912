"""What handing over costs: ``python benchmarks/handover.py [FOLDER]`` (default: the TREC set).

CPU (user + system) of ``write CASE handover`` for law enforcement against that of ``investigate`` of the same mail,
both with every process they start, and of ``verify`` of the package; the size of the package. The bar is twice.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import _data
import read_cost


def main(folder: Path) -> None:
    """Print what each costs, and the ratio."""
    with _data.scratch("handover") as tmp:
        case, bag = f"{tmp}/case", Path(tmp, "package")
        found = read_cost.command("investigate", case, str(folder)).cpu
        made = read_cost.command("write", case, "handover", "-o", str(bag), "--set", "for=law-enforcement", sample=True)
        checked = read_cost.command("verify", str(bag), "--receipt", f"{bag}.receipt.json").cpu
        size = sum(file.stat().st_size for file in bag.rglob("*") if file.is_file())
    print(f"investigate {found:.1f} s CPU   handover {made.cpu:.1f} s CPU: {made.cpu / found:.2f} times (bar 2)")
    print(
        f"peak {made.pss / read_cost.MIB:,.0f} MiB (PSS); the package has {size / 1e6:,.1f} MB; verify {checked:.1f} s"
    )


if __name__ == "__main__":
    read_cost.adopt()
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path)
    given = parser.parse_args()
    main(given.folder or _data.mail())
