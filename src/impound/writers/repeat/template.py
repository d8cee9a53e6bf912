"""Which messages does a template match? Prints how many there are in the case, and whether its examples are among them.

python3 -I -S repeat/template.py FOLDER-OF-CSV TEMPLATE

The template's expression stands in templates.csv, a line for each part of a message. Only those can be repeated here
that ask for the text alone: all lines but the last are ".*". The text is what stands in bodies.csv, with what names its
recipient replaced by {{to.address}} and the like, on one line; the beginning counts.
"""

import csv
import json
import re
import sys
from collections.abc import Iterator

UNSEEN = dict.fromkeys([*range(0x20), 0x7F, *range(0x200B, 0x2010), 0xFEFF, 0xAD], " ")


def matched(folder: str, template: str) -> tuple[int, int, int]:
    """How many messages match, how many of the examples do, and how many examples there are."""
    row = next(row for row in table(folder, "templates") if row["id"] == template)
    *before, last = row["regex"].split("\n")
    if set(before) != {".*"}:
        raise SystemExit("this template asks for more than the text")
    expression = re.compile(last)
    texts = {
        row["body_sha256"] for row in table(folder, "bodies") if expression.match(line(row["html_text"] or row["text"]))
    }
    found = {row["id"] for row in table(folder, "messages") if row["body_sha256"] in texts}
    examples = {str(number) for number in json.loads(row["examples"])}
    return len(found), len(found & examples), len(examples)


def line(text: str) -> str:
    """The text on one line."""
    return " ".join(text[:8000].translate(UNSEEN).split())[:4000]


def table(folder: str, name: str) -> Iterator[dict[str, str]]:
    """The rows of a table."""
    csv.field_size_limit(2**31 - 1)
    with open(f"{folder}/{name}.csv", encoding="utf-8", newline="") as file:  # noqa: PTH123  # as in the others
        yield from csv.DictReader(file)


if __name__ == "__main__":
    count, held, examples = matched(sys.argv[1], sys.argv[2])
    sys.stdout.write(f"{count} messages match; {held} of its {examples} examples are among them\n")
