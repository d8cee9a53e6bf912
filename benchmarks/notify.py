"""Notices through a real Postfix on loopback, killed twice in the middle: is any lost, how many come twice?

python benchmarks/notify.py [--hosts 10000] [--networks 400]

Postfix (Debian's package) runs with a configuration and queue of its own in a temporary folder, as root, and delivers
everything into one local file. The hosts are made tables in a case of their own; nothing leaves the machine.
"""

from __future__ import annotations

import argparse
import mailbox
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email import policy
from email.parser import BytesParser
from pathlib import Path

import pyarrow as pa

from impound import Case
from impound.tables import TABLES

MASTER = """smtp inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
local unix - n n - - local
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""


@contextmanager
def postfix(place: Path) -> Iterator[tuple[int, Path]]:
    """A Postfix of its own: its port, and the mailbox that it delivers everything into."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config, queue, kept = (place / name for name in ("etc", "queue", "kept"))
    for folder in (config, queue, kept, place / "data"):
        folder.mkdir()
    place.chmod(0o755)
    kept.chmod(0o777)
    shutil.chown(place / "data", "postfix")
    (config / "master.cf").write_text(MASTER.replace("smtp inet", f"127.0.0.1:{port} inet"))
    settings = {
        "compatibility_level": "3.6", "queue_directory": queue, "data_directory": place / "data",
        "inet_protocols": "ipv4",
        "mydestination": "regexp:{{/./ ok}}", "local_recipient_maps": "", "luser_relay": "nobody", "alias_maps": "",
        "mail_spool_directory": f"{kept}", "myhostname": "mail.example", "inet_interfaces": "127.0.0.1",
        "maillog_file": place / "log", "maillog_file_prefixes": place, "mailbox_size_limit": "0",
        "smtpd_relay_restrictions": "permit_mynetworks, reject", "mynetworks": "127.0.0.0/8",
    }  # fmt: skip
    (config / "main.cf").write_text("".join(f"{k} = {v}\n" for k, v in settings.items()))
    subprocess.run(["postfix", "-c", str(config), "start"], check=True, capture_output=True)
    try:
        yield port, kept / "nobody"
    finally:
        subprocess.run(["postfix", "-c", str(config), "stop"], check=False, capture_output=True)


def made(place: Path, port: int, hosts: int, networks: int) -> None:
    """A case with so many infected hosts in so many networks of the range for benchmarks (RFC 2544)."""
    now = datetime.now(UTC).replace(microsecond=0)
    each = -(-hosts // networks)
    ips = [f"198.{18 + n // 256}.{n % 256}.{1 + h}" for n in range(networks) for h in range(each)][:hosts]
    rows = [{"ip": ip, "first_at": now, "last_at": now, "messages": 3, "verdict": "infected"} for ip in ips]
    with Case.open_or_create(place, write=True) as case:
        for name, table in (("hosts", rows), ("sources", [{"id": 1, "drill": True, "vantage": "inbound"}])):
            case._store.replace({name: pa.Table.from_pylist(table, TABLES[name].schema).to_batches()})
    lines = (f"198.{18 + n // 256}.{n % 256}.0/24,abuse@net{n}.example\n" for n in range(networks))
    (place / "contacts.csv").write_text("".join(lines))
    (place / "impound.toml").write_text(
        f'[notices]\nport = {port}\nsender = "desk@ours.example"\ncontacts = "contacts.csv"\nper_minute = 100000\n'
    )


def run(case: Path, stop: int | None) -> bool:
    """``notify --send``, killed once the custody log knows of ``stop`` begun notices; whether it was killed."""
    code = "import sys; from impound.cli import main; main(['-q', 'notify', sys.argv[1], '--send'])"
    process = subprocess.Popen([sys.executable, "-c", code, str(case)], stdout=subprocess.DEVNULL)
    while stop is not None and process.poll() is None:
        if (case / "custody.jsonl").read_bytes().count(b'"notify sending"') >= stop:
            process.send_signal(signal.SIGKILL)
        time.sleep(0.002)
    return process.wait() == -signal.SIGKILL


def delivered(box: Path, wanted: int) -> Counter[str]:
    """How often each ticket was delivered, when the queue has come to rest."""
    before, still = -1, 0
    while still < 5:
        size = box.stat().st_size if box.exists() else 0
        still = still + 1 if size == before else 0
        before = size
        time.sleep(1)
    parser = BytesParser(policy=policy.default)
    found: Counter[str] = Counter()
    for message in mailbox.mbox(box, factory=parser.parse, create=False):  # type: ignore[arg-type]
        found[str(message["Message-ID"])] += 1
    return found


def hosts_in(box: Path) -> set[str]:
    """Every host that stands in a delivered notice."""
    parser = BytesParser(policy=policy.default)
    found: set[str] = set()
    for message in mailbox.mbox(box, factory=parser.parse, create=False):  # type: ignore[arg-type]
        for part in (p for p in message.walk() if p.get_content_type() == "text/csv"):
            found.update(re.findall(r"(?m)^(198\.\d+\.\d+\.\d+),", part.get_content()))
    return found


def main() -> None:
    """Print what was sent, lost and repeated."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--hosts", type=int, default=10_000)
    parser.add_argument("--networks", type=int, default=400)
    chosen = parser.parse_args()
    if not shutil.which("postfix"):
        sys.exit("postfix is not installed: apt-get install postfix")
    with tempfile.TemporaryDirectory() as folder, postfix(Path(folder)) as (port, box):
        case = Path(folder) / "case"
        made(case, port, chosen.hosts, chosen.networks)
        stops = (chosen.networks // 3, 2 * chosen.networks // 3, None)
        kills = sum(run(case, stop) for stop in stops)
        found = delivered(box, chosen.networks)
        told = hosts_in(box)
        entries = Counter(entry["what"] for entry in Case.open(case).custody())
        spent = resource.getrusage(resource.RUSAGE_CHILDREN)
        twice = sum(n - 1 for n in found.values())
        print(f"{chosen.hosts:,} hosts in {chosen.networks:,} networks, killed {kills} times in the middle")
        print(f"  delivered {len(found):,} notices of {len(told):,} hosts; lost {chosen.hosts - len(told):,} hosts")
        sent, again = entries["notify sent"], entries["notify repeated"]
        print(f"  came twice {twice:,}; custody says sent {sent:,}, repeated {again:,}")
        print(
            f"  table notices: {Case.open(case).count('notices'):,} rows; verify: {Case.open(case).verify() or 'sound'}"
        )
        print(f"  CPU of all three runs {spent.ru_utime + spent.ru_stime:.1f} s")


if __name__ == "__main__":
    main()
