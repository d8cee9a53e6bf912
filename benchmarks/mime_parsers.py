"""CPU time per message of three MIME parsers on a folder of messages: ``python benchmarks/mime_parsers.py FOLDER [N]``.

FOLDER is one of the unpacked mail sets of IMPOUND_DATA; N (default 4,000) messages are taken evenly from it. Each
parser parses and undoes the transfer encodings of every message; the best of three rounds counts, taken in turn so that
a busy machine slows all alike. fast-mail-parser is skipped when it is not installed.
"""

from __future__ import annotations

import email
import sys
import time
from collections.abc import Callable
from pathlib import Path

from impound.readers._mime import parse


def standard_library(raw: bytes) -> None:
    """``email`` with its default policy (compat32), the fastest it has."""
    for part in email.message_from_bytes(raw).walk():
        if not part.is_multipart():
            part.get_payload(decode=True)


def fast_mail_parser() -> Callable[[bytes], object] | None:
    """Its parse function, or None."""
    try:
        from fast_mail_parser import parse_email
    except ImportError:
        return None
    return parse_email


def seconds(parser: Callable[[bytes], object], messages: list[bytes]) -> tuple[float, int]:
    """Processor time for all messages, and how many raised."""
    failed, began = 0, time.process_time()
    for raw in messages:
        try:
            parser(raw)
        except Exception:  # noqa: BLE001 - what a library raises is what is being counted
            failed += 1
    return time.process_time() - began, failed


def main() -> None:
    """Measure and print."""
    files = sorted(path for path in Path(sys.argv[1]).rglob("*") if path.is_file())
    wanted = int(sys.argv[2]) if len(sys.argv) > 2 else 4000
    messages = [path.read_bytes() for path in files[:: max(1, len(files) // wanted)]]
    parsers: dict[str, Callable[[bytes], object]] = {"email (compat32)": standard_library, "impound": parse}
    if found := fast_mail_parser():
        parsers["fast-mail-parser"] = found
    rounds = [{name: seconds(parser, messages) for name, parser in parsers.items()} for _ in range(3)]
    best = {name: min(r[name][0] for r in rounds) for name in parsers}
    print(f"{len(messages):,} messages, {sum(map(len, messages)) / len(messages):,.0f} bytes on average")
    for name, spent in best.items():
        per_message, ratio = spent / len(messages) * 1e6, spent / best["email (compat32)"]
        print(f"{name:17} {per_message:7.1f} µs a message  {ratio:5.2f} × email  {rounds[0][name][1]:4} raised")


if __name__ == "__main__":
    main()
