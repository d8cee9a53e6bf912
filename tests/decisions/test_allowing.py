"""What is allowed is never listed again, what was published is withdrawn, and taking it back restores every row."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from impound import Case, decisions
from impound.cli import main
from impound.errors import UsageError

FINDINGS = ("hosts", "signals", "indicators", "botnets", "botnet_members", "templates", "url_patterns")


def rows(folder: Path, sql: str, **params: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = Case.open(folder).query(sql, params).to_pylist()
    return found


def findings(folder: Path) -> dict[str, list[dict[str, Any]]]:
    return {table: rows(folder, f"SELECT * FROM {table} ORDER BY ALL") for table in FINDINGS}


def allowed(folder: Path, value: str, reason: str = "ours", undo: bool = False) -> decisions.Value:
    with Case.open(folder, write=True) as case:
        return decisions.allow(case, value, reason, undo=undo)


def released(folder: Path, kind: str) -> str:
    sql = "SELECT value FROM indicators WHERE type = :kind AND state = 'released' ORDER BY value LIMIT 1"
    return str(rows(folder, sql, kind=kind)[0]["value"])


def test_an_allowed_network_is_accused_of_nothing_and_its_evidence_stays(folder: Path) -> None:
    before, ip = findings(folder), released(folder, "address")
    assert allowed(folder, f"{ip}/24").type == "network"
    mine = rows(folder, "SELECT * FROM hosts WHERE ip = :ip", ip=ip)
    assert mine and all(h["verdict"] == "unclear" and h["score"] == 0.0 and h["kinds"] for h in mine)
    assert all(h["why"].startswith("Allowed: ours. By its mail alone it would be called infected: ") for h in mine)
    assert rows(folder, "SELECT * FROM signals WHERE subject = :ip", ip=ip)
    assert not rows(folder, "SELECT * FROM botnet_members WHERE member = :ip", ip=ip)
    [listed] = rows(folder, "SELECT state, reason FROM indicators WHERE value = :ip", ip=ip)
    assert listed == {"state": "withdrawn", "reason": "released before, but allowed: ours"}
    told = "SELECT to_state FROM events WHERE subject IN (:ip, 'address ' || :ip) AND to_state = 'withdrawn'"
    assert len(rows(folder, told, ip=ip)) == 2
    allowed(folder, f"{ip}/24", "sold", undo=True)
    assert findings(folder) == before


@pytest.mark.parametrize("kind", ["domain", "contact", "template"])
def test_anything_listed_can_be_allowed_and_judged_again(folder: Path, kind: str) -> None:
    before, value = findings(folder), released(folder, kind)
    said = f"a.b.{value}" if kind == "domain" else value
    assert allowed(folder, said) == decisions.Value(kind, value)
    [listed] = rows(folder, "SELECT state, reason FROM indicators WHERE value = :value", value=value)
    assert listed == {"state": "withdrawn", "reason": "released before, but allowed: ours"}
    with Case.open(folder, write=True) as case:
        case.find(["indicators"])
    assert rows(folder, "SELECT state FROM indicators WHERE value = :value", value=value) == [{"state": "withdrawn"}]
    allowed(folder, said, undo=True)
    assert findings(folder) == before


def test_what_was_only_proposed_is_withheld_and_not_withdrawn(folder: Path) -> None:
    sql = "SELECT value FROM indicators WHERE type = 'domain' AND state = 'proposed' ORDER BY value LIMIT 1"
    value = rows(folder, sql)[0]["value"]
    allowed(folder, value)
    [listed] = rows(folder, "SELECT state, reason FROM indicators WHERE value = :value", value=value)
    assert listed == {"state": "withheld", "reason": "allowed: ours"}


def test_each_step_is_an_event_and_in_the_custody_log_and_nothing_is_done_twice(folder: Path) -> None:
    allowed(folder, "192.0.2.9", "our relay")
    with pytest.raises(UsageError, match="allowed already"):
        allowed(folder, "192.0.2.9")
    allowed(folder, "192.0.2.9", "gone", undo=True)
    with pytest.raises(UsageError, match="is not allowed"):
        allowed(folder, "192.0.2.9", undo=True)
    told = rows(folder, "SELECT e.* FROM events e WHERE e.actor = 'allow' ORDER BY e.at")
    assert [(e["from_state"], e["to_state"], e["reason"]) for e in told] == [
        (None, "allowed", "our relay"), ("allowed", "judged", "gone")
    ]  # fmt: skip
    entries = [e for e in Case.open(folder).custody() if e["what"] == "allow"]
    assert [(e["value"], e["state"]) for e in entries] == [("192.0.2.9", "allowed"), ("192.0.2.9", "judged")]
    assert decisions.allowances(Case.open(folder)) == [] and Case.open(folder).verify() == []


@pytest.mark.parametrize(
    ("said", "kind", "value"),
    [
        (" 192.0.2.09 ", "address", "192.0.2.9"),
        ("192.0.2.77/24", "network", "192.0.2.0/24"),
        ("192.0.2.7/32", "address", "192.0.2.7"),
        ("2001:DB8::/32", "network", "2001:db8::/32"),
        ("WWW.Shop.Example.ORG.", "domain", "example.org"),
        ("a.b.firm.example", "domain", "firm.example"),
        ("Ada@Firm.Example", "contact", "ada@firm.example"),
        ("+49 (30) 555-01-00", "contact", "49305550100"),
        ("iban:DE02120300000000202051", "contact", "iban:DE02120300000000202051"),
        ("AB" * 32, "file", "ab" * 32),
        ("00ff00ff00ff00ff", "image", "00ff00ff00ff00ff"),
    ],
)
def test_a_value_is_told_by_its_form(folder: Path, said: str, kind: str, value: str) -> None:
    assert decisions.value_of(Case.open(folder), said) == decisions.Value(kind, value)


@pytest.mark.parametrize(
    "said", ["", "two words", "a/b", "0.0.0.0/0", "2000::/3", "http://shop.example/x", "x" * 70, "@"]
)
def test_what_is_no_value_and_half_the_world_are_refused(folder: Path, said: str) -> None:
    with pytest.raises(UsageError):
        decisions.value_of(Case.open(folder), said)


def test_a_case_in_which_nothing_was_found_yet_keeps_it_for_later(tmp_path: Path) -> None:
    with Case.open_or_create(tmp_path / "case", write=True) as case:
        decisions.allow(case, "192.0.2.9", "ours")
    assert [r["subject"] for r in decisions.allowances(Case.open(tmp_path / "case"))] == ["address 192.0.2.9"]
    assert not Case.open(tmp_path / "case").found("hosts")


def test_the_command_lists_what_is_allowed_and_the_summary_counts_it(folder: Path) -> None:
    def run(*words: object) -> str:
        ran = CliRunner().invoke(main, [str(w) for w in words])
        assert ran.exit_code == 0, ran.output
        return ran.output

    assert run("allow", folder) == "nothing is allowed\n"
    run("allow", folder, "news.example", "--reason", "our \x1b[31mnewsletter")
    assert "domain news.example: our " in run("allow", folder) and "\x1b" not in run("allow", folder)
    assert "1 value, never listed" in run("show", folder)
    run("allow", folder, "news.example", "--undo", "--reason", "it was sold")
    assert run("allow", folder) == "nothing is allowed\n" and "Allowed" not in run("show", folder)
