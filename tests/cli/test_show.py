"""What ``show`` prints, for people and for programs; what comes from mail is hostile to both."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import Result

from impound.cli import _show, main
from impound.tables import TABLES

Run = Callable[..., Result]
Process = Callable[..., subprocess.CompletedProcess[bytes]]
COMMANDS = sorted(main.commands)
KEY = "6b" * 32


@pytest.mark.parametrize("table", TABLES)
def test_every_table_in_every_format(run: Run, table: str, case: Path) -> None:
    names = TABLES[table].schema.names
    as_json = json.loads(run("show", case, table, "--format", "json").stdout)
    as_csv = list(csv.reader(io.StringIO(run("show", case, table, "--format", "csv").stdout)))
    as_parquet = pq.read_table(io.BytesIO(run("show", case, table, "--format", "parquet").stdout_bytes))
    as_table = run("show", case, table).stdout.splitlines()
    assert as_csv[0] == names and as_parquet.schema == TABLES[table].schema and as_table[0].split() == names
    assert len(as_json) == len(as_csv) - 1 == as_parquet.num_rows
    assert len(as_table) - 1 == (len(as_json) or 1)
    assert all(list(row) == names for row in as_json)


def test_an_empty_table_has_its_schema_in_every_format(run: Run, case: Path) -> None:
    names = TABLES["rejects"].schema.names
    assert run("show", case, "rejects").stdout.splitlines() == ["  ".join(names), "(no rows)"]
    assert run("show", case, "rejects", "--format", "json").stdout == "[]\n"
    assert run("show", case, "rejects", "--format", "csv").stdout_bytes.decode() == ",".join(names) + "\r\n"
    parquet = run("show", case, "rejects", "--format", "parquet").stdout_bytes
    assert pq.read_table(io.BytesIO(parquet)).schema == TABLES["rejects"].schema


@pytest.mark.parametrize(("table", "amount"), _show.LARGEST_FIRST.items())
def test_people_see_the_largest_first_and_programs_the_order_of_the_key(
    run: Run, table: str, amount: str, case: Path
) -> None:
    rows = json.loads(run("show", case, table, "--format", "json").stdout)
    assert rows == sorted(rows, key=lambda row: tuple(row[k] or "" for k in TABLES[table].key))
    lines = run("show", case, table, "--limit", "5").stdout.splitlines()
    start = lines[0].index(amount, lines[0].index(" " + amount))
    shown = [int(line[start:].split()[0]) for line in lines[1:] if line != "(no rows)"]
    assert shown == sorted((row[amount] for row in rows), reverse=True)[:5]


@pytest.mark.parametrize("limit", [0, 1, 7])
def test_a_limit_says_how_many_rows_there_are_besides(run: Run, limit: int, case: Path) -> None:
    ended = run("show", case, "messages", "--format", "json", "--limit", limit)
    assert len(json.loads(ended.stdout)) == limit
    assert f"{300 - limit} more rows" in ended.stderr


def test_a_table_cuts_long_values_and_json_does_not(run: Run, case: Path) -> None:
    shown = json.loads(run("show", case, "messages", "--format", "json").stdout)
    longest = max((row["header_order"] for row in shown), key=len)
    assert len(longest) > 60 and longest not in run("show", case, "messages").stdout
    assert f"{longest[:59]}…" in run("show", case, "messages").stdout


def test_one_message_with_all_that_belongs_to_it(run: Run, case: Path) -> None:
    urls = json.loads(run("show", case, "urls", "--format", "json").stdout)
    number = str(urls[0]["message_id"])
    shown = json.loads(run("show", case, "message", number, "--format", "json").stdout)
    assert (shown["table"], shown["id"]) == ("messages", int(number))
    assert shown["origins"]["message_id"] == int(number)
    assert "http" not in " ".join(shown["urls"]) and "hxxp" in " ".join(shown["urls"])
    lines = run("show", case, "message", number).stdout.splitlines()
    assert lines[0].split() == ["table", "messages"] and any(line.startswith("sealed ") for line in lines)


def test_all_that_is_known_of_a_host(run: Run, case: Path) -> None:
    origins = json.loads(run("show", case, "origins", "--format", "json").stdout)
    address = max((o["client_ip"] for o in origins), key=[o["client_ip"] for o in origins].count)
    shown = json.loads(run("show", case, "host", address, "--format", "json").stdout)
    handed_in = {o["message_id"] for o in origins if o["client_ip"] == address}
    assert shown["ip"] == address and {row["message_id"] for row in shown["messages"]} == handed_in
    nobody = run("show", case, "host", "2001:DB8:0:0::1")
    assert nobody.exit_code == 0 and nobody.stdout.endswith("(no rows)\n")


def test_a_campaign_by_name_and_by_id_in_words_and_as_json(run: Run, case: Path) -> None:
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


def test_what_varies_is_marked_with_over_how_many_values(run: Run, tmp_path: Path, hostile_message: bytes) -> None:
    pills = ("soma", "xanax", "valium", "ambien")
    line = "the best price for {} in the whole wide world today at http://shop.example/{} for you and all your friends"
    mail = b"".join(
        b"From a@b.example Tue Mar 15 00:00:0%d 2011\n" % n
        + hostile_message.partition(b"\n\n")[0].replace(b"<1@b", b"<%d@b" % n)
        + b"\n\n"
        + line.format(pill, pill).encode()
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


def test_a_template_by_its_id_says_how_it_was_inferred(run: Run, tmp_path: Path) -> None:
    letters = (
        f"From x\nReceived: from localhost (dyn-{n}.dial.example [240.{n}.7.9]) by mx.two.example; "
        f"Mon, 4 Apr 2011 10:0{n}:00 +0000\nFrom: a{n}@one.example\nTo: b{n}@two.example\nSubject: Stake {n}\n\n"
        f"The golden house of cards doubles your first stake of ${n * 7} at http://w{n}.example/ this very week.\n\n"
        for n in range(8)
    )
    (tmp_path / "mbox").write_text("".join(letters))
    assert run("investigate", tmp_path / "case", tmp_path / "mbox").exit_code == 0
    (row,) = json.loads(run("show", tmp_path / "case", "templates", "--format", "json").stdout)
    told = run("show", tmp_path / "case", row["id"]).stdout
    assert "The golden house of cards doubles your first stake of $" in told
    assert "proposed: nothing but the campaign's own kind of mail matches it" in told
    assert "http://" not in told
    assert json.loads(run("show", tmp_path / "case", "template", row["id"], "--format", "json").stdout)["regex"]


def test_a_campaign_that_does_not_exist_and_one_as_a_table(run: Run, case: Path) -> None:
    name = json.loads(run("show", case, "campaigns", "--format", "json").stdout)[0]["name"]
    near = run("show", case, f"{name}x")
    assert near.exit_code == 2 and f"did you mean {name}?" in near.stderr
    assert run("show", case, "campaign", "No Body").exit_code == 2
    assert "use --format json" in run("show", case, name, "--format", "csv").stderr


def test_links_are_defanged_in_a_table_for_people_and_exact_for_programs(run: Run, case: Path) -> None:
    as_table, as_csv = run("show", case, "urls").stdout, run("show", case, "urls", "--format", "csv").stdout
    assert "http://" not in as_table and "hxxp://" in as_table
    assert "http://" in as_csv and "hxxp://" not in as_csv


def test_the_summary_as_json(run: Run, case: Path) -> None:
    said = json.loads(run("show", case, "--format", "json").stdout)
    assert said["Read"].startswith("300 messages")
    states = [row["state"] for row in json.loads(run("show", case, "indicators", "--format", "json").stdout)]
    released, proposed = states.count("released"), states.count("proposed")
    assert said["To publish"].startswith(f"{released:,} released · {proposed:,} proposed")


@pytest.mark.parametrize("form", ["table", "json", "csv"])
@pytest.mark.parametrize("what", [*TABLES, "host"])
def test_nothing_in_mail_or_its_paths_steers_a_terminal(run: Run, what: str, form: str, hostile: Path) -> None:
    words = ["host", "203.0.113.7"] if what == "host" else [what]
    shown = run("show", hostile, *words, "--format", form).stdout_bytes.decode()
    assert not re.search("[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]", shown)
    if form == "json":
        json.loads(shown)


def test_a_record_and_an_error_steer_no_terminal_either(run: Run, hostile: Path, tmp_path: Path) -> None:
    message = json.loads(run("show", hostile, "messages", "--format", "json").stdout)[0]
    for words in ([str(message["id"])], [str(message["id"]), "--format", "json"], ["\x1b[31mtable"]):
        ended = run("show", hostile, *words)
        assert not re.search("[\x1b\x07\x9b\u202e]", ended.output)
    assert "\x1b" not in run("read", tmp_path / "case", "\x1b[31mnowhere").output


def test_json_gives_back_exactly_what_was_read(run: Run, hostile: Path) -> None:
    message = json.loads(run("show", hostile, "messages", "--format", "json").stdout)[0]
    assert message["subject"].startswith('=HYPERLINK("http://x.example"')
    source = json.loads(run("show", hostile, "sources", "--format", "json").stdout)
    assert any("evil\x1b[31m\u202e.eml" in path for row in source for path in row["paths"])


def test_no_cell_of_a_csv_begins_like_a_formula(run: Run, hostile: Path) -> None:
    for table in TABLES:
        for row in csv.reader(io.StringIO(run("show", hostile, table, "--format", "csv").stdout)):
            for cell in row:
                assert not cell.startswith(("=", "+", "@", "\t", "\r")), (table, cell)
                assert not cell.startswith("-") or re.fullmatch(r"-\d+", cell)
