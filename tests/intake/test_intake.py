"""Reading: whatever way the same mail is handed in, the same records; nothing twice, nothing lost, every path kept."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from impound import Case, intake
from impound.intake import Intake, Terms
from impound.plugin import load
from impound.store import CaseStore, clock
from intake.mail import KEY, mbox, message, read, rows, tree


def eml(place: Path, messages: list[bytes]) -> Path:
    for number, one in enumerate(messages):
        (place / f"{number:03d}.eml").write_bytes(one)
    return place


def maildir(place: Path, messages: list[bytes]) -> Path:
    for number, one in enumerate(messages):
        sub = place / ("cur" if number % 2 else "new")
        sub.mkdir(exist_ok=True)
        (sub / f"13000000{number:03d}.M{number}.example:2,S").write_bytes(one)
    (place / "tmp").mkdir()
    return place


def tar_gz(place: Path, messages: list[bytes]) -> Path:
    with tarfile.open(place / "mail.tar.gz", "w:gz") as archive:
        for number, one in enumerate(messages):
            member = tarfile.TarInfo(f"mail/{number:03d}.eml")
            member.size = len(one)
            archive.addfile(member, io.BytesIO(one))
    return place / "mail.tar.gz"


def zipped(place: Path, messages: list[bytes]) -> Path:
    with zipfile.ZipFile(place / "mail.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for number, one in enumerate(messages):
            archive.writestr(f"{number:03d}.eml", one)
    return place / "mail.zip"


SEPARATE: list[Callable[[Path, list[bytes]], Path]] = [eml, maildir, tar_gz, zipped]
PACKED = {".gz": gzip.compress, ".xz": lzma.compress, ".bz2": bz2.compress, ".zst": zstandard.compress, "": bytes}
OWN = ("id", "source_id", "offset", "message_id", "bytes")
"""Columns that depend on how a message was handed in."""


@pytest.fixture(scope="module")
def expected(example_mbox: bytes, tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    place = tmp_path_factory.mktemp("plain")
    (place / "example.mbox").write_bytes(example_mbox)
    read(place / "case", place / "example.mbox")
    return {t: set(rows(place / "case", t, *OWN)) for t in ("messages", "bodies", "urls", "attachments")}


@pytest.mark.parametrize("wrap", SEPARATE)
def test_the_same_messages_come_out_of_single_files_however_they_are_handed_in(
    wrap: Callable[[Path, list[bytes]], Path], example: list[bytes], expected: dict[str, set[str]], tmp_path: Path
) -> None:
    (tmp_path / "in").mkdir()
    tally = read(tmp_path / "case", wrap(tmp_path / "in", example))
    assert (tally.sources, tally.copies, tally.known, tally.rejects) == (298, 2, 0, 0)
    assert {t: set(rows(tmp_path / "case", t, *OWN)) for t in expected} == expected


@pytest.mark.parametrize("suffix", PACKED)
def test_the_same_messages_come_out_of_a_mailbox_however_it_is_packed(
    suffix: str, example_mbox: bytes, expected: dict[str, set[str]], tmp_path: Path
) -> None:
    file = tmp_path / f"example.mbox{suffix}"
    file.write_bytes(PACKED[suffix](example_mbox))
    tally = read(tmp_path / "case", file)
    assert (tally.sources, tally.records, tally.rejects) == (1, 300, 0)
    assert {t: set(rows(tmp_path / "case", t, *OWN)) for t in expected} == expected


def test_the_same_messages_come_from_standard_input(
    example_mbox: bytes, expected: dict[str, set[str]], tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "impound.cli", "read", str(tmp_path / "case"), "--case-key", "key", "-"]
    (tmp_path / "key").write_text(KEY.hex())
    command = [sys.executable, "-c", "from impound.cli import main; main()", *command[3:]]
    subprocess.run(command, input=gzip.compress(example_mbox), cwd=tmp_path, check=True, timeout=120)
    assert {t: set(rows(tmp_path / "case", t, *OWN)) for t in expected} == expected
    assert "'-!-'" in rows(tmp_path / "case", "sources")[0]


# -- nothing lost, nothing twice ------------------------------------------------------------------------------------


def test_files_handed_in_are_sources_and_copies_and_every_path_is_kept(folder: Path, tmp_path: Path) -> None:
    (folder / "broken-link").symlink_to("nowhere")
    (folder / "empty").touch()
    (folder / "picture.bin").write_bytes(bytes(range(256)) * 20)
    os.mkfifo(folder / "pipe")
    handed_in = len(list(folder.iterdir()))
    tally = read(tmp_path / "case", folder)
    assert tally.sources + tally.copies == handed_in == 17
    assert (tally.records, tally.rejects) == (12, 4)
    sources = Case.open(tmp_path / "case").query("SELECT * FROM sources", tables=["sources"]).to_pylist()
    assert sorted(p for s in sources for p in s["paths"]) == sorted(map(str, folder.iterdir()))
    assert [s["paths"] for s in sources if s["copies"]] == [[str(folder / "05.eml"), str(folder / "copy.eml")]]
    assert all(s["records"] + s["rejects"] == 1 for s in sources)


def test_an_unknown_format_is_a_sealed_source_with_one_reject(tmp_path: Path) -> None:
    data = bytes(range(256)) * 50_000
    (tmp_path / "blob").write_bytes(data)
    read(tmp_path / "case", tmp_path / "blob")
    case = Case.open(tmp_path / "case")
    source = case.query("SELECT * FROM sources", tables=["sources"]).to_pylist()[0]
    assert (source["reader"], source["records"], source["rejects"]) == (None, 0, 1)
    reject = case.query("SELECT * FROM rejects", tables=["rejects"]).to_pylist()[0]
    assert reject["reason"] == intake.UNKNOWN
    assert case.original(source["id"], 0) == data[: 1 << 20]
    assert case.verify() == []


def test_reading_again_changes_no_table_and_no_line_of_the_manifest(folder: Path, tmp_path: Path) -> None:
    (folder / "broken-link").symlink_to("nowhere")
    read(tmp_path / "case", folder)
    before, manifest = tree(tmp_path / "case"), (tmp_path / "case" / "manifest.jsonl").read_bytes()
    tally = read(tmp_path / "case", folder)
    assert (tally.sources, tally.copies, tally.known, tally.records) == (0, 0, 14, 0)
    assert tree(tmp_path / "case") == before
    assert (tmp_path / "case" / "manifest.jsonl").read_bytes() == manifest


def test_the_same_bytes_at_another_path_are_a_copy_whenever_they_are_met(folder: Path, tmp_path: Path) -> None:
    read(tmp_path / "case", folder)
    (tmp_path / "later").mkdir()
    (tmp_path / "later" / "x").write_bytes(message(5))
    tally = read(tmp_path / "case", tmp_path / "later")
    assert (tally.sources, tally.copies) == (0, 1)
    copied = [r for r in rows(tmp_path / "case", "sources") if "'copies': 2" in r]
    assert len(copied) == 1 and str(tmp_path / "later" / "x") in copied[0]


def test_half_the_files_first_and_then_all_give_the_same_records(folder: Path, tmp_path: Path) -> None:
    read(tmp_path / "once", folder)
    read(tmp_path / "steps", *sorted(folder.iterdir())[::2])
    read(tmp_path / "steps", folder)
    assert rows(tmp_path / "steps", "seals", "frame", "frame_offset") == rows(
        tmp_path / "once", "seals", "frame", "frame_offset"
    )
    for table in ("messages", "bodies", "urls", "attachments", "rejects", "sources"):
        assert rows(tmp_path / "steps", table) == rows(tmp_path / "once", table)


# -- the same bytes every time --------------------------------------------------------------------------------------


def test_the_same_case_made_twice_is_the_same_to_the_byte(folder: Path, tmp_path: Path) -> None:
    read(tmp_path / "one", folder)
    read(tmp_path / "two", folder)
    assert tree(tmp_path / "one") == tree(tmp_path / "two")
    assert {name.split("/")[1] for name in tree(tmp_path / "one")} > {"messages", "bodies", "urls", "sources", "seals"}
    assert (tmp_path / "one" / "manifest.jsonl").read_bytes() == (tmp_path / "two" / "manifest.jsonl").read_bytes()


@pytest.mark.parametrize("workers", [1, 3])
def test_the_number_of_workers_does_not_show(workers: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "BATCH_BYTES", 256 << 10)
    (tmp_path / "mbox").write_bytes(mbox(900, 3_000))

    def made(name: str, number: int) -> dict[str, str]:
        CaseStore.create(tmp_path / name, KEY, "", False)
        engine = load("engines", "duckdb")(workers=number)
        with CaseStore.open(tmp_path / name).lock() as store:
            terms = Terms("inbound", "", "TLP:AMBER", clock(), {"mail": load("readers", "mail")()})
            Intake(store, engine, terms).read([str(tmp_path / "mbox")], lambda *_: None)
            store.settle()
        engine.close()
        return tree(tmp_path / name)

    assert made("some", workers) == made("none", 0)


def test_a_source_read_in_many_batches_is_one_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "BATCH_BYTES", 2_000)
    (tmp_path / "mbox").write_bytes(mbox(60))
    tally = read(tmp_path / "case", tmp_path / "mbox")
    case = Case.open(tmp_path / "case")
    source = case.query("SELECT * FROM sources", tables=["sources"]).to_pylist()[0]
    size = (tmp_path / "mbox").stat().st_size
    assert (tally.sources, source["records"], source["bytes"], source["read_bytes"]) == (1, 60, size, size)
    assert len(list((tmp_path / "case" / "evidence").iterdir())) > 10
    assert case.verify() == []
