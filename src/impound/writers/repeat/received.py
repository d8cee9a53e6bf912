"""Which machine handed a message in? Prints the address of the client that one of its Received lines names.

python3 -I -S repeat/received.py MESSAGE.eml LINE      LINE counts from 0 at the top, as column hop of origins.csv does
"""

import email
import re
import sys


def client(path: str, line: int) -> str:
    """The address between "from" and "by" of that line; the one that the receiving server saw stands in brackets."""
    with open(path, "rb") as file:  # noqa: PTH123  # for readers who know a little Python
        lines = email.message_from_binary_file(file).get_all("Received") or []
    words = " ".join(str(lines[line]).split()).partition(" by ")[0] if line < len(lines) else ""
    found = re.findall(r"[\[(](?:IPv6:)?([0-9A-Fa-f.:]*[.:][0-9A-Fa-f.:]+)[\])]", words)
    return str(found[-1]) if found else "none"


if __name__ == "__main__":
    sys.stdout.write(f"{client(sys.argv[1], int(sys.argv[2]))}\n")
