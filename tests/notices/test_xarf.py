"""Reports for programs: by the official schemas, with what is needed to act and without any recipient."""

from __future__ import annotations

import base64
import io
import json
import tarfile
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource

from impound.notices import xarf
from notices.made import SEEN, WHO, infection, sighting

ROOM = "formats/xarf_spec/schemas/"


@pytest.fixture(scope="module")
def schemas(data_dir: Path) -> dict[str, Any]:
    """The official schemas by their path."""
    packed = (data_dir / "formats.tar.zst").open("rb")
    with packed, zstandard.ZstdDecompressor().stream_reader(packed) as plain:
        raw = io.BytesIO(plain.read())
    with tarfile.open(fileobj=raw) as held:
        members = [m for m in held if m.name.startswith(ROOM) and m.name.endswith(".json")]
        return {m.name.removeprefix(ROOM): json.loads(held.extractfile(m).read()) for m in members}  # type: ignore[union-attr]


def validator(schemas: dict[str, Any], name: str) -> Draft202012Validator:
    resources = [(schema["$id"], Resource.from_contents(schema)) for schema in schemas.values()]
    registry: Registry[Any] = Registry().with_resources(resources)
    return Draft202012Validator(schemas[name], registry=registry, format_checker=FormatChecker())


MACHINES = [
    infection(),
    infection("2001:db8::7", sighting(port=None, subject="", text="")),
    infection("198.51.100.8", sightings=(), why="", score=1.0000001, campaign="", kinds=()),
    infection("198.51.100.9", sighting(subject="x" * 5_000, text="é\x00\u202e" * 5_000), why="y" * 5_000, messages=0),
]


@pytest.mark.parametrize("machine", MACHINES, ids=lambda m: m.ip)
def test_a_report_is_one_by_the_official_schemas(machine: Any, schemas: dict[str, Any]) -> None:
    made = xarf.report(machine, WHO, "IMP-1")
    for name in ("v4/xarf-v4-master.json", "v4/types/infrastructure-botnet.json", "v4/xarf-core.json"):
        validator(schemas, name).validate(made)
    validator(schemas, "v3/xarf-v3-legacy.json").validate(xarf.report_v3(machine, WHO, "IMP-1"))


def test_the_schemas_find_what_is_wrong(schemas: dict[str, Any]) -> None:
    made = xarf.report(infection(), WHO, "IMP-1")
    for wrong in ({"report_id": "7"}, {"type": "bot"}, {"compromise_evidence": None}, {"timestamp": "yesterday"}):
        assert not validator(schemas, "v4/xarf-v4-master.json").is_valid(made | wrong)


def test_a_report_has_what_finds_one_customer() -> None:
    made = xarf.report(infection(), WHO, "IMP-1")
    assert made["source_identifier"] == "198.51.100.7" and made["source_port"] == 4711
    assert made["timestamp"] == made["last_seen"] == "2011-04-04T10:30:05+00:00"
    assert made["tags"] == ["abuse:spam", "campaign:quiet-otter", "lure:pharmacy"]
    times = base64.b64decode(made["evidence"][1]["payload"]).decode().splitlines()
    assert times[1:] == ["198.51.100.7,4711,2011-04-04T10:30:05+00:00", "198.51.100.7,4712,2011-04-04T09:30:05+00:00"]


def test_the_message_in_it_names_no_recipient_and_leads_nowhere() -> None:
    raw = base64.b64decode(xarf.report(infection(), WHO, "IMP-1")["evidence"][0]["payload"])
    message = message_from_bytes(raw, policy=policy.default)
    assert message["From"].addresses[0].addr_spec == "redacted@a.example"
    assert "[198.51.100.7]:4711" in message["Received"] and "ABC123" in message["Received"]
    assert " for " not in message["Received"]
    text = message.get_content()
    assert "{{to.name}}" in text and "hxxp[:]//pills[.]example" in text and "http://" not in text


def test_the_id_of_a_report_is_the_same_again_and_another_for_another() -> None:
    one, again = (xarf.report(infection(), WHO, "IMP-1")["report_id"] for _ in range(2))
    others = {xarf.report(infection("198.51.100.8"), WHO, "IMP-1")["report_id"],
              xarf.report(infection(), WHO, "IMP-2")["report_id"]}  # fmt: skip
    assert one == again and one not in others and len(others) == 2


@pytest.mark.parametrize("version", [3, 4])
def test_a_bulk_file_is_an_array_of_all(version: int) -> None:
    many = [infection(f"198.51.100.{n}") for n in range(1, 9)]
    assert len(json.loads("".join(xarf.bulk(many, WHO, "IMP-1", version)))) == 8
    assert json.loads("".join(xarf.bulk([], WHO, "IMP-1", version))) == []


def test_only_the_first_of_many_carry_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xarf, "MOST_EVIDENCE", 2)
    for version in (3, 4):
        many = [infection(f"198.51.100.{n}") for n in range(1, 5)]
        made = json.loads("".join(xarf.bulk(many, WHO, "IMP-1", version)))
        evidence = [r["evidence"] if version == 4 else r["Report"]["Samples"] for r in made]
        assert [bool(e) for e in evidence] == [True, True, False, False]


hostile = st.text(max_size=200)


@settings(max_examples=60)
@given(hostile, hostile, hostile, hostile)
def test_whatever_a_stranger_wrote_stays_in_its_place(subject: str, name: str, helo: str, text: str) -> None:
    shown = sighting(subject=subject, from_name=name, helo=helo, mailer=name, rfc_message_id=subject, by=helo,
                     text=text, from_domain=helo, protocol=name, queue_id=subject, at=SEEN)  # fmt: skip
    made = xarf.report(infection("198.51.100.7", shown, name=helo), WHO, "IMP-1")
    head = base64.b64decode(made["evidence"][0]["payload"]).split(b"\r\n\r\n")[0].decode()
    names = [line.partition(":")[0] for line in head.split("\r\n") if not line.startswith(" ")]
    assert set(names) <= {"Received", "Message-ID", "From", "Subject", "X-Mailer", "MIME-Version", "Content-Type",
                          "Content-Transfer-Encoding", "X-Redacted"}  # fmt: skip
    assert len(names) == len(set(names))
