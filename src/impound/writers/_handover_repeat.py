"""How a reader who has only the package repeats findings of this case: commands with its numbers, and their answers.

What a command must print is taken from the tables, not from the command. Of findings of one kind the first is shown
that the small programs in ``repeat/`` come to as well: they read what most servers write, and impound reads more.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from impound.plugin import Engine
from impound.store import CustodyLog
from impound.writers._handover_cited import LIST
from impound.writers._rows import rows
from impound.writers.repeat import host, networks, received, template

PAGE, PROGRAMS = "REPEAT.md", ("custody", "received", "template", "networks", "host")
TRIED = 50
"""Findings of a kind that are tried before the page says that none can be repeated so simply."""
RUN = "python3 -I -S repeat/"


@dataclass(frozen=True)
class Finding:
    """A heading, words, and commands each with what it must print; without commands the words say why."""

    title: str
    words: str
    commands: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        told = (f"```sh\n{command}\n```\n\nprints\n\n```text\n{answer}\n```" for command, answer in self.commands)
        return "\n\n".join([f"## {self.title}", self.words, *told])


HEAD = """# Repeat findings of this case by hand

You need this folder, a shell with `sha256sum`, `tail` and `head`, `zstd` for originals, and Python 3.9 or newer without
anything added to it (`-I -S` sees to that). Run the commands in this folder. The programs in `repeat/` have about
thirty lines each: read them before you trust them. Each answer was taken from the tables of the case when the package
was made. What impound did, with which parameters, stands in `data/custody.jsonl`."""
NO_ORIGINALS = (
    "It needs the original messages. They hold recipients' addresses and are in packages for law enforcement only."
)
NONE = "There is no finding of this kind in this case that the program here can repeat."


def write(engine: Engine, bag: Path, police: bool) -> None:
    """Write ``REPEAT.md`` and the programs it calls; the tables as CSV, and cited messages, must be there."""
    (bag / "repeat").mkdir()
    for name in PROGRAMS:
        text = files("impound.writers.repeat").joinpath(f"{name}.py").read_text("utf-8")
        (bag / "repeat" / f"{name}.py").write_text(text, "utf-8", newline="\n")
    found = [_custody(bag), _original(engine, bag, police), _received(engine, bag, police), _template(engine, bag),
             _networks(engine), _host(engine)]  # fmt: skip
    (bag / PAGE).write_text("\n\n".join([HEAD, *map(str, found)]) + "\n", "utf-8", newline="\n")


def _custody(bag: Path) -> Finding:
    entries = CustodyLog(bag / "data/custody.jsonl").entries()
    words = (
        "Every line of the log hangs on the one before it. The receipt, which came by another way, names the last hash."
    )
    answer = f"{len(entries)} lines hold; the head is {entries[-1]['hash']}"
    return Finding("What was done to the case", words, ((f"{RUN}custody.py data/custody.jsonl", answer),))


def _original(engine: Engine, bag: Path, police: bool) -> Finding:
    title = "The originals are what was read"
    cited = next(_cited(bag), None) if police else None
    if cited is None:
        return Finding(title, NONE if police else NO_ORIGINALS)
    words = (
        f"Message {cited['message_id']} is cut out of the sealed frame it lies in (column `frame` of "
        "`data/cited.csv`), and compared with the file that a mail program opens. A whole source is compared with "
        "its hash in `data/csv/sources.csv`, which was written when it was read."
    )
    commands = [(_cut(cited["frame"], int(cited["frame_offset"]), int(cited["bytes"])), f"{cited['sha256']}  -"),
                (f"sha256sum data/{cited['file']}", f"{cited['sha256']}  data/{cited['file']}")]  # fmt: skip
    commands += [(_cut(r["frame"], r["begin"], r["bytes"]), f"{r['sha256']}  -") for r in rows(engine, _IN_ONE_PIECE)]
    return Finding(title, words, tuple(commands))


def _cut(frame: str, begin: int, size: int) -> str:
    return f"zstd -dcq data/{frame} | tail -c +{begin + 1} | head -c {size} | sha256sum"


def _received(engine: Engine, bag: Path, police: bool) -> Finding:
    title = "Which machine handed a message in"
    if not police:
        return Finding(title, NO_ORIGINALS)
    files_of = {row["message_id"]: row["file"] for row in _cited(bag)}
    for r in rows(engine, _HANDED_IN):
        file = files_of.get(str(r["message_id"]))
        if file and received.client(str(bag / "data" / file), r["hop"]) == r["client_ip"]:
            words = (
                f"The case says that {r['client_ip']} handed in message {r['message_id']}: line {r['hop']} of its "
                f"Received lines, counted from 0 at the top, is the first one that names a machine outside "
                f"({r['boundary_reason']})."
            )
            return Finding(title, words, ((f"{RUN}received.py data/{file} {r['hop']}", r["client_ip"]),))
    return Finding(title, NONE)


def _cited(bag: Path) -> Iterator[dict[str, str]]:
    with (bag / "data" / LIST).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _template(engine: Engine, bag: Path) -> Finding:
    title = "A template matches the messages of its campaign"
    for r in rows(engine, _TEMPLATES):
        examples = len(r["examples"])
        if template.matched(str(bag / "data/csv"), str(r["id"])) == (r["matched"], examples, examples):
            words = (
                f"Template {r['id']} was made from {r['learned_from']} messages of campaign {r['campaign_id']}, which "
                f"has {r['messages']}. The case says that it matches {r['matched']} messages, {r['ham_matched']} of "
                f"them outside the campaign and wanted, so it is {r['state']}."
            )
            answer = f"{r['matched']} messages match; {examples} of its {examples} examples are among them"
            return Finding(title, words, ((f"{RUN}template.py data/csv {r['id']}", answer),))
    return Finding(title, NONE)


def _networks(engine: Engine) -> Finding:
    counts = {r["net"]: r["n"] for r in rows(engine, _NETWORKS)}
    words = "Addresses are counted and not machines, each once, by network."
    return Finding("How many addresses are infected, and where", words,
                   ((f"{RUN}networks.py data/csv", networks.said(counts)),))  # fmt: skip


def _host(engine: Engine) -> Finding:
    title = "Why an address is called infected"
    ip = next((r["ip"] for r in rows(engine, _WORST)), None)
    if ip is None:
        return Finding(title, NONE)
    found = [(r["kind"], r["proof"], r["sent"]) for r in rows(engine, _EVIDENCE.format(ip=ip))]
    words = (
        f"{ip} has most kinds of evidence against it. Each kind names at most five messages; their place in the "
        "originals stands in `data/csv/messages.csv`, what would overturn the verdict in `data/csv/hosts.csv`."
    )
    return Finding(title, words, ((f"{RUN}host.py data/csv {ip}", host.said(found)),))


_IN_ONE_PIECE = """
  SELECT s.frame, min(s.frame_offset) AS "begin", r.bytes, r.sha256 FROM seals s JOIN sources r ON r.id = s.source_id
  WHERE s.frame <> '' AND r.sha256 IS NOT NULL
  GROUP BY r.id, r.bytes, r.sha256, s.frame
  HAVING sum(s.bytes) = r.bytes AND max(s.frame_offset + s.bytes) - min(s.frame_offset) = r.bytes
    AND count(DISTINCT s.frame_offset - s."offset") = 1
  ORDER BY r.id LIMIT 1"""
_HANDED_IN = f"""
  SELECT o.message_id, o.client_ip, o.hop, o.boundary_reason FROM origins o
  JOIN hosts h ON h.ip = o.client_ip AND h.verdict = 'infected'
  WHERE o.hop IS NOT NULL GROUP BY o.message_id, o.client_ip, o.hop, o.boundary_reason
  ORDER BY max(h.messages) DESC, o.message_id LIMIT {20 * TRIED}"""
_TEMPLATES = """
  SELECT t.id, t.campaign_id, t.matched, t.ham_matched, t.learned_from, t.state, t.examples, c.messages
  FROM templates t JOIN campaigns c ON c.id = t.campaign_id
  WHERE t.regex LIKE '.*%' AND t.state = 'proposed' ORDER BY t.matched DESC, t.id LIMIT 5"""
_NETWORKS = "SELECT net, count(DISTINCT ip) AS n FROM hosts WHERE verdict = 'infected' GROUP BY net"
_WORST = """
  SELECT h.ip FROM hosts h WHERE h.verdict = 'infected' ORDER BY len(h.kinds) DESC, h.messages DESC, h.ip LIMIT 1"""
_EVIDENCE = """
  SELECT s.kind, count(DISTINCT s.id) AS proof, count(DISTINCT o.message_id) AS sent
  FROM (SELECT kind, e.id AS id FROM (SELECT kind, unnest(proof) AS e FROM signals
        WHERE subject_type = 'host' AND subject = '{ip}') AS told WHERE e."table" = 'messages') AS s
  LEFT JOIN origins o ON o.message_id = s.id AND o.client_ip = '{ip}'
  GROUP BY s.kind ORDER BY s.kind"""
