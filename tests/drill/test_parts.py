"""The pieces a drill is made of: chance, templates, pictures, programs, address space."""

from __future__ import annotations

import io
import re
import warnings
from collections import Counter
from itertools import pairwise

import pytest
from PIL import Image

from impound.drill import _clock
from impound.drill._campaigns import Author, plan
from impound.drill._chance import Chance, Weighted
from impound.drill._innocents import Innocents
from impound.drill._landings import Landing
from impound.drill._net import Internet
from impound.drill._pictures import Picture
from impound.drill._programs import OUTLOOK_EXPRESS, Envelope, spam_program
from impound.drill._settings import LEVELS, Settings
from impound.drill._templates import Style, compiled

LISTS = {"name": ["Ada", "Bo", "Cy"]}


# -- chance and time -------------------------------------------------------------------------------------------------


def test_chance_belongs_to_its_name() -> None:
    assert Chance.of(1, "bot", 2).random() == Chance.of(1, "bot", 2).random()
    assert Chance.of(1, "bot", 2).random() != Chance.of(1, "bot", 3).random()


def test_some_are_different_ones() -> None:
    assert sorted(Chance.of("x").some(range(10), 10)) == list(range(10))
    assert len(set(Chance.of("x").some(range(10), 4))) == 4


def test_weights_are_heavy_tailed_and_singles_come_once() -> None:
    chance, weighted = Chance.of("w"), Weighted(100, singles=40, expected=5000)
    drawn = Counter(weighted.draw(chance) for _ in range(5000))

    assert drawn[0] > 10 * drawn[50]
    assert {drawn[n] for n in range(60, 100)} == {0, 1}
    assert sum(drawn[n] for n in range(60, 100)) > 20


@pytest.mark.parametrize("messages,days", [(1, 1), (100, 7), (1_000_000, 14), (3, 10)])
def test_the_days_add_up(messages: int, days: int) -> None:
    shares = _clock.shares(messages, days)

    assert len(shares) == days and sum(shares) == messages and min(shares) >= 0


def test_mail_arrives_all_day_and_less_at_night() -> None:
    times = [_clock.arrival(n / 1000) for n in range(1000)]

    assert times == sorted(times) and times[0] == 0 and times[-1] < _clock.DAY
    assert sum(t < 6 * 3600 for t in times) < sum(12 * 3600 <= t < 18 * 3600 for t in times)


def test_dates() -> None:
    assert _clock.header(0) == "Mon, 4 Mar 2024 00:00:00 +0000"
    assert _clock.header(0, -330) == "Sun, 3 Mar 2024 18:30:00 -0530"
    assert _clock.mailbox(86_400 + 61) == "Tue Mar  5 00:01:01 2024"
    assert _clock.iso(0) == "2024-03-04T00:00:00Z"
    assert _clock.filetime(0)[0] == "01da6dc6"


# -- templates -------------------------------------------------------------------------------------------------------


def test_brackets_are_settled_and_braces_vary() -> None:
    template = compiled("[Hi|Ho] {big|small} {@name}, 100%", LISTS, Chance.of("t"))
    texts = {template.fill(Chance.of(n).random) for n in range(60)}

    assert len(texts) == 6
    assert len({text.split()[0] for text in texts}) == 1
    assert template.skeleton in ("Hi * *, 100%", "Ho * *, 100%")


def test_a_style_fixes_slots_and_misspells() -> None:
    fixed = compiled("{big|small} {red|blue}", LISTS, Chance.of("t"), Style(varied=0.0))
    odd = compiled("{great}", LISTS, Chance.of("t"), Style(obfuscated=True))

    assert "*" not in fixed.skeleton
    assert {odd.fill(Chance.of(n).random) for n in range(20)} == {"great", "gre@t"}


# -- pictures --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["gif", "png"])
def test_a_picture_shows_the_same_words_in_other_bytes(kind: str) -> None:
    picture = Picture("PILLS $5.99", kind, (250, 250, 240), (20, 20, 90))
    one, two = (picture.make(Chance.of(n)) for n in (1, 2))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        seen = [Image.open(io.BytesIO(data)).convert("L").point(lambda p: 255 * (p > 128)) for data in (one, two)]

    assert one != two and len(one) == len(two)
    assert seen[0].tobytes() == seen[1].tobytes()
    assert 0.02 < 1 - sum(seen[0].tobytes()) / 255 / (144 * 24) < 0.5


