"""Exhibit G (method and error rates), the takedown plan, and what speaks against the findings."""

from __future__ import annotations

from collections.abc import Iterator

from impound import portrait
from impound.canonical import defang, is_reserved, plural
from impound.notices import ContactBook
from impound.plugin import Engine
from impound.writers._exhibit import Exhibit, Row
from impound.writers._exhibit_facts import UNKNOWN, contact
from impound.writers._rows import rows
from impound.writers._text import clean

BOTNETS = 20
CLOSE, FIND = "close, keep what it received", "find its provider, close it"
RATES = (
    ("A computer is called infected",
     "when mail it sent belongs to a campaign that five or more owners of networks sent within a week, and its headers "
     "or its names speak against it as well. Either alone is not enough.",
     "4 of 112,481 innocent computers were called infected (at most 0.0081 %, 95 % confidence); all of 3,508 bots with "
     "three messages or more were found",
     "synthetic mail of difficulty 2, seed 311, looked at once",
     "python benchmarks/hosts.py CASE --truth D.truth"),
    ("The same, against a spammer who knows the method", "as above",
     "3 of 104,282 were called infected (at most 0.0074 %); 93.7 % of 2,494 bots were found",
     "synthetic mail of difficulty 3, seed 105, looked at once",
     "python benchmarks/hosts.py CASE --truth D.truth"),
    ("The same, on real mail", "as above",
     "none of 114 addresses that sent only wanted mail was called infected (at most 2.6 %, 95 % confidence)",
     "TREC 2007 set, labels of the set", "python benchmarks/hosts.py CASE"),
    ("A text signature matches mail of a campaign",
     "a regular expression is made from what all messages of a campaign share, and held against all wanted mail.",
     "1 of 9,011 wanted messages matched (a stock tip that the set labels as wanted); 0 of 1,989, 0 of 6,046 and 0 of "
     "8,867 in three other sets",
     "TREC 2007, CSDMC 2010, SpamAssassin, a public list",
     "python benchmarks/templates.py CASE --labels --against CASE"),
    ("A domain is released for publication",
     "when five messages from three networks show it and no wanted message does; guards hold back what was mixed in.",
     "of 1,000 well-known and 100,000 garbage domains that were mixed in, none was released",
     "synthetic mail, 20,000 messages", "python benchmarks/poisoning.py"),
    ("A contact is one that asks to be answered or paid",
     "when words near it ask for it, in mail that looks like spam and sells something.",
     "6 of 200 drawn by lot were wrong: precision 0.970 (95 % interval 0.936 to 0.989)",
     "five sets of real mail, 2001 to 2026, judged by reading", "python benchmarks/reply_contacts.py"),
    ("A message abuses a mark",
     "when the mark stands in the sender's name, a domain or the text, and the sender is not its holder.",
     "precision 0.976, recall 0.899 over 89 messages", "the half kept aside of 666 messages judged by reading",
     "python benchmarks/lures.py"),
    ("A botnet ends where it is said to end",
     "when hosts go from one order to the next more often than chance, or constants of one program join them.",
     "with a tenth of the evidence taken away 0.959 to 0.982 of it stayed together on average (Jaccard index)",
     "TREC 2007 set, 32,686 messages", "python benchmarks/botnets.py CASE"),
)  # fmt: skip
"""Each method: what was done, how often it errs, on what that was measured, and the command that prints it. The figures
are those of ``docs/explanation`` and change only with them; a test compares."""


def method() -> Exhibit:
    """G: how it was done and how often it errs."""
    words = [
        "What follows says, for somebody who must weigh these findings, what was done, how often it is wrong, and on "
        "what that was measured. Every figure is printed by the command beside it, from the published source.",
        "The limits: synthetic mail is not the world; the real mail is of one university in 2007 and of public "
        "collections. Nobody knows the truth about real computers, so the rates for real mail rest on others' labels. "
        "The rates were measured before this case and say nothing of a single line in it: each has its own reason, and "
        "what would overturn it, in the tables. The work has been checked by its tests, not by peers in a journal.",
    ]
    names = ("finding", "what was done", "how often it errs", "measured on", "command")
    return Exhibit("Exhibit G", "method and error rates", "G-method.csv", words, names, (16, 27, 27, 16, 18), RATES)


def plan(engine: Engine, book: ContactBook, registrars: dict[str, str], drill: bool) -> Exhibit:
    """Who must act at the same moment so that no channel is left."""

    def told() -> Iterator[Row]:
        for r in rows(engine, _channels("domain")):
            who = registrars.get(r["value"])
            yield (1, who or f"registry of .{r['value'].rpartition('.')[2]}", "domain", defang(r["value"]),
                   _first(r["state"]) + "suspend, keep its records", _owner(who), r["state"])  # fmt: skip
        for r in rows(engine, _channels("contact")):
            mailbox = r["kind"] == "mailbox"
            who = defang(r["value"].rpartition("@")[2]) if mailbox else None
            yield (1, who or "whoever runs it", r["kind"], defang(r["value"]),
                   _first(r["state"]) + (CLOSE if mailbox else FIND), _owner(who),
                   r["state"])  # fmt: skip
        for r in rows(engine, _SERVERS):
            if drill or not is_reserved(r["net"].partition("/")[0]):
                who = contact(book, r["net"])
                yield (1, who, "misused server", r["net"], "take off the net and keep its disks",
                       _owner(None if who == UNKNOWN else who), "infected")  # fmt: skip
        for r in rows(engine, _INFECTED):
            if drill or not is_reserved(r["net"].partition("/")[0]):
                who = contact(book, r["net"])
                yield (2, who, "infected computers", f"{r['net']} ({plural(r['n'], 'address', 'addresses')})",
                       "tell their owners", _owner(None if who == UNKNOWN else who), "infected")  # fmt: skip

    words = [
        "Step 1 must happen everywhere at the same moment: a botnet whose domains go one by one moves on to the rest. "
        "Step 2 follows. 'Missed' are the channels for which nobody is known who could act: find them before the day.",
        "Only mail was looked at. Channels that mail does not show, control servers above all, are missing here: "
        "without them the botnet keeps its orders. 'Proposed' channels must be checked by a person first.",
    ]
    names = ("step", "who acts", "channel", "which", "what", "known", "state")
    widths = (6, 20, 13, 24, 20, 9, 10)
    return Exhibit("Takedown plan", "who must act together", "takedown-plan.csv", words, names, widths, told())


