"""The tip form as a process that strangers talk to: what it takes, what it turns away, and what it never keeps."""

from __future__ import annotations

import io
import re
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import running as made  # its folder was put on the path just above

from impound import Case
from impound.services import tips
from impound.services.tips import _receipt, _sealed
from impound.services.tips._limits import BODY, HEARD, HELD

MEMORY = 400_000
"""Most kB that the server may ever have had, whatever was sent to it: 150 MB of programs, bodies, copies of one."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made.case(tmp_path_factory.mktemp("tips"))


@pytest.fixture(scope="module")
def server(place: Path) -> Iterator[made.Server]:
    with made.serving(place, "--per-hour", "1000") as running:
        yield running


def opened(place: Path, receipt: str) -> list[_sealed.Opened]:
    """The tips of a receipt, opened, in their order."""
    case = Case.open(place)
    tag = _receipt.tag(receipt, case.key_for(tips.SECRET))
    found = [tip for tip in tips.came(case) if tip.tag == tag]
    sealed = [(place / "tips" / tip.file).read_bytes() for tip in found]
    return [o for o in (_sealed.unseal(data, made.key(place.parent)) for data in sealed) if o is not None]


def kept(place: Path) -> int:
    return len(list((place / "tips").glob("*.age")))


# -- what is taken -----------------------------------------------------------------------------------------------------


def test_a_tip_is_sealed_and_its_sender_gets_a_receipt(server: made.Server, place: Path) -> None:
    status, page = server.send(words="It is <b>Bob</b>", contact="me@mail.example", photo=b"JPEG")
    assert status == 200
    (tip,) = opened(place, made.receipt(page))
    assert (tip.words, tip.facts["contact"], tip.files) == (b"It is <b>Bob</b>", "me@mail.example", (b"JPEG",))


def test_its_sender_comes_back_with_the_receipt(server: made.Server, place: Path) -> None:
    receipt = made.receipt(server.send(words="first")[1])
    status, page = server.send(words="second", receipt=f" {receipt.upper().replace('-', ' ')} ", language="de")
    assert (status, made.receipt(page)) == (200, receipt)
    assert [tip.words for tip in opened(place, receipt)] == [b"first", b"second"]


def test_a_guessed_receipt_is_answered_as_a_right_one_is(server: made.Server, place: Path) -> None:
    known, guessed = made.receipt(server.send(words="first")[1]), _receipt.fresh()
    pages = [server.send(words="more", receipt=r) for r in (known, guessed)]
    assert [status for status, _ in pages] == [200, 200]
    assert pages[0][1].replace(known, "") == pages[1][1].replace(guessed, "")
    assert [tip.words for tip in opened(place, guessed)] == [b"more"]


def test_a_slip_in_a_receipt_is_shown_and_the_words_are_kept_on_the_page(server: made.Server, place: Path) -> None:
    before = kept(place)
    status, page = server.send(words="</textarea><script>x", receipt='"><b>lusab-babad-gutih-tugad-fobin')
    assert status == 422 and kept(place) == before
    assert "&lt;/textarea&gt;&lt;script&gt;x</textarea>" in page and "<script" not in page and "<b>lusab" not in page
    assert 'aria-invalid="true"' in page and 'href="#receipt"' in page


def test_a_tip_without_anything_is_no_tip(server: made.Server, place: Path) -> None:
    before = kept(place)
    status, page = server.send(words=" \n", contact="me", language="es")
    assert status == 422 and kept(place) == before
    assert 'href="#words"' in page and 'value="me"' in page
    assert server.send(words="", file=b"\0")[0] == 200


def test_the_language_is_what_the_browser_asks_for(server: made.Server) -> None:
    for asked, given in (("es-MX,en;q=0.5", "es"), ("fr, de;q=0.7, en;q=0.2", "de"), ("fr", "en"), ("q=;;,", "en")):
        with server.connect() as line:
            line.sendall(f"GET / HTTP/1.1\r\nHost: x\r\nAccept-Language: {asked}\r\n\r\n".encode())
            assert f"location: {given}/" in line.recv(65536).decode()


# -- what is turned away -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("declared", [True, False], ids=["with its length", "in chunks"])
def test_a_body_of_a_gigabyte_fills_neither_memory_nor_disk(server: made.Server, place: Path, declared: bool) -> None:
    before, sent, block = kept(place), 0, bytes(1 << 20)
    head = made.request(b"", length=1 << 30)
    if not declared:
        head = re.sub(rb"Content-Length: \d+", b"Transfer-Encoding: chunked", head)
    with server.connect() as line:
        line.sendall(head)
        with suppress(OSError):
            while sent < 1 << 30:
                line.sendall(block if declared else b"100000\r\n" + block + b"\r\n")
                sent += len(block)
        status, _ = made.answer(line)
    assert status in (413, 0)  # a line that is cut while we still send may lose the answer
    assert sent < BODY + HEARD + (16 << 20)
    assert kept(place) == before and not list((place / "tips").glob(".*.new"))
    assert server.status("VmHWM") < MEMORY


def test_who_sends_a_little_too_much_is_told_so(server: made.Server) -> None:
    status, page = server.send(words="x", big=bytes(BODY + 1))
    assert status == 413 and "too large" in page


def test_many_large_bodies_at_once_do_not_fill_memory(tmp_path: Path) -> None:
    body = made.form({"words": "x", "big": bytes(BODY - 1_000)})
    with made.serving(made.case(tmp_path), "--forwarded") as server, ExitStack() as held:
        lines = [held.enter_context(server.connect()) for _ in range(12)]
        for number, line in enumerate(lines):
            line.sendall(made.request(b"", f"X-Forwarded-For: 192.0.2.{number}\r\n", length=len(body)))
        for start in range(0, len(body), 1 << 20):
            for line in lines:
                with suppress(OSError):
                    line.sendall(body[start : start + (1 << 20)])
        statuses = [made.answer(line)[0] for line in lines]
        assert 1 <= statuses.count(200) <= HELD // BODY and set(statuses) <= {200, 503, 0}
        assert server.status("VmHWM") < MEMORY, server.status("VmHWM")
        assert server.send(words="still here")[0] == 200


def test_a_body_that_comes_too_slowly_is_cut(place: Path, tmp_path: Path) -> None:
    other = made.case(tmp_path)
    with made.serving(other, seconds=1.0) as server, server.connect() as slow:
        slow.sendall(made.request(b"", length=1_000))
        before, status = time.monotonic(), 0
        for _ in range(100):
            try:
                slow.sendall(b"x")
            except OSError:
                break
            time.sleep(0.1)
            slow.setblocking(False)
            try:
                status = int(slow.recv(65536).split()[1])
                break
            except BlockingIOError:
                slow.setblocking(True)
        assert status == 408
        assert time.monotonic() - before < 5
        assert server.send(words="x")[0] == 200


def test_lines_that_say_nothing_are_cut_and_the_others_are_answered_again(server: made.Server) -> None:
    with ExitStack() as held:
        lines = [held.enter_context(server.connect()) for _ in range(300)]
        for line in lines:
            line.sendall(b"POST /en/ HTTP/1.1\r\n")
        before = time.monotonic()
        assert server.get("/en/")[0] == 503
        assert [made.answer(line) for line in lines] == [(0, "")] * 300
        assert 5 < time.monotonic() - before < 30
    assert server.get("/en/")[0] == 200
    assert server.status("VmHWM") < MEMORY


@pytest.mark.parametrize(
    ("data", "statuses"),
    [
        (b"\0\1\2\r\n\r\n", {400}),
        (b"GET / HTTP/1.1\r\nHost: x\r\n" + b"A: b\r\n" * 10_000 + b"\r\n", {400, 431}),
        (b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"b" * 100_000 + b"\r\n\r\n", {400, 431}),
        (b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", {400, 431}),
        (b"GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n", {404}),
        (b"GET /%2e%2e/%00/ HTTP/1.1\r\nHost: x\r\n\r\n", {404}),
        (b"GET /xx/ HTTP/1.1\r\nHost: x\r\n\r\n", {404}),
        (b"DELETE /en/ HTTP/1.1\r\nHost: x\r\n\r\n", {405}),
        (b"POST /en/ HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", {400}),
        (
            b"POST /en/ HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            {400, 415},
        ),
        (b"POST /en/ HTTP/1.1\r\nHost: x\r\n\r\n", {415}),
        (b"GET /en/ HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n", {200}),
    ],
)
def test_odd_requests_are_answered_or_cut(server: made.Server, data: bytes, statuses: set[int]) -> None:
    assert server.ask(data)[0] in statuses
    assert server.process.poll() is None


def test_thousands_of_fields_are_turned_away(server: made.Server) -> None:
    assert server.send(**{f"f{n}": "x" for n in range(5_000)})[0] == 413


def test_who_adds_too_many_files_need_not_write_again(server: made.Server, place: Path) -> None:
    before = kept(place)
    status, page = server.send(words="all my words", **{f"f{n}": b"x" for n in range(9)})
    assert status == 422 and kept(place) == before
    assert 'href="#files"' in page and "all my words</textarea>" in page


@pytest.mark.parametrize("headers", ["Sec-Fetch-Site: cross-site\r\n", "X-Forwarded-For: 192.0.2.1\r\n"])
def test_who_is_turned_away_reads_why_however_much_they_send(tmp_path: Path, headers: str) -> None:
    with made.serving(made.case(tmp_path), "--per-hour", "1", "--forwarded") as server:
        server.send(words="x", headers="X-Forwarded-For: 192.0.2.1\r\n")
        status, page = server.send(words="x", big=bytes(15_000_000), headers=headers)
        assert status in (403, 429) and "</html>" in page


def test_an_answer_is_the_end_of_a_connection(server: made.Server) -> None:
    with server.connect() as line:
        line.sendall(b"GET /en/ HTTP/1.1\r\nHost: x\r\n\r\n" * 3)
        _, page = made.answer(line)
        assert page.count("</html>") == 1


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ("Sec-Fetch-Site: same-origin\r\nOrigin: http://tips.example\r\n", 200),
        ("Sec-Fetch-Site: none\r\n", 200),
        ("Sec-Fetch-Site: cross-site\r\n", 403),
        ("Sec-Fetch-Site: same-site\r\n", 403),
        ("Origin: http://tips.example\r\n", 200),
        ("Origin: https://evil.example\r\n", 403),
        ("Origin: null\r\n", 403),
    ],
)
def test_another_site_sends_nothing_in_the_name_of_its_visitors(server: made.Server, headers: str, status: int) -> None:
    assert server.send(words="x", headers=headers)[0] == status


def test_who_sends_too_many_waits(tmp_path: Path) -> None:
    with made.serving(made.case(tmp_path), "--per-hour", "3") as server:
        trusting_nobody = [server.send(words="x", headers=f"X-Forwarded-For: 192.0.2.{n}\r\n")[0] for n in range(5)]
        assert trusting_nobody == [200, 200, 200, 429, 429]
        assert server.get("/en/")[0] == 200


def test_behind_a_proxy_the_last_address_counts(tmp_path: Path) -> None:
    with made.serving(made.case(tmp_path), "--per-hour", "1", "--forwarded") as server:
        said = ("192.0.2.1", "192.0.2.2, 192.0.2.1", "192.0.2.1, 192.0.2.2", "garbage", "more garbage")
        sent = [server.send(words="x", headers=f"X-Forwarded-For: {by}\r\n")[0] for by in said]
        assert sent == [200, 429, 200, 200, 429]


# -- what is never kept ------------------------------------------------------------------------------------------------


def test_nothing_of_a_sender_is_kept_or_said(tmp_path: Path) -> None:
    place = made.case(tmp_path)
    before = made.everything(place).count(b"127.0.0.1")  # of the mail server, in the settings
    marks = ("10.99.88.77", "Secret-Agent/7.0", "language-xx", "secret-cookie", "tips.example")
    headers = "X-Forwarded-For: 10.99.88.77\r\nUser-Agent: Secret-Agent/7.0\r\nAccept-Language: language-xx\r\n"
    with made.serving(place, "--forwarded") as server:
        receipt = made.receipt(server.send(words="words-of-mine", file=b"file-of-mine",
                                           headers=f"{headers}Cookie: secret-cookie\r\n")[1])  # fmt: skip
        server.ask(b"GET /words-of-mine HTTP/1.1\r\nHost: tips.example\r\n\r\n")
        server.ask(made.request(b"--words-of-mine"))
    said = "".join(server.said[1:])
    assert made.everything(place).count(b"127.0.0.1") == before and "127.0.0.1" not in said
    held = made.everything(place).decode("latin-1")
    for mark in (*marks, receipt, receipt.replace("-", ""), "words-of-mine", "file-of-mine"):
        assert mark not in held, mark
        assert mark not in said, mark


def test_the_time_is_kept_to_the_hour(server: made.Server, place: Path) -> None:
    server.send(words="x")
    for tip in tips.came(Case.open(place)):
        assert (tip.hour.minute, tip.hour.second) == (0, 0)
        assert (place / "tips" / tip.file).stat().st_mtime % 3600 == 0


def test_attachments_stay_sealed_whatever_they_are_and_are_called(server: made.Server, place: Path) -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("zeros", bytes(100_000_000))
    strange = {
        "../../../etc/cron.d/x": b"#!/bin/sh\n",
        "page.html": b"<script>alert(1)</script>",
        "bomb.zip": bomb.getvalue(),
    }
    names = set(place.rglob("*"))
    status, page = server.send(words="look", **strange)
    assert status == 200
    (new,) = set(place.rglob("*")) - names
    assert re.fullmatch(r"[0-9a-f]{16}-0001\.age", new.name) and new.stat().st_mode & 0o777 == 0o600
    assert set(opened(place, made.receipt(page))[0].files) == set(strange.values())
    assert server.status("VmHWM") < MEMORY


def test_every_answer_forbids_what_it_does_not_need(server: made.Server) -> None:
    for data in (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"GET /en/ HTTP/1.1\r\nHost: x\r\n\r\n",
                 b"GET /x HTTP/1.1\r\nHost: x\r\n\r\n", made.request(made.form({"words": "x"})),
                 made.request(b"")):  # fmt: skip
        with server.connect() as line:
            line.sendall(data)
            head = line.recv(65536).decode().lower()
        assert "content-security-policy: default-src 'none'; style-src 'sha256-" in head
        assert "form-action 'self'; base-uri 'none'; frame-ancestors 'none'" in head
        for header in ("cache-control: no-store", "x-content-type-options: nosniff", "connection: close"):
            assert header in head
        assert "set-cookie" not in head and "server:" not in head


# -- the process -------------------------------------------------------------------------------------------------------


def test_a_case_is_free_while_tips_come_and_has_one_server(server: made.Server, place: Path) -> None:
    impound = str(Path(sys.executable).with_name("impound"))
    second = subprocess.run(
        [impound, "serve", "tips", str(place), "--port", "0"], capture_output=True, text=True, check=False
    )
    assert second.returncode == 7 and "another impound takes its tips" in second.stderr
    with Case.open(place, write=True) as case:
        case.find(["senders"])
    assert Case.open(place).verify() == []


def test_it_ends_when_it_is_told_to(tmp_path: Path) -> None:
    with made.serving(made.case(tmp_path)) as server:
        pass
    assert server.process.returncode == 0


def test_a_port_that_is_taken_is_said_to_be(tmp_path: Path) -> None:
    place = made.case(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        impound = str(Path(sys.executable).with_name("impound"))
        words = ["serve", "tips", str(place), "--port", str(taken.getsockname()[1])]
        ran = subprocess.run([impound, *words], capture_output=True, text=True, check=False)
    assert ran.returncode == 2 and "choose another with --host and --port" in ran.stderr
