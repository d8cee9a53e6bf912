"""A campaign as people are shown it: an example with what stays fixed and what varies, its ties, hosts and contacts.

``show`` and the report draw from here alone, so that both say the same. It knows the names of tables, and asks whoever
holds them through a function; it never touches an engine.
"""

from impound.portrait._example import COMPARED, Example, example
from impound.portrait._facts import READS, Ask, Contact, Label, Portrait, Tie, Variety, Verdict, find, portraits
from impound.portrait._segments import Segment, aligned
from impound.portrait._words import harmless, words

__all__ = [
    "COMPARED", "READS", "Ask", "Contact", "Example", "Label", "Portrait", "Segment", "Tie", "Variety", "Verdict",
    "aligned", "example", "find", "harmless", "portraits", "words",
]  # fmt: skip
