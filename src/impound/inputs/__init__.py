"""Paths as handed in become a stream of inputs: files, members of archives, standard input.

Nothing is lost in silence. What has bytes becomes an :class:`Input`, what has none a :class:`Trouble` with its reason.
Of a damaged or refused archive the members that could be read come first, then the archive itself as an input that is
to be sealed but not read (``unread`` says why).
"""

from impound.inputs._input import Input, Limits, Trouble, head
from impound.inputs._walk import STDIN, walk
from impound.inputs._watch import Found, Watch

__all__ = ["STDIN", "Found", "Input", "Limits", "Trouble", "Watch", "head", "walk"]
