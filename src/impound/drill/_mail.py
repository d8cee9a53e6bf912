"""One message on its way: who hands it in, for whom, and its bytes."""

from __future__ import annotations

from typing import NamedTuple

from impound.drill import _clock
from impound.drill._chance import Chance
from impound.drill._net import Client
from impound.drill._receiver import MARK, Receiver


class Mail(NamedTuple):
    """A message as the receiving organisation is handed it."""

    kind: str
    client: Client
    sender: str
    """The envelope sender."""
    recipient: str
    head: str
    """The header block that its program wrote."""
    body: str
    below: str = ""
    """Received lines that it came with, true or forged."""
    campaign: str = ""
    author: str = ""
    """The machine that wrote it, where another one handed it in."""
    botnet: str = ""
    """The botnet that had it sent."""


def delivered(mail: Mail, receiver: Receiver, at: int, chance: Chance) -> bytes:
    """The message as it lies in a mailbox file, up to and with the empty line that ends it."""
    body = mail.body.replace("\nFrom ", "\n>From ") if "\nFrom " in mail.body else mail.body
    if body.startswith("From "):
        body = ">" + body
    lines = receiver.lines(mail.client, mail.recipient, at, chance)
    return (
        f"From {mail.sender} {_clock.mailbox(at)}\nReturn-Path: <{mail.sender}>\n{lines}{mail.below}{MARK}\n"
        f"{mail.head}\n{body}\n"
    ).encode("ascii")
