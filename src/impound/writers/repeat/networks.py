"""How many infected addresses are there, in which networks? Prints the number, and the five networks with most.

python3 -I -S repeat/networks.py FOLDER-OF-CSV
"""

import csv
import sys

SHOWN = 5


def infected(folder: str) -> dict[str, int]:
    """Addresses by network, each counted once however often it came back."""
    with open(f"{folder}/hosts.csv", encoding="utf-8", newline="") as file:  # noqa: PTH123  # as in the others
        found = {(row["net"], row["ip"]) for row in csv.DictReader(file) if row["verdict"] == "infected"}
    counts: dict[str, int] = {}
    for net, _ in found:
        counts[net] = counts.get(net, 0) + 1
    return counts


def said(counts: dict[str, int]) -> str:
    """The answer in lines."""
    most = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:SHOWN]
    return "\n".join([f"{sum(counts.values())} infected addresses", *(f"{n} in {net}" for net, n in most)])


if __name__ == "__main__":
    sys.stdout.write(f"{said(infected(sys.argv[1]))}\n")
