"""The box of sealed tips: in the custody log, found out when changed, opened under names of ours, read as sources."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import running as made  # its folder was put on the path just above

from impound import Case
from impound.errors import ConfigError, StoreError, UsageError
from impound.services import tips
from impound.services.tips import _box, _keys, _sealed
from impound.services.tips._form import Attached, Form

TAG = "0123456789abcdef"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return made.case(tmp_path)


def put(place: Path, words: str = "words", *files: tuple[str, bytes], tag: str = TAG) -> str:
    """A tip in the box, as the server puts it there."""
    attached = tuple(Attached(memoryview(data), name, "text/html") for name, data in files)
    form = Form(words.encode(), "", "", attached)
    _, recipients = _keys.recipients(place / "tips")
    return _box.Box(Case.open(place)).add(tag, _sealed.seal(form, "en", _box.hour(), recipients))


def test_tips_of_a_receipt_are_numbered_and_each_is_in_the_custody_log(place: Path) -> None:
    names = [put(place), put(place), put(place, tag="f" * 16)]
    assert names == [f"{TAG}-0001.age", f"{TAG}-0002.age", f"{'f' * 16}-0001.age"]
    case = Case.open(place)
    entries = [e for e in case.custody() if e["what"] == "tip"]
    assert [e["kept"] for e in entries] == [f"tips/{name}" for name in names]
    assert all(e["at"].endswith(":00:00+00:00") for e in entries)
    assert [tip.file for tip in tips.came(case)] == names
    assert case.verify() == []


def test_a_changed_and_a_missing_tip_are_named(place: Path) -> None:
    first, second = put(place), put(place)
    data = bytearray((place / "tips" / first).read_bytes())
    data[-1] ^= 1
    (place / "tips" / first).write_bytes(data)
    (place / "tips" / second).unlink()
    case = Case.open(place)
    assert case.verify() == [f"tips/{first} was changed", f"tips/{second} is missing"]
    assert [tip.here for tip in tips.came(case)] == [True, False]
    with pytest.raises(StoreError, match="missing or was changed"):
        tips.open_into(case, place.parent / "tips.key", place.parent / "opened")


def test_what_a_crash_left_is_cleared_away_or_noted(place: Path) -> None:
    kept = put(place)
    log = (place / "custody.jsonl").read_bytes().splitlines(keepends=True)
    (place / "custody.jsonl").write_bytes(b"".join(log[:-1]))  # the crash came before its line
    (place / "tips" / f".{TAG}-0002.age.new").write_bytes(b"half of")
    box = _box.Box(Case.open(place))
    assert box.tips() == []
    assert box.settle() == 1
    assert [tip.file for tip in box.tips()] == [kept]
    assert box.settle() == 0
    assert sorted(p.name for p in (place / "tips").iterdir()) == [kept, "recipients.txt"]


def test_a_full_disk_turns_tips_away_before_it_is_full(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_box, "ROOM", 1 << 60)
    with pytest.raises(StoreError, match="the disk is full"):
        put(place)
    assert tips.came(Case.open(place)) == []


def test_opened_tips_have_names_of_ours_and_nothing_that_a_click_runs(place: Path) -> None:
    script = b"#!/bin/sh\nrm -rf /\n"
    put(place, "\x1b[31mred\u202e\0 ü\r\nend", ("../../evil.sh", script), ("<b>.html", b"<script>"))
    to = place.parent / "opened"
    done = tips.open_into(Case.open(place), place.parent / "tips.key", to)
    assert (done.opened, done.files, done.other_key) == (1, 2, 0)
    files = sorted(p.relative_to(to).as_posix() for p in to.rglob("*") if p.is_file())
    assert files == [f"files/{TAG}-0001-01", f"files/{TAG}-0001-02", f"words/{TAG}-0001.txt"]
    assert {(to / f).stat().st_mode & 0o777 for f in files} == {0o600}
    assert (to / files[0]).read_bytes() == script
    text = (to / files[2]).read_text("utf-8")
    assert "\\u001b[31mred\\u202e\\u0000 ü\nend\n" in text and "\x1b" not in text and "../../evil.sh (" in text
    opened = [e for e in Case.open(place).custody() if e["what"] == "tip opened"]
    assert [e["kept"] for e in opened] == [f"tips/{TAG}-0001.age"]
    with pytest.raises(UsageError, match="exists"):
        tips.open_into(Case.open(place), place.parent / "tips.key", to)


def test_another_key_opens_nothing_and_the_log_says_nothing(place: Path) -> None:
    put(place)
    tips.new_key(Case.open(place), place.parent / "second.key")
    put(place, "to the second")
    done = tips.open_into(Case.open(place), place.parent / "second.key", place.parent / "opened")
    assert (done.opened, done.other_key) == (1, 1)
    assert sum(e["what"] == "tip opened" for e in Case.open(place).custody()) == 1


def test_the_private_key_is_its_owners_and_never_overwritten_and_not_in_the_case(place: Path) -> None:
    key = place.parent / "tips.key"
    assert key.stat().st_mode & 0o777 == 0o600
    before = key.read_bytes()
    with pytest.raises(UsageError, match="exists"):
        tips.new_key(Case.open(place), key)
    assert key.read_bytes() == before
    for inside in (place / "k", place / "tips" / "k"):
        with pytest.raises(UsageError, match="lies in the case"):
            tips.new_key(Case.open(place), inside)
    secret = before.split(b"AGE-SECRET-KEY-")[1].strip()
    assert secret not in made.everything(place)


@pytest.mark.parametrize("text", ["", "# only a word\n", "age1nonsense\n", "\udcff"])
def test_without_a_public_key_there_is_no_server(place: Path, text: str) -> None:
    (place / "tips" / "recipients.txt").write_bytes(os.fsencode(text))
    with pytest.raises(ConfigError):
        tips.serve(Case.open(place), "127.0.0.1", 0)


@pytest.mark.parametrize("text", ["", "age1nonsense\n", "AGE-SECRET-KEY-1NONSENSE\n", "\udcff"])
def test_what_is_no_private_key_is_said_to_be_none(place: Path, text: str) -> None:
    (place.parent / "other").write_bytes(os.fsencode(text))
    with pytest.raises(UsageError, match="holds no private key"):
        tips.open_into(Case.open(place), place.parent / "other", place.parent / "opened")
    with pytest.raises(UsageError, match="no such file"):
        tips.open_into(Case.open(place), place.parent / "nowhere", place.parent / "opened")


def test_sealed_tips_become_sources_and_nobodys_words_come_into_a_table(place: Path) -> None:
    words = "From: a@b.example\n\nFrom 198.51.100.7 I know secretword"
    name = put(place, words, ("spam.eml", b"Subject: secretword\n\nsecretword"))
    with Case.open(place, write=True) as case:
        case.read(tips.source_files(case), vantage="user-report", sensor="tips")
        (source,) = case.query("SELECT * FROM sources").to_pylist()
        assert case.count("messages") == case.count("rejects") == 0
        assert case.verify() == []
    assert (source["vantage"], source["sensor"], source["reader"]) == ("user-report", "tips", "sealed")
    (tip,) = tips.came(Case.open(place))
    assert source["sha256"] == tip.sha256 and source["paths"][0].endswith(name)
    assert b"secretword" not in made.everything(place)


def test_a_case_without_tips_has_nothing_to_read(place: Path) -> None:
    with pytest.raises(UsageError, match="no tips"):
        tips.source_files(Case.open(place))
