"""A real Postfix on loopback with a configuration and a queue of its own, which keeps all mail in one file.

Debian's package, as root: its programs change into users of their own. Nothing leaves the machine.
"""

from __future__ import annotations

import mailbox
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

MASTER = """127.0.0.1:{port} inet n - n - - smtpd
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


def missing() -> str:
    """Why it cannot be started here; nothing where it can."""
    if shutil.which("postfix") is None:
        return "postfix is not installed: apt-get install postfix"
    return "" if os.geteuid() == 0 else "only root may start postfix"


@contextmanager
def postfix(place: Path, refusals: Mapping[str, str] = {}) -> Iterator[tuple[int, Path]]:
    """One that runs in a folder (which its users must be able to reach): its port, and the mailbox that it fills.

    ``refusals`` are its answers to mailboxes that it does not take: ``450 4.2.0 later``.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config, queue, kept, data = (place / name for name in ("etc", "queue", "kept", "data"))
    for folder in (config, queue, kept, data):
        folder.mkdir()
    place.chmod(0o755)
    kept.chmod(0o777)
    shutil.chown(data, "postfix")
    answers = " ".join(f"{{ {box} = {said} }}" for box, said in refusals.items())
    settings = {
        "compatibility_level": "3.6", "queue_directory": queue, "data_directory": data, "inet_protocols": "ipv4",
        "inet_interfaces": "127.0.0.1", "mynetworks": "127.0.0.0/8", "myhostname": "mail.example",
        "mydestination": "regexp:{{/./ ok}}", "local_recipient_maps": "", "luser_relay": "nobody", "alias_maps": "",
        "mail_spool_directory": kept, "mailbox_size_limit": "0", "maillog_file": place / "log",
        "maillog_file_prefixes": place, "smtpd_relay_restrictions": "permit_mynetworks, reject",
        "smtpd_recipient_restrictions": f"check_recipient_access inline:{{ {answers} }}" if answers else "",
    }  # fmt: skip
    (config / "master.cf").write_text(MASTER.format(port=port))
    (config / "main.cf").write_text("".join(f"{name} = {value}\n" for name, value in settings.items()))
    subprocess.run(["postfix", "-c", str(config), "start"], check=True, capture_output=True)
    try:
        yield port, kept / "nobody"
    finally:
        subprocess.run(["postfix", "-c", str(config), "stop"], check=False, capture_output=True)


def at_rest(box: Path, most: float = 600.0) -> None:
    """Wait until its queue is empty: what it took stays there until it is delivered. Raises TimeoutError."""
    queue, until = box.parents[1] / "queue", time.monotonic() + most
    while any(file.is_file() for name in ("maildrop", "incoming", "active") for file in (queue / name).rglob("*")):
        if time.monotonic() > until:
            raise TimeoutError(f"mail is left in {queue} after {most:.0f} s")
        time.sleep(0.2)


def delivered(box: Path) -> Iterator[EmailMessage]:
    """The messages in the mailbox."""
    parser = BytesParser(policy=policy.default)
    if box.exists():
        with closing(mailbox.mbox(box, factory=parser.parse, create=False)) as held:  # type: ignore[arg-type]
            yield from held  # type: ignore[misc]
