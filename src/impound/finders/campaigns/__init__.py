"""Campaigns: which messages are one operation, and what ties each of them to the others.

What it finds: messages that show one text skeleton, or one offer reached through one landing domain, link pattern or
reply contact within seven days (``campaigns``, ``campaign_members``). Mail of any kind: newsletters and copies of one
notice are campaigns too; who sends them is what :mod:`impound.finders.hosts` says.

Why that is evidence: a template is filled in by a program, so its messages share more than their topic: the words
around the gaps, the place where an answer goes, the picture, the headers. Near-duplicate bands only propose pairs; the
agreement of independent evidence decides (:mod:`impound.finders.campaigns._ties`).

Known innocent causes: people quote each other, lists add footers, everybody links to news and search engines, mailing
services wrap the offers of many advertisers alike. Lists and replies are tied by copies alone; domains that they link
to, and well-known ones, are no landing; footers do not count, because the beginnings of texts must agree.

References: Broder, "On the resemblance and containment of documents" (1997), for the sketches; Calais et al., "A
campaign-based characterization of spamming strategies" (CEAS 2008) and Dinh et al., "Spam campaign detection, analysis,
and investigation" (2015), for features other than words; Pathak et al., "Botnet spam campaigns can be long lasting"
(SIGMETRICS 2009), for landing domains. Agreement instead of any single evidence: ``benchmarks/campaigns.py``.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pyarrow as pa

from impound import config
from impound.finders import _events, _mail, _sketch
from impound.finders._mail import Mail, Numbers
from impound.finders._popular import POPULAR
from impound.finders.campaigns import _summary, _ties
from impound.finders.campaigns._components import components
from impound.finders.campaigns._pairs import Kinds, distinct
from impound.plugin import Engine
from impound.tables import CAMPAIGN_MEMBERS, CAMPAIGNS

_Params = _ties.Params


class Campaigns:
    """Finds ``sketches``, ``campaigns``, ``campaign_members`` and ``events``.

    Reads its own tables: a campaign keeps its id and name.
    """

    name = "campaigns"
    version = "1"
    reads: ClassVar[tuple[str, ...]] = (
        *("messages", "bodies", "urls", "attachments", "origins", "message_software"),
        "reply_contacts",
        *("campaigns", "campaign_members", "events"),
    )
    writes: ClassVar[tuple[str, ...]] = ("sketches", "campaigns", "campaign_members", "events")
    each: ClassVar[tuple[str, ...]] = ("sketches",)
    sees: ClassVar[tuple[str, ...]] = ("bodies",)
    Params = _Params

    def __init__(self, params: _Params | None = None) -> None:
        self.params = params or _Params()

    @classmethod
    def from_config(cls, settings: config.Config) -> Campaigns:
        """The finder with a case's settings."""
        return cls()

    def look(self, engine: Engine) -> None:
        """Leave the view ``sketches``."""
        engine.map("sketches", _sketch.sketches, "bodies", _sketch.SKETCHES)

    def find(self, engine: Engine) -> None:
        """Leave the views ``campaigns``, ``campaign_members`` and ``events``."""
        known = _summary.known(engine)
        mail = _mail.mail(engine)
        links = _mail.links(engine, mail.ids, POPULAR)
        rules = _ties.Rules(mail, self.params)
        files = _mail.files(engine, mail.ids)
        rules.texts(files)
        mail = rules.mail = mail.without_sketches()
        rules.links(links)
        rules.files(files)
        rules.contacts(_mail.contacts(engine, mail.ids))
        clusters, link = clustered(mail, rules, self.params)
        summary = _summary.Summary(mail, clusters, link, known)
        found = summary.campaigns(engine, links, self.params)
        engine.view("campaigns", pa.Table.from_pylist(found, schema=CAMPAIGNS.schema))
        engine.view("campaign_members", pa.Table.from_pydict(summary.members(), schema=CAMPAIGN_MEMBERS.schema))
        _events.add(engine, self.name, "campaign", summary.became(found), int(mail.at.max(initial=0)))


def clustered(mail: Mail, rules: _ties.Rules, params: _Params) -> tuple[Numbers, Numbers]:
    """For each message its cluster (the row of one of its messages), and the kind of its strongest tie, or -1."""
    ends, others, kinds = rules.strong.columns()
    gathered = components(len(mail), ends, others)
    weak_ends, weak_others, weak_kinds = rules.weak.columns()
    text, layout = weak_kinds == _ties.RELATED, weak_kinds == _ties.LAYOUT
    other = ~text & ~layout
    backed = [
        supported(gathered, weak_ends[text], weak_others[text], params.support, texts=mail.text_key, most=params.texts),
        supported(gathered, weak_ends[other], weak_others[other], params.support),
    ]
    every_end = np.concatenate([ends, *(here for here, _ in backed)])
    every_other = np.concatenate([others, *(there for _, there in backed)])
    better = components(len(mail), every_end, every_other)
    here, there = supported(
        better,
        weak_ends[layout],
        weak_others[layout],
        params.layout_support,
        texts=mail.text_key,
        most=params.layouts,
    )
    large = np.bincount(better, minlength=len(mail))[there] >= params.layout_messages
    clusters = components(len(mail), here[large], there[large])[better]
    inside = clusters[weak_ends] == clusters[weak_others]
    within = weak_ends[inside], weak_others[inside], weak_kinds[inside]
    return clusters, strongest(len(mail), (ends, others, kinds), within)


def supported(
    gathered: Numbers,
    ends: Numbers,
    others: Numbers,
    share: float,
    *,
    texts: Numbers | None = None,
    most: float = np.inf,
) -> tuple[Numbers, Numbers]:
    """Pairs of gathered groups, the smaller first, where that share of it has a weak tie, or ``most`` of its ``texts``.

    Copies of one text are one witness: a template that hardly varies must not be heard hundreds of times.
    """
    size = np.bincount(gathered, minlength=len(gathered))
    here, there = gathered[ends], gathered[others]
    apart = here != there
    ends, others, here, there = ends[apart], others[apart], here[apart], there[apart]
    swap = (size[here] > size[there]) | ((size[here] == size[there]) & (here > there))
    large = np.where(swap, here, there)
    witness = np.where(swap, others, ends)
    pairs, count = _backed(gathered[witness], large, witness)
    enough = count >= share * size[pairs[0]]
    if texts is not None:
        enough |= _backed(gathered[witness], large, np.unique(texts[witness], return_inverse=True)[1])[1] >= most
    return pairs[0][enough], pairs[1][enough]


def _backed(small: Numbers, large: Numbers, witness: Numbers) -> tuple[tuple[Numbers, Numbers], Numbers]:
    """The distinct pairs of groups in order, and how many distinct witnesses each has."""
    groups = int(large.max(initial=0)) + 1
    names, pair = np.unique(small * groups + large, return_inverse=True)
    many = int(witness.max(initial=0)) + 1
    codes = distinct(pair * many + witness) // many
    return (names // groups, names % groups), np.bincount(codes, minlength=len(names))


def strongest(messages: int, *ties: tuple[Numbers, Numbers, Kinds]) -> Numbers:
    """The kind of each message's strongest tie, of several sets of ends, others and kinds; -1 for none."""
    rank = np.argsort(-np.array(_ties.STRENGTH), kind="stable")
    place = np.empty(len(rank), np.int8)
    place[rank] = np.arange(len(rank))
    best = np.full(messages, len(rank), np.int8)
    for ends, others, kinds in ties:
        for side in (ends, others):
            np.minimum.at(best, side, place[kinds])
    return np.append(rank, -1)[best]