def _first(state: str) -> str:
    """What comes before the act where a finding rests on too little: somebody who looks."""
    return "check first; then " if state == "proposed" else ""


def _owner(who: str | None) -> str:
    return "yes" if who else "missed"


def against(engine: Engine, drill: bool) -> Exhibit:
    """What speaks against the findings."""

    def told() -> Iterator[Row]:
        for r in rows(engine, _botnets()):
            shown = portrait.botnet(lambda sql: rows(engine, sql), r["id"])
            for doubt in shown.doubts:
                yield "doubt of a botnet", r["name"], "", clean(doubt, 500)
        for r in rows(engine, _VERDICTS):
            yield (
                "verdict",
                r["verdict"],
                f"{r['n']:,} addresses, {r['single']:,} of a single message",
                _SAYS.get(r["verdict"], ""),
            )
        for r in rows(engine, _HELD):
            if drill or r["type"] != "address" or not is_reserved(r["value"]):
                yield f"indicator {r['state']}", defang(clean(r["value"], 200)), r["type"], clean(r["reason"], 400)
        for r in rows(engine, _CLEARED):
            yield f"host: {r['verdict']}", r["ip"], f"{r['messages']:,} messages", clean(r["why"], 500)

    words = [
        "What a lawyer for the other side would ask for: doubts of each botnet, how the verdicts are spread, what was "
        "held back or withdrawn and why, and computers that sent mail of the same campaigns and are not accused.",
        "An unclear computer is not counted as infected. A verdict on a single message rests on that message alone.",
    ]
    names = ("kind", "what", "how much", "why")
    return Exhibit(
        "What speaks against it", "exculpatory items", "exculpatory.csv", words, names, (16, 24, 18, 42), told()
    )


def doubts(engine: Engine, drill: bool) -> Exhibit:
    """All that speaks against the findings of this case, and how often each method errs, as one table."""
    said = against(engine, drill)

    def told() -> Iterator[Row]:
        yield from ((*row, "") for row in said.rows)
        for r in rows(engine, _CONFLICTS):
            yield "conflict", r["ip"], f"{r['n']} verdicts", f"at different times: {r['verdicts']}", ""
        for finding, done, rate, data, command in RATES:
            yield "error rate", finding, rate, f"{done} Measured on: {data}.", command

    names, widths = (*said.columns, "measured by"), (*said.widths, 16)
    return Exhibit("", "doubts", "doubts.csv", said.words, names, widths, told())


_SAYS = {
    "infected": "wrong where it is a server that hands on others' mail, or where the campaign is its owner's",
    "unclear": "something speaks against them, but not enough: nobody is accused",
    "ordinary": "nothing speaks against them",
    "relay": "they hand on what others wrote; a bot that pretends to be a server may be among them",
    "bulk-sender": "no sign of an infection",
    "webmail-or-esp": "they carry the mail of their users",
    "compromised-server": "wrong where the campaign is the owner's own",
}


def _channels(kind: str) -> str:
    return f"""SELECT i.value, i.state, r.kind FROM indicators i
      LEFT JOIN (SELECT value, min(kind) AS kind FROM reply_contacts GROUP BY value) r ON r.value = i.value
      WHERE i.type = '{kind}' AND i.state IN ('released', 'proposed') ORDER BY i.state DESC, i.value"""


def _botnets() -> str:
    return f"SELECT id, name FROM botnets ORDER BY hosts DESC, id LIMIT {BOTNETS}"


_SERVERS = "SELECT DISTINCT net FROM hosts WHERE verdict = 'compromised-server' ORDER BY net"
_INFECTED = """SELECT net, count(DISTINCT ip) AS n FROM hosts WHERE verdict = 'infected' AND ip NOT IN (
    SELECT value FROM indicators WHERE type = 'address' AND state IN ('withheld', 'withdrawn'))
  GROUP BY net ORDER BY n DESC, net"""
_VERDICTS = """SELECT verdict, count(DISTINCT ip) AS n, count(DISTINCT CASE WHEN messages = 1 THEN ip END) AS single
  FROM hosts WHERE verdict IS NOT NULL GROUP BY verdict ORDER BY n DESC, verdict"""
_HELD = """SELECT type, value, state, reason FROM indicators WHERE state IN ('withheld', 'withdrawn')
  ORDER BY state, type, value"""
_CLEARED = """SELECT ip, verdict, messages, why FROM hosts
  WHERE campaigns > 0 AND verdict NOT IN ('infected', 'compromised-server')
  ORDER BY verdict, messages DESC, ip, first_at"""
_CONFLICTS = """SELECT ip, count(DISTINCT verdict) AS n, string_agg(DISTINCT verdict, ', ' ORDER BY verdict) AS verdicts
  FROM hosts WHERE verdict IS NOT NULL GROUP BY ip HAVING count(DISTINCT verdict) > 1 ORDER BY ip"""
