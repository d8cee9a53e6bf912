"""The MIME walk: what a message's headers and parts are, whatever it looks like, within a second."""

from __future__ import annotations

import base64
import time
import tracemalloc
from email.message import EmailMessage, Message
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from impound.readers import _mime
from impound.readers._charset import decode, decode_words
from impound.readers._mime import MAX_DEPTH, MAX_HEADERS, MAX_PARTS, MAX_SHAPE, parse

MIXED = b'Content-Type: multipart/mixed; boundary="b"\n\n'


def texts(raw: bytes) -> list[bytes]:
    return [part.data for part in parse(raw).parts]


# Headers


def test_headers_keep_order_spelling_and_repeats_and_are_unfolded() -> None:
    message = parse(b"Received: one\n\tand more\nSUBJECT:  hello \nreceived: two\n\nbody\n")
    assert message.headers == [("Received", "one\tand more"), ("SUBJECT", "hello"), ("received", "two")]
    assert message.body_offset == 56 and texts(b"A: b\n\nbody\n") == [b"body\n"]


def test_header_values_stand_for_their_bytes() -> None:
    (header,) = parse("Subject: grüße\n\n".encode()).headers
    assert header[1].encode("latin-1") == "grüße".encode()


@pytest.mark.parametrize("ending", [b"\n", b"\r\n", b"\r", b"\r\r\n"])
def test_any_line_ending(ending: bytes) -> None:
    raw = (MIXED + b"--b\nContent-Type: text/html\n\n<p>one\n--b\n\ntwo\n--b--\n").replace(b"\n", ending)
    message = parse(raw)
    assert message.headers[0][0] == "Content-Type"
    assert [(p.media_type, p.data.strip(), p.path) for p in message.parts] == [
        ("text/html", b"<p>one", "1"),
        ("text/plain", b"two", "2"),
    ]
    assert all(raw[p.offset : p.offset + len(p.data)] == p.data for p in message.parts)


def test_mixed_line_endings() -> None:
    message = parse(b"A: 1\r\nB: 2\nC: 3\r\n\nbody")
    assert [name for name, _ in message.headers] == ["A", "B", "C"] and message.parts[0].data == b"body"


@pytest.mark.parametrize(
    "front", [b"\xef\xbb\xbf", b"\n\r\n", b"From a@example.com Mon\n", b"\n>From a b\n>From c d\n"]
)
def test_what_stands_before_the_headers_is_skipped(front: bytes) -> None:
    message = parse(front + b"From: a@example.com\n\nbody")
    assert message.headers == [("From", "a@example.com")]
    assert (front + b"From: a@example.com\n\nbody")[message.body_offset :] == b"body"


def test_garbage_between_headers_is_left_out() -> None:
    message = parse(b"From: a@example.com\nGARBAGE LINE\n and more of it\nSubject: x\n\nbody")
    assert [name for name, _ in message.headers] == ["From", "Subject"] and message.parts[0].data == b"body"


def test_a_body_without_a_blank_line_before_it() -> None:
    assert texts(b"Subject: x\nHello there,\nbuy now\n\nmore") == [b"Hello there,\nbuy now\n\nmore"]


def test_no_headers_only_headers_nothing() -> None:
    assert texts(b"just words\n\nand more") == [b"just words\n\nand more"]
    assert parse(b"Subject: x").headers == [("Subject", "x")] and texts(b"Subject: x") == [b""]
    assert parse(b"").headers == [] and texts(b"") == [b""]


def test_the_first_content_type_counts() -> None:
    assert parse(b"Content-Type: text/html\nContent-Type: text/plain\n\nx").mime_shape == "text/html"


# The tree


def test_the_tree_its_shape_paths_and_boundary() -> None:
    message = parse(
        b'Content-Type: multipart/mixed; boundary="out"\n\npreamble\n--out\n'
        b"Content-Type: Multipart/Alternative; boundary=in\n\n--in\n\nplain\n"
        b"--in\nContent-Type: text/html\n\n<p>\n--in--\n"
        b"--out\nContent-Type: message/rfc822\n\nSubject: inner\n\ninner text\n--out--\nepilogue"
    )
    assert (
        message.mime_shape == "multipart/mixed(multipart/alternative(text/plain,text/html),message/rfc822(text/plain))"
    )
    assert [(p.path, p.data) for p in message.parts] == [("1.1", b"plain"), ("1.2", b"<p>"), ("2.1", b"inner text")]
    assert message.boundary == "out" and not message.problems


