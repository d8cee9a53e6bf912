"""Botnets that stop and come back: silent between, other machines and words, the same program and contacts."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import pytest
from tests.drill.looking import messages_of, rows, text_of

from impound import drill
from impound.errors import UsageError

SETTINGS = drill.Settings(
    messages=1500, bots=80, innocents=80, botnets=2, days=16, difficulty=1, seed=501, stops=8, returns=12
)


@pytest.fixture(scope="module")
def back(tmp_path_factory: pytest.TempPathFactory) -> drill.Written:
    return drill.write(tmp_path_factory.mktemp("back") / "out", SETTINGS)


@pytest.fixture(scope="module")
def others(tmp_path_factory: pytest.TempPathFactory) -> drill.Written:
    return drill.write(tmp_path_factory.mktemp("others") / "out", replace(SETTINGS, unrelated=True))


def day(row: dict[str, str]) -> int:
    return int(row["file"][4:7])


def machines(made: drill.Written, first: int, last: int) -> set[str]:
    """The bots whose mail came on those days, directly or through others."""
    sent = [r for r in rows(made, "messages") if r["botnet"] and first <= day(r) <= last]
    return {name for r in sent for name in (r["machine"], r["author"]) if name.startswith("bot-")}


def test_between_the_days_no_botnet_writes_and_everybody_else_does(back: drill.Written) -> None:
    botnets, kinds = defaultdict(set), defaultdict(set)
    for row in rows(back, "messages"):
        botnets[day(row)].add(row["botnet"])
        kinds[day(row)].add(row["kind"])
    assert all({"botnet-01", "botnet-02"} & botnets[d] for d in range(1, 8))
    assert all({"botnet-01-again", "botnet-02-again"} & botnets[d] for d in range(12, 17))
    for quiet in range(8, 12):
        assert botnets[quiet] == {""} and {"personal", "newsletter"} <= kinds[quiet] and "bot" not in kinds[quiet]


def test_before_they_stop_it_is_the_same_mail_whoever_comes_later(back: drill.Written, others: drill.Written) -> None:
    for box in sorted(back.out.iterdir())[:11]:
        assert box.read_bytes() == (others.out / box.name).read_bytes(), box.name
    assert (back.out / "day-014.mbox").read_bytes() != (others.out / "day-014.mbox").read_bytes()


def test_no_machine_that_was_silenced_sends_again(back: drill.Written, others: drill.Written) -> None:
    for made in (back, others):
        assert machines(made, 1, 7) and machines(made, 12, 16) and not machines(made, 1, 7) & machines(made, 12, 16)


def test_the_truth_names_who_came_back_with_his_old_program_and_who_is_another(
    back: drill.Written, others: drill.Written
) -> None:
    known = {r["id"]: r for r in rows(back, "botnets")}
    assert sorted(known) == ["botnet-01", "botnet-01-again", "botnet-02", "botnet-02-again"]
    for number in ("01", "02"):
        assert known[f"botnet-{number}"]["program"] == known[f"botnet-{number}-again"]["program"]
    assert sorted(r["id"] for r in rows(others, "botnets")) == ["botnet-01", "botnet-02", "botnet-03", "botnet-04"]
    said = (others.truth / "README.md").read_text("ascii")
    assert "--stops 8 --returns 12 --unrelated" in said and "`-again`" in (back.truth / "README.md").read_text("ascii")


def test_words_are_new_and_contacts_are_kept(back: drill.Written, others: drill.Written) -> None:
    for made, kept in ((back, True), (others, False)):
        campaigns = {r["id"]: r for r in rows(made, "campaigns") if r["botnets"]}
        lines = {old: set(campaigns[old]["template"].split(" / ")) for old in campaigns}
        later = {c for c, r in campaigns.items() if r["first_at"] >= "2024-03-15"}
        assert later and later < campaigns.keys()
        for new in later:
            mine = {line for line in lines[new] if len(line.replace("*", "")) > 30}
            assert mine and not any(mine & lines[old] for old in campaigns if old not in later)
        texts: dict[bool, str] = defaultdict(str)
        for row, message in messages_of(made):
            if row["campaign"] in campaigns and row["kind"] == "bot":
                texts[row["campaign"] in later] += text_of(message)
        boxes = {word for word in set(texts[False].split()) if "@" in word and texts[False].count(word) > 5}
        assert bool(boxes & set(texts[True].split())) is kept


@pytest.mark.parametrize(
    "words",
    [{"stops": 99}, {"returns": 5}, {"stops": 9, "returns": 9}, {"unrelated": True}, {"stops": 3, "unrelated": True}],
)
def test_days_that_make_no_sense_are_refused(tmp_path: Path, words: dict[str, int]) -> None:
    with pytest.raises(UsageError):
        drill.write(tmp_path / "out", drill.Settings(days=10, **words))  # type: ignore[arg-type]
