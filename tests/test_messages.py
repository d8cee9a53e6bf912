"""Messages one by one: everything handed in comes out once, in its order, read or with the reason why not."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from impound.canonical import record_id
from impound.errors import InputError
from impound.messages import BATCH, is_text, messages


def mail(number: int) -> bytes:
    return f"From: a@b.example\nTo: c@d.example\nSubject: number {number}\n\nText {number}\n".encode()


def mbox(count: int) -> bytes:
    return b"\n".join(b"From a@b.example Tue Mar 15 00:00:00 2011\n" + mail(n) for n in range(count))


def found(*paths: Path | str) -> list[tuple[str, int, str]]:
    return [(m.path, m.offset, m.mail.subject if m.mail else m.reason) for m in messages([str(p) for p in paths])]


def test_a_folder_gives_a_message_for_each_file_copies_too(tmp_path: Path) -> None:
    for name in ("a", "b", "sub/c"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(mail(1))
    assert [path for path, _, _ in found(tmp_path)] == [str(tmp_path / name) for name in ("a", "b", "sub/c")]


def test_a_mailbox_gives_its_messages_with_their_offsets(tmp_path: Path) -> None:
    box = mbox(2 * BATCH + 3)
    (tmp_path / "box").write_bytes(box)
    rows = found(tmp_path / "box")
    assert [subject for _, _, subject in rows] == [f"number {n}" for n in range(2 * BATCH + 3)]
    assert all(box[offset : offset + 5] == b"From " for _, offset, _ in rows)


def test_members_of_archives_are_named(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("one.eml", mail(1))
        archive.writestr("two.eml.gz", gzip.compress(mail(2)))
    (tmp_path / "x.zip").write_bytes(packed.getvalue())
    rows = found(tmp_path / "x.zip")
    assert [subject for _, _, subject in rows] == ["number 1", "number 2"]
    assert rows[0][0] == f"{tmp_path / 'x.zip'}!one.eml"


def test_what_cannot_be_read_stands_in_its_place_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "1").write_bytes(mail(1))
    (tmp_path / "2").write_bytes(b"\x00\x01nothing")
    (tmp_path / "3").write_bytes(b"")
    (tmp_path / "4").write_bytes(mail(4))
    (tmp_path / "5").symlink_to("nowhere")
    assert [said for _, _, said in found(tmp_path)] == [
        "number 1", "this is no mail, and no page", "empty", "number 4", "a link that leads nowhere",
    ]  # fmt: skip


def test_a_message_has_the_id_it_has_in_a_case(tmp_path: Path) -> None:
    import hashlib

    (tmp_path / "m").write_bytes(mail(1))
    (one,) = messages([str(tmp_path / "m")])
    assert one.id == record_id(hashlib.sha256(mail(1)).digest(), 0, "messages")


def test_a_page_is_read_for_its_words_and_links(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_bytes(
        b"<!DOCTYPE html><html><body>Verify <a href='http://x.example/a'>now</a></body>"
    )
    (one,) = messages([str(tmp_path / "page.html")])
    assert one.kind == "page" and one.mail is not None
    assert one.mail.words.split() == ["Verify", "now"] and one.mail.links[0].host == "x.example"


def test_links_and_names_are_text_and_nothing_is_fetched() -> None:
    rows = list(messages(["https://paypa1.example/login", "shop.example"]))
    assert [(m.kind, m.mail.links[0].host) for m in rows if m.mail] == [
        ("text", "paypa1.example"),
        ("text", "shop.example"),
    ]


def test_a_path_that_is_neither_is_refused() -> None:
    with pytest.raises(InputError, match="neither a link nor a domain name"):
        list(messages(["no such file"]))
    assert is_text("a.example") and is_text("hxxp://a[.]example/") and not is_text("missing") and not is_text("../x/y")


@given(st.binary(max_size=400))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
def test_whatever_a_file_holds_something_is_said_of_it(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x").write_bytes(data)
    assert all(m.mail is not None or m.reason for m in messages([str(tmp_path / "x")]))
    assert list(messages([str(tmp_path / "x")]))
