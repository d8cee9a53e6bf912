"""The command line: data on standard output and nothing else, words that help, an exit code for each end."""

from __future__ import annotations

import base64
import csv
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from impound.cli import main
from impound.tables import TABLES

EXAMPLE = Path(__file__).parent / "made_mail.py"
COMMANDS = sorted(main.commands)
KEY = "6b" * 32

HOSTILE = (
    b"Received: from pc (pc.dyn.example [203.0.113.7]) by mx1.example.com (Postfix) with ESMTP id A1;\n"
    b"\tTue, 15 Mar 2011 00:00:00 +0000\n"
    b"From: =?utf-8?B?" + base64.b64encode("\x1b]0;owned\x07\u202efdp.exe".encode()) + b"?= <a@b.example>\n"
    b"To: ada@example.com\n"
    b"Subject: =?utf-8?Q?=3DHYPERLINK(=22http://x.example=22,=22=1B[31mred=22)?=\n"
    b"Message-ID: <1@b.example>\n"
    b"X-Mailer: +1+cmd|' /C calc'!A0\n"
    b"\n"
    b"\x1b[2J\x9b31mhello\n"
)


@pytest.fixture(autouse=True)
def _the_clock_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1300233600")


def run(*words: str | Path, data: bytes | None = None) -> Result:
    return CliRunner().invoke(main, [str(w) for w in words], input=data)


def process(*words: str | Path, data: bytes = b"", **options: object) -> subprocess.CompletedProcess[bytes]:
    """The command as people start it."""
    command = [sys.executable, "-c", "from impound.cli import main; main()", *map(str, words)]
    return subprocess.run(command, input=data, capture_output=True, timeout=120, check=False, **options)  # type: ignore[call-overload,no-any-return]  # options of run


@pytest.fixture(scope="module")
def mailbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("example") / "example.mbox"
    file.write_bytes(subprocess.run([sys.executable, EXAMPLE], capture_output=True, check=True).stdout)
    return file


@pytest.fixture(scope="module")
def case(mailbox: Path) -> Path:
    place = mailbox.parent / "case"
    investigated = run("investigate", place, mailbox)
    assert investigated.exit_code == 0, investigated.output
    return place


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("hostile")
    (place / "evil\x1b[31m\u202e.eml").write_bytes(HOSTILE)
    (place / "=cmd.bin").write_bytes(b"\x1b[31m\0\1\2")
    assert run("investigate", place / "case", place).exit_code == 0
    return place / "case"


# -- help -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("option", ["--help", "-h"])
def test_every_command_explains_itself(command: str, option: str) -> None:
    said = run(command, option)
    assert said.exit_code == 0
    assert "Usage:" in said.stdout and "Examples:" in said.stdout and f"impound {command}" in said.stdout


def test_the_help_begins_with_the_main_job() -> None:
    said = run("--help").stdout
    assert "impound investigate CASE YOUR-MAIL" in said
    assert re.findall(r"(?m)^  (\w+)", said.partition("Commands:\n")[2]) == list(main.commands)


def test_version() -> None:
    assert re.fullmatch(r"impound, version \d+\.\d+\.\d+\n", run("--version").stdout)


# -- exit codes and what is said with them ----------------------------------------------------------------------------


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
    words: list[str], code: int, said: str, case: Path, tmp_path: Path
) -> None:
    (tmp_path / "key").write_text(KEY)
    places = {
        "CASE": case,
        "MAIL": case.parent / "example.mbox",
        "NEW": tmp_path / "new",
        "NOWHERE": tmp_path / "nowhere",
    }
    places["KEY"] = tmp_path / "key"
    ended = run(*(places.get(word, word) for word in words))
    assert (ended.exit_code, said in ended.stderr) == (code, True), ended.stderr
    assert ended.stdout == "" and "Traceback" not in ended.stderr
    assert not (tmp_path / "new").exists(), "a mistake must not leave a case behind"


def test_settings_with_a_wrong_key_leave_with_4(tmp_path: Path, mailbox: Path) -> None:
    run("read", tmp_path / "case", mailbox)
    (tmp_path / "case" / "impound.toml").write_text("[organization]\n")
    ended = run("find", tmp_path / "case")
    assert ended.exit_code == 4 and "did you mean organisation?" in ended.stderr


def test_a_case_in_use_leaves_with_7(tmp_path: Path, mailbox: Path) -> None:
    from impound import Case

    with Case.open_or_create(tmp_path / "case", write=True):
        ended = run("read", tmp_path / "case", mailbox)
        assert ended.exit_code == 7 and f"process {os.getpid()}" in ended.stderr
        assert run("show", tmp_path / "case").exit_code == 0


