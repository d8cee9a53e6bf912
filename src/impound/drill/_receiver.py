"""The receiving organisation: its servers, its mailboxes, and the lines they put on top of every message."""

from __future__ import annotations

from impound.drill import _clock
from impound.drill._chance import Chance
from impound.drill._net import Client
from impound.drill._words import person

DOMAIN = "receiver.example"
MARK = "X-Drill: impound synthetic mail, never sent"
MAILBOXES = 300
_MX = (("mx1.receiver.example", "198.51.100.11"), ("mx2.receiver.example", "198.51.100.12"))
_HUB = "hub.receiver.example"
_BY_HUB = 0.4
"""Share of the messages that a border server hands to the hub, which writes a line of its own."""
_FIRST = 0.65
"""Share that arrives at mx1, which has the better preference."""
_SAID = 0.3
"""Share of the clients with a reverse name of whom sendmail finds that it does not lead back to the address."""


class Receiver:
    """Writes down what arrives."""

    def __init__(self, seed: int) -> None:
        chance = Chance.of(seed, "mailboxes")
        names = [".".join(person(chance)).lower() + str(number // 7 or "") for number in range(MAILBOXES)]
        self.mailboxes = [f"{name}@{DOMAIN}" for name in dict.fromkeys(names)]

    def lines(self, client: Client, recipient: str, at: int, chance: Chance) -> str:
        """The Received lines of the organisation's servers for one message, the topmost first."""
        dice = chance.getrandbits(100)
        first = (dice & 1023) < _FIRST * 1024
        border = (self._postfix if first else self._sendmail)(client, recipient, at, dice >> 20 & 0xFFFFFFFFFF)
        if (dice >> 10 & 1023) >= _BY_HUB * 1024:
            return border
        name, ip = _MX[0] if first else _MX[1]
        return (
            f"Received: from {name} ({name} [{ip}])\n\tby {_HUB} (Postfix) with ESMTP id {dice >> 60:010X}\n"
            f"\tfor <{recipient}>; {_clock.header(at + 1)} (UTC)\n{border}"
        )

    def _postfix(self, client: Client, recipient: str, at: int, dice: int) -> str:
        return (
            f"Received: from {client.helo} ({client.name or 'unknown'} [{literal(client.ip)}])\n"
            f"\tby mx1.receiver.example (Postfix) with ESMTP id {dice & 0xFFFFFFFFFF:010X}\n"
            f"\tfor <{recipient}>; {_clock.header(at)} (UTC)\n"
        )

    def _sendmail(self, client: Client, recipient: str, at: int, dice: int) -> str:
        address, queue_id = f"[{literal(client.ip)}]", f"o2{dice >> 10 & 0xFFFFFF:06X}{dice & 0xFFFF:06d}"
        peer = f"{client.name} {address}" if client.name else address
        if client.name and client.name != client.helo and (dice & 1023) < _SAID * 1024:
            peer += " (may be forged)"
        return (
            f"Received: from {client.helo} ({peer})\n"
            f"\tby mx2.receiver.example (8.14.4/8.14.4) with ESMTP id {queue_id}\n"
            f"\tfor <{recipient}>; {_clock.header(at)}\n"
        )


def literal(ip: str) -> str:
    """An address as mail servers write it in brackets (RFC 5321, section 4.1.3)."""
    return f"IPv6:{ip}" if ":" in ip else ip


def handed(client: Client, server: str, recipient: str, at: int, dice: int) -> str:
    """The Received line of some other organisation's server, in Exim's or Postfix's way."""
    peer = f"{client.name or 'unknown'} [{literal(client.ip)}]"
    if dice & 1:
        said = f" helo={client.helo}" if client.helo != client.name else ""
        where = f"{client.name} ([{client.ip}]{said})" if client.name else f"[{client.ip}] (helo={client.helo})"
        return (
            f"Received: from {where}\n\tby {server} with esmtp (Exim 4.72)\n"
            f"\tid 1rh{dice >> 8 & 0xFFF:03x}-{dice >> 20 & 0xFFFFFF:06x}-0K\n\tfor {recipient}; {_clock.header(at)}\n"
        )
    return (
        f"Received: from {client.helo} ({peer})\n\tby {server} (Postfix) with ESMTP id {dice & 0xFFFFFFFF:08X}\n"
        f"\tfor <{recipient}>; {_clock.header(at)}\n"
    )
