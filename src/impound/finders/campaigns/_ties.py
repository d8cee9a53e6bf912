"""What ties two messages to one campaign: pairs of messages, proposed by a shared key and decided by agreement.

Every rule asks for agreement: a text long enough to be nobody's chance, or two things that are independent of each
other. Keys are compared with neighbours in time only, so the number of pairs is linear in the number of messages,
however many of them share a key; connected components do the rest.

A *strong* tie joins at once. A *weak* one (a landing domain, a contact) joins what strong ties have gathered only when
a good share of the smaller side has such a tie to the larger: a single message that mixes two offers glues nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from impound.finders import _sketch
from impound.finders._mail import Contacts, Files, Flags, Links, Mail, Numbers
from impound.finders.campaigns._components import components
from impound.finders.campaigns._pairs import Apart, Ties, coded, distinct, together


@dataclass(frozen=True)
class Params:
    """When two messages are one campaign's. Tuned on half of ``benchmarks/campaign_pairs.tsv``."""

    days: float = 7.0
    """Days between two messages with one landing, file, subject or contact: the vocabulary says seven."""
    long_words: int = 12
    """Words from which equal texts are nobody's chance."""
    short_words: int = 6
    """Words from which equal texts of one software count: shorter ones ("see the attachment") are anybody's."""
    caption_words: int = 30
    """Words below which a text beside a picture is its caption or wrapping, and ties nothing."""
    alike_words: int = 15
    """Words from which texts may be called alike."""
    alike: float = 0.35
    """Share of equal word triples that makes two texts one skeleton…"""
    alike_head: float = 0.3
    """…while their beginnings agree in this share of couples of words: footers and filler stand at the end."""
    related: float = 0.2
    """Share of equal triples that counts with the same subject; in longer texts, with the same software or layout…"""
    related_head: float = 0.3
    """…while the beginnings agree in this share."""
    part_words: int = 60
    """Words of a longer text: everybody's letters have a phrase or two in common, which is a fifth of a short one."""
    opening: float = 0.6
    """Share of equal couples in the beginnings of strangers that counts with the same software or subject…"""
    opening_whole: float = 0.05
    """…while the whole texts agree in this share."""
    copy: float = 0.9
    """Share of equal triples for mail of lists and replies, where people quote each other at length."""
    copy_words: int = 30
    """Words of such mail that are enough."""
    picture_bits: int = 8
    """Bits in which two pictures' hashes may differ; ``readers/_image_worker.py`` has the figures."""
    picture_pixels: int = 4_000
    """Pixels of a picture that says anything: icons, spacers and buttons are smaller."""
    only_picture_pixels: int = 1_000
    """Pixels of a picture that is all that a message carries besides its text."""
    file_bytes: int = 1_000
    """Bytes of an attached file that says anything."""
    link_domains: int = 10
    """Domains in one message up to which it leads somewhere; digests of news link to dozens."""
    domain_networks: int = 2
    """Networks that must have a landing domain or a contact before it counts with little else…"""
    messages_a_network: float = 1.7
    """…with on average at most so many messages from each: a mailing service sends many advertisers' offers through one
    domain, from few addresses; bots send one or two each."""
    pattern_runs: int = 3
    """Runs of letters or digits in a link's path that make a pattern: ``/a`` alone is everybody's."""
    quiet_share: float = 0.1
    """A domain with this share of its messages in lists and replies is people's, and no landing."""
    support: float = 0.3
    """Share of the smaller side that must have a weak tie to the larger."""
    texts: float = 6.0
    """Different texts of the smaller side that are enough, however large it is: only neighbours are compared…"""
    layouts: float = 12.0
    """…and where nothing but the layout agrees besides; or the share that follows, …"""
    layout_support: float = 0.5
    layout_messages: int = 3
    """…and so many messages that better ties have gathered: two single letters in one layout are anybody's."""


SAME_TEXT, SHORT_TEXT, ALIKE, RELATED, PICTURE, FILE, LANDING, PATTERN, CONTACT, LAYOUT = range(10)
NAMES = (
    "the same text",
    "the same short text, and the same subject or software",
    "a text alike",
    "a text alike in part, and the same software or subject",
    "the same picture",
    "the same file",
    "the same landing domain, and the same link pattern, software, text or subject",
    "the same link pattern, and the same software and subject",
    "the same reply contact, and the same software, subject or layout",
    "a text alike in part, and the same layout",
)
STRENGTH = (1.0, 0.97, 0.98, 0.97, 0.99, 0.99, 0.96, 0.95, 0.95, 0.94)
"""How strong each kind of tie is: an order set by judgement, not a measured rate. Texts, pictures and files come before
landing domains, patterns and contacts."""
NEIGHBOURS = 8
"""Neighbours that a text or a picture is compared with, in each order."""


