"""What a single message is: the verdict that ``impound check`` prints, one for every message handed in.

The score is the classifier's, lure and mark are those of :mod:`impound.check.lures` and :mod:`impound.check.brands`.
With a case at hand its own words and marks count; the campaign is the one that holds the same message, or else the one
whose template the message matches, or whose URL pattern one of its links does (proposed ones only). A campaign that
infected machines send says more than words do.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from impound.case import Case
from impound.check import brands, lures
from impound.check.advice import advice
from impound.check.classifier import Model
from impound.check.mail import Mail
from impound.checking._known import Campaigns, Patterns, Templates
from impound.messages import Found, messages

UNREAD = 0.5
"""The score of what could not be read: nothing is known of it."""
ABUSED = 0.9
"""The score of a link or a name that borrows a mark, or of a link made as a campaign's are: chosen, not measured, as
nobody has labelled such."""
OF_INFECTED = 0.999
"""The least score of a message of a campaign that infected machines send: of the 15,892 messages of such campaigns in
TREC 2007, one is labelled ham (``benchmarks/hosts.py CASE`` prints it; at most 3 in 10,000 with 95 % confidence). What
only matches a template may quote it, in a complaint for one: its score is the classifier's."""
NOT_MAIL = "This is no message but {0}: only what stands in it was looked at, so the answer is less certain."
NOTHING = "Nobody answers for a link or a name from its letters alone: nothing was fetched."


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is known of one message. ``campaign``, ``template`` and ``pattern`` are ids in a case, None without one."""

    path: str
    offset: int
    spam: float
    lure: str | None
    brand: str | None
    campaign: int | None
    template: int | None
    pattern: int | None
    reasons: tuple[str, ...]
    advice: str

    def row(self) -> dict[str, Any]:
        """As JSON has it."""
        return {**asdict(self), "reasons": list(self.reasons)}


class Checker:
    """Holds what is loaded once: the model and, where a case is given, which message is of which campaign."""

    def __init__(self, model: Model, case: Case | None = None) -> None:
        self.model = model
        self._known = _Known(case) if case is not None else None
        self._lexicon = lures.Lexicon(case.config.lures) if case is not None else lures.shipped()
        self._marks = brands.Marks(case.config.brands) if case is not None else brands.shipped()

    def check(self, paths: Sequence[str]) -> Iterator[Verdict]:
        """A verdict for every message under the paths, in their order."""
        return map(self.verdict, messages(paths))

    def verdict(self, found: Found) -> Verdict:
        """What one message is."""
        if found.mail is None:
            reason = f"Not read: {found.reason or 'no message stands there'}."
            return Verdict(found.path, found.offset, UNREAD, None, None, None, None, None, (reason,), "")
        spam, reasons = self._scored(found, found.mail) if found.kind == "message" else self._other(found, found.mail)
        said = lures.lure(found.mail, None if found.kind == "text" else spam, self._lexicon)
        abused = self._abused(found, found.mail, said)
        if abused and found.kind == "text":
            spam, said = ABUSED, lures.Lure("phishing", 1.0, ())
        if said.words and said.name != "ham":
            reasons = (*reasons, f"It reads like {said.name}: {', '.join(said.words)}.")
        reasons = (*(f"{abuse.why[0].upper()}{abuse.why[1:]}." for abuse in abused), *reasons)
        brand = abused[0].brand if abused else None
        verdict = Verdict(
            found.path, found.offset, spam, said.name, brand, None, None, None, reasons, advice(said.name)
        )  # fmt: skip
        if self._known is None:
            return verdict
        verdict = self._known.added(verdict, found.id, found.mail)
        bare = found.kind == "text" and verdict.pattern is not None
        return replace(verdict, spam=max(verdict.spam, ABUSED)) if bare else verdict

    def _abused(self, found: Found, mail: Mail, said: lures.Lure) -> tuple[brands.Abuse, ...]:
        """The marks a message abuses; of a link or a name the mark that its host imitates."""
        if found.kind != "text":
            return brands.abuse(mail, said, self._marks)
        for link in mail.links:
            brand, how = self._marks.looks_like(link.host)
            if brand:
                return (brands.Abuse(brand, "domain", f"the host {how}"),)
        return ()

    def _scored(self, found: Found, mail: Mail) -> tuple[float, tuple[str, ...]]:
        score = self.model.score(mail, found.raw)
        return score.spam, score.reasons + ((f"Not all of it was read: {found.reason}.",) if found.reason else ())

    def _other(self, found: Found, mail: Mail) -> tuple[float, tuple[str, ...]]:
        """A page by its words; a link or a name by nothing that the classifier knows."""
        if found.kind == "text":
            return UNREAD, (NOTHING,)
        return self.model.score_words(mail), (NOT_MAIL.format("a page"),)


class _Known:
    """What a case adds to a verdict."""

    def __init__(self, case: Case) -> None:
        self._campaigns, self._templates, self._patterns = Campaigns(case), Templates(case), Patterns(case)

    def added(self, verdict: Verdict, message: int, mail: Mail) -> Verdict:
        """The verdict with the campaign that holds the message, or is worded like it, or makes such links."""
        template, worded = self._templates.of(mail)
        pattern, linked, link = self._patterns.of(mail)
        held = self._campaigns.of(message)
        campaign = held or self._campaigns.called(worded) or self._campaigns.called(linked)
        reasons = verdict.reasons
        if pattern is not None:
            reasons = (f"Its link {link} is made as those of campaign {self._campaigns.named(linked)}.", *reasons)
        if campaign is not None and (held or worded == campaign.id):
            reasons = (f"It {'is of' if held else 'is worded like'} campaign {campaign.said}.", *reasons)
        certain = held is not None and held.mostly_infected
        return replace(
            verdict,
            spam=max(verdict.spam, OF_INFECTED) if certain else verdict.spam,
            campaign=campaign.id if campaign is not None else None,
            template=template,
            pattern=pattern,
            reasons=reasons,
        )
