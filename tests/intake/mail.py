"""Made-up mail in any number, and what a case looks like to the byte. The processes that tests start import it too."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from impound.case import Case

KEY = b"k" * 32
WORDS = ("garden", "window", "river", "paper", "summer", "letter", "table", "music", "report", "morning", "kitchen")


def message(number: int, size: int = 600) -> bytes:
    """A small message that no other number gives."""
    words = [WORDS[(number * 7 + place * (number % 5 + 1)) % len(WORDS)] for place in range(size // 7)]
    ip = f"203.0.113.{number % 250 + 1}"
    return (
        f"Received: from pc-{number} (pc-{number}.dyn.example [{ip}])\n"
        f"\tby mx1.example.com (Postfix) with ESMTP id Q{number:06d};\n"
        f"\tTue, 15 Mar 2011 {number // 3600 % 24:02d}:{number // 60 % 60:02d}:{number % 60:02d} +0000\n"
        f"From: Sender {number} <s{number}@shop.example>\n"
        f"To: ada@example.com\n"
        f"Subject: offer {number}\n"
        f"Message-ID: <{number}@shop.example>\n"
        f"Date: Tue, 15 Mar 2011 00:00:00 +0000\n"
        f"\n"
        f"See http://w{number % 9}.shop.example/{number} {' '.join(words)}\n"
    ).encode()


def mbox(count: int, size: int = 600) -> bytes:
    """A mailbox of so many messages."""
    return b"".join(b"From s@shop.example Tue Mar 15 00:00:00 2011\n" + message(n, size) + b"\n" for n in range(count))


def read(case: Path, *paths: Path | str, **options: Any) -> Any:
    """What :meth:`Case.read` gives, of a case with a known key."""
    making = {name: options.pop(name) for name in ("reference",) if name in options}
    with Case.open_or_create(case, write=True, key=KEY, **making) as opened:
        return opened.read([str(p) for p in paths], **options)


def tree(case: Path) -> dict[str, str]:
    """Every table and every sealed frame with the hash of its bytes."""
    files = sorted(p for part in ("tables", "evidence") for p in (case / part).rglob("*") if p.is_file())
    return {str(p.relative_to(case)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def rows(case: Path, table: str, *without: str) -> list[str]:
    """The rows of a table, their order and that of a source's paths aside, without some columns."""
    found = [row for batch in Case.open(case).rows(table) for row in batch.to_pylist()]
    for row in found:
        if "paths" in row:
            row["paths"] = sorted(row["paths"])
    return sorted(repr({k: v for k, v in row.items() if k not in without}) for row in found)
