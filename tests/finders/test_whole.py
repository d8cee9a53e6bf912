"""Messages put together again are what the tables say, on both engines."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pyarrow as pa

from impound.check.mail import File, Link, Mail
from impound.finders import _whole
from impound.plugin import Engine
from impound.tables import TABLES

SEEN = pa.schema([("id", pa.int64()), ("said", pa.string())])


def said(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """What a message says of itself, so that it can be compared outside the worker."""
    rows = [(key, repr(mail)) for key, mail in _whole.mails(batch)]
    yield pa.RecordBatch.from_pylist([{"id": key, "said": text} for key, text in rows], schema=SEEN)


def put(engine: Engine, **rows: list[dict[str, object]]) -> None:
    for table in _whole.READS:
        engine.view(table, pa.Table.from_pylist(rows.get(table, []), schema=TABLES[table].schema))


def test_a_message_has_its_text_its_links_and_its_files(engine: Engine) -> None:
    put(
        engine,
        messages=[{"id": 1, "subject": "Tea", "body_sha256": "a"}, {"id": 2, "body_sha256": "none"}],
        bodies=[{"id": 7, "body_sha256": "a", "text": "Green and black."}],
        urls=[
            {"id": 5, "message_id": 1, "url": "http://two.example/", "host": "two.example", "link_text": "two"},
            {"id": 4, "message_id": 1, "url": "http://one.example/", "host": "one.example"},
        ],
        attachments=[{"id": 6, "message_id": 1, "name": "menu.pdf", "bytes": 300}],
    )
    _whole.whole(engine)
    engine.map("seen", said, "whole", SEEN)
    found = {row["id"]: row["said"] for batch in engine.stream("SELECT * FROM seen") for row in batch.to_pylist()}
    whole = Mail(
        subject="Tea",
        text="Green and black.",
        links=(
            Link(url="http://one.example/", host="one.example"),
            Link(url="http://two.example/", host="two.example", link_text="two"),
        ),
        files=(File(name="menu.pdf", bytes=300),),
    )
    assert found == {1: repr(whole), 2: repr(Mail())}, json.dumps(found, indent=1)


def test_a_separator_in_a_text_costs_columns_and_no_message(engine: Engine) -> None:
    put(
        engine,
        messages=[{"id": 1}],
        attachments=[{"id": 6, "message_id": 1, "name": "a\x1fb\x1fc\x1fd\x1fe\x1ff\x1fg", "bytes": 300}],
    )
    _whole.whole(engine)
    engine.map("seen", said, "whole", SEEN)
    found = [row["said"] for batch in engine.stream("SELECT * FROM seen") for row in batch.to_pylist()]
    assert len(found) == 1 and "name='a'" in found[0]
