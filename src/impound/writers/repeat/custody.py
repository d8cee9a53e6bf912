"""Does the custody log hold? Prints its number of lines and the head of its chain, or the first line that does not fit.

python3 -I -S repeat/custody.py custody.jsonl

A line's hash is SHA-256 over the hash of the line before it and the line's own text without it, keys in order.
"""

import hashlib
import json
import sys


def chain(path: str) -> tuple[int, str]:
    """How many lines fit, and the last hash. Raises SystemExit at a line that does not fit."""
    head, number = "0" * 64, 0
    with open(path, encoding="utf-8") as file:  # noqa: PTH123  # as in the others
        for number, line in enumerate(file, 1):
            entry = json.loads(line)
            said = entry.pop("hash")
            text = json.dumps(entry, sort_keys=True, ensure_ascii=False)
            head = hashlib.sha256((head + text).encode("utf-8", "backslashreplace")).hexdigest()
            if head != said:
                raise SystemExit(f"line {number} does not fit")
    return number, head


if __name__ == "__main__":
    lines, head = chain(sys.argv[1])
    sys.stdout.write(f"{lines} lines hold; the head is {head}\n")
