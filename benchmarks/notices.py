"""Notices of a whole case: is a recipient named anywhere, is every report one by its schema, what do they cost?

python benchmarks/notices.py CASE [--letters txt,html]

CASE was read and found. Made-up contacts (one for every 256th of the internet) answer for all addresses, so that every
infected machine is told of. The recipients are read from the sealed originals by the standard library's ``email``; all
that was written is decoded (MIME, base64 of reports); each address in it is looked up among all of them, and the full
names of its own recipients are looked for in each message that is shown.
The schemas are the official ones in formats.tar.zst (IMPOUND_DATA); without them reports are not checked.
"""

from __future__ import annotations

import argparse
import email.policy
import io
import json
import os
import re
import resource
import shutil
import sys
import tarfile
import tempfile
from base64 import b64decode
from collections import Counter
from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message
from email.utils import getaddresses
from pathlib import Path
from typing import Any

import zstandard
from jsonschema import Draft202012Validator, FormatChecker
from personal_data import ADDRESS, decoded, originals, recipients
from referencing import Registry, Resource

from impound import Case

ROOM = "formats/xarf_spec/schemas/"
SETTINGS = '[organisation]\nname = "The receiver"\ncontact = "desk@ours.example"\n'
_WORD = re.compile(r"\w+")


def people(case: Case) -> tuple[set[str], dict[str, set[tuple[str, ...]]]]:
    """The addresses of all recipients, and the full names of each message's, by its Message-ID; in lower case."""
    addresses: set[str] = set()
    names: dict[str, set[tuple[str, ...]]] = {}
    for _, _, raw in originals(case):
        addresses.update(person.address for person in recipients(raw))
        message = message_from_bytes(raw.lstrip(b"\r\n"))
        for value in message.get_all("To", ()):
            for name, box in getaddresses([decoded(str(value)[:65536])]):
                words = tuple(_WORD.findall(name.lower()))
                if len(words) > 1 and "@" in box:
                    names.setdefault(known(message), set()).add(words)
    return addresses, names


def known(message: Message) -> str:
    """The letters and digits of a message's Message-ID, which is what stays of it everywhere."""
    return "".join(c for c in str(message.get("Message-ID", "")) if c.isascii() and c.isalnum())


def texts(folder: Path) -> Iterator[tuple[str, str]]:
    """Every text that was written, decoded, with the Message-ID of the message that is shown in it, if any."""
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        raw = path.read_bytes()
        if path.suffix == ".eml":
            yield from parts(message_from_bytes(raw, policy=email.policy.compat32))
        elif path.suffix != ".pdf":
            yield "", raw.decode("utf-8")
        if path.name.endswith(".json"):
            for report in json.loads(raw):
                for item in report["evidence"]:
                    shown = b64decode(item["payload"])
                    yield known(message_from_bytes(shown)), shown.decode("utf-8")
                    yield from parts(message_from_bytes(shown))


def parts(message: Message) -> Iterator[tuple[str, str]]:
    """The headers and the text of each part of a message, decoded."""
    shown = ""
    for part in message.walk():
        shown = known(part) or shown
        yield shown, "\n".join(f"{name}: {decoded(str(value))}" for name, value in part.items())
        if not part.is_multipart():
            payload = part.get_payload(decode=True)
            yield shown, payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""


def named(text: str, addresses: set[str], names: set[tuple[str, ...]]) -> Iterator[str]:
    """What of the recipients stands in a text."""
    low = text.lower().replace("[.]", ".").replace("[at]", "@")
    yield from ("address" for found in ADDRESS.findall(low) if found.strip("<>'\".,") in addresses)
    words = f" {' '.join(_WORD.findall(low))} " if names else ""
    yield from ("name" for name in names if f" {' '.join(name)} " in words)


def validator() -> Draft202012Validator | None:
    """The official schema of version 4 with all that it refers to."""
    place = Path(os.environ.get("IMPOUND_DATA", "")) / "formats.tar.zst"
    if not place.is_file():
        return None
    with place.open("rb") as packed, zstandard.ZstdDecompressor().stream_reader(packed) as plain:
        raw = io.BytesIO(plain.read())
    with tarfile.open(fileobj=raw) as held:
        found = [held.extractfile(m) for m in held if m.name.startswith(f"{ROOM}v4/") and m.name.endswith(".json")]
        schemas: dict[str, Any] = {s["$id"]: s for s in (json.loads(file.read()) for file in found if file)}
    registry: Registry[Any] = Registry().with_resources((i, Resource.from_contents(s)) for i, s in schemas.items())
    botnet = schemas["https://xarf.org/schemas/v4/types/infrastructure-botnet.json"]
    return Draft202012Validator(botnet, registry=registry, format_checker=FormatChecker())


def main() -> int:
    """Write, search and check; 1 when a recipient is named or a report is none."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("case", type=Path)
    parser.add_argument("--letters", default="no")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        place, out = Path(scratch) / "case", Path(scratch) / "out"
        shutil.copytree(chosen.case, place, ignore=shutil.ignore_patterns("impound.toml"))
        (place / "impound.toml").write_text(SETTINGS)
        contacts = Path(scratch) / "contacts.csv"
        contacts.write_text("".join(f"{n}.0.0.0/8,abuse@net{n}.example\n" for n in range(256)))
        case = Case.open(place)
        before = resource.getrusage(resource.RUSAGE_SELF)
        case.write("notice", out, {"contacts": str(contacts), "letters": chosen.letters, "fresh_days": "0"})
        spent = resource.getrusage(resource.RUSAGE_SELF)
        addresses, names = people(case)
        searched, met = 0, Counter[str]()
        for shown, text in texts(out):
            searched += 1
            met.update(named(text, addresses, names.get(shown, set())))
        check, wrong, reports = validator(), 0, 0
        for path in out.glob("*/report.xarf.json"):
            for report in json.loads(path.read_text("utf-8")):
                reports += 1
                wrong += check is not None and not check.is_valid(report)
        cpu = spent.ru_utime + spent.ru_stime - before.ru_utime - before.ru_stime
        print(f"{reports:,} machines told of to {len(list(out.glob('*/report.eml'))):,} contacts, {cpu:.1f} s of CPU, "
              f"{spent.ru_maxrss / 1024:,.0f} MiB at most")  # fmt: skip
        print(f"{searched:,} texts searched for {len(addresses):,} addresses, and for the full names of the recipients "
              f"of {len(names):,} messages: {met['address']:,} and {met['name']:,} met")  # fmt: skip
        print(f"{wrong:,} reports are none by the schema" if check else "reports unchecked: no schemas at hand")
    return 1 if met or wrong else 0


if __name__ == "__main__":
    sys.exit(main())