@dataclass(frozen=True)
class Compared:
    """Pairs of messages with the estimated similarity of their texts, and of the beginnings, 0 to 1."""

    ends: Numbers
    others: Numbers
    whole: NDArray[Any]
    head: NDArray[Any]

    def those(self, which: Flags) -> Compared:
        """Some of the pairs."""
        return Compared(self.ends[which], self.others[which], self.whole[which], self.head[which])


class Rules:
    """Finds the ties in a case's mail."""

    def __init__(self, mail: Mail, params: Params) -> None:
        self.mail, self.params = mail, params
        self.strong, self.weak = Ties(mail.at, params.days), Ties(mail.at, params.days)
        self._all = np.arange(len(mail), dtype=np.int64)
        self.pictured = np.zeros(len(mail), dtype=bool)

    def texts(self, files: Files) -> None:
        """Equal texts, and texts alike. What says little beside a picture is its wrapping: the picture must agree."""
        mail, p = self.mail, self.params
        shown = files.message[files.pictured & (files.pixels >= p.picture_pixels)]
        self.pictured[shown] = True
        said = ~(self.pictured & (mail.words < p.caption_words))
        long = said & (mail.words >= p.long_words)
        self.strong.chain(SAME_TEXT, [mail.text_key], self._all, long, timeless=True)
        short = said & ~mail.quiet & (mail.words >= 1)
        self.strong.chain(SHORT_TEXT, [mail.text_key, mail.subject], self._all, short & (mail.subject_words >= 2))
        self.strong.chain(SHORT_TEXT, [mail.text_key, mail.software], self._all, short & (mail.words >= p.short_words))
        self._alike()

    def _alike(self) -> None:
        """Tie texts that are alike, band by band; pairs that are gathered already are not looked at again."""
        ends, others, _ = self.strong.columns()
        gathered, parts = components(len(self.mail), ends, others), (Apart(), Apart())
        for ends, others in proposed(self.mail):
            apart = gathered[ends] != gathered[others]
            pairs = self._compared(ends[apart], others[apart])
            alike = self._alike_whole(pairs)
            here, there = pairs.ends[alike], pairs.others[alike]
            self.strong.add(ALIKE, here, there)
            gathered = components(len(gathered), gathered[here], gathered[there])[gathered]
            for part, found in zip(parts, self._alike_in_part(pairs.those(~alike)), strict=True):
                part.add(*found, gathered)
        for kind, part in zip((RELATED, LAYOUT), parts, strict=True):
            self.weak.add(kind, *part.pairs(gathered))

    def _compared(self, ends: Numbers, others: Numbers) -> Compared:
        """The pairs with how alike their texts are."""
        here, there = self.mail.text[ends], self.mail.text[others]
        whole, head = (similarity(sketch, here, there) for sketch in (self.mail.sketches, self.mail.heads))
        return Compared(ends, others, whole, head)

    def _alike_whole(self, pairs: Compared) -> Flags:
        """Which pairs have texts alike."""
        mail, p = self.mail, self.params
        ends, others, whole, head = pairs.ends, pairs.others, pairs.whole, pairs.head
        words = np.minimum(mail.words[ends], mail.words[others])
        quiet = mail.quiet[ends] | mail.quiet[others]
        alike = (whole >= p.alike) & (head >= p.alike_head) & (words >= p.alike_words)
        alike = np.where(quiet, (words >= p.copy_words) & (whole >= p.copy), alike)
        both = self.pictured[ends] & self.pictured[others]
        own = ~mail.bounce[ends] & ~mail.bounce[others] & ~(both & (words < p.caption_words))
        found: Flags = alike & own
        return found

    def _alike_in_part(self, pairs: Compared) -> tuple[tuple[Numbers, Numbers], tuple[Numbers, Numbers]]:
        """The pairs with texts alike in part where software or subject agrees, and those where the layout does."""
        mail, p = self.mail, self.params
        said = ~(mail.quiet | mail.bounce)
        pairs = pairs.those(said[pairs.ends] & said[pairs.others])
        pairs = pairs.those(~(self.pictured[pairs.ends] & self.pictured[pairs.others]))
        ends, others, whole, head = pairs.ends, pairs.others, pairs.whole, pairs.head
        long = np.minimum(mail.words[ends], mail.words[others]) >= p.part_words
        subject = self._same(mail.subject, ends, others) & (mail.subject_words[ends] >= 1)
        software = self._same(mail.software, ends, others)
        strangers = (mail.owner[ends] != mail.owner[others]) | (mail.owner[ends] == 0)
        part = (whole >= p.related) & (head >= p.related_head)
        opening = (whole >= p.opening_whole) & (head >= p.opening) & strangers
        related = (part & (subject | (software & (long | (head >= p.opening))))) | (opening & (subject | software))
        layout = part & long & self._same(mail.mime, ends, others) & ~related
        return (ends[related], others[related]), (ends[layout], others[layout])

    @staticmethod
    def _same(keys: Numbers, ends: Numbers, others: Numbers) -> Flags:
        same: Flags = (keys[ends] == keys[others]) & (keys[ends] != 0)
        return same

    def links(self, links: Links) -> None:
        """Landing domains and link patterns."""
        mail, p, who = self.mail, self.params, links.message
        domain, landing, spread = domains(mail, links, p)
        loud = ~mail.quiet[who]
        few = links_a_message(len(mail), who, domain, landing)[who] <= p.link_domains
        good = landing & loud
        named = mail.subject_words[who] >= 1
        for other, where in ((mail.subject[who], named), (mail.text_key[who], mail.words[who] > 0)):
            self.strong.chain(LANDING, [domain, other], who, good & where)
        for other in (links.path, mail.software[who]):
            self.weak.chain(LANDING, [domain, other], who, good & spread & few)
        keys = [links.path, mail.software[who], mail.subject[who]]
        self.weak.chain(PATTERN, keys, who, loud & named & (links.runs >= p.pattern_runs))

    def files(self, files: Files) -> None:
        """Pictures, which are texts that were drawn, and other files."""
        mail, p = self.mail, self.params
        shown = files.pictured & (files.pixels >= p.picture_pixels)
        self.strong.chain(PICTURE, [files.picture.astype(np.int64)], files.message, shown, timeless=True)
        alone = np.bincount(files.message, minlength=len(mail))[files.message] == 1
        only = files.pictured & alone & (files.pixels >= p.only_picture_pixels)
        keys = [files.picture.astype(np.int64), mail.mime[files.message]]
        self.strong.chain(PICTURE, keys, files.message, only, timeless=True)
        ends, others = pictures(files.picture, np.flatnonzero(shown), p.picture_bits)
        self.strong.add(PICTURE, files.message[ends], files.message[others])
        loud = ~mail.quiet[files.message]
        self.strong.chain(FILE, [files.file], files.message, loud & (files.size >= p.file_bytes))

    def contacts(self, contacts: Contacts) -> None:
        """Reply contacts, where something else agrees."""
        mail, who = self.mail, contacts.message
        loud = ~mail.quiet[who] & spread_widely(contacts.contact, who, mail, self.params)
        for other in (mail.software[who], mail.mime[who]):
            self.weak.chain(CONTACT, [contacts.contact, other], who, loud)
        self.weak.chain(CONTACT, [contacts.contact, mail.subject[who]], who, loud & (mail.subject_words[who] >= 1))


