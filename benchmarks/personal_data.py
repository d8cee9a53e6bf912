"""Searches a case for the people its mail was sent to: ``python benchmarks/personal_data.py FOLDER`` (``--case CASE``).

For every message: all strings of all rows that come from it (its row with the Received lines, its texts, links,
attachments, rejects, origin) are searched for the address of each of its recipients, whatever case it is written in:
plain, with the sign encoded, as a bounce address writes it, in base64 at three alignments, in hex, as MD5, SHA-1 and
SHA-256; and for its local part, unless that is a word of the dictionary. What the writers write for people and programs
is searched for every address (notices have ``benchmarks/notices.py``).

Recipients are read by the standard library's ``email``, and nothing of impound's own reading takes part in the search.
The dictionary: the entries in lower case of /usr/share/dict/words (Debian's wamerican), so that a given name is no
word; where that file is missing, pyspellchecker's list, which knows some given names. Nothing personal is printed:
``--show N`` prints N places of each column with letters and digits replaced. Exit code 1 when an address was found.
"""

from __future__ import annotations

import argparse
import base64
import bisect
import email
import email.errors
import email.header
import email.utils
import hashlib
import re
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import zstandard

from impound import Case

HEADERS = frozenset(
    """to cc bcc resent-to resent-cc resent-bcc delivered-to x-delivered-to x-original-to envelope-to x-envelope-to
    apparently-to x-apparently-to x-rcpt-to x-forwarded-to x-real-to""".split()  # noqa: SIM905
)
ROLES = frozenset(
    """info marketing sales support abuse noc security postmaster hostmaster usenet news webmaster www uucp ftp
    root admin administrator noreply mailer helpdesk""".split()  # noqa: SIM905
)
"""RFC 2142 and a few more: mailboxes of a duty are nobody's local part."""
WRITERS = ("report", "exhibits", "stix", "case_uco", "public")
NOT_SEARCHED = frozenset(
    """messages.recipients messages.body_sha256 messages.clock messages.received.form bodies.body_sha256 urls.place
    urls.form urls.scheme urls.clock attachments.sha256 attachments.magic attachments.image_hash attachments.clock
    rejects.clock messages.received.ip messages.received.by_ip origins.client_ip
    origins.client_net""".split()  # noqa: SIM905
)
"""Digests of the content and words that impound itself chooses."""
SHORT = 3
"""Local parts with fewer characters stand in everything."""
LONG = 6
"""Local parts from this length on, and those that are no plain word of letters, are looked for inside words too."""

ADDRESS = re.compile(r"[^\s<>()\[\]\",;:]{1,128}@[^\s<>()\[\]\",;:]{1,255}")
FOR = re.compile(r"\sfor\s+<?([^\s<>;()]{1,128}@[^\s<>;()]{1,255})")
SIGNS = ("@", "%40", "%2540", "=40", "&#64;", "=", "%3d", "#", " at ", "(at)", "[at]", " (at) ", " [at] ")


@dataclass(frozen=True)
class Recipient:
    """An address in lower case, split; and as the message spells it."""

    local: str
    domain: str
    spelt: str

    @property
    def address(self) -> str:
        return f"{self.local}@{self.domain}"


@dataclass(frozen=True)
class Place:
    """Where something was met: message, column, and the text before, of and after it, in lower case."""

    message: int
    column: str
    before: str
    met: str
    after: str


@dataclass
class Found:
    """What the search met: places by kind and column, and how much was searched."""

    counts: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    messages: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    shown: dict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict(list))
    searched: int = 0
    pairs: int = 0
    people: set[str] = field(default_factory=set)

    def add(self, kind: str, place: Place) -> None:
        """Count a place."""
        self.counts[kind][place.column] += 1
        self.messages[kind].add(place.message)
        self.shown[kind, place.column].append(f"{place.before[-30:]}⟦{place.met}⟧{place.after[:30]}")


