"""No writer names a recipient: what each of them makes of a drill is decoded and searched for every one; but for the
package that law enforcement asks for. A writer that is added is searched without a line here."""

from __future__ import annotations

import base64
import re
import shutil
import subprocess
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.utils import getaddresses
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import zstandard

from impound import Case, plugin
from impound.drill import Settings, write

Place = tuple[Path, set[str]]
SETTINGS = """
[organisation]
name = "Ours"
contact = "desk@ours.example"
customer_networks = ["240.0.0.0/8", "198.18.0.0/15"]
[notices]
contacts = "contacts.csv"
fresh_days = 0
"""
ENVELOPE = ("To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To")
FOR = re.compile(r"\sfor\s+<([^\s<>]+@[^\s<>]+)>")
CODED = re.compile(r"[A-Za-z0-9+/]{60,}={0,2}")
LEAST = {"": 1_000, "exhibits": 10_000, "stix": 10_000}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A case of a drill, and its recipients: their addresses, and their names where they are of several words."""
    place = tmp_path_factory.mktemp("recipients")
    write(place / "mail", Settings(messages=900, bots=90, innocents=60, days=4))
    with Case.open_or_create(place / "case", write=True) as case:
        case.read([str(place / "mail")])
        case.find()
    (place / "case" / "impound.toml").write_text(SETTINGS)
    (place / "case" / "contacts.csv").write_text("240.0.0.0/8,abuse@one.example\n198.18.0.0/15,abuse@two.example\n")
    return place, set(recipients(place / "mail"))


def recipients(mail: Path) -> Iterator[str]:
    for box in mail.rglob("*.mbox"):
        for raw in re.split(rb"(?m)^From ", box.read_bytes())[1:]:
            head = message_from_bytes(raw.partition(b"\n")[2], policy=policy.compat32)
            said = [str(value) for name in ENVELOPE for value in head.get_all(name, ())]
            for name, address in getaddresses(said):
                yield from (s.lower() for s in (name if " " in name else "", address if "@" in address else "") if s)
            yield from (found.lower() for hop in head.get_all("Received", ()) for found in FOR.findall(str(hop)))


def decoded(file: Path) -> Iterator[str]:
    """The texts of a file, whatever they are wrapped in."""
    raw = file.read_bytes()
    yield file.name
    if file.suffix == ".parquet":
        yield repr(pq.read_table(file).to_pylist())
    elif file.suffix == ".pdf":
        if shutil.which("pdftotext"):
            yield subprocess.run(["pdftotext", file, "-"], capture_output=True, text=True, check=True).stdout
    elif file.suffix == ".eml":
        for part in message_from_bytes(raw, policy=policy.compat32).walk():
            yield " ".join(f"{k}: {v}" for k, v in part.items())
            body = part.get_payload(decode=True)
            yield body.decode("utf-8", "replace") if isinstance(body, bytes) else ""
    else:
        yield raw.decode("utf-8", "replace")


def everything(made: Path) -> str:
    """All texts of what a writer made, what is in base64 decoded as well, as one that is easily searched."""
    files = [file for file in sorted(made.rglob("*")) if file.is_file()] if made.is_dir() else [made]
    texts = [text for file in files for text in decoded(file)]
    texts += [unpacked(run) for text in texts for run in CODED.findall(text)]
    return "\n".join(texts).lower().replace("[.]", ".").replace("[at]", "@").replace("[@]", "@")


def unpacked(run: str) -> str:
    try:
        return base64.b64decode(run[: len(run) // 4 * 4]).decode("utf-8", "replace")
    except ValueError:
        return ""


@pytest.mark.parametrize("writer", sorted(plugin.available("writers")))
def test_no_recipient_is_named(writer: str, place: Place, tmp_path: Path) -> None:
    folder, people = place
    whole = everything(Case.open(folder / "case").write(writer, tmp_path / "made"))
    assert len(people) > 100 and len(whole) > LEAST.get(writer, LEAST[""])
    assert [one for one in people if one in whole] == []


def test_law_enforcement_gets_them_when_it_asks(place: Place, tmp_path: Path) -> None:
    folder, people = place
    made = Case.open(folder / "case").write("handover", tmp_path / "made", {"for": "law-enforcement"})
    frames = (zstandard.ZstdDecompressor().stream_reader(f.read_bytes(), read_across_frames=True).read()
              for f in made.rglob("*.zst"))  # fmt: skip
    whole = b"\n".join(frames).decode("utf-8", "replace").lower()
    assert [one for one in people if "@" in one and one not in whole] == []


def test_the_search_would_find_one(place: Place, tmp_path: Path) -> None:
    _, people = place
    address = next(one for one in sorted(people) if "@" in one)
    hidden = [address.replace(".", "[.]"), base64.b64encode(f"{'x' * 60} {address}".encode()).decode(), address.upper()]
    for text in hidden:
        (tmp_path / "one.txt").write_text(text)
        assert address in everything(tmp_path / "one.txt")
