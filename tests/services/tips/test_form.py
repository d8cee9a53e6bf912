"""A form as it comes over the wire: fields, files, and whatever else somebody makes of it."""

from __future__ import annotations

import re
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

import running as made  # its folder was put on the path just above

from impound.services.tips import _form
from impound.services.tips._form import Form, parse
from impound.services.tips._limits import BODY, Refused

KIND = f"multipart/form-data; boundary={made.BOUNDARY}"


def part(disposition: str, data: bytes = b"x", more: str = "") -> bytes:
    return f"--{made.BOUNDARY}\r\nContent-Disposition: {disposition}\r\n{more}\r\n".encode() + data + b"\r\n"


END = f"--{made.BOUNDARY}--\r\n".encode()


def test_fields_and_files_come_as_they_are() -> None:
    body = made.form(
        {"words": "ä\0<b>", "contact": " me ", "receipt": "", "a b.zip": b"PK\3\4", "c": b"\r\n--a-boundary"}
    )
    found = parse(KIND, body)
    assert (found.words, found.contact, found.receipt) == ("ä\0<b>".encode(), "me", "")
    assert [(a.name, bytes(a.data)) for a in found.attached] == [("a b.zip", b"PK\3\4"), ("c", b"\r\n--a-boundary")]


def test_what_a_browser_sends_where_no_file_was_chosen_is_no_file() -> None:
    body = part('form-data; name="files"; filename=""', b"", "Content-Type: application/octet-stream\r\n") + END
    assert parse(KIND, body) == Form()


def test_a_field_that_comes_twice_counts_once_and_strange_ones_are_passed_over() -> None:
    body = part('form-data; name="words"', b"one") + part('form-data; name="words"', b"two")
    assert parse(KIND, body + part('form-data; name="admin"', b"yes") + END) == Form(b"one")


def test_a_file_is_called_whatever_its_sender_says_and_that_is_only_text() -> None:
    name = "../../etc/passwd"
    (found,) = parse(KIND, made.form({name: b"x"})).attached
    assert "passwd" in found.name


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("", b"", 415),
        ("text/plain", b"hello", 415),
        ("application/x-www-form-urlencoded", b"words=x", 415),
        ("multipart/form-data", b"", 415),
        ("multipart/form-data; boundary=x", b"--x--", 415),
        (f"multipart/form-data; boundary={'x' * 71}", b"", 415),
        (KIND, b"", 400),
        (KIND, b"no boundary at all", 400),
        (KIND, part('form-data; name="words"'), 400),
        (KIND, part("attachment") + END, 400),
        (KIND, part("form-data", b"x", "A: b\r\n" * 50) + END, 400),
        (KIND, part("form-data", b"x", f"A: {'b' * 9_000}\r\n") + END, 400),
        (KIND, part("form-data", b"x", ": no name\r\n") + END, 400),
        (KIND, part('form-data; name="f"') * 5_000 + END, 413),
        (KIND, part('form-data; name="files"; filename="x"') * 25 + END, 413),
        (KIND, part('form-data; name="words"', b"x" * 200_001) + END, 413),
        (KIND, part('form-data; name="contact"', b"x" * 1_001) + END, 413),
    ],
)
def test_what_is_no_form_of_ours_is_refused(kind: str, body: bytes, status: int) -> None:
    with pytest.raises(Refused) as refused:
        parse(kind, body)
    assert refused.value.status == status


@given(st.binary(max_size=2_000), st.booleans())
def test_any_bytes_are_a_form_or_refused(data: bytes, inside: bool) -> None:
    body = part('form-data; name="words"', data) + END if inside else data
    try:
        found = parse(KIND, body)
    except Refused:
        return
    assert inside and found.words == data[: len(found.words)]


@given(
    st.lists(st.sampled_from([b"--", made.BOUNDARY.encode(), b"\r\n", b"\r", b"\n", b": ", b"x", b"-"]), max_size=60)
)
def test_pieces_of_a_form_in_any_order_do_no_harm(pieces: list[bytes]) -> None:
    with suppress(Refused):
        parse(KIND, b"".join(pieces))


@pytest.mark.parametrize(
    "data",
    [
        f"\r\n--{made.BOUNDARY}x".encode(),
        f"\r\n--{made.BOUNDARY[:-1]}".encode(),
        f"\r\n--{made.BOUNDARY}\r\n".encode(),
        b"\r\n",
        b"-",
    ],
)
def test_no_body_takes_long(data: bytes) -> None:
    body = part('form-data; name="f"; filename="f"', data * (BODY // len(data))) + END
    before = time.process_time()
    with suppress(Refused):
        parse(KIND, body)
    assert time.process_time() - before < 3


def test_the_form_of_the_page_has_room_here() -> None:
    page = (Path(_form.__file__).parent / "templates" / "form.html.j2").read_text("utf-8")
    fields = set(re.findall(r'\bname="(\w+)"', page)) - {"viewport"}
    assert fields == {"words", "files", "contact", "receipt"}
    assert _form.FILES + 3 < _form.PARTS