def test_verify_leaves_with_8_and_names_what_was_changed(tmp_path: Path, mailbox: Path) -> None:
    run("read", tmp_path / "case", mailbox)
    sound = run("verify", tmp_path / "case")
    assert sound.exit_code == 0 and "nothing was changed" in sound.stderr and sound.stdout == ""
    frame = next((tmp_path / "case" / "evidence").iterdir())
    frame.write_bytes(frame.read_bytes()[:-1] + b"!")
    ended = run("verify", tmp_path / "case")
    assert ended.exit_code == 8 and f"evidence/{frame.name} was changed" in ended.stderr


def test_strict_leaves_with_1_when_something_was_rejected(tmp_path: Path, mailbox: Path) -> None:
    (tmp_path / "noise").write_bytes(b"\0\1\2\3" * 9)
    assert run("read", tmp_path / "case", mailbox, "--strict").exit_code == 0
    ended = run("read", tmp_path / "case", mailbox, tmp_path / "noise", "--strict")
    assert ended.exit_code == 1 and "impound show" in ended.stderr and "rejects" in ended.stderr
    assert run("read", tmp_path / "other", tmp_path / "noise").exit_code == 0


def test_a_stack_trace_is_shown_to_who_asks_for_one(tmp_path: Path) -> None:
    assert b"Traceback" not in process("show", tmp_path).stderr
    assert b"Traceback" in process("--debug", "show", tmp_path).stderr


# -- the main job -----------------------------------------------------------------------------------------------------


def test_investigate_says_in_ten_lines_what_is_known_and_where_the_report_lies(tmp_path: Path, mailbox: Path) -> None:
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


def test_mail_from_standard_input(tmp_path: Path, mailbox: Path) -> None:
    ended = process("investigate", tmp_path / "case", "-", data=mailbox.read_bytes())
    assert ended.returncode == 0 and b"300 messages, 0 rejected" in ended.stdout


def test_quiet_says_nothing_but_errors(tmp_path: Path, mailbox: Path) -> None:
    ended = process("-q", "read", tmp_path / "case", mailbox)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, b"", b"")
    assert process("-q", "verify", tmp_path / "case").stderr == b""
    assert process("-q", "show", tmp_path / "nowhere").stderr != b""


def test_read_says_what_it_did_and_what_comes_next(tmp_path: Path, mailbox: Path) -> None:
    first, second = run("read", tmp_path / "case", mailbox), run("read", tmp_path / "case", mailbox)
    assert first.stdout == second.stdout == ""
    assert "Read 300 messages from 1 source, 0 rejected" in first.stderr and "impound find" in first.stderr
    assert "Read 0 messages from 0 sources" in second.stderr and "1 known already" in second.stderr


def test_explain_names_every_statement_on_standard_error(case: Path) -> None:
    ended = run("find", case, "senders", "--explain")
    assert ended.exit_code == 0 and ended.stdout == ""
    assert re.search(r"senders +\w+ +[\d,]+ rows +[\d.]+ s", ended.stderr)


# -- show -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", TABLES)
def test_every_table_in_every_format(table: str, case: Path) -> None:
    names = TABLES[table].schema.names
    as_json = json.loads(run("show", case, table, "--format", "json").stdout)
    as_csv = list(csv.reader(io.StringIO(run("show", case, table, "--format", "csv").stdout)))
    as_parquet = pq.read_table(io.BytesIO(run("show", case, table, "--format", "parquet").stdout_bytes))
    as_table = run("show", case, table).stdout.splitlines()
    assert as_csv[0] == names and as_parquet.schema == TABLES[table].schema and as_table[0].split() == names
    assert len(as_json) == len(as_csv) - 1 == as_parquet.num_rows
    assert len(as_table) - 1 == (len(as_json) or 1)
    assert all(list(row) == names for row in as_json)


def test_an_empty_table_has_its_schema_in_every_format(case: Path) -> None:
    names = TABLES["rejects"].schema.names
    assert run("show", case, "rejects").stdout.splitlines() == ["  ".join(names), "(no rows)"]
    assert run("show", case, "rejects", "--format", "json").stdout == "[]\n"
    assert run("show", case, "rejects", "--format", "csv").stdout_bytes.decode() == ",".join(names) + "\r\n"
    parquet = run("show", case, "rejects", "--format", "parquet").stdout_bytes
    assert pq.read_table(io.BytesIO(parquet)).schema == TABLES["rejects"].schema


