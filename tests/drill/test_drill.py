"""A drill is the same every time, marked, made of reserved names only, and never overwrites."""

from __future__ import annotations

import hashlib
import ipaddress
import re
from pathlib import Path

import pytest
from tests.drill.looking import mail_of, texts_of

from impound import drill
from impound.errors import UsageError

RESERVED = [
    ipaddress.ip_network(n)
    for n in ("198.18.0.0/15", "240.0.0.0/4", "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
]
ADDRESS = re.compile(r"(?<![\w.-])\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(?![\w.-])")
BRACKETED = re.compile(r"\[(?:IPv6:)?([0-9a-f.:]+)\]")
BEHIND = re.compile(r"(?:https?://(?:www\.)?|@|\bby |\bfrom |helo=|\()((?:[\w-]+\.)+[A-Za-z]{2,})")
RESERVED_NAME = re.compile(r"(?:[\w-]+\.)*(?:example|example\.com|example\.net|example\.org)\Z")
VERSIONS = re.compile(r"(?m)^(?:User-Agent|X-Mailer|X-MimeOLE): .*$")


def digest(folder: Path) -> dict[str, str]:
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(folder.iterdir())}


def test_the_same_settings_give_the_same_bytes(tmp_path: Path) -> None:
    settings = drill.Settings(messages=800, bots=60, innocents=90)
    one, two = drill.write(tmp_path / "one", settings), drill.write(tmp_path / "two", settings)

    assert digest(one.out) == digest(two.out)
    assert digest(one.truth) == digest(two.truth)


def test_these_are_the_bytes(tmp_path: Path) -> None:
    """On every machine and Python. A change of the drill changes this, and every figure measured by drills with it."""
    made = drill.write(tmp_path / "out", drill.Settings(messages=300, bots=40, innocents=60, days=2))

    assert hashlib.sha256(mail_of(made)).hexdigest()[:16] == "06e754a5de526540"


def test_another_seed_gives_other_mail(tmp_path: Path) -> None:
    one, two = (drill.write(tmp_path / str(s), drill.Settings(messages=100, seed=s)) for s in (1, 2))

    assert mail_of(one) != mail_of(two)


def test_every_message_is_marked(written: drill.Written) -> None:
    mail = mail_of(written)

    assert len(re.findall(rb"(?m)^From \S+ ", mail)) == written.messages
    assert mail.count(b"\nX-Drill: impound synthetic mail, never sent\n") == written.messages


def test_every_address_is_reserved(written: drill.Written) -> None:
    mail = VERSIONS.sub("", texts_of(written.out))
    found = set(ADDRESS.findall(mail)) | {a for a in BRACKETED.findall(mail) if "." in a or ":" in a}

    assert len(found) > 100
    for text in found:
        address = ipaddress.ip_address(text)
        assert any(address in net for net in RESERVED if net.version == address.version), text


def test_every_name_is_reserved(written: drill.Written) -> None:
    found = set(BEHIND.findall(texts_of(written.out)))

    assert len(found) > 300
    assert not [name for name in found if not RESERVED_NAME.match(name.lower())]


def test_every_name_that_could_be_registered_is_reserved(written: drill.Written) -> None:
    """Whatever looks like a name under a suffix that exists, anywhere in the mail."""
    from impound import canonical

    text = VERSIONS.sub("", texts_of(written.out)).lower()
    for name in set(re.findall(r"(?<![\w.-])(?:[a-z0-9-]+\.)+[a-z]{2,}(?![\w.@-])", text)):
        assert RESERVED_NAME.match(name) or not canonical.has_public_suffix(name), name


def test_messages_come_in_order_of_arrival_on_their_day(written: drill.Written) -> None:
    times = re.findall(
        rb"(?m)^From \S+ \w{3} \w{3} [ \d]\d ([\d:]{8}) 2024$", (written.out / "day-002.mbox").read_bytes()
    )

    assert len(times) > 100
    assert times == sorted(times)


@pytest.mark.parametrize("folder", ["out", "out.truth"])
def test_a_folder_that_holds_something_is_refused(tmp_path: Path, folder: str) -> None:
    (tmp_path / folder).mkdir()
    (tmp_path / folder / "mine.txt").write_text("precious")

    with pytest.raises(UsageError, match="exists already"):
        drill.write(tmp_path / "out", drill.Settings(messages=10))
    assert [p.name for p in tmp_path.rglob("*") if p.is_file()] == ["mine.txt"]


def test_the_present_folder_has_its_truth_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")

    assert drill.truth_of(Path()) == tmp_path / "here.truth"
    assert drill.write(Path(), drill.Settings(messages=3)).truth == tmp_path / "here.truth"


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()

    assert drill.write(tmp_path / "out", drill.Settings(messages=10)).messages == 10


@pytest.mark.parametrize("settings", [
    {"bots": 0, "botnets": 0}, {"innocents": 0}, {"innocents": 1}, {"innocents": 12}, {"bots": 1, "botnets": 1},
    {"bots": 3, "botnets": 3}, {"days": 1}, {"messages": 1}, {"days": 40}, {"bots": 0, "botnets": 0, "innocents": 0},
])  # fmt: skip
def test_small_worlds_work(tmp_path: Path, settings: dict[str, int]) -> None:
    made = drill.write(tmp_path / "out", drill.Settings(**{"messages": 200, **settings}))

    assert sum(made.kinds.values()) == made.messages == settings.get("messages", 200)
    assert len(list(made.out.iterdir())) == settings.get("days", 7)


def test_progress_is_told(tmp_path: Path) -> None:
    said: list[tuple[int, int]] = []
    made = drill.write(tmp_path / "out", drill.Settings(messages=2500), lambda n, b: said.append((n, b)))

    assert said == sorted(said)
    assert said[-1] == (made.messages, made.bytes)


def test_memory_does_not_grow_with_the_messages(tmp_path: Path) -> None:
    import tracemalloc

    def peak(messages: int) -> int:
        tracemalloc.start()
        drill.write(tmp_path / str(messages), drill.Settings(messages=messages, bots=40, innocents=60))
        try:
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(500)  # what is made once
    assert peak(12_000) < peak(3000) + 1_000_000
