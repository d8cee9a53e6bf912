"""A case that is fed in steps ends as one that was fed at once; the same case twice is the same bytes."""

from __future__ import annotations

from pathlib import Path

import pytest

from impound import Case, drill

KEY = bytes(range(32))


@pytest.fixture(scope="module")
def mail(tmp_path_factory: pytest.TempPathFactory) -> Path:
    settings = drill.Settings(messages=1_500, bots=120, innocents=150, botnets=2, days=6, difficulty=2, seed=3)
    return drill.write(tmp_path_factory.mktemp("growth") / "mail", settings).out


def made(place: Path, steps: list[list[str]]) -> Path:
    """A case that reads some paths, looks for what is in them, and goes on with the next ones."""
    with Case.open_or_create(place, write=True, key=KEY) as case:
        for paths in steps:
            case.read(paths)
            case.find()
    return place


def drawn_anew(place: Path, full: bool) -> int:
    """Look for templates again: of how many messages they were learnt."""
    with Case.open(place, write=True) as case:
        log = case.find(["templates"], full=full)["templates"]
    return next(statement.rows for statement in log if statement.name == "template_fresh")


def partition(place: Path) -> set[frozenset[int]]:
    members = Case.open(place).query("SELECT campaign_id, message_id FROM campaign_members").to_pylist()
    found: dict[int, set[int]] = {}
    for row in members:
        found.setdefault(row["campaign_id"], set()).add(row["message_id"])
    return {frozenset(messages) for messages in found.values()}


def test_grown_in_three_steps_a_case_has_the_partition_and_the_verdicts_of_one_read_at_once(
    mail: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    days = [str(path) for path in sorted(mail.iterdir())]
    whole = made(tmp_path / "whole", [days])
    grown = made(tmp_path / "grown", [days[:2], days[2:4], days[4:]])
    assert len(partition(whole)) > 10
    assert partition(grown) == partition(whole)
    verdicts = "SELECT ip, first_at, verdict, score FROM hosts ORDER BY ip, first_at"
    assert Case.open(grown).query(verdicts) == Case.open(whole).query(verdicts)
    learnt = "SELECT regex, learned_from, matched, ham_matched, state, why FROM templates ORDER BY regex, matched, why"
    found = Case.open(grown).query(learnt)
    assert found.filter(found["regex"].is_valid()).num_rows > 3
    assert found == Case.open(whole).query(learnt)
    drawn = [drawn_anew(grown, full) for full in (False, True, False)]
    assert drawn[0] == drawn[2] == 0 < drawn[1], "what was learnt stays while the same messages are drawn"
    assert Case.open(grown).query(learnt) == found


def test_names_and_ids_stay_when_a_case_grows(mail: Path, tmp_path: Path) -> None:
    days = [str(path) for path in sorted(mail.iterdir())]
    place = made(tmp_path / "case", [days[:3]])
    names = "SELECT c.id, c.name FROM campaigns c WHERE c.messages >= 10"
    before = {r["id"]: r["name"] for r in Case.open(place).query(names).to_pylist()}
    made(place, [days[3:]])
    after = {r["id"]: r["name"] for r in Case.open(place).query(names).to_pylist()}
    kept = before.keys() & after.keys()
    assert len(kept) >= 0.9 * len(before)
    assert all(after[number] == before[number] for number in kept)


def test_botnets_keep_id_and_name_day_by_day_and_tell_what_became_of_them(mail: Path, tmp_path: Path) -> None:
    days = [str(path) for path in sorted(mail.iterdir())]
    known: dict[int, str] = {}
    for step in (days[:3], [days[3]], days[4:]):
        place = made(tmp_path / "case", [step])
        case = Case.open(place)
        found = {r["id"]: r["name"] for r in case.query("SELECT b.id, b.name FROM botnets b").to_pylist()}
        told = {r["subject"] for r in case.query("SELECT subject FROM events").to_pylist()}
        assert all(found.get(number) == name for number, name in known.items() if str(number) not in told)
        assert not known or all(str(number) in told for number in found.keys() - known.keys())
        known = found
    assert len(known) == 2
    campaigns = {r["id"] for r in case.query("SELECT c.id FROM campaigns c").to_pylist()}
    ended = case.query("SELECT subject FROM events WHERE to_state IN ('merged', 'gone')").to_pylist()
    assert not campaigns & {int(r["subject"]) for r in ended}


def test_a_find_that_finds_nothing_new_adds_no_event(mail: Path, tmp_path: Path) -> None:
    place = made(tmp_path / "case", [[str(path) for path in sorted(mail.iterdir())[:3]]])
    before = Case.open(place).query("SELECT * FROM events").to_pylist()
    made(place, [[]])
    assert Case.open(place).query("SELECT * FROM events").to_pylist() == before
    assert {row["actor"] for row in before} == {"lives"}


def test_the_same_case_twice_is_the_same_bytes(mail: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    cases = [made(tmp_path / name, [[str(mail)]]) for name in ("one", "two")]
    parts = [sorted(str(p.relative_to(c)) for p in c.rglob("tables/*/*.parquet")) for c in cases]
    assert parts[0] == parts[1]  # a part is named by its SHA-256
    assert any("hosts" in part for part in parts[0])
