"""An example of a campaign: one of its messages, aligned with others that are worded like it.

A template is fixed text with gaps. The machine that filled them in shows itself when its messages are laid side by
side: words that all of them have are the template's, and where they differ stands what it draws from. Messages are
drawn by their ids, which are hashes: a draw is random, and comes out the same every time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from impound.canonical import defang
from impound.portrait._segments import SUCH_AS, Segment, Text, aligned
from impound.portrait._words import CHARACTERS, WORDS, words

COMPARED = 30
"""Messages of a campaign that are drawn: what one in ten lacks is then seen to vary."""
LIKE = 0.35
"""Dice's share of different words that two texts have in common when they are worded alike; a campaign may have several
wordings, and an alignment over all of them would leave nothing fixed."""
TELLING = 4
"""Letters of a word that tells wordings apart: shorter ones stand in any text."""
FEWEST = 3
"""Texts that an alignment needs to say anything; with fewer alike all are taken."""


@dataclass(frozen=True)
class Example:
    """A message in segments. ``drawn`` messages were looked at, ``compared`` of them are worded alike."""

    message_id: int
    drawn: int
    with_text: int
    compared: int
    subject: tuple[Segment, ...]
    text: tuple[Segment, ...]
    cut: bool
    sender: str
    senders: tuple[str, ...]
    domains: tuple[str, ...]
    subjects: tuple[str, ...]
    programs: tuple[str, ...]

    @property
    def share_fixed(self) -> float:
        """The share of the example's words that are fixed."""
        counts = [(len(s.text.split()) + s.more, s.fixed) for s in self.text]
        return sum(n for n, fixed in counts if fixed) / max(1, sum(n for n, _ in counts))


def statement(campaigns: Sequence[int]) -> str:
    """Draws the members of campaigns, with what :func:`example` needs of each."""
    numbers = ", ".join(str(int(number)) for number in campaigns)
    return f"""WITH placed AS (
      SELECT campaign_id, message_id,
        row_number() OVER (PARTITION BY campaign_id ORDER BY message_id) AS place
      FROM campaign_members WHERE campaign_id IN ({numbers}))
    SELECT d.campaign_id AS campaign_id, m.id AS id, m.subject AS subject, m.from_name AS from_name,
      m.from_domain AS from_domain, m.mailer AS mailer,
      substr(b.text, 1, {CHARACTERS}) AS text, substr(b.html_text, 1, {CHARACTERS}) AS html_text
    FROM placed d JOIN messages m ON m.id = d.message_id LEFT JOIN bodies b ON b.body_sha256 = m.body_sha256
    WHERE d.place <= {COMPARED} ORDER BY d.campaign_id, m.id"""


def example(members: Sequence[dict[str, Any]]) -> Example:
    """The example that members show: rows with id, subject, from_name, from_domain, mailer, text and html_text."""
    texts = [words(m["text"] or "") or words(m["html_text"] or "") for m in members]
    subjects = [words(m["subject"] or "") for m in members]
    best = typical(texts if any(texts) else subjects)
    like = alike(texts[best], [t for t in texts if t])
    return Example(
        message_id=members[best]["id"],
        drawn=len(members),
        with_text=sum(1 for t in texts if t),
        compared=len(like),
        subject=aligned(subjects[best], subjects),
        text=aligned(texts[best], like),
        cut=len(texts[best]) >= WORDS,
        sender=members[best]["from_name"] or "",
        senders=_most(m["from_name"] for m in members),
        domains=_most(defang(m["from_domain"] or "") for m in members),
        subjects=_most(" ".join(words(m["subject"] or "")) for m in members),
        programs=_most(m["mailer"] for m in members),
    )


def typical(texts: Sequence[Text]) -> int:
    """The place of the text that most others are worded like; the first of equals."""
    sets = [_telling(text) for text in texts]
    marks = Counter(s for s in sets if s)

    def rank(one: frozenset[str]) -> tuple[int, float, int]:
        like = [(_likeness(one, other), n) for other, n in marks.items()]
        whole = sum(share * n for share, n in like)
        return sum(n for share, n in like if share >= LIKE), round(whole, 6), -sets.index(one)

    return sets.index(max(marks, key=rank)) if marks else 0


def alike(base: Text, texts: Sequence[Text]) -> list[Text]:
    """The texts that are worded like the base; all of them where those are too few."""
    own = _telling(base)
    like = [text for text in texts if _likeness(own, _telling(text)) >= LIKE]
    return like if len(like) >= FEWEST else list(texts)


def _likeness(one: frozenset[str], other: frozenset[str]) -> float:
    return 2 * len(one & other) / max(1, len(one) + len(other))


def _telling(text: Text) -> frozenset[str]:
    return frozenset(word for word in text if len(word) >= TELLING) or frozenset(text)


def _most(values: Iterable[str | None]) -> tuple[str, ...]:
    """The most frequent values, at most ``SUCH_AS``; ties by their spelling."""
    counts = Counter(value for value in values if value)
    return tuple(v for v, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:SUCH_AS])