def test_a_missing_final_boundary_is_no_problem() -> None:
    message = parse(MIXED + b"--b\n\none\n--b\n\ntwo")
    assert [p.data for p in message.parts] == [b"one", b"two"] and not message.problems


@pytest.mark.parametrize(
    "kind", ["multipart/mixed", 'multipart/mixed; boundary=""', "multipart/mixed; boundary=absent"]
)
def test_a_multipart_without_its_boundary_is_text(kind: str) -> None:
    assert parse(f"Content-Type: {kind}\n\nwords".encode()).mime_shape == "text/plain"


def test_a_boundary_that_begins_another() -> None:
    message = parse(
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/mixed; boundary=b2\n\n"
        b"--b2\n\none\n--b2\n\ntwo\n--b2--\n--b  \n\nthree\n--b--"
    )
    assert [p.data for p in message.parts] == [b"one", b"two", b"three"]


def test_a_boundary_of_pattern_characters() -> None:
    raw = b'Content-Type: multipart/mixed; boundary="(a+)+$[.*"\n\n--(a+)+$[.*\n\none\n--aa\n--(a+)+$[.*--'
    assert texts(raw) == [b"one\n--aa"]


def test_an_encoded_message_part_is_decoded_and_walked() -> None:
    inner = base64.encodebytes(b"Content-Type: text/html\n\n<p>hello")
    raw = MIXED + b"--b\nContent-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n" + inner + b"--b--"
    (part,) = parse(raw).parts
    assert (part.media_type, part.data) == ("text/html", b"<p>hello") and raw[part.offset :].startswith(inner)


def test_a_digest_holds_messages() -> None:
    raw = b"Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: one\n\ntext\n--b--"
    assert parse(raw).mime_shape == "multipart/digest(message/rfc822(text/plain))"


# What a part says of itself


def test_name_disposition_charset_and_content_id() -> None:
    (part,) = parse(
        b'Content-Type: IMAGE/GIF; name="one.gif"; charset="ISO-8859-1"\n'
        b'Content-Disposition: Attachment; filename="=?utf-8?Q?gr=C3=BC=C3=9Fe.gif?="\n'
        b"Content-ID: <x@example.com>\n\nGIF"
    ).parts
    assert (part.media_type, part.charset, part.name) == ("image/gif", "iso-8859-1", "grüße.gif")
    assert (part.disposition, part.content_id) == ("attachment", "x@example.com")


@pytest.mark.parametrize(
    ("parameters", "name"),
    [
        ("name*=utf-8''gr%C3%BC%C3%9Fe.txt", "grüße.txt"),
        ("name*0*=utf-8''gr%C3; name*1*=%BC%C3%9F; name*2=e.txt", "grüße.txt"),
        ("name*1=b.txt; name*0=a", "ab.txt"),
        ("name=two words.txt; x=y", "two words.txt"),
        ('name="a\\"b.txt"', 'a"b.txt'),
        ('name="C:\\new\\a.txt"', "C:\\new\\a.txt"),
        ('name="unfinished.txt', "unfinished.txt"),
        ('x="; name=wrong"; name=right', "right"),
        ("name=", None),
    ],
)
def test_file_names(parameters: str, name: str | None) -> None:
    assert parse(f"Content-Type: application/pdf; {parameters}\n\nx".encode()).parts[0].name == name


def test_a_missing_semicolon() -> None:
    assert parse(b"Content-Type: text/html charset=koi8-r format=flowed\n\nx").parts[0].charset == "koi8-r"


@pytest.mark.parametrize("value", ["text", "/", "", "text/", "<b>", "\x00"])
def test_what_is_no_media_type_is_plain_text(value: str) -> None:
    assert parse(f"Content-Type: {value}\n\nx".encode()).parts[0].media_type == "text/plain"


