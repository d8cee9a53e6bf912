"""``impound check`` and ``impound train``: an object for every message, and models that survive what goes wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from click.testing import CliRunner, Result

from impound import Case
from impound.cli import main
from impound.tables import TABLES

SPAM = "Cheap pills without prescription! Order now http://pills.example/buy?id=1"
HAM = "The minutes of the meeting are below. Anna wrote: please review the patch before lunch."


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(main, ["-q", *map(str, words)])


def objects(*words: str | Path) -> list[dict[str, Any]]:
    ran = run("check", *words, "--format", "json")
    assert ran.exit_code == 0, ran.output
    said: list[dict[str, Any]] = json.loads(ran.stdout)
    return said


def mail(text: str, number: int) -> str:
    return (
        f"From: a{number}@b.example\nTo: c@d.example\nSubject: {text[:14]}\nMessage-ID: <{number}@b.example>\n\n"
        f"{text} {number}\n"
    )


@pytest.fixture
def folders(tmp_path: Path) -> Path:
    for name, text in (("spam", SPAM), ("ham", HAM)):
        (tmp_path / name).mkdir()
        for number in range(30):
            (tmp_path / name / f"{number:02}.eml").write_text(mail(text, number))
    return tmp_path


def test_there_is_an_object_for_every_message_copies_and_the_unreadable_too(folders: Path) -> None:
    (folders / "spam" / "copy.eml").write_text(mail(SPAM, 0))
    (folders / "spam" / "junk").write_bytes(b"\0\1\2")
    said = objects(folders / "spam")
    assert len(said) == 32
    names = ["path", "offset", "spam", "lure", "brand", "campaign", "template", "pattern", "reasons", "advice"]
    assert all(list(one) == names and 0 <= one["spam"] <= 1 and one["reasons"] for one in said)
    (junk,) = (one for one in said if one["path"].endswith("junk"))
    assert junk["spam"] == 0.5 and "no mail" in junk["reasons"][0]


def test_a_model_of_ones_own_tells_apart_what_it_learnt(folders: Path) -> None:
    model = folders / "ours.model"
    assert run("train", model, "--spam", folders / "spam", "--ham", folders / "ham").exit_code == 0
    spam = [one["spam"] for one in objects("--model", model, folders / "spam")]
    ham = [one["spam"] for one in objects("--model", model, folders / "ham")]
    assert min(spam) > max(ham)


def test_the_same_folders_give_the_same_model(folders: Path) -> None:
    for name in ("one", "other"):
        assert run("train", folders / name, "--ham", folders / "ham", "--spam", folders / "spam").exit_code == 0
    assert (folders / "one").read_bytes() == (folders / "other").read_bytes()


def test_feedback_goes_to_the_model_that_is_there(folders: Path) -> None:
    model, wrong = folders / "m", folders / "wrong.eml"
    run("train", model, "--spam", folders / "spam", "--ham", folders / "ham")
    wrong.write_text(mail(SPAM.replace("pills", "tickets"), 77))
    (before,) = objects("--model", model, wrong)
    assert run("train", model, "--ham", wrong).exit_code == 0
    (after,) = objects("--model", model, wrong)
    assert after["spam"] < before["spam"]


@pytest.mark.parametrize("words", [("--spam", "spam"), ("--ham", "ham"), ("--spam", "empty", "--ham", "empty"), ()])
def test_what_cannot_teach_is_said_and_leaves_nothing(folders: Path, words: tuple[str, ...]) -> None:
    (folders / "empty").mkdir()
    model = folders / "m"
    ran = run("train", model, *(word if word.startswith("--") else folders / word for word in words))
    assert ran.exit_code == 2 and "impound:" in ran.stderr
    assert not model.exists()


def test_a_run_that_fails_leaves_the_old_model(folders: Path) -> None:
    model = folders / "m"
    run("train", model, "--spam", folders / "spam", "--ham", folders / "ham")
    before = model.read_bytes()
    assert run("train", model, "--spam", folders / "no such folder").exit_code == 3
    assert model.read_bytes() == before


@pytest.mark.parametrize("data", [b"", b"impound model 1\n{}", b"\x80\x04cposix\nsystem\n."])
def test_a_file_that_is_no_model_is_refused(folders: Path, data: bytes) -> None:
    (folders / "m").write_bytes(data)
    for ran in (
        run("check", "--model", folders / "m", folders / "ham"),
        run("train", folders / "m", "--ham", folders / "ham"),
    ):
        assert ran.exit_code == 3
        assert (folders / "m").read_bytes() == data


def test_dry_run_lists_the_ham_that_would_be_hit(folders: Path) -> None:
    model = folders / "m"
    run("train", model, "--spam", folders / "spam", "--ham", folders / "ham")
    (folders / "ham" / "odd.eml").write_text(mail(SPAM, 5))
    ran = CliRunner().invoke(
        main, ["check", "--model", str(model), "--dry-run", str(folders / "ham"), "--format", "json"]
    )
    assert [Path(one["path"]).name for one in json.loads(ran.stdout)] == ["odd.eml"]
    assert "1 of 31 would have been hit (3.23%)" in ran.stderr


def test_with_a_case_the_campaign_is_named(folders: Path) -> None:
    assert run("read", folders / "case", folders / "spam").exit_code == 0
    assert run("find", folders / "case").exit_code == 0
    said = objects("--case", folders / "case", folders / "spam")
    members = Case.open(folders / "case").query("SELECT * FROM campaign_members", tables=["campaign_members"])
    assert sum(one["campaign"] is not None for one in said) == members.num_rows > 0


def test_a_name_that_imitates_a_mark_is_named_and_an_honest_one_is_left_open() -> None:
    fake, honest = objects("https://paypa1.com/login", "paypal.com")
    assert (fake["brand"], fake["lure"]) == ("PayPal", "phishing") and fake["spam"] > 0.5 and fake["advice"]
    assert (honest["brand"], honest["spam"]) == (None, 0.5)


def test_a_lure_comes_with_advice(folders: Path) -> None:
    (said, *_) = objects(folders / "spam")
    assert said["lure"] == "pharmacy" and "Do not buy" in said["advice"]


def test_one_message_is_shown_as_a_page_with_what_to_do(folders: Path) -> None:
    shown = run("check", folders / "spam" / "00.eml").stdout
    assert [line.split()[0] for line in shown.splitlines() if line[:1].strip()] == [
        *("Message", "Spam", "Lure", "Why", "Advice")
    ]
    assert "Do not buy" in shown


def test_a_campaign_of_infected_machines_says_more_than_words(case: Path) -> None:
    mailbox = case.parent / "example.mbox"
    said = objects("--case", case, mailbox)
    with Case.open(case) as opened:
        tables = ["campaign_members", "origins", "hosts"]
        infected = opened.query(
            """SELECT DISTINCT m.campaign_id FROM campaign_members m JOIN origins o ON o.message_id = m.message_id
               JOIN hosts h ON h.ip = o.client_ip GROUP BY m.campaign_id
               HAVING COUNT(DISTINCT o.client_ip) = COUNT(DISTINCT CASE WHEN h.verdict = 'infected' THEN h.ip END)""",
            tables=tables,
        )["campaign_id"].to_pylist()  # fmt: skip
    theirs = [one for one in said if one["campaign"] in infected]
    assert theirs and all(one["spam"] >= 0.999 for one in theirs)
    assert all("infected computers" in one["reasons"][0] for one in theirs if not one["brand"])
    alone = [one for one in said if one["campaign"] is None]
    assert alone and not any("campaign" in reason for one in alone for reason in one["reasons"])


def test_what_only_reads_like_a_campaign_keeps_the_score_of_its_words(tmp_path: Path) -> None:
    """A complaint quotes what it complains of: nobody is accused for that."""
    assert run("drill", tmp_path / "mail", "--messages", "1200").exit_code == 0
    assert run("investigate", tmp_path / "case", tmp_path / "mail").exit_code == 0
    mailbox = tmp_path / "mail" / "day-001.mbox"
    known = [one for one in objects("--case", tmp_path / "case", mailbox) if one["template"] and one["campaign"]]
    assert known and any(one["spam"] >= 0.999 for one in known)
    messages, complaint = mailbox.read_bytes(), tmp_path / "one.eml"
    for one in known[:5]:
        end = messages.find(b"\nFrom ", one["offset"] + 1)
        complaint.write_bytes(messages[one["offset"] : end if end > 0 else None] + b"\n\n")
        (alone,), (plain,) = objects("--case", tmp_path / "case", complaint), objects(complaint)
        assert (alone["campaign"], alone["spam"]) == (one["campaign"], plain["spam"])
        assert any("is worded like campaign" in reason for reason in alone["reasons"])


def test_a_link_made_as_a_campaigns_links_is_told(tmp_path: Path) -> None:
    pattern = {"id": 7, "campaign_id": 3, "regex": r"http://[^/?#\s]+/shop\?aff=[0-9]{4}", "state": "proposed"}
    withheld = {"id": 8, "campaign_id": 4, "regex": r"http://[^/?#\s]+/news/[0-9]{4}", "state": "withheld"}
    tables = {"url_patterns": [pattern, withheld], "campaigns": [{"id": 3, "name": "Quiet Otter", "messages": 9}]}
    with Case.open_or_create(tmp_path / "case", write=True) as case:
        case._store.replace(
            {name: pa.Table.from_pylist(rows, schema=TABLES[name].schema).to_batches() for name, rows in tables.items()}
        )
    (said,) = objects("--case", tmp_path / "case", "http://new.example/shop?aff=1234")
    assert (said["pattern"], said["campaign"], said["spam"]) == (7, 3, 0.9)
    assert said["reasons"][0] == "Its link hxxp://new[.]example/shop?aff=1234 is made as those of campaign Quiet Otter."
    for other in ("http://new.example/news/1234", "http://new.example/shop?aff=12345"):
        (said,) = objects("--case", tmp_path / "case", other)
        assert (said["pattern"], said["campaign"], said["spam"]) == (None, None, 0.5)
