"""What people decide about a case: how it stands, and what is never to be listed again, each as an event with a reason.

Over :class:`impound.case.Case` and its tables; the case must be open for writing where something is decided.
"""

from impound.decisions._allowing import Value, allow, allowances, value_of
from impound.decisions._closing import alarms
from impound.decisions._states import CLOSED, HANDED, OPEN, REOPENED, STEPS, history, move, state

__all__ = [
    "CLOSED",
    "HANDED",
    "OPEN",
    "REOPENED",
    "STEPS",
    "Value",
    "alarms",
    "allow",
    "allowances",
    "history",
    "move",
    "state",
    "value_of",
]
