"""Who answers for an address: a file of contacts first, then what the registries (RDAP) said, with its date."""

from __future__ import annotations

import ipaddress
import json
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from impound import canonical
from impound.notices._book import NAME, Contact, Network, Networks, mailbox, network, parsed
from impound.notices._refusing import Refusing

__all__ = ["Contact", "ContactBook"]

FRESH = timedelta(days=30)
"""How long what a registry said is taken without asking again. A choice: contacts change with owners, slowly."""
_WANTED = "a CSV file with network,mailbox in each line"


@dataclass
class ContactBook(Refusing):
    """Contacts by network and AS number. What the file says goes before what a registry said, whatever the prefix."""

    said: Networks[Contact] = field(default_factory=Networks)
    owners: dict[int, Contact] = field(default_factory=dict)
    learnt: Networks[Contact] = field(default_factory=Networks)

    @classmethod
    def of(cls, contacts: str, cache: str = "") -> ContactBook:
        """As :meth:`load`, with empty names for what there is not."""
        return cls.load(Path(contacts) if contacts else None, Path(cache) if cache else None)

    @classmethod
    def load(cls, contacts: Path | None, cache: Path | None = None) -> ContactBook:
        """The contacts in a CSV file and in a cache of registries' answers, where there is one.

        A line of the file is ``network_or_asn,mailbox[,name[,language[,time_zone]]]``. Raises ConfigError for a file
        that cannot be read; a line that cannot be used is in ``refused``.
        """
        made = cls()
        if contacts is not None:
            for number, line in made.lines(contacts, _WANTED):
                made._take(number, line)
        if cache is not None and cache.exists():
            for number, line in made.lines(cache, _WANTED):
                made._recall(cache, number, line)
        return made

    def contact_of(self, ip: str, asn: int | None = None) -> Contact | None:
        """The contact of the smallest network that holds the address; None where nobody is known."""
        address = ipaddress.ip_address(ip)
        found = self.said.of(address) or self.owners.get(asn or 0) or self.learnt.of(address)
        return found if found and found.mailbox else None

    def to_ask(self, ip: str, asn: int | None, today: date) -> bool:
        """Whether a registry is to be asked about an address: nobody is known, or only from an old answer."""
        address = ipaddress.ip_address(ip)
        if self.said.of(address) or self.owners.get(asn or 0):
            return False
        found = self.learnt.of(address)
        return found is None or date.fromisoformat(found.as_of) + FRESH < today

    def learn(self, net: Network, contact: Contact) -> None:
        """Remember what a registry said; an empty mailbox says that it names none. The latest answer counts."""
        self.learnt.add(net, contact, again=True)

    def _take(self, number: int, line: str) -> None:
        found = parsed(line)
        if isinstance(found, str):
            self.refuse(f"line {number:,}", found)
        elif found is not None:
            where, contact = found
            if isinstance(where, int):
                fresh = self.owners.setdefault(where, contact) == contact
            else:
                fresh = self.said.add(where, contact)
            if not fresh:
                self.refuse(f"line {number:,}", "the network was named before, with another contact")

    def _recall(self, path: Path, number: int, line: str) -> None:
        """A line of the cache, which is looked at as hard as a stranger's file."""
        try:
            said = json.loads(line)
            net, as_of = network(str(said["network"])), date.fromisoformat(str(said["as_of"])).isoformat()
            box = mailbox(said["mailbox"]) if said["mailbox"] else ""
            name, server = canonical.clean(str(said["name"]), NAME), canonical.clean(str(said["server"]), NAME)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            self.refuse(f"{path.name}, line {number:,}", "no answer of a registry")
            return
        if isinstance(net, str) or box is None:
            self.refuse(f"{path.name}, line {number:,}", net if isinstance(net, str) else "no mailbox")
            return
        self.learn(net, Contact(box, name, f"RDAP, {server}", as_of))
