"""A portrait says of a campaign what its rows say, drawn and counted where the tables are."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from impound import portrait
from impound.plugin import Engine, Rows
from impound.tables import TABLES

AT = datetime(2011, 4, 4, tzinfo=UTC)


def asked(engine: Engine, rows: Rows) -> portrait.Ask:
    tables = rows.tables()
    for name in portrait.READS:
        engine.view(name, tables.get(name, TABLES[name].schema.empty_table()))

    def ask(sql: str) -> Iterator[dict[str, Any]]:
        for batch in engine.stream(sql):
            yield from batch.to_pylist()

    return ask


def campaign(rows: Rows, number: int, texts: list[str], name: str = "Quiet Otter", **columns: Any) -> None:
    rows.row("campaigns", id=number, name=name, messages=len(texts), hosts=2, networks=2, owners=2, domains=[])
    for n, text in enumerate(texts):
        message = number * 1_000 + n
        body = f"body {text}"
        given = {"subject": "Offer", "from_name": f"Ann {n}", "from_domain": "a.example", "mailer": "Bat"} | columns
        rows.row("messages", id=message, seen_at=AT, body_sha256=body, **given)
        rows.row("bodies", id=message, body_sha256=body, text=text, html_text="")
        rows.row("campaign_members", campaign_id=number, message_id=message, link="the same text", strength=1.0)
        rows.row("origins", message_id=message, client_ip=f"203.0.113.{n % 2}", client_net="203.0.113.0/24")


def test_the_example_is_aligned_and_the_varying_parts_are_counted(engine: Engine) -> None:
    rows = Rows(b"")
    campaign(rows, 7, [f"Buy {pill} at http://x{n}.example now" for n, pill in enumerate(("soma", "xanax", "valium"))])
    rows.row("urls", id=1, message_id=7_000, scheme="http", host="x0.example", domain="x0.example")
    rows.row("hosts", ip="203.0.113.0", first_at=AT, last_at=AT, verdict="infected", messages=2)
    rows.row("hosts", ip="203.0.113.1", first_at=AT, last_at=AT, verdict="unclear", messages=1)
    for n in range(3):
        rows.row("reply_contacts", message_id=7_000 + n, kind="mailbox", value="joe@mail.example")
    (found,) = portrait.portraits(asked(engine, rows), [7])
    assert [(s.text, s.values) for s in found.example.text] == [
        ("Buy", 1), ("soma", 3), ("at", 1), ("hxxp://x0[.]example", 3), ("now", 1)
    ]  # fmt: skip
    assert (found.example.drawn, found.example.compared, found.example.message_id) == (3, 3, 7_000)
    assert found.variety("sender name").values == 3
    assert found.variety("subject").values == 1
    assert found.variety("link") == portrait.Variety("link", 1, 2)
    assert found.ties == (portrait.Tie("the same text", 3, 1.0),)
    assert found.contacts == (portrait.Contact("mailbox", "joe@mail.example", 3),)
    assert {(v.verdict, v.addresses) for v in found.verdicts} == {("infected", 1), ("unclear", 1)}


def test_the_verdict_is_that_of_the_time_of_the_message(engine: Engine) -> None:
    rows = Rows(b"")
    campaign(rows, 7, ["one two three", "one two three"])
    later = AT.replace(month=6)
    rows.row("hosts", ip="203.0.113.0", first_at=AT, last_at=AT, verdict="ordinary", messages=1)
    rows.row("hosts", ip="203.0.113.0", first_at=later, last_at=later, verdict="infected", messages=1)
    (found,) = portrait.portraits(asked(engine, rows), [7])
    assert found.verdicts == (portrait.Verdict("ordinary", 1),)


def test_several_wordings_are_not_aligned_with_each_other() -> None:
    one, other = "buy cheap pills from our {} store today", "win the big lottery with {} tickets tomorrow"
    texts = [one.format(w) for w in ("red", "blue", "green", "white")] + [other.format(w) for w in ("two", "three")]
    given = dict.fromkeys(("subject", "from_name", "from_domain", "mailer", "html_text"))
    found = portrait.example([given | {"id": n, "text": t} for n, t in enumerate(texts)])
    assert (found.drawn, found.compared) == (6, 4)
    assert [s.text for s in found.text if s.fixed] == ["buy cheap pills from our", "store today"]
    assert found.share_fixed == pytest.approx(7 / 8)


def test_mail_without_a_text_has_an_example_all_the_same() -> None:
    given = dict.fromkeys(("from_name", "from_domain", "mailer", "text", "html_text"))
    found = portrait.example([given | {"id": n, "subject": f"Offer {n}"} for n in range(3)])
    assert (found.with_text, found.text) == (0, ())
    assert [(s.text, s.values) for s in found.subject] == [("Offer", 1), ("0", 3)]


def test_a_contact_that_stands_in_a_few_messages_is_none(engine: Engine) -> None:
    rows = Rows(b"")
    campaign(rows, 7, ["one two three"] * 50)
    for n in range(2):
        rows.row("reply_contacts", message_id=7_000 + n, kind="mailbox", value="quoted@mail.example")
    (found,) = portrait.portraits(asked(engine, rows), [7])
    assert found.contacts == ()


@pytest.mark.parametrize("words", ["7", "Quiet Otter", "quiet  otter", "QUIET OTTER"])
def test_a_campaign_is_found_by_its_id_and_by_its_name(words: str, engine: Engine) -> None:
    rows = Rows(b"")
    campaign(rows, 7, ["a"])
    assert portrait.find(asked(engine, rows), words) == 7


@pytest.mark.parametrize("words", ["8", "Quiet", "' OR 1 = 1 --", "", "²", "9" * 30])
def test_what_is_no_campaign_is_not_found(words: str, engine: Engine) -> None:
    rows = Rows(b"")
    campaign(rows, 7, ["a"])
    assert portrait.find(asked(engine, rows), words) is None


def test_no_campaigns_no_portraits() -> None:
    assert portrait.portraits(lambda sql: [], []) == []