def decoded(value: str) -> str:
    """A header value with its encoded words decoded, as far as the standard library can."""
    try:
        return str(email.header.make_header(email.header.decode_header(value)))
    except (LookupError, UnicodeError, ValueError, email.errors.HeaderParseError):
        return value


def recipients(raw: bytes) -> list[Recipient]:
    """Everybody a message says it is for."""
    message = email.message_from_bytes(raw.lstrip(b"\r\n"))
    written: list[str] = []
    for name, value in message.items():
        if name.lower() in HEADERS:
            plain = str(value)[:65536]
            clear = decoded(plain) if "=?" in plain else plain
            written += [address for _, address in email.utils.getaddresses([clear])]
            written += ADDRESS.findall(clear)
    for value in message.get_all("Received", ()):
        written += FOR.findall(str(value)[:4096])
    found: dict[str, Recipient] = {}
    for text in written:
        spelt = text.strip("<>'\".,; ")
        local, at, domain = spelt.rpartition("@")
        if at and local and re.search(r"\w", local) and re.fullmatch(r"[\w.-]*\w[\w.-]*", domain):
            found.setdefault(spelt.lower(), Recipient(local.lower(), domain.lower().strip("."), spelt))
    return list(found.values())


@lru_cache(maxsize=65536)
def codes(spelt: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """An address in hex and as digests (to be met in any case), and in base64 (as it is)."""
    loose, exact = [], []
    for raw in {spelt.encode(), spelt.lower().encode()}:
        loose += [
            raw.hex(),
            *(hashlib.new(n, raw, usedforsecurity=False).hexdigest() for n in ("md5", "sha1", "sha256")),
        ]
        for shift in range(3):
            coded = base64.b64encode(b"\0" * shift + raw).decode().rstrip("=")
            core = coded[(0, 2, 3)[shift] : len(coded) - ((shift + len(raw)) % 3 > 0)]
            exact += [core, core.replace("+", "-").replace("/", "_")] if len(core) >= 8 else []
    return tuple(set(loose)), tuple(set(exact))


def strings(table: str, row: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Every string of a row with the column it stands in."""
    for name, value in row.items():
        column = f"{table}.{name}"
        if column in NOT_SEARCHED:
            continue
        if isinstance(value, str) and value:
            yield column, value
        elif isinstance(value, list):
            for item in value:
                yield from strings(column, item) if isinstance(item, dict) else [(column, item)]


class Searcher:
    """Searches the strings of one message after the other for its recipients."""

    def __init__(self, words: frozenset[str]) -> None:
        self.words = words
        self.found = Found()

    @lru_cache(maxsize=65536)  # noqa: B019 - one searcher lives as long as the program
    def is_word(self, text: str) -> bool:
        return all(part in self.words for part in text.split("-") if part)

    def search(self, message: int, texts: list[tuple[str, str]], people: list[Recipient]) -> None:
        """Count what is met of the people in the texts."""
        self.found.searched += 1
        self.found.pairs += len(people)
        texts = texts + [(c, unquote(t)) for c, t in texts if c.startswith("urls.") and "%" in t]
        joined = "\x1f".join(text for _, text in texts)
        low = joined.lower()
        for person in people:
            self.found.people.add(person.address)
            loose, exact = codes(person.spelt)
            local = person.local in low
            tagless = person.local.partition("+")[0]
            if local or tagless in low or any(c in low for c in loose) or any(c in joined for c in exact):
                for column, text in texts:
                    self._text(message, column, text, person)

    def _text(self, message: int, column: str, text: str, person: Recipient) -> None:
        low = text.lower()
        loose, exact = codes(person.spelt)
        for where, needles in ((low, loose), (text, exact)):
            for place in places(message, column, where, needles):
                self.found.add("coded address", place)
        for local in {person.local, person.local.partition("+")[0]} - {""}:
            for place in places(message, column, low, (local,)):
                if is_address(place, person.domain):
                    self.found.add("address", place)
                elif self._counts(place):
                    own = in_own_host(place, person.domain)
                    self.found.add("local part: the organisation's own host name" if own else "local part", place)

    def _counts(self, place: Place) -> bool:
        """Whether a local part at a place is one: no word, no role, and not by chance inside something else."""
        local = place.met
        if len(local) < SHORT or local in ROLES or self.is_word(local):
            return False
        left, right = re.search(r"[^\W_]*$", place.before), re.match(r"[^\W_]*", place.after)
        run = (left[0] if left else "") + local + (right[0] if right else "")
        if run == local:
            return True
        if local.isdigit():
            return not (place.before[-1:].isdigit() or place.after[:1].isdigit())
        return len(local) >= (LONG if local.isalpha() else LONG - 1) and not (run.isalpha() and run in self.words)


def places(message: int, column: str, text: str, needles: tuple[str, ...]) -> Iterator[Place]:
    """Every place of a text where one of the needles stands."""
    for needle in needles:
        start = text.find(needle)
        while start >= 0:
            end = start + len(needle)
            yield Place(message, column, text[max(0, start - 80) : start], needle, text[end : end + 400])
            start = text.find(needle, end)


def is_address(place: Place, domain: str) -> bool:
    """Whether a local part is followed by its domain, and is not the end of a longer one."""
    for sign in SIGNS:
        whole = sign + domain
        if place.after.startswith(whole) and not re.match(r"[a-z0-9-]", place.after[len(whole) :]):
            part_of_longer = r"[a-z0-9]$" if sign in ("=", "%3d", "#") else r"[a-z0-9._%+-]$"
            return not re.search(part_of_longer, place.before)
    return False


def in_own_host(place: Place, domain: str) -> bool:
    """Whether the place is in a host name of the recipient's own domain (mx.desk.example.com for desk@desk…)."""
    labels = domain.split(".")
    if place.met not in labels:
        return False
    own = ".".join(labels[labels.index(place.met) :])
    left, right = re.search(r"[a-z0-9.-]*$", place.before), re.match(r"[a-z0-9.-]*", place.after)
    name = ((left[0] if left else "") + place.met + (right[0] if right else "")).strip(".-")
    return name.endswith(own) or (name == place.met and "received" in place.column)


def dictionary(path: Path) -> tuple[frozenset[str], str]:
    """The words, and where they are from."""
    if path.exists():
        lines = path.read_text("utf-8").splitlines()
        return frozenset(w for w in lines if w.isalpha() and w.islower()), str(path)
    from spellchecker import SpellChecker

    return frozenset(SpellChecker(distance=1).word_frequency.dictionary), "pyspellchecker"


def originals(case: Case) -> Iterator[tuple[int, int, bytes]]:
    """Source, offset and sealed bytes of every record, a frame at a time."""
    frames: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for batch in case.rows("seals"):
        for row in batch.to_pylist():
            frames[row["frame"]].append(row)
    for frame, rows in frames.items():
        data = (
            zstandard.ZstdDecompressor().stream_reader((case.path / frame).read_bytes(), read_across_frames=True).read()
        )
        for row in rows:
            yield row["source_id"], row["offset"], data[row["frame_offset"] : row["frame_offset"] + row["bytes"]]


def texts_of(case: Case) -> tuple[dict[int, list[tuple[str, str]]], dict[tuple[int, int], int]]:
    """Every string that comes from a message, by message; and which message begins where."""
    texts: dict[int, list[tuple[str, str]]] = {}
    places: dict[tuple[int, int], int] = {}
    bodies = {}
    for batch in case.rows("bodies"):
        for row in batch.to_pylist():
            bodies[row["body_sha256"]] = list(strings("bodies", row))
    for batch in case.rows("messages"):
        for row in batch.to_pylist():
            places[row["source_id"], row["offset"]] = row["id"]
            texts[row["id"]] = [*strings("messages", row), *bodies.get(row["body_sha256"], ())]
    for table in ("urls", "attachments", "origins"):
        for batch in case.rows(table):
            for row in batch.to_pylist():
                texts[row["message_id"]] += strings(table, row)
    begins: dict[int, list[int]] = defaultdict(list)
    for source, offset in sorted(places):
        begins[source].append(offset)
    for batch in case.rows("rejects"):
        for row in batch.to_pylist():
            at = bisect.bisect_right(begins[row["source_id"]], row["offset"] or 0)
            if at:
                texts[places[row["source_id"], begins[row["source_id"]][at - 1]]] += strings("rejects", row)
    return texts, places


def blurred(text: str) -> str:
    """A text with its letters and digits replaced."""
    return re.sub(r"[^\W\d_]", "x", re.sub(r"\d", "9", " ".join(text.split())))


def check(case: Case, words: frozenset[str]) -> Found:
    """Search a case that was read and found."""
    texts, places = texts_of(case)
    searcher = Searcher(words)
    for source, offset, raw in originals(case):
        message = places.get((source, offset))
        if message is not None:
            searcher.search(message, texts[message], recipients(raw))
    return searcher.found


def written(case: Case, writer: str, folder: Path) -> Iterator[str]:
    """The text of every file that a writer writes, defanged names made whole; PDF files repeat what the others say."""
    place = case.write(writer, folder / writer)
    for file in sorted(place.rglob("*")) if place.is_dir() else [place]:
        if file.is_file() and file.suffix != ".pdf":
            yield file.read_text("utf-8").replace("[.]", ".").replace("[at]", "@").replace("[@]", "@")


def in_what_is_written(case: Case, people: set[str]) -> dict[str, tuple[set[str], int]]:
    """By writer the recipients' addresses that stand in what it writes, and its characters; one may be a sender's."""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for writer in WRITERS:
            texts = list(written(case, writer, Path(folder)))
            met = {word.strip("<>'\".,;").lower() for text in texts for word in ADDRESS.findall(text)}
            found[writer] = (met & people, sum(map(len, texts)))
    return found


def main(arguments: list[str] | None = None) -> int:
    """Search and print; 1 when an address was found."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", nargs="?", help="mail to read into a temporary case")
    parser.add_argument("--case", type=Path, help="a case that was read already")
    parser.add_argument("--words", type=Path, default=Path("/usr/share/dict/words"))
    parser.add_argument("--show", type=int, default=0, metavar="N", help="N places of each column, made unreadable")
    parser.add_argument("--bare", action="store_true", help="with --show: readable; only for your own eyes")
    options = parser.parse_args(arguments)
    words, whence = dictionary(options.words)
    with tempfile.TemporaryDirectory() as folder:
        began = time.monotonic()
        place = options.case or Path(folder) / "case"
        if options.case is None:
            with Case.open_or_create(place, write=True) as case:
                case.read([options.folder])
                case.find()
        read = time.monotonic()
        case = Case.open(place)
        found = check(case, words)
        seen = in_what_is_written(case, found.people)
    print(f"{found.searched:,} messages searched, {len(found.people):,} recipients ({found.pairs:,} pairs)")
    print(f"read in {read - began:,.0f} s, searched in {time.monotonic() - read:,.0f} s; dictionary: {whence}")
    for kind in ("address", "coded address", "local part", "local part: the organisation's own host name"):
        print(f"{kind}: {sum(found.counts[kind].values()):,} places in {len(found.messages[kind]):,} messages")
        for column, count in found.counts[kind].most_common():
            print(f"    {column:32} {count:8,}")
            for text in found.shown[kind, column][: options.show]:
                print(f"        {text if options.bare else blurred(text)}")
    for writer, (addresses, characters) in seen.items():
        print(f"{writer}: {len(addresses)} addresses of recipients in {characters:,} characters")
    leaks = any(addresses for addresses, _ in seen.values())
    return 1 if found.counts["address"] or found.counts["coded address"] or leaks else 0


if __name__ == "__main__":
    sys.exit(main())
