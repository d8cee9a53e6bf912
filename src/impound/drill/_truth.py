"""The truth of a drill: who sent which message, written beside the mail and never into it."""

from __future__ import annotations

import ipaddress
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

from impound.drill import _clock
from impound.drill._mail import Mail
from impound.drill._world import World

QUIET = 7 * _clock.DAY
"""After so long without a message an address is a new host."""
MESSAGES = ("file", "offset", "campaign", "kind", "client_ip", "machine", "author", "botnet")
HOSTS = ("ip", "first_at", "last_at", "verdict", "machine", "botnets", "messages")
CAMPAIGNS = ("id", "lure", "botnets", "senders", "first_at", "last_at", "messages", "template")
BOTNETS = ("id", "program", "copies_headers", "bots", "bots_seen", "campaigns", "messages")


class _Stretch:
    """A host: an address and the machine behind it in a stretch of time."""

    __slots__ = ("botnets", "first", "ip", "last", "machine", "messages", "verdict")

    def __init__(self, mail: Mail, at: int) -> None:
        self.ip, self.machine, self.verdict = mail.client.ip, mail.client.machine, mail.client.verdict
        self.botnets, self.first, self.last, self.messages = mail.client.botnets, at, at, 0


class Truth:
    """Writes the truth of each message as it comes, and of hosts, campaigns and botnets at the end.

    Memory grows with the hosts, not with the messages.
    """

    def __init__(self, folder: Path) -> None:
        self._folder, self._known, self._ended = folder, dict[tuple[str, str], _Stretch](), list[_Stretch]()
        self._file: TextIO = (folder / "messages.tsv").open("w", encoding="ascii", newline="\n")
        self._file.write("\t".join(MESSAGES) + "\n")
        self.kinds: Counter[str] = Counter()
        self._sent: Counter[str] = Counter()
        self._senders: dict[str, Counter[str]] = {}

    def message(self, file: str, offset: int, at: int, mail: Mail) -> None:
        """Note one message."""
        client = mail.client
        self._file.write(
            f"{file}\t{offset}\t{mail.campaign}\t{mail.kind}\t{client.ip}\t{client.machine}\t{mail.author}\t{mail.botnet}\n"
        )
        self.kinds[mail.kind] += 1
        self._sent[mail.botnet] += 1
        if mail.campaign:
            self._senders.setdefault(mail.campaign, Counter())[mail.kind] += 1
        key = client.ip, client.machine
        stretch = self._known.get(key)
        if stretch is None or at - stretch.last >= QUIET:
            if stretch is not None:
                self._ended.append(stretch)
            stretch = self._known[key] = _Stretch(mail, at)
        stretch.last = at
        stretch.messages += 1

    def close(self) -> None:
        """Let go of the file; :meth:`end` comes before, where the drill came to its end."""
        self._file.close()

    def end(self, world: World) -> dict[str, int]:
        """Write the rest; how many hosts there are of each verdict."""
        hosts = sorted([*self._ended, *self._known.values()], key=_order)
        self._table("hosts.tsv", HOSTS, (
            (h.ip, _clock.iso(h.first), _clock.iso(h.last), h.verdict, h.machine, h.botnets, h.messages) for h in hosts
        ))  # fmt: skip
        self._campaigns(world)
        self._botnets(world, hosts)
        if world.settings.poison:
            self._table("poison.tsv", ("domain", "kind"), world.poison.names())
        verdicts = Counter(h.verdict for h in hosts)
        self._readme(world, verdicts)
        return dict(verdicts)

    def _campaigns(self, world: World) -> None:
        owners: dict[str, dict[int, str]] = {}
        for botnet in world.botnets():
            for campaign in botnet.campaigns:
                owners.setdefault(campaign.id, {})[botnet.number] = botnet.name
        self._table("campaigns.tsv", CAMPAIGNS, (
            (c.id, c.lure, ",".join(owners[c.id][n] for n in dict.fromkeys(c.botnets)),
             ",".join(f"{kind}:{count}" for kind, count in sorted(self._senders[c.id].items())),
             _clock.iso(c.first or 0), _clock.iso(c.last), c.messages, c.text.skeleton.replace("\n", " / "))
            for c in world.campaigns if c.messages
        ))  # fmt: skip

    def _botnets(self, world: World, hosts: list[_Stretch]) -> None:
        machines: dict[str, set[str]] = {b.name: set() for b in world.botnets()}
        for host in hosts:
            for name in host.botnets.split(",") if host.botnets else ():
                machines[name].add(host.machine)
        self._table("botnets.tsv", BOTNETS, (
            (b.name, b.program.name, "yes" if b.copied else "no", len(b.members), len(machines[b.name]),
             ",".join(c.id for c in b.campaigns if c.messages), self._sent[b.name])
            for b in world.botnets()
        ))  # fmt: skip

    def _table(self, name: str, columns: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> None:
        with (self._folder / name).open("w", encoding="ascii", newline="\n") as file:
            for row in (columns, *rows):
                file.write("\t".join(map(str, row)) + "\n")

    def _readme(self, world: World, verdicts: Counter[str]) -> None:
        s = world.settings
        lines = [
            "# The truth of a drill", "",
            "Synthetic mail made by `impound drill`: never sent, names and addresses reserved, people invented.",
            "This folder says what is so; nothing that reads the mail may look into it.", "",
            f"    --messages {s.messages} --bots {s.bots} --innocents {s.innocents} --botnets {s.botnets} "
            f"--days {s.days} --difficulty {s.difficulty} --seed {s.seed}"
            + (f" --poison {s.poison}" if s.poison else "")
            + (f" --strangers {s.strangers}" if s.strangers else "")
            + (f" --stops {s.stops}" if s.stops else "")
            + (f" --returns {s.returns}" if s.returns else "") + (" --unrelated" if s.unrelated else ""),
            "", _FORMAT + (_POISONED if s.poison else "") + (_RETURNED if s.returns else ""), "## Counts", "",
            *_counted("kind", self.kinds), "", *_counted("verdict", verdicts), "",
        ]  # fmt: skip
        (self._folder / "README.md").write_text("\n".join(lines), "ascii")


def _counted(name: str, counts: Counter[str]) -> list[str]:
    what = "messages" if name == "kind" else "hosts"
    return [f"| {name} | {what} |", "| --- | ---: |", *(f"| {k} | {v:,} |" for k, v in sorted(counts.items()))]


def _order(host: _Stretch) -> tuple[int, int, int, str]:
    address = ipaddress.ip_address(host.ip)
    return address.version, int(address), host.first, host.machine


_FORMAT = """Tab-separated, a line of names first; times are UTC.

- `messages.tsv`: `file` and `offset` (of its `From ` line, in bytes) of each message, as they arrived; `campaign`, or
  nothing for mail that is no spam; `kind`; `client_ip` and `machine` of who handed it to the organisation; `author`:
  the machine behind it where that was a relay, a forwarder or a list; `botnet`: whose bot it was.
  Kinds: bot, relayed (a bot through a provider's or webmail's outgoing server), forwarded (spam or not, by a
  university's server), list-copy (a bot's post to a list), hacked-server, snowshoe, bulk; newsletter, list,
  personal, receipt.
- `hosts.tsv`: an address and the machine that had it from `first_at` to `last_at`; a new row after seven quiet days.
  Verdicts: infected, bulk-sender, compromised-server, relay, webmail-or-esp, ordinary. `botnets`: two where the machine
  carries two infections.
- `campaigns.tsv`: `senders` counts its messages by kind; `template`: its text, `*` where it varies.
- `botnets.tsv`: `bots` it has, `bots_seen` of them; a bot with two infections counts in both.
"""
_RETURNED = """- A botnet that stopped and came back stands in `botnets.tsv` twice, once with `-again` in its name.
"""
_POISONED = """- `poison.tsv`: domains that bots mixed into their links: garbage, and well-known ones of people.
"""
