"""A registry that answers, lies, never ends or leads elsewhere: a real server on loopback stands for it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from impound import asking
from impound.asking import NoAnswer
from impound.errors import ConfigError
from impound.notices import ContactBook, rdap
from impound.notices.rdap import Limits

TODAY = date(2011, 4, 5)
QUICK = Limits(seconds=1.0, pause=0.0, anywhere=True)


def said(**change: Any) -> dict[str, Any]:
    card = ["vcard", [["version", {}, "text", "4.0"], ["email", {}, "text", "abuse@isp.example"]]]
    return {
        "objectClassName": "ip network", "startAddress": "192.0.2.0", "endAddress": "192.0.2.255", "name": "NET-ONE",
        "entities": [{"roles": ["registrant"], "vcardArray": ["vcard", [["email", {}, "text", "boss@isp.example"]]],
                      "entities": [{"roles": ["abuse"], "vcardArray": card}]}],
    } | change  # fmt: skip


@contextmanager
def server(answer: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[str]:
    """A server on loopback that does what it is told to each question; its base URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            try:
                answer(self)
            except OSError:
                self.close_connection = True

        def log_message(self, *words: object) -> None:
            return

    made = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.daemon_threads = True
    threading.Thread(target=made.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{made.server_address[1]}/"
    finally:
        made.shutdown()
        made.server_close()


def body(raw: bytes, **headers: str) -> Callable[[BaseHTTPRequestHandler], None]:
    def answer(question: BaseHTTPRequestHandler) -> None:
        question.send_response(200)
        for name, value in {"Content-Length": str(len(raw)), **headers}.items():
            question.send_header(name, value)
        question.end_headers()
        question.wfile.write(raw)

    return answer


def looked_up(base: str, *ips: str, limits: Limits = QUICK) -> tuple[ContactBook, list[dict[str, str]], list[str]]:
    book = ContactBook()
    nets = [(ip_network("0.0.0.0/0"), base)]
    found = list(rdap.look_up(book, [(ip, None) for ip in ips], nets, TODAY, limits=limits))
    return book, [line for line, _ in found if line], [wrong for _, wrong in found if wrong]


def test_the_abuse_contact_is_learnt_once_for_the_whole_network() -> None:
    asked = []

    def answer(question: BaseHTTPRequestHandler) -> None:
        asked.append(question.path)
        body(json.dumps(said()).encode())(question)

    with server(answer) as base:
        book, lines, wrong = looked_up(base, "192.0.2.7", "192.0.2.200")
    found = book.contact_of("192.0.2.99")
    assert found is not None and (found.mailbox, found.as_of) == ("abuse@isp.example", "2011-04-05")
    assert asked == ["/ip/192.0.2.7"] and wrong == []
    assert [(line["network"], line["mailbox"], line["name"]) for line in lines] == [
        ("192.0.2.0/24", "abuse@isp.example", "NET-ONE")
    ]


def test_a_network_without_an_abuse_contact_is_remembered_and_has_none() -> None:
    with server(body(json.dumps(said(entities=[{"roles": ["technical"]}])).encode())) as base:
        book, lines, _ = looked_up(base, "192.0.2.7")
    assert lines[0]["mailbox"] == "" and book.contact_of("192.0.2.7") is None
    assert not book.to_ask("192.0.2.8", None, TODAY)


def deep(levels: int) -> bytes:
    return b'{"entities":' + b"[" * levels + b"]" * levels + b"}"


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"<html>", "not JSON"),
        (deep(100_000), "not JSON"),
        (b"[]", "not an answer about a network"),
        (b"{}", "an answer without a range of addresses"),
        (json.dumps(said(startAddress="198.51.100.0", endAddress="198.51.100.255")).encode(), "about other addresses"),
        (json.dumps(said(startAddress="192.0.2.255", endAddress="192.0.2.0")).encode(), "about other addresses"),
        (json.dumps(said(startAddress="2001:db8::", endAddress="2001:db8::1")).encode(), "about other addresses"),
        (json.dumps(said(startAddress="0.0.0.0", endAddress="255.255.255.255")).encode(), "wider than /8"),
        (b" " * (600 * 1024), "more than 524,288 bytes"),
    ],
)
def test_an_answer_that_lies_or_is_none_is_said_and_not_believed(raw: bytes, reason: str) -> None:
    with server(body(raw)) as base:
        book, lines, wrong = looked_up(base, "192.0.2.7")
    assert lines == [] and len(wrong) == 1 and reason in wrong[0]
    assert book.contact_of("192.0.2.7") is None


