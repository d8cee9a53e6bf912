"""The verdict from facts, and what stands below a client's line: pure functions. Addresses and names are reserved."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from impound.finders.hosts import _providers, _verdict_words
from impound.finders.hosts._host_facts import below
from impound.finders.hosts._verdicts import Facts, Params, verdict

IP = "198.51.100.7"
VERDICTS = {"infected", "compromised-server", "bulk-sender", "relay", "webmail-or-esp", "ordinary", "unclear"}
counts = st.integers(0, 50)


@st.composite
def facts(draw: st.DrawFn) -> Facts:
    """Any facts that fit together well enough to be judged."""
    messages = draw(st.integers(1, 50))
    some = st.integers(0, messages)
    spread = draw(st.booleans())
    naming = draw(st.sampled_from(("", "none", "dynamic", "helo")))
    return Facts(
        ip=IP,
        name=None if naming == "none" else draw(st.sampled_from((None, "mail.firm.test", "host1.isp.test"))),
        messages=messages,
        wide=draw(st.integers(1, messages)) if spread else 0,
        listed=draw(some),
        passed=draw(some),
        own=draw(some),
        bare=draw(some),
        software=draw(some),
        against="of a reason",
        campaign_id=7 if spread else None,
        campaign_name="Quiet Otter" if spread else None,
        campaign_mine=draw(some),
        campaign_owners=draw(counts),
        campaign_messages=draw(counts),
        campaign_hosts=draw(st.integers(1, 50)),
        campaign_networks=draw(st.integers(1, 50)),
        campaign_busiest=draw(counts),
        campaign_neighbours=draw(counts),
        spread_id=7 if spread else None,
        spread_name="Quiet Otter" if spread else None,
        spread_mine=1,
        spread_owners=9,
        spread_networks=12,
        naming=naming,
        naming_why="a reason",
        strong=naming in ("none", "dynamic"),
    )


@settings(deadline=None)  # the first one loads the public suffix list
@given(facts())
def test_infected_needs_spread_and_another_kind(one: Facts) -> None:
    said = verdict(one)
    assert said.verdict in VERDICTS
    assert said.verdict != "infected" or (said.kinds[0] == "spread" and len(said.kinds) > 1)
    assert 0 <= said.score <= 1


@settings(deadline=None)  # the first one loads the public suffix list
@given(facts())
def test_every_verdict_says_why_and_what_would_overturn_it(one: Facts) -> None:
    text = _verdict_words.why(one, verdict(one))
    assert "Overturned by: " in text
    assert ("a single message" in text) == (one.messages == 1)


@settings(deadline=None)  # the first one loads the public suffix list
@given(facts(), st.integers(2, 100))
def test_more_of_the_same_kind_of_evidence_counts_no_more(one: Facts, times: int) -> None:
    more = one._replace(software=one.software * times)
    assert verdict(more).score == verdict(one).score


def test_the_score_is_capped_below_certainty() -> None:
    worst = Facts(IP, wide=1, software=1, against="x", spread_id=7, naming="none", naming_why="x", strong=True)
    assert verdict(worst).verdict == "infected"
    assert verdict(worst, Params()).score < 0.99


def test_the_score_follows_the_ground_and_the_evidence() -> None:
    plain = verdict(Facts(IP, name="mail.firm.test"))
    alone = verdict(Facts(IP, naming="none", naming_why="x", strong=True))
    server = verdict(Facts(IP, name="mail.firm.test", wide=1, spread_id=7))
    listed = verdict(Facts(IP, name="mail.firm.test", wide=1, spread_id=7, listed=1))
    two = verdict(Facts(IP, wide=1, spread_id=7, naming="dynamic", naming_why="x", strong=True))
    assert [said.verdict for said in (plain, alone, listed, server, two)] == [
        "ordinary", "unclear", "relay", "unclear", "infected"
    ]  # fmt: skip
    assert plain.score <= alone.score < 0.02
    assert listed.score < 0.02
    assert 0.5 < server.score < 0.9 * two.score


BELOW = [
    (None, "nothing"),
    ((None, None, None, "mail.firm.test", "exim"), "own"),
    (("www.other.test", "www.other.test", "203.0.113.5", "mail.firm.test", "postfix"), "passed"),
    (("pc", None, "203.0.113.5", "mail.firm.test", "postfix"), "seen"),
    (("www.other.test", None, "203.0.113.5", "198.51.100.7", "other"), "false"),
    (("www.other.test", None, "203.0.113.5", "mail.stranger.test", "postfix"), "false"),
]


@pytest.mark.parametrize(("line", "said"), BELOW)
def test_the_line_below_says(line: tuple[str | None, ...] | None, said: str) -> None:
    assert below(IP, "mail.firm.test", "mail.firm.test", line) == said


def test_a_line_in_the_name_of_somebodys_home_is_no_servers() -> None:
    name = "dsl-198-51-100-7.isp.test"
    assert below(IP, name, name, ("x", None, "203.0.113.5", name, "postfix")) == "false"


def test_services_are_known_by_their_registered_domain() -> None:
    assert _providers.service("web1.mail.yahoo.com") == "webmail"
    assert _providers.service("yahoo.com.firm.test") == ""
    assert _providers.service(None) == ""


def test_a_helo_that_many_networks_share_is_no_name_of_its_own() -> None:
    """A small firm on a provider's line writes in the name it calls itself by; bots call themselves webmail servers."""
    one = Facts(
        ip=IP, name="dsl-198-51-100-7.isp.test", helo="mail.firm.test", from_domain="firm.test", from_messages=5,
        messages=5, wide=5, spread_id=7, spread_name="Quiet Otter", spread_mine=5, spread_owners=9, spread_networks=12,
        naming="dynamic", naming_why="its reverse name spells its address", strong=True,
    )  # fmt: skip
    assert verdict(one._replace(helo_networks=1)).verdict == "unclear"
    assert verdict(one._replace(helo_networks=5)).verdict == "infected"
