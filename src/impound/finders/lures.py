"""Lures: what each message and each campaign sells or pretends, and whose mark it abuses.

What it finds: for every message how likely it is spam, its lure, the share of what speaks for it, the words that
decided, and the mark that it abuses with where that stands and why (``message_labels``); for every campaign what most
of its messages say (``campaign_labels``). What a single message says is decided in :mod:`impound.check.lures`,
:mod:`impound.check.brands` and :mod:`impound.check.classifier` (the shipped model) and nowhere else; here it is mapped
over a case.

Why that is evidence: the lure says what a victim loses and who else must know (a bank, a maker, an exchange), and a
mark that is abused is an exhibit of its own.

Known innocent causes: see those modules; newsletters, lists and talk about spam name what spam sells. A label is not a
verdict: whether a message is spam is the column ``spam``.

Reference: Levchenko et al., Click Trajectories (IEEE S&P 2011), section III-C, for labels by words that are checked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, ClassVar

import pyarrow as pa

from impound import config
from impound.check import brands, classifier, lures
from impound.check.mail import Mail
from impound.finders import _whole
from impound.plugin import Engine
from impound.tables import TABLES

Own = tuple[tuple[str, tuple[str, ...]], ...]
"""A section of ``impound.toml`` as something that can be told apart and sent to a worker."""


@dataclass(frozen=True)
class Params:
    """``share``: the least share of a campaign's messages that a lure must have to be the campaign's when others say
    nothing (a third: pictures and filler hide what their likes say openly). ``brand_share``: the same for a mark (a
    quarter: one offer names many). Both were chosen by looking at the campaigns of the TREC set.
    ``lures`` and ``brands``: the user's own words and marks.
    """

    share: float = 1 / 3
    brand_share: float = 1 / 4
    lures: Own = ()
    brands: Own = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "lures", _frozen(self.lures))
        object.__setattr__(self, "brands", _frozen(self.brands))


_Params = Params


class Lures:
    """Finds ``message_labels`` and ``campaign_labels``."""

    name = "lures"
    version = "2"
    reads: ClassVar[tuple[str, ...]] = (*_whole.READS, "campaigns", "campaign_members")
    writes: ClassVar[tuple[str, ...]] = ("message_labels", "campaign_labels")
    each: ClassVar[tuple[str, ...]] = ("message_labels",)
    Params = Params

    def __init__(self, params: _Params | None = None) -> None:
        self.params = params or Params()

    @classmethod
    def from_config(cls, settings: config.Config) -> Lures:
        """The finder with a case's settings."""
        return cls(Params(lures=tuple(settings.lures.items()), brands=tuple(settings.brands.items())))

    def look(self, engine: Engine) -> None:
        """Leave the view ``message_labels``."""
        _whole.whole(engine)
        work = partial(labels, own_lures=self.params.lures, own_brands=self.params.brands)
        engine.map("message_labels", work, "whole", TABLES["message_labels"].schema)

    def find(self, engine: Engine) -> None:
        """Leave the view ``campaign_labels``."""
        p = self.params
        engine.run("label_counts", LABEL_COUNTS)
        engine.run("label_order", LABEL_ORDER, {"share": p.share})
        engine.run("label_ranks", LABEL_RANKS)
        engine.run("brand_ranks", BRAND_RANKS, {"share": p.brand_share})
        engine.run("word_ranks", WORD_RANKS)
        engine.run("campaign_labels", CAMPAIGN_LABELS, keep=True)


def _frozen(own: Iterable[tuple[str, Iterable[str]]]) -> Own:
    return tuple((name, tuple(words)) for name, words in own)


@lru_cache(maxsize=4)
def _tools(own_lures: Own, own_brands: Own) -> tuple[lures.Lexicon, brands.Marks]:
    """The words and the marks, once for each worker; the shipped ones where a user has none of his own."""
    return (
        lures.Lexicon(dict(own_lures)) if own_lures else lures.shipped(),
        brands.Marks(dict(own_brands)) if own_brands else brands.shipped(),
    )


def labels(batch: pa.RecordBatch, own_lures: Own = (), own_brands: Own = ()) -> Iterator[pa.RecordBatch]:
    """Rows of ``message_labels`` for rows of the view ``whole``."""
    lexicon, marks = _tools(own_lures, own_brands)
    schema = TABLES["message_labels"].schema
    rows = [_row(message_id, mail, lexicon, marks) for message_id, mail in _whole.mails(batch)]
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    arrays = [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)]
    yield pa.RecordBatch.from_arrays(arrays, schema=schema)


def _row(message_id: int, mail: Mail, lexicon: lures.Lexicon, marks: brands.Marks) -> tuple[Any, ...]:
    """The columns of ``message_labels`` in their order."""
    spam = classifier.shipped().spam(mail)
    said = lures.lure(mail, spam, lexicon)
    first = next(iter(brands.abuse(mail, said, marks)), None)
    brand, why = (first.brand, f"{first.place}: {first.why}") if first else (None, None)
    return message_id, spam, said.name, brand, said.share, said.words, why


LABEL_COUNTS = """
SELECT c.campaign_id, l.lure, COUNT(*) AS n, MAX(k.messages) AS messages, ROUND(AVG(l.spam), 9) AS spam
FROM campaign_members c
JOIN message_labels l ON l.message_id = c.message_id
JOIN campaigns k ON k.id = c.campaign_id
GROUP BY c.campaign_id, l.lure
"""

LABEL_ORDER = """
SELECT campaign_id, lure, n, messages, spam,
  CASE WHEN lure NOT IN ('ham', 'other-spam') AND n >= :share * messages THEN 0 ELSE 1 END AS later
FROM label_counts
"""
"""Lures that say something and are had by enough of a campaign's messages come before others."""

LABEL_RANKS = """
SELECT campaign_id, lure, n, messages, spam,
  ROW_NUMBER() OVER (PARTITION BY campaign_id ORDER BY later, n DESC, lure) AS place
FROM label_order
"""

BRAND_RANKS = """
SELECT b.campaign_id, b.brand, ROW_NUMBER() OVER (PARTITION BY b.campaign_id ORDER BY b.n DESC, b.brand) AS place
FROM (SELECT c.campaign_id, l.brand, COUNT(*) AS n, MAX(k.messages) AS messages
      FROM campaign_members c
      JOIN message_labels l ON l.message_id = c.message_id
      JOIN campaigns k ON k.id = c.campaign_id
      WHERE l.brand IS NOT NULL GROUP BY c.campaign_id, l.brand) b
WHERE b.n >= :share * b.messages
"""

WORD_RANKS = """
SELECT r.campaign_id, l.words,
  ROW_NUMBER() OVER (PARTITION BY r.campaign_id ORDER BY l.share DESC, l.message_id) AS place
FROM label_ranks r
JOIN campaign_members c ON c.campaign_id = r.campaign_id
JOIN message_labels l ON l.message_id = c.message_id AND l.lure = r.lure
WHERE r.place = 1
"""
"""The words of a campaign are those of the message that says it plainest."""

CAMPAIGN_LABELS = """
SELECT r.campaign_id, r.spam, r.lure, b.brand, CAST(r.n AS DOUBLE) / r.messages AS share, w.words
FROM label_ranks r
LEFT JOIN brand_ranks b ON b.campaign_id = r.campaign_id AND b.place = 1
LEFT JOIN word_ranks w ON w.campaign_id = r.campaign_id AND w.place = 1
WHERE r.place = 1
"""
