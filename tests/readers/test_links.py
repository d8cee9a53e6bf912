"""Links in plain text, however they are written, and nothing that only looks like one."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impound.readers import _links
from impound.readers._links import Found, in_text

SECONDS = 5.0
"""A bound that fails on quadratic work (minutes) and not on a slow machine (each case takes under one second)."""


def links(text: str) -> list[tuple[str, str]]:
    return [(f.url, f.form) for f in in_text(text)]


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("see http://example.com/a?b=c#d now", "http://example.com/a?b=c#d"),
        ("see http://example.com.", "http://example.com"),
        ("(see https://example.com/a_(b)), or", "https://example.com/a_(b)"),
        ("<http://example.com/>", "http://example.com/"),
        ('"http://example.com/a"!', "http://example.com/a"),
        ("HTTP://EXAMPLE.COM/A", "http://EXAMPLE.COM/A"),
        ("callhttp://example.com/x", "http://example.com/x"),
        ("The end of the text.http://example.com/x", "http://example.com/x"),
        ("ftp://example.com/pub/", "ftp://example.com/pub/"),
        ("http://192.0.2.7:8080/a", "http://192.0.2.7:8080/a"),
        ("http://[2001:db8::7]/a", "http://[2001:db8::7]/a"),
        ("http://example.com/&gt;", "http://example.com/"),
        ("请访问http://example.com/a谢谢", "http://example.com/a"),
        ("请访问http://example.com谢谢", "http://example.com"),
        ("mailto:someone@example.com?subject=x.", "mailto:someone@example.com?subject=x"),
    ],
)
def test_plain(text: str, url: str) -> None:
    assert links(text) == [(url, "plain")]


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("go to www.example.com.", "http://www.example.com"),
        ("at example.com, or", "http://example.com"),
        ("Example.COM/a?b", "http://Example.COM/a?b"),
        ("(example.co.uk)", "http://example.co.uk"),
        ("sub.example.org:8080/x", "http://sub.example.org:8080/x"),
        ("www.example.info/", "http://www.example.info/"),
        ("example.xyz", "http://example.xyz"),
        ("www.example.sh", "http://www.example.sh"),
        ("example.net/a.pl", "http://example.net/a.pl"),
    ],
)
def test_bare(text: str, url: str) -> None:
    assert links(text) == [(url, "bare")]


@pytest.mark.parametrize(
    "text",
    [
        "readme.md setup.py foo.c Makefile.am lib.so.6 run.sh x.zip a.tar.gz main.rs",
        "e.g. i.e. U.S. a.m. v1.2.3 3.14 192.0.2.1 10.0.0.0/8 Mr.Smith",
        "The end.In the beginning.It was.So be.At last.to go.me too.is it.no one.us all",
        "someone@example.com someone@mail.example.co.uk first.last.com@example.org",
        "someone [at] example [dot] com, someone at example dot com",
        "src/foo.com/bar ../example.net C:\\command.com foo_bar.com a\\b.org",
        "object.call() obj.info.field ld.info some_field.net x.pl object.sd java.io.File os.path ASP.NET VB.NET",
        "and/or http:// https://. www. http://localhost/ x://y.example.com",
        "the dot com bubble, a dot com company, Visual Studio .NET . com",
        "wait . . . com is here... and so.on",
        "cid:part1@example.com",
        "10:30 a: b ratio 3:/4",
        "",
    ],
)
def test_words_files_and_addresses_are_no_links(text: str) -> None:
    assert links(text) == []


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("hxxp://example.com/a", "http://example.com/a"),
        ("hXXps://example[.]com/a", "https://example.com/a"),
        ("h**p://example.com", "http://example.com"),
        ("http[:]//example.com", "http://example.com"),
        ("example[.]com/a", "http://example.com/a"),
        ("www(dot)example(dot)com", "http://www.example.com"),
        ("example [dot] com", "http://example.com"),
        ("order at - example . com now", "http://example.com"),
        ("visit example dot com", "http://example.com"),
        ("www dot example dot com", "http://www.example.com"),
        ("example*com/x (replace * with a dot)", "http://example.com/x"),
        ("exam#ple.com, remove the #", "http://example.com"),
    ],
)
def test_defanged(text: str, url: str) -> None:
    assert links(text) == [(url, "defanged")]


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("<http://example.com/aaa\nbbb?c=\nd>", "http://example.com/aaabbb?c=d"),
        ("> <http://example.com/aaa\n> bbb>", "http://example.com/aaabbb"),
        ("=20http://example.com/aaa=\nbbb", "http://example.com/aaabbb"),
        ("=20http://www.exam=\r\nple.com/", "http://www.example.com/"),
        ("http:// www.example.com/a", "http://www.example.com/a"),
        ("www. example. com", "http://www.example.com"),
        ("www . example . com", "http://www.example.com"),
    ],
)
def test_split(text: str, url: str) -> None:
    assert links(text) == [(url, "split")]


def test_lines_are_joined_only_where_it_is_certain() -> None:
    assert links("http://example.com/a\nbbb") == [("http://example.com/a", "plain")]
    assert links("http://example.com/?a=\nbbb") == [("http://example.com/?a=", "plain")]


@pytest.mark.parametrize(
    "url",
    [
        "http://3232235777/",
        "http://0xc0a80101/a",
        "http://0300.0250.1.1/",
        "http://ex%61mple.com/",
        "http:/\\example.com/",
        "http:\\\\example.com\\a",
        "http:///example.com/",
        "http://paypal.com@192.0.2.1/",
        "http://exämple.com/",
        "http://xn--exmple-cua.com/",
    ],
)
def test_encoded(url: str) -> None:
    assert links(f"see {url} now") == [(url, "encoded")]


def test_the_target_of_a_redirector_is_a_link_too() -> None:
    assert links("http://r.example/url?q=http%3A%2F%2Fa.example.com%2Fx%3Fy&z=1") == [
        ("http://r.example/url?q=http%3A%2F%2Fa.example.com%2Fx%3Fy&z=1", "plain"),
        ("http://a.example.com/x?y", "encoded"),
    ]
    assert links("http://rds.example.com/S=1/*http://a.example.com/")[1:] == [("http://a.example.com/", "encoded")]


def test_each_spelling_once_in_the_order_of_the_text() -> None:
    assert [f.url for f in in_text("b.example.com http://example.com http://example.com example.net")] == [
        "http://b.example.com",
        "http://example.com",
        "http://example.net",
    ]


def test_links_are_counted_to_a_limit() -> None:
    text = " ".join(f"http://example.com/{i}" for i in range(_links.MAX_LINKS + 50))
    assert len(in_text(text)) == _links.MAX_LINKS


MIB = 1 << 20
EVIL = (
    "http://", "http:// ", "a.", "a.a@", "h h t t p", "www.", "www. ", "www . a . ", "[.]", "a[.]b", "a(dot)",
    "a dot ", " dot com", "a . com ", "a . ", "<http://a\n", "<http://a\nb", "http://a=\n", "=3D=\n", "://", ":/",
    ":\\", "mailto:", "mailto:a@b ", "h**p://", "hxxp", "http://a.com?u=", "=http%3a//", "http://[",
    "http://a.com/)", "http://a.com/(", "replace * with . ", "replace * with dot a*b*com ", "remove # a#b.com ",
    "www*", "-", "_", "a-", "\ue000", "\ue001", "a\ue000b", "w w w ", "\u8c22", "http://\u8c22",
    "http://a.com/.,;", "&gt;", "%41", "http://%41", "1.", "a.1", "http:// www.", "a.com ", "a.com/",
    "a.b.c.d.com,", "@a.com", "exam.ple.co", "// w", "[:]//", "http://a.com/" + ")" * 900 + " ",
)  # fmt: skip


@pytest.mark.parametrize("piece", EVIL)
def test_evil_input_takes_a_second_at_most(piece: str) -> None:
    text = piece * (MIB // len(piece))
    started = time.process_time()
    in_text(text)
    in_text("a" * 1000 + text[: MIB // 2] + "\n" + "http://" + text[: MIB // 4])
    assert time.process_time() - started < SECONDS


@given(st.one_of(st.text(), st.lists(st.sampled_from([*EVIL, " ", "\n", "example", ".com"])).map("".join)))
def test_any_text_gives_links_that_have_a_form(text: str) -> None:
    found = in_text(text)
    assert found == in_text(text)
    assert len({f.url for f in found}) == len(found)
    assert all(isinstance(f, Found) and f.form in ("plain", "bare", "defanged", "split", "encoded") for f in found)


@given(st.from_regex(r"[a-z]{3,9}", fullmatch=True), st.sampled_from(["", " ", ".", ", ", ")", "\n", '"', ">"]))
def test_a_link_ends_where_the_sentence_goes_on(word: str, after: str) -> None:
    assert in_text(f"go http://example.com/{word}{after}")[0].url == f"http://example.com/{word}"