@pytest.mark.parametrize("limit", [0, 1, 7])
def test_a_limit_says_how_many_rows_there_are_besides(limit: int, case: Path) -> None:
    ended = run("show", case, "messages", "--format", "json", "--limit", limit)  # type: ignore[arg-type]  # as words
    assert len(json.loads(ended.stdout)) == limit
    assert f"{300 - limit} more rows" in ended.stderr


def test_a_table_cuts_long_values_and_json_does_not(case: Path) -> None:
    shown = json.loads(run("show", case, "messages", "--format", "json").stdout)
    longest = max((row["header_order"] for row in shown), key=len)
    assert len(longest) > 60 and longest not in run("show", case, "messages").stdout
    assert f"{longest[:59]}…" in run("show", case, "messages").stdout


def test_one_message_with_all_that_belongs_to_it(case: Path) -> None:
    urls = json.loads(run("show", case, "urls", "--format", "json").stdout)
    number = str(urls[0]["message_id"])
    shown = json.loads(run("show", case, "message", number, "--format", "json").stdout)
    assert (shown["table"], shown["id"]) == ("messages", int(number))
    assert shown["origins"]["message_id"] == int(number)
    assert "http" not in " ".join(shown["urls"]) and "hxxp" in " ".join(shown["urls"])
    lines = run("show", case, "message", number).stdout.splitlines()
    assert lines[0].split() == ["table", "messages"] and any(line.startswith("sealed ") for line in lines)


def test_all_that_is_known_of_a_host(case: Path) -> None:
    origins = json.loads(run("show", case, "origins", "--format", "json").stdout)
    address = max((o["client_ip"] for o in origins), key=[o["client_ip"] for o in origins].count)
    shown = json.loads(run("show", case, "host", address, "--format", "json").stdout)
    handed_in = {o["message_id"] for o in origins if o["client_ip"] == address}
    assert shown["ip"] == address and {row["message_id"] for row in shown["messages"]} == handed_in
    nobody = run("show", case, "host", "2001:DB8:0:0::1")
    assert nobody.exit_code == 0 and nobody.stdout.endswith("(no rows)\n")


def test_a_campaign_by_name_and_by_id_in_words_and_as_json(case: Path) -> None:
    campaigns = json.loads(run("show", case, "campaigns", "--format", "json").stdout)
    largest = max(campaigns, key=lambda c: c["messages"])
    said = run("show", case, largest["name"].lower()).stdout
    assert said == run("show", case, *largest["name"].split()).stdout == run("show", case, str(largest["id"])).stdout
    assert f"{largest['name']} ({largest['id']})" in said.splitlines()[0]
    assert "Ties" in said and "How sure" in said and said.splitlines()[-1].startswith("Next")
    assert "http://" not in said and "https://" not in said and "\x1b" not in said
    shown = json.loads(run("show", case, "campaign", largest["name"], "--format", "json").stdout)
    assert (shown["id"], shown["messages"]) == (largest["id"], largest["messages"])
    assert sum(tie["messages"] for tie in shown["ties"]) == largest["messages"]
    assert all(segment["values"] >= 1 for segment in shown["example"]["text"])


def test_what_varies_is_marked_with_over_how_many_values(tmp_path: Path) -> None:
    pills = ("soma", "xanax", "valium", "ambien")
    line = "the best price for {} in the whole wide world today at http://shop.example/{} for you and all your friends"
    mail = b"".join(
        b"From a@b.example Tue Mar 15 00:00:0%d 2011\n" % n
        + HOSTILE.partition(b"\n\n")[0].replace(b"<1@b", b"<%d@b" % n) + b"\n\n" + line.format(pill, pill).encode()
        + b"\x1b[31m \n\n"
        for n, pill in enumerate(pills)
    )  # fmt: skip
    (tmp_path / "m").write_bytes(mail)
    ended = run("investigate", tmp_path / "case", tmp_path / "m")
    assert ended.exit_code == 0 and "Campaigns" in ended.stdout
    name = json.loads(run("show", tmp_path / "case", "campaigns", "--format", "json").stdout)[0]["name"]
    said = run("show", tmp_path / "case", name).stdout
    assert re.search(r"the best price for ‹\w+›\[one of 4\] in the whole", said)
    assert "hxxp://shop[.]example/" in said
    assert not re.search("[\x1b\x07\x9b\u202e]", said)