@pytest.mark.parametrize(
    "entities",
    [
        [{"roles": ["abuse"], "vcardArray": ["vcard", [["email", {}, "text", "a@x.example\r\nBcc: b@x.example"]]]}],
        [{"roles": "abuse", "vcardArray": 7}],
        [{"roles": ["abuse"], "vcardArray": ["vcard", [["email"]]]}],
        "abuse", {"roles": 1}, [None, 3, [[]]],
    ],
)  # fmt: skip
def test_contacts_of_any_shape_are_no_crash_and_no_mailbox(entities: Any) -> None:
    with server(body(json.dumps(said(entities=entities)).encode())) as base:
        _, lines, wrong = looked_up(base, "192.0.2.7")
    assert wrong == [] and lines[0]["mailbox"] == ""


def slowly(head: bool) -> Callable[[BaseHTTPRequestHandler], None]:
    """Sends a byte at a time for ever: of the headers, or of the answer."""

    def answer(question: BaseHTTPRequestHandler) -> None:
        question.send_response(200)
        if not head:
            question.end_headers()
        question.wfile.flush()
        question.flush_headers()
        while True:
            question.wfile.write(b"x")
            question.wfile.flush()
            time.sleep(0.05)

    return answer


@pytest.mark.parametrize("head", [True, False])
def test_an_answer_that_never_ends_is_cut(head: bool) -> None:
    with server(slowly(head)) as base:
        began = time.monotonic()
        _, lines, wrong = looked_up(base, "192.0.2.7")
    assert time.monotonic() - began < 5 and lines == [] and "no answer" in wrong[0]


def redirect(question: BaseHTTPRequestHandler) -> None:
    question.send_response(302)
    question.send_header("Location", question.path + "x")
    question.end_headers()


def test_redirects_have_an_end() -> None:
    with server(redirect) as base:
        assert looked_up(base, "192.0.2.7")[2] == ["192.0.2.7: more than 3 redirects"]


@pytest.mark.parametrize(
    "url", ["http://192.0.2.1/", "file:///etc/passwd", "https://a@b.example/", "ftp://x/", "https://"]
)
def test_only_https_is_followed(url: str) -> None:
    with pytest.raises(NoAnswer, match="only HTTPS"):
        asking.fetch(url, Limits(), {})


def test_a_server_inside_is_not_asked() -> None:
    with server(body(b"{}")) as base, pytest.raises(NoAnswer, match="not at a public address"):
        asking.fetch(base.replace("http:", "https:"), Limits(seconds=2), {})


def test_the_list_of_registries_sends_each_address_to_its_own(tmp_path: Path) -> None:
    path = tmp_path / "ipv4.json"
    path.write_text(json.dumps({"services": [
        [["192.0.0.0/8"], ["https://one.example/", "http://one.example/"]],
        [["192.0.2.0/24"], ["http://two.example/rdap", "https://two.example/rdap"]],
    ]}))  # fmt: skip
    registries = rdap.bootstrap([path])
    assert rdap._base("192.0.2.1", registries) == "https://two.example/rdap/"
    assert rdap._base("192.1.0.1", registries) == "https://one.example/"
    with pytest.raises(NoAnswer):
        rdap._base("10.0.0.1", registries)


def test_a_list_of_registries_that_is_none_is_refused(tmp_path: Path) -> None:
    for n, text in enumerate((b"", b"[]", b'{"services":[[1,2]]}', b'{"services":[[["x"],["https://y/"]]]}')):
        path = tmp_path / str(n)
        path.write_bytes(text)
        with pytest.raises(ConfigError):
            rdap.bootstrap([path])