def proposed(mail: Mail) -> Iterator[tuple[Numbers, Numbers]]:
    """For each band the pairs of messages whose texts share it: neighbours among those of one software, of one subject,
    and in time. One message stands for all with the same text, software and subject.
    """
    _, first = np.unique(np.stack([mail.text_key, mail.software, mail.subject]), axis=1, return_index=True)
    rows = np.sort(first[mail.words[first] >= 8])
    texts = mail.text[rows]
    orders = [np.argsort(by[rows], kind="stable") for by in (mail.software, mail.subject, mail.at)]
    count = max(len(rows), 1)
    for key in chain(_bands(mail.sketches, texts, _sketch.BANDS), _bands(mail.heads, texts, _sketch.HEAD_BANDS)):
        who, group = shared(key)
        pairs = distinct(*(codes for order in orders for codes in _neighbours(order, who, group)))
        yield rows[pairs // count], rows[pairs % count]


def shared(keys: Numbers) -> tuple[Numbers, Numbers]:
    """The places of keys that are not the only one of their value, and a number from 0 on for each value."""
    order = np.argsort(keys)
    first = np.diff(keys[order], prepend=-1) != 0
    more = ~(first & np.append(first[1:], True))
    return order[more], np.cumsum(first)[more]


def _neighbours(order: Numbers, who: Numbers, group: Numbers) -> Iterator[Numbers]:
    """The pairs, each as a number, of some rows and their next neighbours of their group in an order of all rows."""
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    codes = np.sort(group * len(order) + rank[who])
    group, place = codes // max(len(order), 1), order[codes % max(len(order), 1)]
    for step in range(1, NEIGHBOURS + 1):
        same = np.flatnonzero(group[step:] == group[:-step])
        yield coded(place[same], place[same + step], len(order))


def _bands(sketches: NDArray[Any], rows: Numbers, count: int) -> Iterator[Numbers]:
    """The bands of some rows of sketches, each a number."""
    for start in range(0, count * _sketch.ROWS, _sketch.ROWS):
        part = sketches[rows, start : start + _sketch.ROWS].astype(np.int64)
        yield part[:, 0] << 32 | part[:, 1] << 16 | part[:, 2]


def similarity(sketches: NDArray[Any], ends: Numbers, others: Numbers, block: int = 1_024) -> NDArray[Any]:
    """The estimated similarity of pairs of rows, 0 to 1: the share of equal places.

    Blocks that fit into a core's cache, and bits counted eight bytes at a time, take a third of the time.
    """
    places = sketches.shape[1]
    here, there = np.empty((block, places), sketches.dtype), np.empty((block, places), sketches.dtype)
    same = np.zeros((block, -(-places // 8) * 8), dtype=bool)
    found = np.empty(len(ends))
    for i in range(0, len(ends), block):
        n = min(block, len(ends) - i)
        sketches.take(ends[i : i + n], axis=0, out=here[:n], mode="clip")  # without "clip" numpy copies once more
        sketches.take(others[i : i + n], axis=0, out=there[:n], mode="clip")
        np.equal(here[:n], there[:n], out=same[:n, :places])
        found[i : i + n] = np.bitwise_count(same[:n].view(np.uint64)).sum(axis=1) / places
    return found


def domains(mail: Mail, links: Links, params: Params) -> tuple[Numbers, Flags, Flags]:
    """For each link: its domain as a number from 1 on, whether it may be a landing, whether many networks have it.

    A domain whose own servers send mail is its holder's: others who link to it quote him.
    """
    names, domain = np.unique(links.domain, return_inverse=True)
    has, who = together(domain, links.message)
    messages = np.bincount(has, minlength=len(names))
    quiet = np.bincount(has, weights=mail.quiet[who].astype(float), minlength=len(names))
    shared = (quiet >= 1) & ((quiet >= params.quiet_share * messages) | (quiet >= 5))
    quoted = np.isin(links.domain, mail.owner) & (mail.owner[links.message] != links.domain)
    landing = ~shared[domain] & ~links.popular & ~quoted & (links.domain != 0)
    return domain + 1, landing, spread_widely(domain, links.message, mail, params)


def spread_widely(keys: Numbers, who: Numbers, mail: Mail, params: Params) -> Flags:
    """For each key of a message whether many networks have it, and none of them too often."""
    names, place = np.unique(keys, return_inverse=True)
    has, whose = together(place, who)
    messages = np.bincount(has, minlength=len(names))
    nets = np.unique(mail.net, return_inverse=True)[1]
    networks = np.bincount(together(has, nets[whose])[0], minlength=len(names))
    spread: Flags = (networks >= params.domain_networks) & (messages <= params.messages_a_network * networks)
    return spread[place]


def links_a_message(messages: int, who: Numbers, domain: Numbers, landing: Flags) -> Numbers:
    """How many domains each message links to, those left out that everybody links to."""
    return np.bincount(together(who[landing], domain[landing])[0], minlength=messages)


def pictures(hashes: NDArray[Any], rows: Numbers, bits: int) -> tuple[Numbers, Numbers]:
    """Pairs of pictures whose hashes differ in at most so many bits: one row stands for each hash, and is compared with
    its next neighbours in each order that puts two of the eight bytes first."""
    different, first = np.unique(hashes[rows], return_index=True)
    found = []
    for i in range(8):
        for j in range(i):
            key = _byte(different, i) << 8 | _byte(different, j)
            order = np.lexsort((different, key))
            for step in range(1, NEIGHBOURS + 1):
                same = np.flatnonzero(key[order[step:]] == key[order[:-step]])
                found.append(coded(order[same], order[same + step], len(different)))
    pairs = distinct(*found)
    ends, others = pairs // max(len(different), 1), pairs % max(len(different), 1)
    near = np.bitwise_count(different[ends] ^ different[others]) <= bits
    return rows[first[ends[near]]], rows[first[others[near]]]


def _byte(hashes: NDArray[Any], place: int) -> Numbers:
    return (hashes >> np.uint64(8 * place) & np.uint64(255)).astype(np.int64)
