"""What networks and owners are told of infected machines: facts, contacts, reports for programs, letters for people.

Pure, but for :mod:`rdap` when it is told to ask: it knows the names of tables, and asks whoever holds them through a
function; it never touches an engine and sends nothing.
"""

from impound.notices._catalogue import FALLBACK, check, languages
from impound.notices._due import HELD_OUT, NO_CONTACT, Due, held_out
from impound.notices._envelope import Envelope
from impound.notices._facts import READS, Ask, Infection, Sighting, ahead, infections
from impound.notices._refusing import Refusing
from impound.notices._reporter import MOST_HOSTS, Reporter, Tickets, reporter
from impound.notices._spool import Spool
from impound.notices.contacts import Contact, ContactBook
from impound.notices.customers import Customer, CustomerBook

__all__ = [
    "FALLBACK", "HELD_OUT", "MOST_HOSTS", "NO_CONTACT", "READS", "Ask", "Contact", "ContactBook", "Customer",
    "CustomerBook", "Due", "Envelope", "Infection", "Refusing", "Reporter", "Sighting", "Spool", "Tickets", "ahead",
    "check", "held_out", "infections", "languages", "reporter",
]  # fmt: skip
