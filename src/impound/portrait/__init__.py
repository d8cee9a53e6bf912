"""A campaign or a botnet as people are shown it: an example, what ties it, whom it shares with, what a sceptic says.

``show`` and the report draw from here alone, so that both say the same. It knows the names of tables, and asks whoever
holds them through a function; it never touches an engine.
"""

from impound.canonical import harmless
from impound.portrait._botnet import BOTNET_READS, BotnetPortrait, Neighbour, botnet, find_botnet, senders
from impound.portrait._example import COMPARED, Example, example
from impound.portrait._facts import READS, Ask, Contact, Label, Portrait, Tie, Variety, Verdict, find, portraits
from impound.portrait._segments import Segment, aligned
from impound.portrait._words import words

__all__ = [
    "BOTNET_READS", "COMPARED", "READS", "Ask", "BotnetPortrait", "Contact", "Example", "Label", "Neighbour",
    "Portrait", "Segment", "Tie", "Variety", "Verdict", "aligned", "botnet", "example", "find", "find_botnet",
    "harmless", "portraits", "senders", "words",
]  # fmt: skip
