"""The bundle is valid STIX 2.1, is the same when written again, and says nothing that was withheld."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import stix2
from click.testing import CliRunner
from stix2validator import ValidationOptions, validate_string

from impound import Case
from impound.cli import main
from impound.errors import UsageError
from impound.plugin import CaseFacts
from impound.writers._stix_maker import DEFINING, address, observable
from impound.writers._stix_patterns import TEMPLATE, pattern
from impound.writers.stix import StixWriter


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A read and found drill."""
    place = tmp_path_factory.mktemp("stix")
    run = CliRunner()
    made = run.invoke(main, ["-q", "drill", str(place / "d"), "--messages", "2000", "--bots", "200", "--seed", "7"])
    assert made.exit_code == 0, made.output
    with Case.open_or_create(place / "case", write=True) as case:
        case.read([str(place / "d")])
        case.find()
    return place / "case"


@pytest.fixture(scope="module")
def text(folder: Path) -> str:
    return Case.open(folder).written("stix").decode()


@pytest.fixture(scope="module")
def objects(text: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(text)["objects"]
    return found


def of(objects: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [o for o in objects if o["type"] == kind]


def rows(folder: Path, sql: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = Case.open(folder).query(sql).to_pylist()
    return found


def test_the_official_validator_finds_no_fault(text: str) -> None:
    found = validate_string(text, ValidationOptions(version="2.1"))
    assert found.is_valid, [str(e) for r in found.object_results for e in r.errors][:5]


def test_the_validator_would_find_a_fault(text: str) -> None:
    broken = json.loads(text)
    next(o for o in broken["objects"] if o["type"] == "indicator")["pattern"] = "[domain-name:value ="
    assert not validate_string(json.dumps(broken), ValidationOptions(version="2.1")).is_valid


def test_another_program_reads_it(text: str, objects: list[dict[str, Any]]) -> None:
    read = stix2.parse(text, allow_custom=True)
    assert len(read.objects) == len(objects)
    assert {o["type"] for o in objects} >= {
        "identity", "marking-definition", "infrastructure", "campaign", "indicator", "sighting", "observed-data",
        "ipv4-addr", "domain-name", "url", "email-message", "relationship", "report",
    }  # fmt: skip
    assert not {"threat-actor", "malware", "intrusion-set"} & {o["type"] for o in objects}


def test_every_id_stands_once_and_every_reference_leads_somewhere(objects: list[dict[str, Any]]) -> None:
    ids = [o["id"] for o in objects]
    assert len(ids) == len(set(ids))
    assert set(references(objects)) <= set(ids)


def references(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from references(item)
    elif isinstance(value, dict):
        for name, item in value.items():
            if name.endswith("_ref"):
                yield item
            elif name.endswith("_refs"):
                yield from item
            else:
                yield from references(item)


def test_written_again_it_is_the_same_and_after_a_find_only_modified_moves(
    folder: Path, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert Case.open(folder).written("stix").decode() == text
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "4000000000")
    with Case.open(folder, write=True) as case:
        case.find(["software"])
        again = {o["id"]: o for o in json.loads(case.written("stix"))["objects"]}
    before = {o["id"]: o for o in json.loads(text)["objects"]}
    assert again.keys() == before.keys()
    for number, old in before.items():
        assert again[number].get("created") == old.get("created")
        if "modified" in old:
            assert again[number]["modified"] > old["modified"]


def test_what_is_withheld_is_nowhere(folder: Path, objects: list[dict[str, Any]]) -> None:
    states = {(r["type"], r["value"]): r["state"] for r in rows(folder, "SELECT type, value, state FROM indicators")}
    withheld = {
        value for (kind, value), state in states.items() if state == "withheld" and kind in ("domain", "address")
    }
    assert withheld
    values = {o["value"] for o in objects if o["type"] in ("domain-name", "ipv4-addr", "ipv6-addr")}
    assert values and not values & withheld
    assert {label for o in of(objects, "indicator") for label in o["labels"]} == {"released", "proposed", "drill"}


def test_only_infected_addresses_are_given(folder: Path, objects: list[dict[str, Any]]) -> None:
    infected = {r["ip"] for r in rows(folder, "SELECT ip FROM hosts WHERE verdict = 'infected'")}
    assert {o["value"] for o in of(objects, "ipv4-addr")} <= infected


def test_no_sender_and_no_recipient_is_in_a_message(objects: list[dict[str, Any]]) -> None:
    for o in of(objects, "email-message"):
        assert not {"from_ref", "sender_ref", "to_refs", "cc_refs", "bcc_refs"} & o.keys()
        assert "@" not in json.dumps(o)


@pytest.mark.parametrize("kind", ["domain", "address"])
def test_a_withdrawn_indicator_is_revoked(folder: Path, kind: str) -> None:
    with Case.open(folder, write=True) as case:
        table = case.query("SELECT * FROM indicators ORDER BY type, value").to_pylist()
        chosen = next(r for r in table if r["type"] == kind and r["state"] == "released")
        chosen["state"] = "withdrawn"
        import pyarrow as pa

        from impound.tables import TABLES

        made = pa.Table.from_pylist(table, schema=TABLES["indicators"].schema)
        case._store.replace({"indicators": made.to_batches()})
        found = json.loads(case.written("stix"))["objects"]
    one = next(o for o in of(found, "indicator") if o["name"] == f"{kind}: {chosen['value']}")
    assert one["revoked"] is True
    assert not any(o["sighting_of_ref"] == one["id"] for o in of(found, "sighting"))


@pytest.mark.parametrize(
    ("kind", "value", "contact", "text"),
    [
        ("domain", "a.example", None, "[domain-name:value = 'a.example' OR domain-name:value LIKE '%.a.example']"),
        ("domain", "a'b_c.example", None, r"[domain-name:value = 'a\'b_c.example']"),
        ("address", "2001:db8::1", None, "[ipv6-addr:value = '2001:db8::1']"),
        ("file", "ab" * 32, None, f"[file:hashes.'SHA-256' = '{'ab' * 32}']"),
        ("url-pattern", r"http://[^/]+/\d", None, r"[url:value MATCHES 'http://[^/]+/\\d']"),
        ("contact", "a@b.example", "mailbox", "[email-addr:value = 'a@b.example']"),
        ("contact", "messenger:bob", "messenger", None),
        ("image", "0123456789abcdef", None, None),
    ],
)  # fmt: skip
def test_a_pattern_says_what_the_indicator_says(kind: str, value: str, contact: str | None, text: str | None) -> None:
    made = pattern(kind, value, contact)
    assert (made.text if made else None) == text


def test_a_template_keeps_its_own_language() -> None:
    made = pattern("template", "a.*b")
    assert made is not None and (made.text, made.language) == ("a.*b", TEMPLATE)


@pytest.mark.parametrize(
    ("name", "known"),
    [("shop.example", True), ("a-1.münchen.example", True), ("a_b.example", False), ("-a.example", False),
     ("a-.example", False), ("a..example", False), ("a.example.", False), ("a" * 64 + ".example", False)],
)  # fmt: skip
def test_what_is_no_host_name_is_looked_for_and_never_given_as_met(name: str, known: bool) -> None:
    made = pattern("domain", name)
    assert made is not None
    assert name in made.text
    assert (made.met is not None) == known
    if made.met is not None:
        results = validate_string(json.dumps(made.met), ValidationOptions(version="2.1"))
        assert results.is_valid


def test_observables_have_the_ids_of_the_standard() -> None:
    assert address("198.51.100.3")["id"] == stix2.IPv4Address(value="198.51.100.3").id
    assert observable("url", value="http://a.example/ä")["id"] == stix2.URL(value="http://a.example/ä").id
    told = {"is_multipart": False, "subject": "Grüße", "body": 'a "b"\n'}
    assert observable("email-message", **told)["id"] == stix2.EmailMessage(**told).id
    assert set(DEFINING) >= {"ipv4-addr", "url", "email-message"}


@pytest.mark.parametrize("options", [{"tlp": "TLP:WHITE"}, {"limit": "0"}, {"limit": "many"}])
def test_a_wrong_option_is_told(options: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        StixWriter().write(None, tmp_path / "x", CaseFacts("a", "1", None), options)  # type: ignore[arg-type]  # unasked
