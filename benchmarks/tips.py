"""The tip form under load and under attack: tips a second, memory, kills, and whether an answer's time tells a receipt.

python benchmarks/tips.py [--kills 20]

Everything runs on the loopback, against a server process of its own, on a case made for it.
"""

from __future__ import annotations

import argparse
import random
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from impound import Case
from impound.services import tips
from impound.services.tips import _receipt

IMPOUND = str(Path(sys.executable).with_name("impound"))
BOUNDARY = "a-boundary-of-some-length"
SAID = re.compile(rb'<p class="receipt">([a-z-]+)</p>')


@contextmanager
def serving(case: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A server and its port."""
    words = ["serve", "tips", str(case), "--port", "0", "--per-hour", "10000", "--forwarded"]
    process = subprocess.Popen([IMPOUND, *words], stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    found = next(filter(None, (re.search(r"http://.*:(\d+)/", line) for line in process.stderr)))
    try:
        yield process, int(found[1])
    finally:
        process.terminate()
        process.wait(60)
        process.stderr.close()


def send(port: int, words: str, data: bytes = b"", receipt: str = "") -> str:
    """Send a tip; its receipt, or nothing where none was shown. Each counts as another address."""
    parts = [('name="words"', words.encode()), ('name="receipt"', receipt.encode())]
    parts += [('name="files"; filename="x"', data)] if data else []
    body = b"".join(
        f"--{BOUNDARY}\r\nContent-Disposition: form-data; {n}\r\n\r\n".encode() + d + b"\r\n" for n, d in parts
    )
    body += f"--{BOUNDARY}--\r\n".encode()
    by = ".".join(str(random.randrange(256)) for _ in range(4))
    head = (
        f"POST /en/ HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: {by}\r\nContent-Length: {len(body)}\r\n"
        f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\n\r\n"
    )
    answer = b""
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 60) as line:
        line.sendall(head.encode() + body)
        while block := line.recv(65536):
            answer += block
    found = SAID.search(answer)
    return found[1].decode() if found and b"</html>" in answer else ""


def memory(process: subprocess.Popen[str]) -> int:
    """The most memory the process ever had, in MB."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) // 1000


def gigabyte(port: int) -> int:
    """Send a body of 1 GiB in chunks until the server has had enough; how many MB it took."""
    sent, block = 0, bytes(1 << 20)
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 60) as line:
        line.sendall(
            f"POST /en/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Type: multipart/form-data; "
            f"boundary={BOUNDARY}\r\n\r\n".encode()
        )
        while sent < 1 << 30:
            line.sendall(b"100000\r\n" + block + b"\r\n")
            sent += len(block)
    return sent >> 20


def timed(port: int, known: str, rounds: int) -> tuple[float, float, float]:
    """Median milliseconds of an answer to a receipt that is there and to one that is not, and in how many of 2,000
    shuffles of all answers two medians are as far apart: what chance alone makes of it."""
    spent: dict[bool, list[float]] = {True: [], False: []}
    for _ in range(rounds):
        for right in random.sample((True, False), 2):
            receipt = known if right else _receipt.fresh()
            start = time.perf_counter()
            assert send(port, "more", receipt=receipt)
            spent[right].append((time.perf_counter() - start) * 1_000)

    def apart(times: list[float]) -> float:
        return abs(statistics.median(times[:rounds]) - statistics.median(times[rounds:]))

    both = spent[True] + spent[False]
    found = apart(both)
    chance = sum(apart(random.sample(both, len(both))) >= found for _ in range(2_000)) / 2_000
    return statistics.median(spent[True]), statistics.median(spent[False]), chance


def killed(case: Path, kills: int) -> tuple[int, int]:
    """Kill the server at random moments while three senders send: receipts seen, and those whose tip is lost."""
    seen: list[str] = []

    def sending(port: int) -> None:
        while receipt := send(port, "words", random.randbytes(random.randrange(100_000))):
            seen.append(receipt)

    for _ in range(kills):
        with serving(case) as (process, port):
            threads = [threading.Thread(target=sending, args=(port,)) for _ in range(3)]
            for thread in threads:
                thread.start()
            time.sleep(random.uniform(0.05, 0.5))
            process.send_signal(signal.SIGKILL)
            for thread in threads:
                thread.join()
    with serving(case):
        pass
    held = Case.open(case)
    assert held.verify() == []
    tags = {tip.tag for tip in tips.came(held)}
    return len(seen), sum(_receipt.tag(receipt, held.key_for(tips.SECRET)) not in tags for receipt in seen)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=200, help="answers to each kind of receipt, up to 240")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        case = Path(folder) / "case"
        with Case.open_or_create(case, write=True) as made:
            tips.new_key(made, Path(folder) / "key")
        with serving(case) as (process, port):
            print(f"at rest                {memory(process):>8,} MB")
            start = time.perf_counter()
            known = [send(port, "words", bytes(10_000)) for _ in range(100)]
            print(f"tips a second          {100 / (time.perf_counter() - start):>8.1f}  (one after the other, 10 kB)")
            assert send(port, "words", bytes(19_900_000))
            print(f"after 20 MB            {memory(process):>8,} MB")
            taken = gigabyte(port)
            print(f"after 1 GiB in chunks  {memory(process):>8,} MB, cut off after {taken} MiB")
            right, wrong, chance = timed(port, known[0], asked.rounds)
            print(f"a receipt that is here {right:>8.2f} ms, one that is not {wrong:.2f} ms; by chance in {chance:.0%}")
        seen, lost = killed(case, asked.kills)
        print(f"kills                  {asked.kills:>8,}, receipts seen {seen:,}, tips lost {lost}")


if __name__ == "__main__":
    main()
