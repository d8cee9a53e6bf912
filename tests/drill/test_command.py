"""``impound drill`` on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from impound.cli import main


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def test_it_writes_and_says_where_and_what_next(tmp_path: Path) -> None:
    out = tmp_path / "exercise"
    ran = run("drill", out, "--messages", "50", "--days", "2", "--seed", "7")

    assert ran.exit_code == 0 and ran.stdout == ""
    assert "50 messages" in ran.stderr and str(out) in ran.stderr
    assert f"{out}.truth" in ran.stderr
    assert f"impound investigate {out}.case {out}" in ran.stderr
    assert sorted(p.name for p in out.iterdir()) == ["day-001.mbox", "day-002.mbox"]
    assert "--seed 7" in (tmp_path / "exercise.truth" / "README.md").read_text()


def test_quiet_says_nothing(tmp_path: Path) -> None:
    ran = run("-q", "drill", tmp_path / "out", "--messages", "5")

    assert ran.exit_code == 0 and ran.output == ""


@pytest.mark.parametrize("words", [["--difficulty", "4"], ["--botnets", "0"], ["--messages", "0"]])
def test_what_cannot_be_ends_with_2_and_writes_nothing(tmp_path: Path, words: list[str]) -> None:
    assert run("drill", tmp_path / "out", *words).exit_code == 2
    assert not list(tmp_path.iterdir())


def test_a_second_time_is_refused(tmp_path: Path) -> None:
    run("drill", tmp_path / "out", "--messages", "5")
    ran = run("drill", tmp_path / "out", "--messages", "5")

    assert ran.exit_code == 2 and "exists already" in ran.stderr


def test_an_interrupted_drill_says_that_it_is_not_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("impound.drill._Writer.day", interrupt)
    ran = run("drill", tmp_path / "out", "--messages", "5")

    assert ran.exit_code == 130 and "not whole" in ran.stderr
