"""The house stays in order: floors, names, sizes, a test for every file."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = sorted((ROOT / "src" / "impound").rglob("*.py"))
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "core", "misc"}


def test_a_module_imports_only_lower_floors() -> None:
    ran = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.parametrize("source", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_file_says_in_its_first_line_what_it_owns(source: Path) -> None:
    first = source.read_text("utf-8").split("\n", 1)[0]
    assert first.startswith('"""') and len(first) > 20, first
    assert source.stem not in FORBIDDEN_NAMES and source.parent.name not in FORBIDDEN_NAMES


@pytest.mark.parametrize("source", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_private_module_is_imported_in_its_own_folder_and_below_only(source: Path) -> None:
    for line in source.read_text("utf-8").splitlines():
        words = line.split()
        if words[:1] == ["from"] and words[1].startswith("impound.") and "._" in words[1]:
            folder = words[1].rpartition("._")[0]
            own = ".".join(["impound", *source.relative_to(ROOT / "src" / "impound").parts[:-1]])
            assert f"{own}.".startswith(f"{folder}."), f"{source.name}: {line}"


def test_only_the_command_line_prints() -> None:
    for source in SOURCES:
        if "cli" not in source.parts:
            assert "print(" not in source.read_text("utf-8").replace("fingerprint(", ""), source


def test_nothing_heavy_is_imported_before_it_is_used() -> None:
    heavy = ("pyarrow", "duckdb", "pyspark", "rich", "jinja2", "PIL")
    code = f"import sys, impound.cli; print([m for m in {heavy} if m in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert ran.stdout.strip() == "[]"