@pytest.mark.parametrize(
    ("encoding", "body", "data"),
    [
        ("base64", b"aGVsbG8=\n", b"hello"),
        ("BASE64 ", b"aGVsbG8", b"hello"),
        ('"base64"', b"aGV!sbG8=", b"hello"),
        ("base64", b"aGVsbG8=\n\na list's footer", b"hello"),
        ("base64", b"this was never base64 at all", b"this was never base64 at all"),
        ("quoted-printable", b"a=3D=\nb=C3=BC =\r\nc=ZZ", b"a=b\xc3\xbc c=ZZ"),
        ("quoted-printable", b"soft=  \nbreak", b"softbreak"),
        ("quoted-printable", b"one=\rtwo", b"onetwo"),
        ("x-uuencode", b"begin 644 a.txt\n%:&5L;&\\\n`\nend\n", b"hello"),
        ("8bit", b"\xff\x00", b"\xff\x00"),
        ("no-such-thing", b"as is", b"as is"),
    ],
)
def test_transfer_encodings(encoding: str, body: bytes, data: bytes) -> None:
    assert texts(b"Content-Transfer-Encoding: " + encoding.encode() + b"\n\n" + body) == [data]


# Evil: each within a second and bounded memory, with a problem where something was not read

NESTED = b"".join(b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (i, i) for i in range(2000)) + b"\ndeep"
WRAPPED = b"Content-Type: message/rfc822\n\n" * 2000 + b"deep"
QP_WRAPPED = b"Content-Type: message/rfc822\nContent-Transfer-Encoding: quoted-printable\n\n" * 60 + b"x" * (4 << 20)
MANY = MIXED + b"--b\n\nx\n" * 100_000
SAME = b"Content-Type: multipart/mixed; boundary=a\n\n" + b"--a\nContent-Type: multipart/mixed; boundary=a\n\n" * 2000
EVIL = {
    "2,000 nested parts": (NESTED, "nested deeper"),
    "2,000 nested messages": (WRAPPED, "nested deeper"),
    "60 encoded messages in each other": (QP_WRAPPED, "nested deeper"),
    "100,000 boundaries": (MANY, "more than 1,000 parts"),
    "nested parts of one boundary": (SAME, "more than 1,000 parts"),
    "50,000 parameters": (b"Content-Type: text/plain" + b"; a=b" * 50_000 + b"\n\nx", None),
    "50,000 pieces of a name": (
        b"Content-Type: a/b" + b"".join(b"; name*%d=x" % i for i in range(50_000)) + b"\n\nx",
        None,
    ),
    "quotes without end": (b"Content-Type: a/b" + b'; a="\\' * 50_000 + b"\n\nx", None),
    "20,000 encoded words": (b"Content-Type: a/b; name=" + b'"=?utf-8?q?a?= ' * 20_000 + b"\n\nx", None),
    "1 MB of dashes": (b"Content-Type: multipart/mixed; boundary=-\n\n" + b"--" * 500_000, None),
    "lines of dashes": (b"Content-Type: multipart/mixed; boundary=-\n\n" + b"---x\n" * 400_000, "look like a boundary"),
    "100,000 headers": (b"X: y\n" * 100_000 + b"\nbody", "more than 1,000 headers"),
    "2 MiB of one header": (b"X: " + b"y" * (2 << 20) + b"\n\nbody", "a header block longer"),
    "half a million continuations": (b"X: y\n" + b" z\n" * 500_000 + b"\nbody", "a header block longer"),
    "garbage lines": (b"A: b\n" + b"g\n" * 400_000 + b"From: x\n", None),
    "8 MiB in one line": (b"x" * (8 << 20), None),
    "8 MiB of line feeds": (b"\n" * (8 << 20), None),
    "8 MiB of carriage returns": (b"A: b\n" + b"\r" * (8 << 20) + b"\n", None),
    "8 MiB of From lines": (b"From \n" * (8 << 17), None),
    "carriage returns and boundaries": (MIXED + b"\r--b\r\rx" * 200_000, "more than 1,000 parts"),
    "blanks in a parameter": (b"Content-Type: a/b; a" + b" " * 1_000_000 + b"\n\nx", None),
    "soft breaks with padding": (b"Content-Transfer-Encoding: quoted-printable\n\n" + b"=" + b" " * (4 << 20), None),
    "binary": (bytes(range(256)) * 4096, None),
    "NUL in a charset": (b'Content-Type: text/plain; charset="a\0b"\n\nx\xff', None),
}


