"""The server is killed at any moment: whoever has seen a receipt has a tip that is whole, and the case is sound."""

from __future__ import annotations

import random
import signal
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import running as made  # its folder was put on the path just above

from impound import Case
from impound.services import tips
from impound.services.tips import _receipt, _sealed

KILLS = 8
SENDERS = 3


def senders(
    server: made.Server, seen: list[tuple[str, str]], lock: threading.Lock, first: int
) -> list[threading.Thread]:
    """Threads that send one tip after another until nobody answers; ``seen`` gets each receipt with its words."""

    def send(number: int) -> None:
        while True:
            words = f"tip {number} "
            try:
                status, page = server.send(words=words, file=random.randbytes(random.randrange(200_000)))
            except OSError:
                return
            if status == 0 or "</html>" not in page:
                return
            with lock:
                seen.append((made.receipt(page), words))
            number += SENDERS

    return [threading.Thread(target=send, args=(first + n,)) for n in range(SENDERS)]


def test_no_tip_is_lost_whose_receipt_was_seen(tmp_path: Path) -> None:
    place = made.case(tmp_path)
    seen: list[tuple[str, str]] = []
    lock = threading.Lock()
    for kill in range(KILLS):
        with made.serving(place, "--per-hour", "10000") as server:
            sending = senders(server, seen, lock, 1_000 * kill)
            for thread in sending:
                thread.start()
            time.sleep(random.uniform(0.05, 0.6))
            server.process.send_signal(signal.SIGKILL)
            for thread in sending:
                thread.join(made.PATIENCE)
    with made.serving(place):
        pass  # a start settles what the last kill left
    case = Case.open(place)
    key, secret, found = made.key(tmp_path), case.key_for(tips.SECRET), {}
    for tip in tips.came(case):
        opened = _sealed.unseal((place / "tips" / tip.file).read_bytes(), key)
        assert opened is not None and len(opened.files) == 1
        found[tip.tag] = opened.words.decode()
    assert len(seen) >= KILLS
    assert [r for r, words in seen if found.get(_receipt.tag(r, secret)) != words] == []
    assert len({r for r, _ in seen}) == len(seen) <= len(found)
    assert sorted(p.name for p in (place / "tips").glob("*.age")) == sorted(t.file for t in tips.came(case))
    assert not list((place / "tips").glob(".*.new"))
    assert case.verify() == []
