"""The main job on real mail, where it is at hand (IMPOUND_DATA): every message read, and the right host named."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
import zstandard

from impound import Case

SETS = {
    "mail-csdmc2010.tar.zst": 1989,
    "mail-spamassassin.tar.zst": 6049,
    "mail-phishing_pot.tar.zst": 1200,
    "mail-linux_alpha.tar.zst": 8867,
}


@pytest.mark.parametrize(("name", "files"), SETS.items(), ids=SETS)
def test_nothing_of_a_mail_set_is_lost(data_dir: Path, tmp_path: Path, name: str, files: int) -> None:
    with Case.open_or_create(tmp_path / "case", write=True) as case:
        tally = case.read([str(data_dir / name)])
        case.find()
    assert tally.sources + tally.copies == files
    assert tally.records >= 0.99 * files
    reasons = case.query("SELECT DISTINCT reason FROM rejects", tables=["rejects"]).to_pylist()
    assert not [r for r in reasons if "failed" in r["reason"]]
    assert case.count("origins") == case.count("messages")


@pytest.fixture(scope="module")
def trec(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    with Case.open_or_create(tmp_path_factory.mktemp("trec") / "case", write=True) as case:
        case.read([str(data_dir / "mail-trec07p.tar.xz")])
        case.find()
        yield case


def test_every_message_of_trec07p_is_read(trec: Case) -> None:
    sql = "SELECT SUM(1 + copies) AS files, SUM(CASE WHEN records > 0 THEN 1 ELSE 0 END) AS good FROM sources"
    row = trec.query(sql, tables=["sources"]).to_pylist()[0]
    assert row["files"] == 32_686
    assert row["good"] >= 0.999 * 32_686


def test_the_host_named_is_the_one_the_labels_name(trec: Case, data_dir: Path) -> None:
    packed = (data_dir / "mail-trec07p-labels.tsv.zst").open("rb")
    text = io.TextIOWrapper(zstandard.ZstdDecompressor().stream_reader(packed), "utf-8")
    labels = {row["file"]: row for row in csv.DictReader(text, delimiter="\t")}
    sql = """SELECT s.paths, o.client_ip FROM origins o JOIN messages m ON m.id = o.message_id
             JOIN sources s ON s.id = m.source_id"""
    named = trec.query(sql, tables=["origins", "messages", "sources"]).to_pylist()
    found = {row["paths"][0].rpartition("/")[2]: row["client_ip"] for row in named}
    spam = {f: r["client_ip"] for f, r in labels.items() if r["label"] == "spam" and r["client_ip"]}
    agreed = sum(found.get(file) == address for file, address in spam.items())
    assert agreed >= 0.99 * len(spam), f"{agreed:,} of {len(spam):,}"
    assert not [a for a in found.values() if a and a.startswith("129.97.")]


def test_the_border_of_trec07p_is_its_university(trec: Case) -> None:
    own = trec.query("SELECT cidr FROM networks WHERE side = 'own'", tables=["networks"]).to_pylist()
    assert own == [{"cidr": "129.97.0.0/16"}]
