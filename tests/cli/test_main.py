"""The command line: data on standard output and nothing else, words that help, an exit code for each end."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from impound.cli import main
from impound.tables import TABLES

Run = Callable[..., Result]
Process = Callable[..., subprocess.CompletedProcess[bytes]]
COMMANDS = sorted(main.commands)
KEY = "6b" * 32


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("option", ["--help", "-h"])
def test_every_command_explains_itself(run: Run, command: str, option: str) -> None:
    said = run(command, option)
    assert said.exit_code == 0
    assert "Usage:" in said.stdout and "Examples:" in said.stdout and f"impound {command}" in said.stdout


def test_the_help_begins_with_the_main_job(run: Run) -> None:
    said = run("--help").stdout
    assert "impound investigate CASE YOUR-MAIL" in said
    assert re.findall(r"(?m)^  (\w+)", said.partition("Commands:\n")[2]) == list(main.commands)


def test_version(run: Run) -> None:
    assert re.fullmatch(r"impound, version \d+\.\d+\.\d+\n", run("--version").stdout)


@pytest.fixture
def places(case: Path, tmp_path: Path) -> dict[str, Path]:
    """What the words below stand for."""
    (tmp_path / "key").write_text(KEY)
    own = {"NEW": tmp_path / "new", "NOWHERE": tmp_path / "nowhere", "KEY": tmp_path / "key"}
    return {"CASE": case, "MAIL": case.parent / "example.mbox"} | own


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["investigat"], 2, "Did you mean 'investigate'?"),
        (["show", "CASE", "--frmat", "csv"], 2, "Did you mean '--format'?"),
        (["read"], 2, "Missing argument 'CASE'"),
        (["show", "NOWHERE"], 2, "is not a case"),
        (["show", "CASE", "mesages"], 2, "did you mean messages?"),
        (["show", "CASE", "host"], 2, "host wants one IP address"),
        (["show", "CASE", "host", "mx1.example.com"], 2, "host wants one IP address"),
        (["show", "CASE", "messages", "urls"], 2, "one thing at a time"),
        (["show", "CASE", "1"], 2, "nothing in this case has the id 1"),
        (["show", "CASE", "99999999999999999999999"], 2, "nothing in this case has the id"),
        (["show", "CASE", "--format", "csv"], 2, "use --format json"),
        (["find", "CASE", "sender"], 2, "did you mean senders?"),
        (["write", "CASE", "raport", "-o", "x"], 2, "did you mean report?"),
        (["write", "CASE", "report", "-o", "x", "--set", "country"], 2, "a name, = and a value were expected"),
        (["write", "CASE", "report", "-o", "no/such/folder/x.html"], 7, "No such file"),
        (["read", "NEW", "NOWHERE"], 3, "no such file or folder"),
        (["read", "NEW", "MAIL", "--as", "mial"], 2, "did you mean mail?"),
        (["read", "NEW", "MAIL", "--vantage", "traps"], 2, "there are: trap,"),
        (["read", "NEW", "MAIL", "--own-network", "ours"], 4, "is not a network"),
        (["read", "NEW", "MAIL", "--case-key", "NOWHERE"], 2, "No such file or directory"),
        (["read", "NEW", "MAIL", "--case-key", "MAIL"], 2, "64 hex digits were expected"),
        (["read", "CASE", "MAIL", "--case-key", "KEY"], 2, "was made with another key"),
        (["read", "CASE", "MAIL", "--reference"], 2, "keeps its sources' bytes"),
    ],
)
def test_a_mistake_is_said_in_words_with_what_to_do_next(
    run: Run, words: list[str], code: int, said: str, places: dict[str, Path]
) -> None:
    ended = run(*(places.get(word, word) for word in words))
    assert (ended.exit_code, said in ended.stderr) == (code, True), ended.stderr
    assert ended.stdout == "" and "Traceback" not in ended.stderr
    assert not places["NEW"].exists(), "a mistake must not leave a case behind"


def test_settings_with_a_wrong_key_leave_with_4(run: Run, tmp_path: Path, mailbox: Path) -> None:
    run("read", tmp_path / "case", mailbox)
    (tmp_path / "case" / "impound.toml").write_text("[organization]\n")
    ended = run("find", tmp_path / "case")
    assert ended.exit_code == 4 and "did you mean organisation?" in ended.stderr


def test_a_case_in_use_leaves_with_7(run: Run, tmp_path: Path, mailbox: Path) -> None:
    from impound import Case

    with Case.open_or_create(tmp_path / "case", write=True):
        ended = run("read", tmp_path / "case", mailbox)
        assert ended.exit_code == 7 and f"process {os.getpid()}" in ended.stderr
        assert run("show", tmp_path / "case").exit_code == 0


def test_verify_leaves_with_8_and_names_what_was_changed(run: Run, tmp_path: Path, mailbox: Path) -> None:
    run("read", tmp_path / "case", mailbox)
    sound = run("verify", tmp_path / "case")
    assert sound.exit_code == 0 and "nothing was changed" in sound.stderr and sound.stdout == ""
    frame = next((tmp_path / "case" / "evidence").iterdir())
    frame.write_bytes(frame.read_bytes()[:-1] + b"!")
    ended = run("verify", tmp_path / "case")
    assert ended.exit_code == 8 and f"evidence/{frame.name} was changed" in ended.stderr


def test_strict_leaves_with_1_when_something_was_rejected(run: Run, tmp_path: Path, mailbox: Path) -> None:
    (tmp_path / "noise").write_bytes(b"\0\1\2\3" * 9)
    assert run("read", tmp_path / "case", mailbox, "--strict").exit_code == 0
    ended = run("read", tmp_path / "case", mailbox, tmp_path / "noise", "--strict")
    assert ended.exit_code == 1 and "impound show" in ended.stderr and "rejects" in ended.stderr
    assert run("read", tmp_path / "other", tmp_path / "noise").exit_code == 0


def test_a_stack_trace_is_shown_to_who_asks_for_one(process: Process, tmp_path: Path) -> None:
    assert b"Traceback" not in process("show", tmp_path).stderr
    assert b"Traceback" in process("--debug", "show", tmp_path).stderr


def test_investigate_says_in_ten_lines_what_is_known_and_where_the_report_lies(
    process: Process, tmp_path: Path, mailbox: Path
) -> None:
    ended = process("investigate", "case", mailbox, cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    said = ended.stdout.decode()
    assert 3 <= len(said.splitlines()) <= 10
    assert "300 messages, 0 rejected" in said
    assert said.splitlines()[-1].split() == ["Report", "case/report.html"]
    assert (tmp_path / "case" / "report.html").stat().st_size > 10_000
    assert all(line.strip() == line.rstrip() for line in said.splitlines())
    assert process("show", "case", cwd=tmp_path).stdout == ended.stdout
    for command in re.findall(r"impound show \S+ (\w+)", said):
        assert command in TABLES


def test_mail_from_standard_input(process: Process, tmp_path: Path, mailbox: Path) -> None:
    ended = process("investigate", tmp_path / "case", "-", data=mailbox.read_bytes())
    assert ended.returncode == 0 and b"300 messages, 0 rejected" in ended.stdout


def test_quiet_says_nothing_but_errors(process: Process, tmp_path: Path, mailbox: Path) -> None:
    ended = process("-q", "read", tmp_path / "case", mailbox)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, b"", b"")
    assert process("-q", "verify", tmp_path / "case").stderr == b""
    assert process("-q", "show", tmp_path / "nowhere").stderr != b""


def test_read_says_what_it_did_and_what_comes_next(run: Run, tmp_path: Path, mailbox: Path) -> None:
    first, second = run("read", tmp_path / "case", mailbox), run("read", tmp_path / "case", mailbox)
    assert first.stdout == second.stdout == ""
    assert "Read 300 messages from 1 source, 0 rejected" in first.stderr and "impound find" in first.stderr
    assert "Read 0 messages from 0 sources" in second.stderr and "1 known already" in second.stderr


def test_explain_names_every_statement_on_standard_error(run: Run, case: Path) -> None:
    ended = run("find", case, "senders", "--explain")
    assert ended.exit_code == 0 and ended.stdout == ""
    assert re.search(r"senders +\w+ +[\d,]+ rows +[\d.]+ s", ended.stderr)


def test_a_report_to_standard_output_is_the_report(process: Process, case: Path, tmp_path: Path) -> None:
    piped = process("write", case, "report", "-o", "-")
    written = process("write", case, "report", "-o", tmp_path / "report.html")
    assert piped.stdout == (tmp_path / "report.html").read_bytes() and piped.stdout.startswith(b"<!doctype html>")
    assert (piped.stderr, written.stdout) == (b"", b"") and b"Written" in written.stderr


@pytest.mark.parametrize("words", ["show CASE messages --format csv", "show CASE", "write CASE report -o -", "plugins"])
def test_a_reader_that_has_seen_enough_is_no_error(words: str, case: Path) -> None:
    command = [sys.executable, "-c", "from impound.cli import main; main()"]
    command += [word.replace("CASE", str(case)) for word in words.split()]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert running.stdout is not None and running.stderr is not None
    running.stdout.close()
    with running.stderr as said:
        assert said.read() == b""
    assert running.wait(60) == 0


@pytest.mark.parametrize("locale", ["C", "POSIX", "en_US.ISO-8859-1"])
def test_output_is_utf_8_whatever_the_locale(process: Process, locale: str, case: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("LC_", "LANG", "PYTHON"))}
    environment |= {"LC_ALL": locale, "PYTHONIOENCODING": "ascii", "PYTHONPATH": os.pathsep.join(sys.path)}
    for words in (["show", case, "messages"], ["show", case], ["plugins"]):
        ended = process(*words, env=environment)
        assert ended.returncode == 0, ended.stderr
        ended.stdout.decode("utf-8")


def test_plugins_lists_what_there_is(run: Run) -> None:
    found = {(row["group"], row["name"]) for row in json.loads(run("plugins", "--format", "json").stdout)}
    assert found >= {("readers", "mail"), ("finders", "senders"), ("writers", "report"), ("engines", "duckdb")}
    assert "mail" in run("plugins").stdout
