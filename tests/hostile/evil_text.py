"""Hand-made evil in the text of a mail: markup, links, charsets, encodings."""

from __future__ import annotations

import random

from hostile.evil import MIB, attached, mail, message, typed


@mail()
def nested_divs() -> bytes:
    return typed(b"divs", b"text/html", b"<div>" * 50_000 + b"Hello." + b"</div>" * 50_000)


@mail()
def nested_tags_of_every_kind() -> bytes:
    tags = b"<table><tr><td><font><b><a href=http://a.example/><span style='display:none'><svg><select><template>"
    return typed(b"tags", b"text/html", tags * 9_000 + b"Hello.")


@mail()
def many_attributes() -> bytes:
    page = b"<p " + b"".join(b"a%d=1 " % n for n in range(100_000)) + b">Hello.</p>"
    return typed(b"attributes", b"text/html", page)


@mail()
def many_style_rules() -> bytes:
    rules = b"".join(b".c%d, .c%d > p:not(.d) { display: none }\n" % (n, n + 1) for n in range(10_000))
    page = b"<style>" + rules + b"</style>" + b"".join(b"<p class='c%d x'>a</p>" % n for n in range(20_000))
    return typed(b"style", b"text/html", page)


@mail()
def unfinished_markup() -> bytes:
    page = b"<!--" * 50_000 + b"<![CDATA[" * 20_000 + b"<a href='" * 20_000 + b"&#x" * 50_000 + b"&amp" * 50_000
    return typed(b"markup", b"text/html", page)


@mail("sealed, not read")
def many_links() -> bytes:
    page = b"".join(b"<a href=http://h%d.example/%d>x</a>\n" % (n, n) for n in range(100_000))
    return typed(b"links", b"text/html", page)


@mail("sealed, not read")
def many_links_in_text() -> bytes:
    return message(b"links", b"".join(b"http://h%d.example/%d\n" % (n, n) for n in range(100_000)))


@mail()
def almost_links() -> bytes:
    knots = (b"http://" * 9_000, b"www." * 9_000, b"a." * 20_000, b"h t t p : / / " * 3_000, b"hxxp[:]//" * 5_000)
    return message(
        b"almost", b"\n".join((*knots, b"%68" * 20_000, b"a@" * 20_000, b"[.]" * 20_000, b"http://a.example/" * 5_000))
    )


@mail()
def broken_encodings() -> bytes:
    parts = (
        (b"quoted-printable", b"= " * 300_000),
        (b"base64", b"=A" * 300_000),
        (b"x-uuencode", b"begin 1 a\nM\n" * 50_000),
    )
    head = b"--x\nContent-Type: text/plain; charset=%s\nContent-Transfer-Encoding: %s\n\n%s\n"
    return typed(b"encodings", b"multipart/mixed; boundary=x", b"".join(head % (b"gb2312", *part) for part in parts))


@mail()
def text_of_no_charset() -> bytes:
    return typed(b"charset", b"text/plain; charset=utf-8", random.Random(2).randbytes(8 * MIB))


@mail()
def every_byte() -> bytes:
    return message(b"bytes", bytes(range(256)), b"X-Bytes: " + bytes(range(256)) + b"\nX-More: 1\n")


@mail()
def nul_everywhere() -> bytes:
    kind = b'multipart/mixed; boundary="e\0e"; charset="utf-8\0x"'
    part = b"--e\0e\nContent-Type: text/plain; charset=utf-8\0; name=a\0b\n\nHel\0lo http://a\0.example/\n--e\0e--\n"
    return b"Sub\0ject: hidden\nSubject: a\0b\n" + typed(b"nul", kind, part)


@mail("no format that impound reads", messages=0)
def utf16() -> bytes:
    return message(b"utf-16").decode().encode("utf-16")


@mail()
def utf16_body() -> bytes:
    return typed(b"utf-16", b"text/html; charset=utf-16", "<p>Hello http://a.example/</p>".encode("utf-16"))


@mail()
def carriage_returns() -> bytes:
    return attached(b"cr", b"application/pdf", b"%PDF").replace(b"\n", b"\r")
