"""Every command in the tutorial, the how-to pages and the page on evidence runs, and prints what the page says.

In a ``console`` block a line that begins with ``$`` is a command; what follows is what it prints. An ellipsis stands
for anything: a whole line of it for any number of lines, one inside a line for the rest of a word, a figure, a path.
Other blocks are shown and not run.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

DOCS = Path(__file__).parent.parent / "docs"
PAGES = [DOCS / "tutorial.md", DOCS / "explanation/evidence.md", *sorted(DOCS.glob("how-to/*.md"))]
_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Step:
    """A command of a page, and what it prints as the page shows it."""

    command: str
    shown: str


def steps(page: str) -> list[Step]:
    """The commands of a page in their order."""
    found = []
    for block in _BLOCK.findall(page):
        for part in re.split(r"(?m)^\$ ", block)[1:]:
            command, _, shown = part.partition("\n")
            while command.endswith("\\"):
                line, _, shown = shown.partition("\n")
                command = command[:-1] + line.strip()
            found.append(Step(command, shown.strip("\n")))
    return found


def matches(shown: str, printed: str) -> bool:
    """Whether a command printed what the page shows; trailing spaces do not count."""
    lines = [re.escape(line.rstrip()).replace("…", ".*") for line in shown.splitlines()]
    pattern = "".join(r"(?:.*\n)*" if line == ".*" else line + r"\n" for line in lines)
    text = "".join(f"{line.rstrip()}\n" for line in printed.strip("\n").splitlines())
    return re.fullmatch(pattern, text) is not None


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_command_of_a_page_runs_and_prints_what_the_page_says(page: Path, tmp_path: Path) -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    env = os.environ | {"PATH": path, "HOME": str(tmp_path), "COLUMNS": "120"}
    for step in steps(page.read_text("utf-8")):
        ran = subprocess.run(
            ["bash", "-c", f"exec 2>&1; {step.command}"],
            cwd=tmp_path, env=env, stdout=subprocess.PIPE, text=True, timeout=300, check=False,
        )  # fmt: skip
        assert ran.returncode == 0, f"{step.command}\n{ran.stdout}"
        assert matches(step.shown, ran.stdout), f"{step.command}\n{ran.stdout}"


@pytest.mark.parametrize(
    ("shown", "printed", "same"),
    [
        ("a\nb", "a  \nb\n", True),
        ("a", "a\nb\n", False),
        ("a\n…", "a\nb\nc\n", True),
        ("a … c", "a few words, c\n", True),
        ("a … c", "a\nc\n", False),
        ("", "", True),
        ("", "a\n", False),
        ("a.b", "axb\n", False),
    ],
)
def test_what_a_page_shows_is_compared_line_by_line(shown: str, printed: str, same: bool) -> None:
    assert matches(shown, printed) is same


def test_there_are_pages_with_commands() -> None:
    assert all(page.exists() for page in PAGES)
    assert sum(len(steps(page.read_text("utf-8"))) for page in PAGES) >= 20
