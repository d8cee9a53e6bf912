"""Notices as mail: by RFC 5965, read by the standard library and by an independent parser, plain words first."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from impound.notices import arf
from notices.made import ENVELOPE, WHO, infection, sighting

MANY = [infection(f"198.51.100.{n}") for n in range(1, 8)]


def read(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw, policy=policy.default)  # type: ignore[return-value,arg-type]


def fields(report: EmailMessage) -> dict[str, str]:
    part = next(p for p in report.walk() if p.get_content_type() == "message/feedback-report")
    return dict(part.get_payload()[0].items())  # type: ignore[union-attr,index]


@pytest.mark.parametrize("ip", ["198.51.100.7", "2001:db8::7"])
def test_a_single_report_has_the_three_parts_of_rfc_5965(ip: str) -> None:
    made = read(arf.single(infection(ip), WHO, ENVELOPE))
    assert made.get_content_type() == "multipart/report" and made.get_param("report-type") == "feedback-report"
    assert [p.get_content_type() for p in made.iter_parts()] == [
        "text/plain", "message/feedback-report", "message/rfc822"
    ]  # fmt: skip
    assert fields(made) == {
        "Feedback-Type": "abuse", "User-Agent": fields(made)["User-Agent"], "Version": "1",
        "Arrival-Date": "Mon, 04 Apr 2011 10:30:05 +0000", "Source-IP": ip, "Source-Port": "4711",
        "Reporting-MTA": "dns; mx.uni.example", "Incidents": "1234",
    }  # fmt: skip
    example = next(p for p in made.walk() if p.get_content_type() == "message/rfc822").get_payload()[0]  # type: ignore[index]
    assert example["Subject"] == "Buy now" and "{{to.name}}" in example.get_content()  # type: ignore[union-attr,index]


def test_a_person_reads_all_that_is_needed_in_the_first_part() -> None:
    made = read(arf.single(infection(), WHO, ENVELOPE))
    words = next(iter(made.iter_parts())).get_content()
    for needed in ("IMP-20110405-ABCDEF", "198.51.100.7", "4711", "4 April 2011, 10:30:05 (UTC+00:00)", WHO.mailbox):
        assert needed in words
    assert made["Subject"] == "[IMP-20110405-ABCDEF] A computer in your network sent spam"
    assert made["Message-ID"] == "<IMP-20110405-ABCDEF@uni.example>"


def test_bulk_is_one_message_with_words_a_table_and_reports() -> None:
    made = read(arf.bulk(MANY, WHO, ENVELOPE))
    assert [p.get_content_type() for p in made.iter_parts()] == ["multipart/report", "text/csv", "application/json"]
    _, table, reports = made.iter_parts()
    rows = list(csv.DictReader(io.StringIO(table.get_content())))
    assert [r["ip"] for r in rows] == [i.ip for i in MANY]
    assert {(r["port"], r["last_seen"], r["messages"]) for r in rows} == {("4711", "2011-04-04T10:30:05+00:00", "1234")}
    assert [r["source_identifier"] for r in json.loads(reports.get_content())] == [i.ip for i in MANY]
    assert "Source-IP" not in fields(made) and fields(made)["Incidents"] == str(7 * 1234)
    assert made["Subject"] == "[IMP-20110405-ABCDEF] 7 computers in your network sent spam"


@pytest.mark.parametrize("language", ["en", "de", "es"])
def test_every_language_has_a_notice(language: str) -> None:
    envelope = replace(ENVELOPE, language=language)
    for made in (read(arf.single(MANY[0], WHO, envelope)), read(arf.bulk(MANY, WHO, envelope))):
        words = next(p for p in made.walk() if p.get_content_type() == "text/plain").get_content()
        assert WHO.mailbox in words and "{" not in words
    assert read(arf.bulk(MANY, WHO, envelope))["Subject"].count("7") == 1


def test_a_machine_without_a_message_has_a_report_too() -> None:
    made = read(arf.single(infection(sightings=()), WHO, ENVELOPE))
    assert [p.get_content_type() for p in made.iter_parts()][2] == "text/rfc822-headers"
    assert "Source-Port" not in fields(made)


def test_it_is_the_same_again() -> None:
    assert arf.bulk(MANY, WHO, ENVELOPE) == arf.bulk(MANY, WHO, ENVELOPE)
    assert arf.single(MANY[0], WHO, ENVELOPE) == arf.single(MANY[0], WHO, ENVELOPE)


def test_a_notice_of_as_many_as_fit_is_taken_by_large_providers() -> None:
    from impound.notices import MOST_HOSTS

    shown = sighting(text="é" * 1_200)
    many = [infection(f"198.18.{n // 256}.{n % 256}", shown) for n in range(MOST_HOSTS)]
    assert len(arf.bulk(many, WHO, ENVELOPE)) < 10_000_000


PARSER = """
import json, sys
from arf import load_arf
print(json.dumps([load_arf(path).serialize_report() for path in sys.argv[1:]]))
"""


def test_an_independent_parser_reads_every_report(tmp_path: Path) -> None:
    """arf-mime (GPL) runs as a program of its own."""
    if find_spec("arf") is None:
        pytest.skip("arf-mime is not installed: no independent parser read the reports")
    raws = [arf.single(i, WHO, ENVELOPE) for i in MANY] + [arf.bulk(MANY, WHO, ENVELOPE)]
    paths = [tmp_path / f"{n}.eml" for n in range(len(raws))]
    for path, raw in zip(paths, raws, strict=True):
        path.write_bytes(raw)
    ran = subprocess.run([sys.executable, "-c", PARSER, *map(str, paths)], capture_output=True, text=True, check=True)
    found = json.loads(ran.stdout)
    assert [f["FeedbackReport"].get("SourceIp") for f in found] == [*(i.ip for i in MANY), None]
    assert all(f["FeedbackReport"]["FeedbackType"] == "abuse" for f in found)
    assert all("FeedbackType" in f["FeedbackReport"] and "Subject" in f["OriginalMessageHeaders"] for f in found)


hostile = st.text(max_size=120)


@settings(max_examples=60, deadline=None)
@given(hostile, hostile, hostile)
def test_nothing_that_a_stranger_wrote_becomes_a_header_or_a_part(subject: str, helo: str, text: str) -> None:
    said = {"subject": subject, "helo": helo, "by": helo, "from_name": subject, "from_domain": helo, "mailer": subject,
            "rfc_message_id": subject, "text": text + "\n--=IMP-20110405-ABCDEF=\n\nx"}  # fmt: skip
    machine = infection("198.51.100.7", sighting(**said), name=helo, why=text)
    made = read(arf.single(machine, WHO, ENVELOPE))
    assert len(list(made.iter_parts())) == 3
    assert made.keys() == read(arf.single(infection(), WHO, ENVELOPE)).keys()
    assert set(fields(made)) <= {"Feedback-Type", "User-Agent", "Version", "Arrival-Date", "Source-IP", "Source-Port",
                                 "Reporting-MTA", "Incidents"}  # fmt: skip
    assert len(list(read(arf.bulk([machine], WHO, ENVELOPE)).iter_parts())) == 3
