"""Given a campaign's links, then what is fixed in them and what varies, and whether that tells enough."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from impound.check.links import LinkMatcher
from impound.finders.patterns import _links


def links(*urls: str, messages: int = 2) -> list[_links.Link]:
    return [link for url in urls if (link := _links.read(url, messages))]


def made(n: int, domains: int = 40) -> str:
    return f"http://shop{n % domains}.example/order-medicine-here.php?id={n * 7919 % 100000:05}"


def test_links_on_many_domains_are_one_pattern_whatever_the_next_domain_is() -> None:
    (found,) = _links.patterns(links(*map(made, range(40))))
    assert found.regex == r"(?:https?|ftp)://[^/?#\s]+/order-medicine-here\.php\?id=[0-9]{5}"
    assert re.fullmatch(found.regex, "http://never-seen.example/order-medicine-here.php?id=00001")
    assert not re.fullmatch(found.regex, "http://never-seen.example/order-books-here.php?id=00001")
    assert found.letters == len("ordermedicineherephpid")


def test_links_on_one_domain_keep_it() -> None:
    (found,) = _links.patterns(links(*(made(n, domains=1) for n in range(40))))
    assert re.fullmatch(found.regex, "http://www.shop0.example:8080/order-medicine-here.php?id=00001")
    assert not re.fullmatch(found.regex, "http://shop0.example.org/order-medicine-here.php?id=00001")


def test_what_tells_little_is_no_pattern() -> None:
    assert _links.patterns(links(*(f"http://a{n}.example/?{n * 7919 % 100000:05}" for n in range(40)))) == []
    assert _links.patterns(links(*(f"http://a{n}.example/index.html" for n in range(40)))) == []
    assert _links.patterns(links(*(made(1) for _ in range(40)))) == [], "a single link is no pattern"


def test_two_sellers_in_one_campaign_are_two_patterns() -> None:
    sellers = ("g36972726845756ae7", "g36c69796d4571337c")
    urls = [f"http://a{n}.example/?{sellers[n % 2]}{'abcdefgh'[n % 8]}{'xyzuvwqr'[n // 8]}" for n in range(64)]
    found = [p.regex.rpartition(r"\?")[2] for p in _links.patterns(links(*urls))]
    assert sorted(part.partition("[")[0] for part in found) == list(sellers)


def test_what_many_share_is_not_learnt_from() -> None:
    assert links("http://www.google.com/search-for-some-medicine?q=1", "http://a.example", "http://a.example/?") == []
    assert links("mailto:a@b.example", "http://a.example/" + "a" * 400, "http://a.example/" + "-a" * 40) == []


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 9), st.text("ab19-./?=&_%", min_size=1, max_size=30)), min_size=5, max_size=30)
)
def test_a_pattern_matches_every_link_it_was_made_of(given: list[tuple[int, str]]) -> None:
    for found in _links.patterns(links(*{f"http://host{n}.example/{rest}" for n, rest in given})):
        matcher = LinkMatcher([(1, found.regex)])
        assert all(matcher.match(link.url) == [1] for link in found.links)
