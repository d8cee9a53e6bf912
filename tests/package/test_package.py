"""A package holds by public tools alone, every change to it is named, and no recipient leaves but for the police."""

from __future__ import annotations

import json
import random
import shutil
import stat
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import zstandard
from click.testing import CliRunner

from impound import Case
from impound.cli import main
from impound.errors import UsageError
from impound.package import verify
from impound.writers._csv import _cell
from package.conftest import RECIPIENT


def test_public_tools_find_it_whole(bag: Path) -> None:
    tools = [
        [sys.executable, "-m", "bagit", "--validate", str(bag)],
        ["sha256sum", "--check", "--strict", "--quiet", "manifest-sha256.txt", "tagmanifest-sha256.txt"],
        ["openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", "public-key.pem",
         "-in", "tagmanifest-sha256.txt", "-sigfile", "tagmanifest-sha256.txt.sig"],
    ]  # fmt: skip
    for tool in tools:
        run = subprocess.run(tool, cwd=bag, capture_output=True, text=True, check=False)
        assert run.returncode == 0, (tool, run.stdout, run.stderr)


def test_the_key_stays_in_the_case(case: Path, bag: Path) -> None:
    assert stat.S_IMODE((case / "handover.key").stat().st_mode) == 0o600
    secrets = [(case / name).read_bytes() for name in ("handover.key", "case.key")]
    for path in bag.rglob("*"):
        assert not path.is_file() or not any(secret in path.read_bytes() for secret in secrets)


def test_verify_says_so(bag: Path) -> None:
    receipt = bag.with_name("bag.receipt.json")
    run = CliRunner().invoke(main, ["verify", str(bag), "--receipt", str(receipt)])
    assert run.exit_code == 0 and "nothing was changed" in run.output
    assert json.loads(receipt.read_text())["custody_head"] in (bag / "data/custody.jsonl").read_text()


def test_every_change_is_named(bag: Path, tmp_path: Path) -> None:
    chance = random.Random(5)
    paths = sorted(path.relative_to(bag) for path in bag.rglob("*") if path.is_file() and path.stat().st_size)
    copy = tmp_path / "copy"
    shutil.copytree(bag, copy)
    assert verify(copy) == []
    for n in range(60):
        name = paths[n % len(paths)] if n < len(paths) else chance.choice(paths)
        data = (bag / name).read_bytes()
        at = chance.randrange(len(data))
        (copy / name).write_bytes(data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1 :])
        assert any(Path(name).name in said or "belong" in said for said in verify(copy)), name
        (copy / name).unlink()
        assert any(Path(name).name in said for said in verify(copy)), name
        (copy / name).write_bytes(data)
    (copy / "data" / "new.txt").write_text("new")
    assert verify(copy) == ["data/new.txt does not belong to the package"]


def test_an_older_package_is_not_the_one_of_the_receipt(case: Path, bag: Path) -> None:
    newer = Case.open(case).write("handover", case.parent / "newer")
    assert verify(newer, newer.with_name("newer.receipt.json")) == []
    assert "not the package of the receipt" in " ".join(verify(bag, newer.with_name("newer.receipt.json")))
    assert verify(bag, bag) == ["bag is no receipt"]


def test_recipients_leave_for_the_police_only(case: Path, bag: Path) -> None:
    def holds(folder: Path, word: bytes) -> bool:
        for path in (p for p in folder.rglob("*") if p.is_file()):
            data = path.read_bytes()
            if path.suffix == ".parquet":
                data += repr(pq.read_table(path).to_pylist()).encode()
            if path.suffix == ".zst":
                data += zstandard.ZstdDecompressor().decompressobj().decompress(data)
            if word in data:
                return True
        return False

    assert not holds(bag, RECIPIENT.encode()) and not holds(bag, b"Jane Roe")
    police = Case.open(case).write("handover", case.parent / "police", {"for": "law-enforcement"})
    assert holds(police, RECIPIENT.encode()) and verify(police) == []
    assert Case.open(case).custody()[-2]["recipient"] == "law-enforcement"


def test_roles_decide(case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(case, tmp_path / "case")
    (tmp_path / "case/impound.toml").write_text('[roles]\nanalyst = ["anna"]\nlaw-enforcement = ["leo"]\n')
    for who, asked, may in (("anna", "analyst", 1), ("anna", "law-enforcement", 0), ("leo", "law-enforcement", 1),
                            ("zoe", "analyst", 0)):  # fmt: skip
        monkeypatch.setenv("LOGNAME", who)
        if may:
            Case.open(tmp_path / "case").write("handover", tmp_path / f"{who}-{asked}", {"for": asked})
        else:
            with pytest.raises(UsageError, match="may not"):
                Case.open(tmp_path / "case").write("handover", tmp_path / f"{who}-{asked}", {"for": asked})


def test_the_same_bytes_for_the_same_case_clock_and_key(
    case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1780000000")
    both = []
    for n in "ab":
        shutil.copytree(case, tmp_path / n / "case")
        both.append(Case.open(tmp_path / n / "case").write("handover", tmp_path / n / "bag"))
    files = [{p.relative_to(b): p.read_bytes() for p in b.rglob("*") if p.is_file()} for b in both]
    assert files[0] == files[1] and len(files[0]) > 20


def test_a_spreadsheet_runs_nothing() -> None:
    assert [_cell(v) for v in ("=1+1", "@x", "-2", "plain", None, -2)] == ["'=1+1", "'@x", "'-2", "plain", "", "-2"]


def test_legal_hold_keeps_everything(case: Path, tmp_path: Path) -> None:
    shutil.copytree(case, tmp_path / "case")
    (tmp_path / "case/impound.toml").write_text("[retention]\nlegal_hold = true\n")
    with Case.open_or_create(tmp_path / "case", write=True) as held, pytest.raises(UsageError, match="legal hold"):
        held.prune(datetime(2026, 1, 1, tzinfo=UTC))
