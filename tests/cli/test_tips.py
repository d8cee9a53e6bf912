"""``impound tips`` and ``impound serve tips`` by their words; what they do is tested in tests/services/tips."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from click.testing import Result

from impound import Case
from impound.services.tips import SECRET, _box, _keys, _receipt, _sealed
from impound.services.tips._form import Form

Run = Callable[..., Result]


def with_a_tip(run: Run, folder: Path) -> Path:
    place = folder / "desk"
    Case.open_or_create(place).close()
    said = run("serve", "tips", place, "--new-key", folder / "tips.key")
    assert said.exit_code == 0 and "without it nobody can" in said.stderr and "age1" in said.stderr
    _, recipients = _keys.recipients(place / "tips")
    _box.Box(Case.open(place)).add("0" * 16, _sealed.seal(Form(b"words"), "en", _box.hour(), recipients))
    return place


def test_without_a_key_it_says_what_to_do(run: Run, tmp_path: Path) -> None:
    Case.open_or_create(tmp_path / "desk").close()
    said = run("serve", "tips", tmp_path / "desk")
    assert said.exit_code == 4 and "has no key for tips" in said.stderr and "--new-key" in said.stderr


def test_tips_are_listed_opened_and_read(run: Run, tmp_path: Path) -> None:
    place = with_a_tip(run, tmp_path)
    (row,) = json.loads(run("tips", place, "--format", "json").stdout)
    assert (row["tag"], row["number"], row["state"]) == ("0" * 16, 1, "sealed") and row["received"].endswith("h")
    opened = run("tips", place, "--key", tmp_path / "tips.key", "-o", tmp_path / "opened")
    assert opened.exit_code == 0 and "Opened: 1 tip with 0 files" in opened.stderr
    read = run("tips", place, "--read")
    assert read.exit_code == 0 and "from 1 source, 0 rejected" in read.stderr


def test_a_key_without_a_folder_is_refused_and_the_other_way_round(run: Run, tmp_path: Path) -> None:
    place = with_a_tip(run, tmp_path)
    for words in (["--key", tmp_path / "tips.key"], ["-o", tmp_path / "opened"]):
        said = run("tips", place, *words)
        assert said.exit_code == 2 and "--key and -o go together" in said.stderr


def test_who_has_a_receipt_is_told_which_tips_came_with_it(run: Run, tmp_path: Path) -> None:
    place, receipt = with_a_tip(run, tmp_path), _receipt.fresh()
    case = Case.open(place)
    tag = _receipt.tag(receipt, case.key_for(SECRET))
    _, recipients = _keys.recipients(place / "tips")
    _box.Box(case).add(tag, _sealed.seal(Form(b"words"), "en", _box.hour(), recipients))
    assert len(json.loads(run("tips", place, "--format", "json").stdout)) == 2
    (row,) = json.loads(run("tips", place, "--format", "json", "--receipt", receipt.upper().replace("-", " ")).stdout)
    assert row["tag"] == tag
    assert run("tips", place, "--receipt", "no such words").exit_code == 2
    assert "(no rows)" in run("tips", place, "--receipt", _receipt.fresh()).stdout


def test_a_case_without_tips_lists_none(run: Run, tmp_path: Path) -> None:
    Case.open_or_create(tmp_path / "desk").close()
    said = run("tips", tmp_path / "desk")
    assert said.exit_code == 0 and "(no rows)" in said.stdout
