"""A campaign, a botnet, or what became of hosts, as people are shown it: examples, ties, and what a sceptic says.

``show`` and the report draw from here alone, so that both say the same. It knows the names of tables, and asks whoever
holds them through a function; it never touches an engine.
"""

from impound.canonical import harmless
from impound.portrait._botnet import BOTNET_READS, BotnetPortrait, Neighbour, botnet, find_botnet, senders
from impound.portrait._effect import DOUBTS as EFFECT_DOUBTS
from impound.portrait._effect import EFFECT_READS, Effect, Side, Still, effect
from impound.portrait._example import COMPARED, Example, example
from impound.portrait._facts import READS, Ask, Contact, Label, Portrait, Tie, Variety, Verdict, find, portraits
from impound.portrait._life import LIFE_READS, STATES, states
from impound.portrait._segments import Segment, aligned
from impound.portrait._words import words

__all__ = [
    "BOTNET_READS", "COMPARED", "EFFECT_DOUBTS", "EFFECT_READS", "LIFE_READS", "READS", "STATES", "Ask",
    "BotnetPortrait", "Contact", "Effect", "Example", "Label", "Neighbour", "Portrait", "Segment", "Side", "Still",
    "Tie", "Variety", "Verdict", "aligned", "botnet", "effect", "example", "find", "find_botnet", "harmless",
    "portraits", "senders", "states", "words",
]  # fmt: skip
