"""A case on disk: what is written counts whole or not at all, and what was touched is found."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from impound.canonical import record_id
from impound.errors import StoreError, UsageError
from impound.store import CaseStore, verify, write_frame, write_table
from impound.tables import REJECTS, SEALS, SOURCES


@pytest.fixture
def case(tmp_path: Path) -> CaseStore:
    CaseStore.create(tmp_path / "case", b"k" * 32, "", False)
    return CaseStore.open(tmp_path / "case").lock()


def add_source(case: CaseStore, data: bytes, path: str = "mail", said: int | None = None) -> int:
    """``said``: how long its seal says that it is."""
    digest = hashlib.sha256(data)
    source_id = record_id(digest.digest(), 0, "sources")
    spare, frame = write_frame([data], case.tmp)
    sealed = {"id": 1, "source_id": source_id, "offset": 0, "bytes": len(data), "frame": frame.file, "frame_offset": 0}
    sealed["bytes"] = len(data) if said is None else said
    source = dict.fromkeys(SOURCES.schema.names) | {
        "id": source_id,
        "paths": [path],
        "copies": 0,
        "sha256": digest.hexdigest(),
        "bytes": len(data),
        "read_bytes": len(data),
        "drill": False,
        "records": 0,
        "rejects": 0,
        "read_at": datetime(2011, 3, 16, tzinfo=UTC),
    }
    rows = {"seals": (SEALS, sealed), "sources": (SOURCES, source)}
    parts = [
        (name, *write_table(name, table.schema, [pa.RecordBatch.from_pylist([row], table.schema)], case.tmp))
        for name, (table, row) in rows.items()
    ]
    case.add(parts, [(spare, frame)])
    return source_id


@pytest.mark.parametrize("size", [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 5_000_000])
def test_a_source_of_any_length_is_put_together(case: CaseStore, size: int) -> None:
    add_source(case, os.urandom(size))
    case.settle()
    assert verify(case) == []


@pytest.mark.parametrize(("said", "named"), [(None, False), (100 << 20, True), (1 << 60, True)])
def test_a_frame_that_unpacks_to_much_costs_no_memory(case: CaseStore, said: int | None, named: bool) -> None:
    add_source(case, bytes(200 << 20), said=said)
    case.settle()
    tracemalloc.start()
    try:
        found = verify(case)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert bool(found) == named
    assert peak < 40 << 20


def test_what_was_added_is_there_after_opening_again(case: CaseStore) -> None:
    source_id = add_source(case, b"From: a@example.com\n\nhello")
    case.settle()
    case.close()
    again = CaseStore.open(case.path)
    assert again.table("sources")["id"].to_pylist() == [source_id]
    assert again.original(source_id, 0) == b"From: a@example.com\n\nhello"
    assert verify(again) == []


def test_two_increments_of_a_source_become_one_row(case: CaseStore) -> None:
    add_source(case, b"one", "a")
    add_source(case, b"two", "b")
    add_source(case, b"one", "c")
    case.settle()
    rows = case.table("sources").to_pylist()
    assert [(r["paths"], r["copies"]) for r in rows] == [(["a", "c"], 1), (["b"], 0)]


def test_only_one_process_writes(case: CaseStore) -> None:
    with pytest.raises(StoreError, match=f"in use by another impound.*{os.getpid()}"):
        CaseStore.open(case.path).lock()
    case.close()
    CaseStore.open(case.path).lock().close()


def test_what_the_manifest_does_not_name_is_swept_away(case: CaseStore) -> None:
    add_source(case, b"kept")
    case.close()
    stray = case.path / "tables" / "sources" / "0123456789abcdef.parquet"
    stray.write_bytes(b"half a part")
    assert any("does not belong" in line for line in verify(CaseStore.open(case.path)))
    again = CaseStore.open(case.path).lock()
    assert not stray.exists()
    assert len(again.table("sources")) == 1


def test_a_manifest_line_cut_by_a_crash_does_not_count(case: CaseStore) -> None:
    add_source(case, b"kept")
    case.close()
    manifest = case.path / "manifest.jsonl"
    whole = manifest.read_bytes()
    manifest.write_bytes(whole + b'{"op": "add", "par')
    again = CaseStore.open(case.path).lock()
    add_source(again, b"more")
    again.close()
    assert manifest.read_bytes().startswith(whole)
    assert len(CaseStore.open(case.path).table("sources")) == 2


def test_a_newer_schema_is_refused(case: CaseStore) -> None:
    manifest = case.path / "manifest.jsonl"
    manifest.write_bytes(manifest.read_bytes().replace(b'"schema": 1', b'"schema": 99'))
    with pytest.raises(StoreError, match="newer impound"):
        CaseStore.open(case.path)


def test_another_key_is_refused(case: CaseStore) -> None:
    (case.path / "case.key").write_text("00" * 32)
    with pytest.raises(StoreError, match="not the key"):
        case.key()


def test_a_folder_without_a_case_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not a case"):
        CaseStore.open(tmp_path)


@pytest.mark.parametrize("victim", ["evidence/*", "tables/seals/*", "tables/sources/*"])
@pytest.mark.parametrize("how", ["flip", "cut", "remove"])
def test_a_touched_file_is_named(case: CaseStore, victim: str, how: str) -> None:
    add_source(case, b"From: a@example.com\n\n" + b"x" * 5000)
    case.note("read")
    case.close()
    file = next(case.path.glob(victim))
    data = bytearray(file.read_bytes())
    if how == "flip":
        data[len(data) // 2] ^= 4
        file.write_bytes(data)
    elif how == "cut":
        file.write_bytes(data[:-3])
    else:
        file.unlink()
    found = verify(CaseStore.open(case.path))
    assert any(str(file.relative_to(case.path)) in line for line in found)


def test_a_swapped_frame_is_found_even_when_the_manifest_was_made_to_fit(case: CaseStore) -> None:
    add_source(case, b"From: a@example.com\n\ntruth")
    case.note("read")
    case.close()
    manifest = case.path / "manifest.jsonl"
    frame = case.manifest.frames[0]
    spare, lie = write_frame([b"From: a@example.com\n\nlies!"], case.path)
    spare.replace(case.path / frame.file)
    manifest.write_text(
        manifest.read_text().replace(frame.sha256, lie.sha256).replace(f": {frame.bytes},", f": {lie.bytes},")
    )
    found = verify(CaseStore.open(case.path))
    assert any("manifest.jsonl was changed" in line for line in found)
    assert any("do not have the SHA-256" in line for line in found)


def test_writing_the_same_table_again_changes_nothing(case: CaseStore) -> None:
    rows = [{"id": 5, "source_id": 1, "offset": 0, "reason": "why", "excerpt": ""}]
    batch = pa.RecordBatch.from_pylist([dict.fromkeys(REJECTS.schema.names) | r for r in rows], REJECTS.schema)
    case.replace({"rejects": [batch]})
    before = (case.path / "manifest.jsonl").read_bytes()
    case.replace({"rejects": [batch]})
    assert (case.path / "manifest.jsonl").read_bytes() == before


FULL = """
import resource, sys
from pathlib import Path
from impound.store import CaseStore, write_frame
from impound.errors import StoreError
import os
case = CaseStore.open(Path(sys.argv[1])).lock()
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    spare, frame = write_frame([os.urandom(1_000_000)], case.tmp)
except StoreError as error:
    print(error.exit_code, error.message)
"""


def test_a_full_disk_is_a_store_error_and_leaves_nothing_half_written(case: CaseStore) -> None:
    add_source(case, b"kept")
    case.close()
    before = sorted(p.relative_to(case.path) for p in case.path.rglob("*"))
    ran = subprocess.run(
        [sys.executable, "-c", FULL, str(case.path)], capture_output=True, text=True, check=True, timeout=60
    )
    assert ran.stdout.startswith("7 no room left")
    CaseStore.open(case.path).lock().close()
    after = sorted(p.relative_to(case.path) for p in case.path.rglob("*"))
    assert [p for p in after if p.name not in ("lock", "tmp")] == [p for p in before if p.name not in ("lock", "tmp")]
    assert verify(CaseStore.open(case.path)) == []
