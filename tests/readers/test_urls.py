"""One spelling for each link."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impound.readers import _urls
from impound.readers._urls import MAX_URL, Link, canonical, form, inner


@pytest.mark.parametrize(
    ("raw", "url"),
    [
        ("HTTP://WWW.Example.COM", "http://www.example.com/"),
        ("http://example.com:80/", "http://example.com/"),
        ("https://example.com:0443/", "https://example.com/"),
        ("http://example.com:8080", "http://example.com:8080/"),
        ("http://example.com/a/./b/../c", "http://example.com/a/c"),
        ("http://example.com/a/..", "http://example.com/"),
        ("http://example.com/../../a", "http://example.com/a"),
        ("http://example.com/%7ea%2fb%zz", "http://example.com/~a%2Fb%zz"),
        ("http://example.com/ä b", "http://example.com/%C3%A4%20b"),
        ("http://example.com?a=b", "http://example.com/?a=b"),
        ("http://example.com/a#top", "http://example.com/a"),
        ("http://example.com/#!route", "http://example.com/#!route"),
        ("http://user:secret@example.com/", "http://example.com/"),
        ("http://paypal.com@192.0.2.1/", "http://192.0.2.1/"),
        ("http://3221225985/", "http://192.0.2.1/"),
        ("http://0xC0.0.0x2.01", "http://192.0.2.1/"),
        ("http://192.0.513/", "http://192.0.2.1/"),
        ("http://[2001:DB8::0:7]:80/", "http://[2001:db8::7]/"),
        ("http://ex%61mple.com/", "http://example.com/"),
        ("http://exämple.com/", "http://xn--exmple-cua.com/"),
        ("http://example。com/", "http://example.com/"),
        ("http:\\\\example.com\\a\\b", "http://example.com/a/b"),
        ("http:example.com", "http://example.com/"),
        ("http:////example.com//a", "http://example.com//a"),
        (" ht\ttp://exam\nple.com/ ", "http://example.com/"),
        ("//example.com/a", "http://example.com/a"),
        ("www.example.com/a", "http://www.example.com/a"),
        ("example.com", "http://example.com/"),
        ("ftp://example.com:21/a", "ftp://example.com/a"),
        ("mailto:Some.One@Example.COM?subject=x", "mailto:Some.One@example.com"),
        ("mailto:a%40b@example.com", None),
    ],
)
def test_spelling(raw: str, url: str | None) -> None:
    found = canonical(raw)
    assert (found.url if found else None) == url


@pytest.mark.parametrize(
    "raw",
    [
        "javascript:alert(1)", "cid:part@example.com", "data:text/html,x", "about:blank", "tel:+1", "#top", "", "/a/b",
        "index.html", "setup.py", "../a.com", "http://", "http:///", "http://localhost/", "http://a b.com/", "http://.com/",
        "http://example.com:x/", "http://[::1", "mailto:", "mailto:nobody", "http://256.256.256.256/", "file:///etc/passwd",
    ],
)  # fmt: skip
def test_what_leads_nowhere(raw: str) -> None:
    assert canonical(raw) is None


def test_parts() -> None:
    assert canonical("https://a.example.co.uk/x?y=z") == Link(
        "https://a.example.co.uk/x?y=z", "https", "a.example.co.uk", "example.co.uk", "/x?y=z"
    )
    address = canonical("http://192.0.2.1/")
    assert address and (address.host, address.domain, address.path) == ("192.0.2.1", None, "/")
    mail = canonical("mailto:a@b.example.com")
    assert mail and (mail.scheme, mail.host, mail.domain, mail.path) == ("mailto", "b.example.com", "example.com", "")


def test_length_is_bounded_and_the_host_kept() -> None:
    found = canonical("http://user@example.com/" + "ä" * 10_000)
    assert found and len(found.url) <= MAX_URL and found.host == "example.com"


@given(st.text(alphabet="htp:/\\.@%#?&=[]0x1aä \t\u3002", max_size=60))
def test_canonical_is_stable(rest: str) -> None:
    found = canonical("http://example.com/" + rest) or canonical("http://" + rest)
    if found and "%" not in found.path:
        assert canonical(found.url) == found


@given(st.text())
def test_any_text_has_an_answer(raw: str) -> None:
    for text in (raw, "http://" + raw, "mailto:" + raw, "http://example.com/" + raw):
        canonical(text)
        assert form(text) in ("plain", "encoded")
        assert len(inner(text)) <= 3


def test_redirectors_inside_redirectors() -> None:
    assert inner("http://a.example/?u=http%3A%2F%2Fb.example%2F%3Fu%3Dhttp%3A%2F%2Fc.example%2F&v=1") == [
        "http://b.example/?u=http://c.example/",
        "http://c.example/",
    ]
    assert inner("http://example.com/a") == []


@pytest.mark.parametrize(
    "piece", ["%", "%41", "/..", "/.", "\\", "@", ":", "[", "1.", "0x", "9", "ä", "xn--", "=http://", "#", "。"]
)
def test_evil_links_are_quick(piece: str) -> None:
    started = time.process_time()
    for text in (piece * 200_000, "http://" + piece * 200_000, "http://example.com/" + piece * 200_000):
        canonical(text), form(text), inner(text)
    assert time.process_time() - started < 2.0


PIECES = st.sampled_from(
    [*"/.?#%@:;=&-_ \\\n!", "a", "A1", "..", "example", ".com", ".COM", "xn--", "127.0.0.1", "0x7f", "%41", "ä"]
)


@given(st.sampled_from(["http", "https", "HTTP"]), st.lists(PIECES, max_size=8), st.lists(PIECES, max_size=8))
def test_ordinary_links_have_the_spelling_that_all_rules_give_them(
    scheme: str, host: list[str], path: list[str]
) -> None:
    for raw in (f"{scheme}://www.example.com/{''.join(path)}", f"{scheme}://{''.join(host)}/{''.join(path)}"):
        assert canonical(raw) == _urls._canonical(raw)
