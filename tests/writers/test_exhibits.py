"""Exhibits: all of them are there, they say the same in PDF and CSV, name no recipient, and are the same every time."""

from __future__ import annotations

import csv
import hashlib
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from impound import Case
from impound.cli import main
from impound.errors import InputError
from impound.notices import ContactBook
from impound.writers import _exhibit, _exhibit_pdf
from impound.writers._exhibit import Exhibit
from impound.writers._exhibit_doubts import RATES
from impound.writers._exhibit_facts import UNKNOWN, contact, registrars

DOCS = Path(__file__).parents[2] / "docs"
FILES = {
    "A-sending-infrastructure.csv", "B-domains.csv", "C-trademarks.csv", "D-victims.csv", "E-contacts.csv",
    "F-time-line.csv", "G-method.csv", "takedown-plan.csv", "exculpatory.csv", "exhibits.pdf",
}  # fmt: skip


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A drill's mail, its case and its exhibits."""
    place = tmp_path_factory.mktemp("exhibits")
    made = CliRunner().invoke(main, ["-q", "drill", str(place / "d"), "--messages", "2000", "--bots", "200"])
    assert made.exit_code == 0, made.output
    with Case.open_or_create(place / "case", write=True) as case:
        case.read([str(place / "d")])
        case.find()
    toml = place / "case" / "impound.toml"
    text = toml.read_text("utf-8")
    assert 'case_number = ""' in text
    toml.write_text(text.replace('case_number = ""', 'case_number = "11-cv-00222"'))
    Case.open(place / "case").write("exhibits", place / "out")
    return place


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def printed(pdf: Path) -> str:
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext (poppler-utils) is not installed: the text of the PDF was not looked at")
    return subprocess.run(["pdftotext", "-layout", pdf, "-"], capture_output=True, text=True, check=True).stdout


def test_every_exhibit_is_there_and_has_rows(place: Path) -> None:
    assert {p.name for p in (place / "out").iterdir()} == FILES
    for name in FILES - {"exhibits.pdf", "C-trademarks.csv"}:
        assert table(place / "out" / name), name


def test_it_is_the_same_again(place: Path) -> None:
    Case.open(place / "case").write("exhibits", place / "again")
    for name in FILES:
        assert (place / "again" / name).read_bytes() == (place / "out" / name).read_bytes(), name


def test_each_page_bears_the_case_number_its_exhibit_and_the_hash_of_its_file(place: Path) -> None:
    pages = printed(place / "out" / "exhibits.pdf").split("\f")[:-1]
    hashes = {hashlib.sha256((place / "out" / name).read_bytes()).hexdigest() for name in FILES}
    for number, page in enumerate(pages, 1):
        assert "11-cv-00222" in page
        assert f"page {number}\n" in page
        found = re.search(r"SHA-256 ([0-9a-f]{64})", page)
        assert found and found[1] in hashes
    for mark in ("Exhibit A", "Exhibit G", "Takedown plan", "What speaks against it"):
        assert any(mark in page for page in pages)


def test_every_infected_network_is_counted_once(place: Path) -> None:
    sql = "SELECT count(DISTINCT ip) AS n FROM hosts WHERE verdict = 'infected'"
    infected = Case.open(place / "case").query(sql).to_pylist()[0]["n"]
    held = "SELECT count(*) AS n FROM indicators WHERE type = 'address' AND state IN ('withheld', 'withdrawn')"
    infected -= Case.open(place / "case").query(held).to_pylist()[0]["n"]
    rows = table(place / "out" / "A-sending-infrastructure.csv")
    assert sum(int(r["infected addresses"]) for r in rows) == infected
    assert sum(int(r["infected addresses"]) for r in table(place / "out" / "D-victims.csv")) == infected


