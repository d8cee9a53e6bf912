"""What networks and owners are told of infected machines: facts, contacts, reports for programs, letters for people.

Pure, but for :mod:`rdap` when it is told to ask: it knows the names of tables, and asks whoever holds them through a
function; it never touches an engine and sends nothing.
"""

from impound.notices._catalogue import FALLBACK, check, languages
from impound.notices._facts import READS, Ask, Infection, Sighting, infections
from impound.notices._reporter import MOST_HOSTS, Reporter, reporter, ticket
from impound.notices._spool import Spool
from impound.notices.contacts import Contact, ContactBook

__all__ = [
    "FALLBACK", "MOST_HOSTS", "READS", "Ask", "Contact", "ContactBook", "Infection", "Reporter", "Sighting", "Spool",
    "check", "infections", "languages", "reporter", "ticket",
]  # fmt: skip