# -- programs --------------------------------------------------------------------------------------------------------


def envelope(tag: str, at: int = 1000) -> Envelope:
    return Envelope("Ada Dale", "ada@dale.example", "bo@receiver.example", "Hi", at, 60, f"pc-{tag}", tag)


def test_the_real_program_puts_its_machine_into_the_message_id() -> None:
    ids = [OUTLOOK_EXPRESS.message_id(Chance.of(tag), envelope(tag)) for tag in ("0201a8c0", "0301a8c0")]

    assert all(re.fullmatch(r"[0-9a-f]{12}\$[0-9a-f]{8}\$[0-9a-f]{8}@pc-\w+", i) for i in ids)
    assert [i.split("$")[2].split("@")[0] for i in ids] == ["0201a8c0", "0301a8c0"]


def test_a_botnet_shows_one_constant_on_all_its_machines() -> None:
    programs = [spam_program(seed, n, 8, 0.1)[0] for seed in range(2) for n in range(8)]
    constant = [p for p in programs if "with the field " in p.name]

    assert constant
    for program in constant:
        ids = {program.message_id(Chance.of(tag), envelope(tag)).split("$")[2][:8] for tag in ("0a0a0a0a", "0b0b0b0b")}
        assert ids == {program.name.rpartition(" ")[2]}


def test_at_least_one_botnet_copies_well_and_at_level_1_none() -> None:
    assert sum(spam_program(1, n, 3, LEVELS[2].copied_headers)[1] for n in range(3)) == 1
    assert sum(spam_program(1, n, 12, LEVELS[3].copied_headers)[1] for n in range(12)) == 6
    assert not any(spam_program(1, n, 12, LEVELS[1].copied_headers)[1] for n in range(12))


# -- campaigns -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", [1, 2, 3])
def test_no_two_campaigns_share_a_line(level: int) -> None:
    campaigns = plan(Author(1, LEVELS[level]), 1, 12, 7)
    lines = Counter(
        (c.lure, line)
        for c in campaigns
        for line in set(c.text.form.split("\n"))
        if line not in ("<link>", "<contact>")
    )

    assert len(campaigns) == 60 and len({c.lure for c in campaigns}) >= 14
    assert max(lines.values()) == 1
    assert sum(len(set(c.botnets)) == 2 for c in campaigns) == 12


@pytest.mark.parametrize("days", [1, 3, 14, 60])
def test_every_botnet_has_a_campaign_at_every_hour(days: int) -> None:
    campaigns = plan(Author(1, LEVELS[2]), 1, 3, days)

    for botnet in range(3):
        for at in range(0, days * _clock.DAY, 1800):
            assert any(botnet in c.botnets and c.start <= at < c.end for c in campaigns), at


def test_two_campaigns_never_share_a_landing() -> None:
    owner: dict[str, int] = {}
    for number in range(1, 63):
        landing = Landing(1, number, 15, False)
        for at in range(0, 7 * _clock.DAY, 900):
            for domain in landing.domains(at):
                assert owner.setdefault(domain, number) == number, domain

    assert len(owner) > 50_000


# -- address space ---------------------------------------------------------------------------------------------------


def test_innocents_never_share_an_address() -> None:
    settings = Settings(innocents=20_000)
    innocents = Innocents(settings, Internet(1, settings.bots, settings.innocents))
    clients = [innocents.numbered_company(n) for n in range(innocents.companies)]
    clients += [innocents.numbered_business(n) for n in range(innocents.businesses)]
    clients += [innocents.stranger(n) for n in range(5_000)]

    assert len({c.ip for c in clients}) == len(clients)


def test_providers_have_blocks_of_their_own() -> None:
    providers = Internet(1, 10_000, 1_000_000).providers
    ends = [(p.first_block, p.first_block + p.blocks) for p in providers]

    assert len(providers) == 1000
    assert all(one[1] <= two[0] for one, two in pairwise(ends))
    assert ends[-1][1] < 32768
