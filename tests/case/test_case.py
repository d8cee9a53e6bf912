"""A case as a program uses it: made once, opened often, written to by one, never silently wrong."""

from __future__ import annotations

import hashlib
import os
import runpy
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest

from impound import Case, plugin
from impound.errors import ConfigError, InputError, StoreError, UsageError
from impound.tables import TABLES

KEY = b"k" * 32
EXAMPLE = Path(__file__).parent.parent / "made_mail.py"


@pytest.fixture(autouse=True)
def _the_clock_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1300233600")


@pytest.fixture(scope="module")
def mail(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("example") / "mail"
    runpy.run_path(str(EXAMPLE))["main"]([str(place)])
    return place


def investigated(case: Path, mail: Path) -> Path:
    with Case.open_or_create(case, write=True, key=KEY) as opened:
        opened.read([str(mail)])
        opened.find()
        opened.write("report", case / "report.html")
    return case


@pytest.fixture(scope="module")
def case(mail: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", "1300233600")
        return investigated(tmp_path_factory.mktemp("case") / "case", mail)


def contents(case: Path) -> dict[str, str]:
    """Every file of a case but for the custody log (it says who) and the lock."""
    files = sorted(p for p in case.rglob("*") if p.is_file() and p.name not in ("custody.jsonl", "lock"))
    return {str(p.relative_to(case)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def table(case: Case, name: str) -> pa.Table:
    return pa.Table.from_batches(case.rows(name))


# -- making, opening, looking -----------------------------------------------------------------------------------------


def test_a_case_made_twice_is_the_same_to_the_byte_with_findings_and_report(
    case: Path, mail: Path, tmp_path: Path
) -> None:
    again = contents(investigated(tmp_path / "case", mail))
    assert again == contents(case)
    assert {"report.html", "impound.toml", "case.key", "manifest.jsonl"} < again.keys()


def test_reading_and_finding_again_changes_nothing(mail: Path, tmp_path: Path) -> None:
    before = contents(investigated(tmp_path / "case", mail))
    assert contents(investigated(tmp_path / "case", mail)) == before
    assert Case.open(tmp_path / "case").verify() == []


def test_files_are_sources_and_copies(case: Path, mail: Path) -> None:
    sources = table(Case.open(case), "sources").to_pylist()
    assert len(sources) + sum(s["copies"] for s in sources) == len(list(mail.iterdir())) == 300
    assert sorted(p for s in sources for p in s["paths"]) == sorted(map(str, mail.iterdir()))


@pytest.mark.parametrize("name", TABLES)
def test_every_table_has_the_columns_of_the_contract(name: str, case: Path) -> None:
    opened = Case.open(case)
    found = table(opened, name)
    assert found.schema == TABLES[name].schema
    assert found.num_rows == opened.count(name)
    assert sum(len(batch) for batch in opened.rows(name, 3)) == min(3, found.num_rows)


def test_every_message_can_be_brought_back_from_the_sealed_bytes(case: Path, mail: Path) -> None:
    opened = Case.open(case)
    sql = (
        "SELECT s.id, s.paths, m.t FROM sources s JOIN (SELECT source_id, 0 AS t FROM messages) m ON m.source_id = s.id"
    )
    rows = opened.query(sql, tables=["sources", "messages"]).to_pylist()
    assert len(rows) == 298
    for row in rows[:40]:
        assert opened.original(row["id"], 0) == Path(row["paths"][0]).read_bytes()


def test_what_is_no_case_and_what_is_in_the_way_is_said(case: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not a case"):
        Case.open(tmp_path)
    (tmp_path / "thesis.tex").touch()
    with pytest.raises(UsageError, match="exists and is not a case"):
        Case.open_or_create(tmp_path)
    with pytest.raises(UsageError, match="exists and is not a case"):
        Case.open_or_create(tmp_path / "thesis.tex")
    with pytest.raises(UsageError, match="no table is called mesages"):
        next(Case.open(case).rows("mesages"))


def test_what_a_creation_that_was_cut_short_left_is_in_nobodys_way(tmp_path: Path) -> None:
    (tmp_path / "case" / "evidence").mkdir(parents=True)
    (tmp_path / "case" / "case.key").write_text("ab")
    (tmp_path / "case" / ".impound.toml.new").touch()
    (tmp_path / "case" / "manifest.jsonl").write_text('{"op": "ca')
    Case.open_or_create(tmp_path / "case", key=KEY)
    assert Case.open(tmp_path / "case").verify() == []


def test_a_path_that_is_not_there_ends_the_reading_before_it_begins(mail: Path, tmp_path: Path) -> None:
    with (
        Case.open_or_create(tmp_path / "case", write=True) as opened,
        pytest.raises(InputError, match="no such file or folder"),
    ):
        opened.read([str(mail), str(tmp_path / "nowhere")])
    assert Case.open(tmp_path / "case").count("sources") == 0
    assert Case.open(tmp_path / "case").verify() == []


def test_a_path_that_is_no_text_is_read_and_kept_but_no_case_can_lie_there(mail: Path, tmp_path: Path) -> None:
    odd = os.fsdecode(os.fsencode(tmp_path) + b"/\xff.eml")
    Path(odd).write_bytes((mail / "001.eml").read_bytes())
    with Case.open_or_create(tmp_path / "case", write=True) as opened:
        opened.read([odd])
    assert table(opened, "sources")["paths"].to_pylist() == [[f"{tmp_path}/\\xff.eml"]]
    assert Case.open(tmp_path / "case").verify() == []
    with pytest.raises(UsageError, match="not UTF-8"):
        Case.open_or_create(odd + ".case")
    assert not Path(odd + ".case").exists()


# -- key, settings ----------------------------------------------------------------------------------------------------


def test_another_key_is_refused(case: Path, mail: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="another key"):
        Case.open_or_create(case, write=True, key=b"x" * 32)
    investigated(case, mail)  # the refused one has let go of the case


def test_a_case_whose_key_was_exchanged_reads_nothing(mail: Path, tmp_path: Path) -> None:
    Case.open_or_create(tmp_path / "case", key=KEY)
    (tmp_path / "case" / "case.key").write_text("00" * 32)
    with Case.open(tmp_path / "case", write=True) as opened, pytest.raises(StoreError, match="not the key"):
        opened.read([str(mail)])


def test_two_keys_give_two_pseudonyms(mail: Path, case: Path, tmp_path: Path) -> None:
    with Case.open_or_create(tmp_path / "other", write=True, key=b"x" * 32) as other:
        other.read([str(mail)])
    one, two = (
        {p for r in table(c, "messages")["recipients"].to_pylist() for p in r} for c in (Case.open(case), other)
    )
    assert one and two and not one & two


def test_own_networks_are_written_into_the_settings_and_nothing_else_of_them_changes(tmp_path: Path) -> None:
    Case.open_or_create(tmp_path / "case")
    file = tmp_path / "case" / "impound.toml"
    file.write_text('# ours\n[organisation]\nname = "Example University"\nown_networks = []\n')
    Case.open_or_create(tmp_path / "case", own_networks=["192.0.2.0/24", "2001:DB8::/32"])
    assert file.read_text() == (
        '# ours\n[organisation]\nname = "Example University"\nown_networks = ["192.0.2.0/24", "2001:db8::/32"]\n'
    )
    assert Case.open(tmp_path / "case").config.organisation.own_networks == ("192.0.2.0/24", "2001:db8::/32")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[organisation]\n",
        '[reading]\nsensor = "mx1"\n',
        "[organisation]\nown_networks = []  # inferred\n",
        '[organisation]  # us\nname = ""\nown_networks = [\n  "198.51.100.0/24",  # mx\n]\n',
        "[organisation] # us\nname = ''\n",
    ],
)
def test_own_networks_find_their_place_in_any_settings(text: str, tmp_path: Path) -> None:
    Case.open_or_create(tmp_path / "case")
    (tmp_path / "case" / "impound.toml").write_text(text)
    Case.open_or_create(tmp_path / "case", own_networks=["192.0.2.0/24"])
    assert Case.open(tmp_path / "case").config.organisation.own_networks == ("192.0.2.0/24",)


def test_a_network_that_is_none_is_refused_and_the_settings_stay(tmp_path: Path) -> None:
    Case.open_or_create(tmp_path / "case")
    before = (tmp_path / "case" / "impound.toml").read_bytes()
    with pytest.raises(ConfigError, match="is not a network"):
        Case.open_or_create(tmp_path / "case", write=True, own_networks=["192.0.2.0/24", "our net"])
    assert (tmp_path / "case" / "impound.toml").read_bytes() == before
    Case.open(tmp_path / "case", write=True).close()


def test_own_networks_count_in_the_findings(mail: Path, tmp_path: Path) -> None:
    with Case.open_or_create(tmp_path / "case", write=True, own_networks=["198.51.100.0/24"]) as opened:
        opened.read([str(mail)])
        opened.find()
    own = [r for r in table(opened, "networks").to_pylist() if r["side"] == "own"]
    assert [r["cidr"] for r in own] == ["198.51.100.0/24"]


# -- what was interrupted, what was touched ----------------------------------------------------------------------------


@pytest.fixture
def interrupted(mail: Path, tmp_path: Path) -> Path:
    """A case whose reading ended in the middle: a batch is there, its sources are not merged, a part has no line."""
    with Case.open_or_create(tmp_path / "case", write=True, key=KEY) as opened:
        opened._store.settle = lambda: None  # type: ignore[method-assign]
        opened.read([str(mail)])
        opened.read([str(mail / "001.eml"), str(mail.parent / "mail")])
        place = tmp_path / "case" / "tables" / "urls" / "0123456789abcdef.parquet"
        place.write_bytes(b"PAR1 half")
        opened._store._unfinished = True
    return tmp_path / "case"


def test_looking_at_an_interrupted_case_changes_nothing_in_it(interrupted: Path, case: Path) -> None:
    before = contents(interrupted)
    opened, whole = Case.open(interrupted), Case.open(case)
    assert opened.count("sources") == whole.count("sources") == 298
    assert table(opened, "sources").equals(table(whole, "sources"))
    sql = "SELECT COUNT(*) AS n, SUM(copies) AS copies FROM sources"
    assert opened.query(sql, tables=["sources"]).to_pylist() == [{"n": 298, "copies": 2}]
    assert contents(interrupted) == before


def test_an_interrupted_case_is_not_a_tampered_one(interrupted: Path, case: Path, mail: Path) -> None:
    notes: list[str] = []
    assert Case.open(interrupted).verify(note=notes.append) == []
    assert "interrupted" in notes[0]
    investigated(interrupted, mail)
    files = {name for name in contents(interrupted) if name.startswith(("tables", "evidence"))}
    assert files == {name for name in contents(case) if name.startswith(("tables", "evidence"))}
    notes.clear()
    assert (Case.open(interrupted).verify(note=notes.append), notes) == ([], [])


@pytest.mark.parametrize("name", ["messages", "sources", "seals"])
@pytest.mark.parametrize("how", ["cut", "gone"])
def test_a_damaged_part_is_named_whoever_meets_it(name: str, how: str, mail: Path, tmp_path: Path) -> None:
    place = investigated(tmp_path / "case", mail)
    part = next((place / "tables" / name).iterdir())
    if how == "cut":
        part.write_bytes(part.read_bytes()[:-9])
    else:
        part.unlink()
    opened = Case.open(place)
    with pytest.raises(StoreError, match=f"{name}/.*missing or damaged") as told:
        list(opened.rows(name))
    assert "verify" in told.value.hint
    assert any(part.name in line for line in opened.verify())


def test_a_report_where_none_can_be_written_is_a_store_error(case: Path, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no/such"):
        Case.open(case).write("report", tmp_path / "no/such/place.html")


def test_writing_is_a_touch_that_the_custody_log_knows(tmp_path: Path) -> None:
    with Case.open_or_create(tmp_path / "c", write=True):
        pass
    case = Case.open(tmp_path / "c")
    written = case.write("report", tmp_path / "r.html")
    last = case.custody()[-1]
    assert (last["what"], last["writer"], last["to"]) == ("write", "report", "r.html")
    assert last["sha256"] == hashlib.sha256(written.read_bytes()).hexdigest()


def test_what_happened_stands_in_events_beside_what_was_there(tmp_path: Path) -> None:
    event = {"subject_type": "host", "subject": "192.0.2.1", "to_state": "notified", "reason": "told", "at": None}
    with Case.open_or_create(tmp_path / "c", write=True) as case:
        case.happened("notify", [event])
        case.happened("notify", [event | {"subject": "192.0.2.2"}])
        case.happened("notify", [])
        assert case.verify() == []
    rows = Case.open(tmp_path / "c").query("SELECT e.subject, e.actor FROM events e ORDER BY e.subject").to_pylist()
    assert rows == [{"subject": f"192.0.2.{n}", "actor": "notify"} for n in (1, 2)]


@pytest.mark.parametrize(("writer", "library"), [("exhibits", "reportlab"), ("handover", "cryptography")])
def test_a_writer_without_its_extra_says_which(tmp_path: Path, writer: str, library: str) -> None:
    Case.open_or_create(tmp_path / "case").close()
    words = ["write", str(tmp_path / "case"), writer, "-o", str(tmp_path / "out")]
    script = f"import sys; sys.modules[{library!r}] = None; from impound.cli import main; main({words!r})"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert ran.returncode == 6, ran.stderr
    assert "pip install 'impound[handover]'" in ran.stderr


@pytest.mark.parametrize("writer", sorted(plugin.available("writers")))
def test_an_option_that_a_writer_does_not_have_is_refused(tmp_path: Path, writer: str) -> None:
    Case.open_or_create(tmp_path / "case").close()
    with pytest.raises(UsageError, match=f"{writer} has no option colour"):
        Case.open(tmp_path / "case").write(writer, tmp_path / "out", {"colour": "red"})
    assert not (tmp_path / "out").exists()


def test_a_key_for_a_purpose_is_the_cases_own_and_tells_nothing_of_another(tmp_path: Path) -> None:
    one, other = (Case.open_or_create(tmp_path / name, key=bytes([n]) * 32) for n, name in enumerate(("a", "b")))
    keys = [one.key_for("tips"), one.key_for("else"), other.key_for("tips")]
    assert len(set(keys)) == 3 and all(len(key) == 32 for key in keys)
    assert Case.open(tmp_path / "a").key_for("tips") == keys[0]