@pytest.mark.parametrize("name", EVIL)
def test_evil_is_read_in_time(name: str) -> None:
    raw, problem = EVIL[name]
    began = time.process_time()
    message = parse(raw)
    for part in message.parts:
        decode(part.data[:65536], part.charset)
    assert time.process_time() - began < 1
    assert [reason for _, reason in message.problems if problem is None or problem not in reason] == []
    assert bool(message.problems) == (problem is not None)
    assert all(0 <= offset <= len(raw) for offset, _ in message.problems)
    assert len(message.parts) <= MAX_PARTS and len(message.headers) <= MAX_HEADERS
    assert len(message.mime_shape) <= MAX_SHAPE


@pytest.mark.parametrize("name", ["60 encoded messages in each other", "100,000 headers", "8 MiB of carriage returns"])
def test_evil_is_read_in_bounded_memory(name: str) -> None:
    tracemalloc.start()
    try:
        parse(EVIL[name][0])
        assert tracemalloc.get_traced_memory()[1] < 64 << 20
    finally:
        tracemalloc.stop()


def test_what_lies_too_deep_is_still_there_as_text() -> None:
    message = parse(NESTED)
    assert message.parts[-1].data.endswith(b"deep") and message.mime_shape.count("(") == MAX_DEPTH


def test_a_limit_says_where() -> None:
    message = parse(MANY)
    ((offset, _),) = message.problems
    assert MANY[offset:].startswith(b"\nx\n") and len(message.parts) == MAX_PARTS


# Properties

MIMEISH = st.sampled_from(
    [
        *(
            b"Content-Type: multipart/mixed; boundary=b\n",
            b"--b",
            b"--b--",
            b"\n",
            b"\r\n",
            b"\r",
            b"\n\n",
            b": ",
            b" ",
        ),
        *(
            b"Content-Type: message/rfc822\n",
            b"Content-Transfer-Encoding: base64\n",
            b"Content-Disposition: x; filename=",
        ),
        *(b"name*0*=utf-8''%", b'"', b";", b"=?utf-8?b?", b"?=", b"charset=", b"\x00", b"\xff", b"From x\n", b"A: b\n"),
    ]
)


@given(st.lists(MIMEISH | st.binary(max_size=8), max_size=60).map(b"".join))
@settings(max_examples=400, deadline=None)
def test_parse_never_raises_and_points_into_the_message(raw: bytes) -> None:
    message = parse(raw)
    assert message.parts and 0 <= message.body_offset <= len(raw)
    for part in message.parts:
        assert 0 <= part.offset <= len(raw)
        decode(part.data, part.charset).encode()
    for name, value in message.headers:
        assert name and "\n" not in value
        decode_words(value).encode()


WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=60)
LEAVES = st.builds(lambda text, kind: MIMEText(text + "\n", kind, "utf-8"), WORDS, st.sampled_from(["plain", "html"]))


def multipart(parts: list[Message]) -> Message:
    message = MIMEMultipart()
    for part in parts:
        message.attach(part)
    return message


@given(st.recursive(LEAVES, lambda inner: st.lists(inner, min_size=1, max_size=3).map(multipart), max_leaves=8), WORDS)
@settings(max_examples=150, deadline=None)
def test_well_formed_messages_read_as_the_standard_library_reads_them(built: Message, subject: str) -> None:
    built["Subject"] = " ".join(subject.split())
    leaves = [part for part in built.walk() if not part.is_multipart()]
    message = parse(built.as_bytes())
    assert [p.media_type for p in message.parts] == [p.get_content_type() for p in leaves]
    assert [p.data for p in message.parts] == [p.get_payload(decode=True) for p in leaves]
    found = dict(message.headers)["Subject"]
    assert decode_words(found).split() == subject.split()


@given(
    st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=80)
    .map(str.strip)
    .filter(bool)
)
@settings(max_examples=100, deadline=None)
def test_file_names_of_the_standard_library_come_back(name: str) -> None:
    built = EmailMessage()
    built.set_content("text")
    built.add_attachment(b"data", maintype="application", subtype="pdf", filename=name)
    assert parse(built.as_bytes()).parts[-1].name == name[: _mime.MAX_NAME]
