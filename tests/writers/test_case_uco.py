"""The graph conforms to CASE/UCO, has every source, action and finding once, and is the same when written again."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from impound import Case
from impound.cli import main
from impound.errors import UsageError
from impound.plugin import CaseFacts
from impound.writers.case_uco import CaseUcoWriter


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A read and found drill with a case number."""
    place = tmp_path_factory.mktemp("case_uco")
    made = CliRunner().invoke(main, ["-q", "drill", str(place / "d"), "--messages", "1000", "--bots", "100"])
    assert made.exit_code == 0, made.output
    with Case.open_or_create(place / "case", write=True) as case:
        case.read([str(place / "d")])
        case.find()
    toml = place / "case" / "impound.toml"
    toml.write_text(toml.read_text("utf-8").replace('case_number = ""', 'case_number = "11-cv-00222"'))
    return place / "case"


def graph(folder: Path, **options: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(Case.open(folder).written("case_uco", options))["@graph"]
    return found


def validated(path: Path) -> bool:
    validate = Path(sys.executable).with_name("case_validate")
    ran = subprocess.run([validate, path], capture_output=True, text=True, timeout=240, check=False)
    return ran.returncode == 0 and "Conforms: True" in ran.stdout


def test_it_conforms_to_the_ontology(folder: Path, tmp_path: Path) -> None:
    Case.open(folder).write("case_uco", tmp_path / "g.jsonld", {"limit": "40"})
    assert len(json.loads((tmp_path / "g.jsonld").read_text())["@graph"]) > 200
    assert validated(tmp_path / "g.jsonld")


def test_the_validator_would_find_a_fault(folder: Path, tmp_path: Path) -> None:
    text = Case.open(folder).written("case_uco", {"limit": "1"}).decode()
    assert "xsd:hexBinary" in text
    (tmp_path / "g.jsonld").write_text(text.replace("xsd:hexBinary", "xsd:integer"))
    assert not validated(tmp_path / "g.jsonld")


def test_every_source_action_and_finding_is_there_once(folder: Path) -> None:
    case, nodes = Case.open(folder), graph(folder)
    ids = [n["@id"] for n in nodes]
    assert len(ids) == len(set(ids))
    kinds = [n["@type"] for n in nodes]
    assert kinds.count("uco-observable:File") == case.count("sources")
    assert kinds.count("case-investigation:InvestigativeAction") <= len(case.custody())
    infected = case.query("SELECT count(*) AS n FROM hosts WHERE verdict = 'infected'").to_pylist()[0]["n"]
    templates = case.query("SELECT count(*) AS n FROM templates WHERE regex IS NOT NULL").to_pylist()[0]["n"]
    assert templates
    findings = case.count("campaigns") + case.count("botnets") + case.count("indicators") + infected + templates
    assert kinds.count("uco-core:Assertion") == findings
    assert kinds.count("case-investigation:ProvenanceRecord") == findings + case.count("sources")
    said = next(n for n in nodes if n["@type"] == "case-investigation:Authorization")
    assert said["case-investigation:authorizationIdentifier"] == "11-cv-00222"


def test_every_reference_leads_somewhere_and_findings_name_their_action(folder: Path) -> None:
    nodes = {n["@id"]: n for n in graph(folder)}
    for node in nodes.values():
        for held in node.get("uco-core:object", []):
            assert held["@id"] in nodes
    records = [n for n in nodes.values() if n.get("uco-core:description") == "found by indicators"]
    assert records
    for record in records:
        assert any(nodes[held["@id"]]["@type"].endswith("InvestigativeAction") for held in record["uco-core:object"])


def test_a_finding_cites_messages_and_each_says_which_bytes_of_which_source_it_is(folder: Path) -> None:
    nodes = {n["@id"]: n for n in graph(folder)}
    mails = {i for i, n in nodes.items() if n["@type"] == "uco-observable:EmailMessage"}
    assert mails
    for kind in ("hosts", "templates", "indicators"):
        records = [n for n in nodes.values() if n.get("uco-core:description") == f"found by {kind}"]
        assert any(held["@id"] in mails for record in records for held in record["uco-core:object"]), kind
    places = [n for n in nodes.values() if n["@type"] == "uco-observable:ObservableRelationship"]
    assert {n["uco-core:source"]["@id"] for n in places} == mails
    for n in places:
        file = nodes[n["uco-core:target"]["@id"]]["uco-core:hasFacet"][0]["uco-observable:fileName"]
        original = (folder.parent / "d" / file).read_bytes()
        (place,) = n["uco-core:hasFacet"]
        begin, size = (int(place[f"uco-observable:range{what}"]["@value"]) for what in ("Offset", "Size"))
        assert original[begin : begin + size].startswith(b"From ")


def test_an_action_says_who_did_it_and_what_came_of_it(folder: Path) -> None:
    Case.open(folder).write("stix", folder.parent / "a.json")
    entries = Case.open(folder).custody()
    nodes = graph(folder)
    made = [n for n in nodes if n["@type"] == "uco-observable:ObservableObject"]
    actions = {n["@id"]: n for n in nodes if n["@type"] == "case-investigation:InvestigativeAction"}
    names = {n["@id"]: n["uco-core:name"] for n in nodes if n["@type"] == "uco-identity:Identity"}
    assert {names[a["uco-action:performer"]["@id"]] for a in actions.values()} == {e["who"] for e in entries}
    results = [a["uco-action:result"][0]["@id"] for a in actions.values() if "uco-action:result" in a]
    assert sorted(results) == sorted(n["@id"] for n in made)
    written = {e["sha256"] for e in entries if e["what"] == "write"}
    told = {n["uco-core:hasFacet"][0]["uco-observable:hash"][0]["uco-types:hashValue"]["@value"] for n in made}
    assert written
    assert written <= told


@pytest.mark.parametrize("options", [{"limit": "0"}])
def test_a_wrong_option_is_told(options: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        CaseUcoWriter().write(None, tmp_path / "x", CaseFacts("a", "1", None), options)  # type: ignore[arg-type]  # unasked
