"""What a message answers, and whose delivery a report is about."""

from __future__ import annotations

from typing import Any

import pytest

from impound.plugin import Piece, Rows
from impound.readers.mail import MailReader

REPORT = b"""From: MAILER-DAEMON@isp.example
To: desk@receiver.example
Subject: Undelivered Mail Returned to Sender
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Type: text/plain

It could not be delivered.
--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.isp.example

Final-Recipient: rfc822; abuse@isp.example
Action: failed
Status: 5.1.1
--B
Content-Type: %s

Subject: Infected machines
Message-ID: <T-1@receiver.example>

Text.
--B--
"""


def rows(raw: bytes) -> list[dict[str, Any]]:
    out = Rows(b"k" * 32)
    MailReader(pictures=False).read([Piece(b"s" * 32, 1, 0, raw)], out)
    return out.rows.get("answers", [])


@pytest.mark.parametrize("kind", [b"message/rfc822", b"text/rfc822-headers"])
def test_a_report_names_the_message_it_returns_and_the_status(kind: bytes) -> None:
    (row,) = rows(REPORT % kind)
    assert (row["how"], row["about"], row["status"]) == ("report", "T-1@receiver.example", "5.1.1")


def test_a_report_names_nobody_to_whom_it_could_not_deliver() -> None:
    """Who is written to as an owner is named by no table when his mail server sends the letter back."""
    raw = (REPORT % b"text/rfc822-headers").replace(b"abuse@isp", b"<Ann.Owner@Mail.isp>").replace(
        b"It could not be delivered.", b"<ann.owner@mail.isp.example>: ann.owner is unknown, says mail.isp.example"
    ).replace(b"Subject: Infected", b"To: ann.owner@mail.isp.example\nSubject: Infected")  # fmt: skip
    raw = raw.replace(b"<Ann.Owner@Mail.isp>.example", b"<Ann.Owner@Mail.isp.example>")
    out = Rows(b"k" * 32)
    MailReader(pictures=False).read([Piece(b"s" * 32, 1, 0, raw)], out)
    told = repr(out.rows).lower()
    assert "ann" not in told and "{{to.address}}" in told and "mail.isp.example" in told
    assert len(out.rows["messages"][0]["recipients"]) == 1


@pytest.mark.parametrize(
    ("headers", "about"),
    [
        (b"In-Reply-To: <a@x.example> <b@x.example>\nReferences: <c@x.example>\n", ["a@x.example"]),
        (b"References: <c@x.example>\n <d@x.example>\n", ["d@x.example"]),
        (b"In-Reply-To: your letter of Monday\n", []),
        (b"", []),
        (b"References: " + b"<" * 100_000 + b"\n", []),
    ],
)
def test_a_reply_names_what_it_answers(headers: bytes, about: list[str]) -> None:
    assert [r["about"] for r in rows(b"From: a@isp.example\nSubject: Re\n" + headers + b"\nYes.\n")] == about


def test_what_is_made_of_the_recipient_is_taken_out() -> None:
    raw = b"From: a@isp.example\nTo: jane.roe@receiver.example\nIn-Reply-To: <jane.roe.7@receiver.example>\n\nYes.\n"
    assert "jane" not in rows(raw)[0]["about"]