def test_a_template_by_its_id_says_how_it_was_inferred(tmp_path: Path) -> None:
    letters = (
        f"From x\nFrom: a{n}@one.example\nTo: b{n}@two.example\nSubject: Stake {n}\n\n"
        f"The golden house of cards doubles your first stake of ${n * 7} at http://w{n}.example/ this very week.\n\n"
        for n in range(8)
    )
    (tmp_path / "mbox").write_text("".join(letters))
    assert run("investigate", tmp_path / "case", tmp_path / "mbox").exit_code == 0
    (row,) = json.loads(run("show", tmp_path / "case", "templates", "--format", "json").stdout)
    told = run("show", tmp_path / "case", row["id"]).stdout
    assert "The golden house of cards doubles your first stake of $" in told
    assert "withheld: 0 % of the campaign comes from infected hosts" in told
    assert "http://" not in told
    assert json.loads(run("show", tmp_path / "case", "template", row["id"], "--format", "json").stdout)["regex"]


def test_a_campaign_that_does_not_exist_and_one_as_a_table(case: Path) -> None:
    name = json.loads(run("show", case, "campaigns", "--format", "json").stdout)[0]["name"]
    near = run("show", case, f"{name}x")
    assert near.exit_code == 2 and f"did you mean {name}?" in near.stderr
    assert run("show", case, "campaign", "No Body").exit_code == 2
    assert "use --format json" in run("show", case, name, "--format", "csv").stderr


def test_links_are_defanged_in_a_table_for_people_and_exact_for_programs(case: Path) -> None:
    as_table, as_csv = run("show", case, "urls").stdout, run("show", case, "urls", "--format", "csv").stdout
    assert "http://" not in as_table and "hxxp://" in as_table
    assert "http://" in as_csv and "hxxp://" not in as_csv


def test_the_summary_as_json(case: Path) -> None:
    said = json.loads(run("show", case, "--format", "json").stdout)
    assert said["Read"].startswith("300 messages")
    states = [row["state"] for row in json.loads(run("show", case, "indicators", "--format", "json").stdout)]
    released, proposed = states.count("released"), states.count("proposed")
    assert said["To publish"].startswith(f"{released:,} released · {proposed:,} proposed")


# -- what comes from mail is hostile ----------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["table", "json", "csv"])
@pytest.mark.parametrize("what", [*TABLES, "host"])
def test_nothing_in_mail_or_its_paths_steers_a_terminal(what: str, form: str, hostile: Path) -> None:
    words = ["host", "203.0.113.7"] if what == "host" else [what]
    shown = run("show", hostile, *words, "--format", form).stdout_bytes.decode()
    assert not re.search("[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]", shown)
    if form == "json":
        json.loads(shown)


def test_a_record_and_an_error_steer_no_terminal_either(hostile: Path, tmp_path: Path) -> None:
    message = json.loads(run("show", hostile, "messages", "--format", "json").stdout)[0]
    for words in ([str(message["id"])], [str(message["id"]), "--format", "json"], ["\x1b[31mtable"]):
        ended = run("show", hostile, *words)
        assert not re.search("[\x1b\x07\x9b\u202e]", ended.output)
    assert "\x1b" not in run("read", tmp_path / "case", "\x1b[31mnowhere").output


def test_json_gives_back_exactly_what_was_read(hostile: Path) -> None:
    message = json.loads(run("show", hostile, "messages", "--format", "json").stdout)[0]
    assert message["subject"].startswith('=HYPERLINK("http://x.example"')
    source = json.loads(run("show", hostile, "sources", "--format", "json").stdout)
    assert any("evil\x1b[31m\u202e.eml" in path for row in source for path in row["paths"])


def test_no_cell_of_a_csv_begins_like_a_formula(hostile: Path) -> None:
    for table in TABLES:
        for row in csv.reader(io.StringIO(run("show", hostile, table, "--format", "csv").stdout)):
            for cell in row:
                assert not cell.startswith(("=", "+", "@", "\t", "\r")), (table, cell)
                assert not cell.startswith("-") or re.fullmatch(r"-\d+", cell)


# -- streams ----------------------------------------------------------------------------------------------------------


def test_a_report_to_standard_output_is_the_report(case: Path, tmp_path: Path) -> None:
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
def test_output_is_utf_8_whatever_the_locale(locale: str, case: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("LC_", "LANG", "PYTHON"))}
    environment |= {"LC_ALL": locale, "PYTHONIOENCODING": "ascii", "PYTHONPATH": os.pathsep.join(sys.path)}
    for words in (["show", case, "messages"], ["show", case], ["plugins"]):
        ended = process(*words, env=environment)
        assert ended.returncode == 0, ended.stderr
        ended.stdout.decode("utf-8")


def test_plugins_lists_what_there_is() -> None:
    found = {(row["group"], row["name"]) for row in json.loads(run("plugins", "--format", "json").stdout)}
    assert found >= {("readers", "mail"), ("finders", "senders"), ("writers", "report"), ("engines", "duckdb")}
    assert "mail" in run("plugins").stdout
