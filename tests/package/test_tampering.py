"""Each kind of change that ``benchmarks/tampering.py`` makes is named, and who has the key is found by the sources."""

from __future__ import annotations

import importlib.util
import random
import shutil
import sys
from pathlib import Path
from types import ModuleType

import pytest

from impound import Case
from impound.drill import Settings, write
from impound.package import verify

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def tampering() -> ModuleType:
    """The program in ``benchmarks``, as a module."""
    sys.path.insert(0, str(BENCHMARKS))
    try:
        spec = importlib.util.spec_from_file_location("tampering", BENCHMARKS / "tampering.py")
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(BENCHMARKS))
    return module


@pytest.fixture(scope="module")
def bag(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("tampering")
    write(place / "mail", Settings(messages=60, bots=12, innocents=6, days=2))
    with Case.open_or_create(place / "case", write=True) as case:
        case.read([str(place / "mail")])
        case.find()
    return Case.open(place / "case").write("handover", place / "bag", {"for": "law-enforcement"})


@pytest.fixture
def copy(bag: Path) -> Path:
    """A package that may be spoilt, beside its case."""
    place = bag.with_name("copy")
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(bag, place)
    return place


def test_every_kind_of_change_is_named(tampering: ModuleType, bag: Path, copy: Path) -> None:
    shutil.copy(tampering.receipt(bag), tampering.receipt(copy))
    assert verify(copy, tampering.receipt(copy)) == []
    made, named = tampering.tampered(copy, 2 * len(tampering.KINDS), random.Random(3))
    assert made == named and set(made.values()) == {2}


def test_who_has_the_key_is_found_by_the_sha256_of_the_source(tampering: ModuleType, copy: Path) -> None:
    source = tampering.exchanged(copy, random.Random(5))
    (said,) = verify(copy)
    assert said.startswith(source) and said.endswith("its sealed bytes do not have the SHA-256 it was read with")
    assert ".mbox" in said


def test_a_case_names_the_source_too(tampering: ModuleType, bag: Path, copy: Path, tmp_path: Path) -> None:
    shutil.copytree(bag.with_name("case"), tmp_path / "case")
    source = tampering.exchanged(copy, random.Random(6))
    for file in ("manifest.jsonl", "custody.jsonl"):
        shutil.copy(copy / "data" / file, tmp_path / "case" / file)
    shutil.copytree(copy / "data/evidence", tmp_path / "case/evidence", dirs_exist_ok=True)
    (said,) = Case.open(tmp_path / "case").verify()
    assert said.startswith(source) and said.endswith("its sealed bytes do not have the SHA-256 it was read with")


def test_originals_that_should_be_there_are_missed(tampering: ModuleType, copy: Path) -> None:
    gone = sorted(path.relative_to(copy).as_posix() for path in copy.glob("data/evidence/*"))
    shutil.rmtree(copy / "data/evidence")
    info = dict(line.split(": ", 1) for line in (copy / "bag-info.txt").read_text().splitlines())
    tampering.package.close_bag(copy, info)
    tampering.package.sign(copy, tampering.package.case_signer(copy.with_name("case") / "handover.key"))
    assert verify(copy)[: len(gone)] == [f"{name} is not the file that data/manifest.jsonl names" for name in gone]
