"""What telling does: hosts that somebody was told of, compared with those that were left untold."""

from __future__ import annotations

from impound.tables._kinds import DOUBLE, INT64, STRING, Column, Table

SIDE = Column("side", STRING, "told (a notice was sent, or refused by the mail server) or held-out (left untold)")

EFFECTS = Table(
    "effects",
    "finding",
    "one side of the comparison of hosts that were told of with those left untold",
    (
        SIDE,
        Column("hosts", INT64, "hosts that are compared; times begin when it was told of, or left untold"),
        Column("stopped", INT64, "how many of them stopped: their last message is followed by fourteen quiet days"),
        Column("returned", INT64, "how many of these were infected again later; it changes nothing of the rest"),
        Column("refused", INT64, "how many of them were never told, because the mail server refused the notice"),
        Column("silent", INT64, "hosts left out: silent for fourteen days already when the time began"),
        Column("recent", INT64, "hosts left out: the case does not go on for fourteen days from then"),
        Column("apart", INT64, "hosts left out: told of at a time when nobody was held out, so no lots were drawn"),
        Column("unjudged", INT64, "hosts left out: what was read since no longer speaks for an infection"),
        Column("networks", INT64, "how many networks those compared are in"),
        Column("days_before", DOUBLE, "days from the first message of their infection to the beginning; the median"),
        Column("expected", DOUBLE, "how many would have stopped were both sides alike (log-rank)"),
        Column("median_days", DOUBLE, "days after which half had stopped; null where that is not reached"),
        Column("median_low", DOUBLE, "the lower end of its 95 % interval"),
        Column("median_high", DOUBLE, "the upper end; null where it is not reached"),
        Column("share", DOUBLE, "the share that still sent fourteen days after the beginning, 0 to 1"),
        Column("share_low", DOUBLE, "the lower end of its 95 % interval"),
        Column("share_high", DOUBLE, "the upper end"),
        Column("p", DOUBLE, "the chance of such a difference if telling did nothing; null where too little is known"),
        Column("balance_p", DOUBLE, "the chance that `days_before` differs so between the sides if lots were drawn"),
        Column("why", STRING, "what can be said of the effect, in words; the same on both sides"),
    ),
    ("side",),
)

EFFECT_STEPS = Table(
    "effect_steps",
    "finding",
    "a step of the curve of those that still send (Kaplan–Meier), on one side",
    (
        SIDE,
        Column("after_days", DOUBLE, "days since the beginning"),
        Column("at_risk", INT64, "hosts that were watched until then and had not stopped before"),
        Column("stopped", INT64, "how many of them stopped then"),
        Column("unwatched", INT64, "how many were watched no longer (censored)"),
        Column("share", DOUBLE, "the share that still sends after that, 0 to 1"),
        Column("share_low", DOUBLE, "the lower end of its 95 % band (Greenwood, log-log); null where all stopped"),
        Column("share_high", DOUBLE, "the upper end"),
    ),
    ("side", "after_days"),
)
