"""Why is an address called infected? Prints each kind of evidence, and what origins.csv says of its messages.

python3 -I -S repeat/host.py FOLDER-OF-CSV ADDRESS
"""

import csv
import json
import sys
from collections.abc import Iterator


def evidence(folder: str, address: str) -> list[tuple[str, int, int]]:
    """Kinds of evidence in signals.csv, how many messages prove each, and how many of those came from there."""
    named: dict[str, set[str]] = {}
    for row in table(folder, "signals"):
        if row["subject_type"] == "host" and row["subject"] == address:
            proof = json.loads(row["proof"])
            named.setdefault(row["kind"], set()).update(str(one["id"]) for one in proof if one["table"] == "messages")
    sent = {row["message_id"] for row in table(folder, "origins") if row["client_ip"] == address}
    return [(kind, len(messages), len(messages & sent)) for kind, messages in sorted(named.items())]


def said(found: list[tuple[str, int, int]]) -> str:
    """The answer in lines."""
    return "\n".join(
        f"{kind}: shown by {messages} messages, {sent} of them from there" for kind, messages, sent in found
    )


def table(folder: str, name: str) -> Iterator[dict[str, str]]:
    """The rows of a table."""
    csv.field_size_limit(2**31 - 1)
    with open(f"{folder}/{name}.csv", encoding="utf-8", newline="") as file:  # noqa: PTH123  # as in the others
        yield from csv.DictReader(file)


if __name__ == "__main__":
    sys.stdout.write(f"{said(evidence(sys.argv[1], sys.argv[2]))}\n")
