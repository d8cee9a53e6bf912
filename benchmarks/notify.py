"""Notices and letters through a real Postfix on loopback, killed twice: is any lost, how many come twice?

python benchmarks/notify.py [--hosts 10000] [--networks 400] [--no-letters]

One bulk notice for each network and a letter to the owner of each host. It is killed once among the notices and once
among the letters. The hosts are made tables in a case of their own; nothing leaves the machine.
"""

from __future__ import annotations

import argparse
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
from _postfix import at_rest, delivered, missing, postfix

from impound import Case
from impound.tables import TABLES

LANGUAGES = ("en", "de", "es")
ADDRESS = re.compile(r"\b198\.1[89]\.\d+\.\d+\b")


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
    owners = (f"{ip},,,{owner(ip)},{LANGUAGES[n % 3]},Europe/Berlin,Line {n}\n" for n, ip in enumerate(ips))
    (place / "customers.csv").write_text("".join(owners))
    (place / "impound.toml").write_text(
        f'[notices]\nport = {port}\nsender = "desk@ours.example"\ncontacts = "contacts.csv"\nper_minute = 100000\n'
    )


def owner(ip: str) -> str:
    """The mailbox of a host's owner."""
    return f"owner-{ip.replace('.', '-')}@customers.example"


def run(case: Path, letters: bool, stop: int | None) -> bool:
    """``notify --send``, killed once the custody log knows of ``stop`` begun messages; whether it was killed."""
    code = "import sys; from impound.cli import main; main(['-q', 'notify', *sys.argv[1:], '--send'])"
    said = [str(case), *(["--letters", str(case / "customers.csv")] if letters else [])]
    process = subprocess.Popen([sys.executable, "-c", code, *said], stdout=subprocess.DEVNULL)
    begun = 0
    with (case / "custody.jsonl").open("rb") as log:
        while stop is not None and process.poll() is None:
            begun += log.read().count(b'"notify sending"')
            if begun >= stop:
                process.send_signal(signal.SIGKILL)
            time.sleep(0.002)
    return process.wait() == -signal.SIGKILL


@dataclass
class Found:
    """What was delivered."""

    ids: Counter[str] = field(default_factory=Counter)
    told: set[str] = field(default_factory=set)
    """Hosts in notices to networks."""
    written: set[str] = field(default_factory=set)
    """Hosts whose owners got their letter."""
    strange: int = 0
    """Letters that went to another owner, or name another host."""


def looked(box: Path) -> Found:
    """Every message in the mailbox, read."""
    found = Found()
    for message in delivered(box):
        found.ids[str(message["Message-ID"])] += 1
        texts = {part.get_content_type(): part for part in message.walk() if not part.is_multipart()}
        if "text/html" not in texts:
            found.told.update(re.findall(rf"(?m)^({ADDRESS.pattern}),", texts["text/csv"].get_content()))
            continue
        named = {ip for kind in ("text/plain", "text/html") for ip in ADDRESS.findall(texts[kind].get_content())}
        found.written |= named
        found.strange += [owner(ip) for ip in named] != [message["To"]] or "application/pdf" not in texts
    return found


def main() -> None:
    """Print what was sent, lost and repeated."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--hosts", type=int, default=10_000)
    parser.add_argument("--networks", type=int, default=400)
    parser.add_argument("--no-letters", action="store_true")
    chosen = parser.parse_args()
    if why := missing():
        sys.exit(why)
    letters = not chosen.no_letters
    with tempfile.TemporaryDirectory() as folder, postfix(Path(folder)) as (port, box):
        case = Path(folder) / "case"
        made(case, port, chosen.hosts, chosen.networks)
        middle = chosen.networks + chosen.hosts // 2 if letters else 3 * chosen.networks // 4
        kills = sum(run(case, letters, stop) for stop in (chosen.networks // 2, middle, None))
        spent = resource.getrusage(resource.RUSAGE_CHILDREN)
        at_rest(box)
        report(case, looked(box), letters, kills, chosen.hosts)
        print(f"  CPU of all three runs {spent.ru_utime + spent.ru_stime:.1f} s")


def report(case: Path, found: Found, letters: bool, kills: int, hosts: int) -> None:
    """What came, against what is in custody."""
    entries = Case.open(case).custody()
    whats = Counter(entry["what"] for entry in entries)
    twice = {name.strip("<>") for name, times in found.ids.items() if times > 1}
    marked = {entry["message_id"] for entry in entries if entry["what"] == "notify repeated"}
    print(f"{hosts:,} hosts, killed {kills} times in the middle; {len(found.ids):,} messages by their Message-ID")
    print(f"  networks were told of {len(found.told):,} hosts; lost {hosts - len(found.told):,}")
    if letters:
        print(f"  owners of {len(found.written):,} hosts got letters; lost {hosts - len(found.written):,}, "
              f"to somebody else or with somebody else's data {found.strange:,}")  # fmt: skip
    print(f"  came twice {sum(found.ids.values()) - len(found.ids):,}, marked in custody {len(twice & marked):,}; "
          f"custody says sent {whats['notify sent']:,}, repeated {whats['notify repeated']:,}")  # fmt: skip
    named = sum(b"customers.example" in path.read_bytes() for path in case.rglob("*") if path.suffix != ".csv"
                and path.is_file())  # fmt: skip
    print(f"  files of the case that name an owner {named:,}; table notices {Case.open(case).count('notices'):,} rows; "
          f"verify: {Case.open(case).verify() or 'sound'}")  # fmt: skip


if __name__ == "__main__":
    main()