def test_what_is_withheld_is_only_among_what_speaks_against(place: Path) -> None:
    sql = "SELECT value FROM indicators WHERE type = 'domain' AND state = 'withheld'"
    held = {r["value"].replace(".", "[.]") for r in Case.open(place / "case").query(sql).to_pylist()}
    assert held
    assert not held & {r["domain"] for r in table(place / "out" / "B-domains.csv")}
    assert not held & {r["which"] for r in table(place / "out" / "takedown-plan.csv")}
    assert held <= {r["what"] for r in table(place / "out" / "exculpatory.csv")}


def test_the_plan_names_each_channel_and_what_was_missed(place: Path) -> None:
    plan = table(place / "out" / "takedown-plan.csv")
    assert {r["channel"] for r in plan} >= {"domain", "infected computers"}
    assert {r["known"] for r in plan} >= {"missed"}
    domains = {r["which"] for r in plan if r["channel"] == "domain"}
    assert domains == {r["domain"] for r in table(place / "out" / "B-domains.csv")}


def test_with_contacts_and_registrars_less_is_missed(place: Path) -> None:
    book, registrars = place / "book.csv", place / "registrars.csv"
    book.write_text("# networks\n240.0.0.0/8,abuse@isp.example\n")
    one = table(place / "out" / "B-domains.csv")[0]["domain"].replace("[.]", ".")
    registrars.write_text(f"{one},Names and More\n")
    options = {"contacts": str(book), "registrars": str(registrars)}
    Case.open(place / "case").write("exhibits", place / "known", options)
    assert "abuse@isp.example" in {r["contact"] for r in table(place / "known" / "A-sending-infrastructure.csv")}
    known = [r for r in table(place / "known" / "takedown-plan.csv") if r["known"] == "yes"]
    assert {"Names and More", "abuse@isp.example"} <= {r["who acts"] for r in known}


def test_the_error_rates_are_those_of_the_documentation() -> None:
    text = " ".join(" ".join(p.read_text("utf-8").split()) for p in sorted(DOCS.glob("explanation/*.md")))
    for finding, _, rate, _, command in RATES:
        for figure in re.findall(r"\d[\d,]*\.?\d*", rate):
            assert figure.rstrip(".,") in text, (finding, figure)
        assert (DOCS.parent / command.split()[1]).exists(), command


@pytest.mark.parametrize("cell", ["=1+1", "+49", "-1", "@x", "\tx", "|x"])
def test_no_cell_is_a_formula(cell: str, tmp_path: Path) -> None:
    made = Exhibit("Exhibit X", "x", "x.csv", (), ("a",), (1,), [(cell,)] * 100)
    filed = _exhibit.file(made, tmp_path)
    assert (filed.total, len(filed.shown)) == (100, 60)
    assert {r["a"] for r in table(tmp_path / "x.csv")} == {f"'{cell}"}


def test_other_scripts_are_printed_or_named(tmp_path: Path) -> None:
    rows = [("Привет Ελλάδα größe",), ("銀行 <b>",), ("a" * 500,)]
    made = Exhibit("Exhibit X", "x", "x.csv", (), ("a",), (1,), rows)
    _exhibit_pdf.write(tmp_path / "x.pdf", "Case", [_exhibit.file(made, tmp_path)])
    text = printed(tmp_path / "x.pdf")
    assert "Привет Ελλάδα größe" in text
    assert "[2 characters: CJK] <b>" in text
    assert "銀行" in (tmp_path / "x.csv").read_text("utf-8")


def test_the_contact_of_a_network_is_the_one_that_notices_go_to(tmp_path: Path) -> None:
    (tmp_path / "contacts.csv").write_text(
        "198.51.0.0/16,wide@a.example\n198.51.100.0/24,near@a.example\nAS7,as@a.example\n"
    )
    book = ContactBook.of(str(tmp_path / "contacts.csv"))
    assert contact(book, "198.51.100.0/24") == "near@a.example"
    assert contact(book, "198.51.7.0/24", 7) == "wide@a.example"
    assert (contact(book, "203.0.113.0/24", 7), contact(book, "203.0.113.0/24")) == ("as@a.example", UNKNOWN)


def test_a_wrong_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        registrars(str(tmp_path / "none.csv"))
