"""URL patterns on later mail and on ham: ``python benchmarks/url_patterns.py CASE [--labels] [--against CASE …]``.

CASE is one that was read and looked through (``impound investigate``). From the links of the first messages of every
campaign of a hundred or more, in order of arrival, patterns are learnt; of the rest that has a link the share is
printed that has one which a pattern matches. Patterns are learnt from a campaign alone, so no ham was seen by any, and
the tests for spread and burst are left out: then all of them are tried on the links of the other cases, and with
``--labels`` on those of the ham of CASE by the labels of the TREC set. The same is done with the patterns that the
finder proposes in CASE.
"""

from __future__ import annotations

import argparse
import statistics
from collections import Counter
from pathlib import Path

import _data
import campaigns
import templates

from impound import Case
from impound.check.links import LinkMatcher
from impound.finders.patterns import _links

Links = dict[int, list[str]]
LINKS = (
    """SELECT u.message_id, u.url FROM urls u WHERE u.scheme IN ('http', 'https', 'ftp') ORDER BY u.message_id, u.id"""
)
PATHS = "SELECT m.id, s.paths FROM messages m JOIN sources s ON s.id = m.source_id"


def links(case: Case) -> Links:
    """The links of each message that has any."""
    found: Links = {}
    for row in case.query(LINKS).to_pylist():
        found.setdefault(row["message_id"], []).append(row["url"])
    return found


def learnt(urls: list[list[str]]) -> list[str]:
    """The patterns of some messages' links."""
    counts = Counter(url for each in urls for url in set(each))
    read = (_links.read(url, n) for url, n in sorted(counts.items()))
    return [p.regex for p in _links.patterns(link for link in read if link)]


def share(regexes: list[str], urls: list[list[str]]) -> float:
    """How many of the messages have a link that one of the patterns matches."""
    matcher = LinkMatcher(list(enumerate(regexes)))
    return sum(any(map(matcher.match, each)) for each in urls) / max(1, len(urls))


def later(has: Links, groups: dict[int, list[int]], first: int) -> dict[int, list[str]]:
    """Print what patterns of the first messages match of the rest; gives the patterns."""
    made, shares = {}, {}
    for campaign, members in groups.items():
        made[campaign] = learnt([has.get(m, []) for m in members[:first]])
        rest = [has[m] for m in members[first:] if m in has]
        if made[campaign] and rest:
            shares[campaign] = share(made[campaign], rest)
            print(f"  {campaign:19} {len(members):5,} messages, {len(rest):5,} of the rest have links, "
                  f"{len(made[campaign])} patterns match {shares[campaign]:.3f}")  # fmt: skip
    median = statistics.median(shares.values() or [0.0])
    print(f"{len(shares)} of {len(groups)} campaigns have a pattern after {first} messages: "
          f"of the rest that has links they match {median:.4f} in the median")  # fmt: skip
    return made


def ham(regexes: list[str], has: dict[str, list[str]], name: str, messages: int) -> None:
    """Print which messages have a link that a pattern matches."""
    matcher = LinkMatcher(list(enumerate(regexes)))
    matched = {path: url for path, urls in has.items() for url in urls if matcher.match(url)}
    for path, url in sorted(matched.items())[:20]:
        print(f"  {name}: {path} has {url}")
    print(f"{name}: {len(matched)} of {messages:,} messages matched, {len(has):,} of them have links")


def named(case: Case) -> tuple[dict[int, str], dict[str, list[str]]]:
    """The path of each message's source, and the links of each path."""
    paths = {r["id"]: r["paths"][0] for r in case.query(PATHS).to_pylist()}
    return paths, {paths[m]: urls for m, urls in links(case).items()}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("case", type=Path)
    parser.add_argument("--against", type=Path, nargs="*", default=[])
    parser.add_argument("--first", type=int, default=50)
    parser.add_argument("--labels", action="store_true", help="the ham of CASE too, by the labels of the TREC set")
    given = parser.parse_args()
    case = Case.open(given.case)
    groups, (paths, has) = templates.groups(case), named(case)
    made = later(links(case), groups, given.first)
    said = campaigns.labels() if given.labels else {}
    good = {path for path in paths.values() if said.get(int(path.rpartition(".")[2])) == "ham"} if said else set()
    spam = [r for c, each in made.items() for r in each if not any(paths[m] in good for m in groups[c][: given.first])]
    proposed = case.query("SELECT regex FROM url_patterns WHERE state = 'proposed'", tables=["url_patterns"])
    print(f"the finder proposes {proposed.num_rows} patterns")
    for name, regexes in (("unguarded", spam), ("proposed", proposed["regex"].to_pylist())):
        if good:
            ham(regexes, {p: u for p, u in has.items() if p in good}, f"{name}, ham of {given.case.name}", len(good))
        for other in given.against:
            theirs, linked = named(Case.open(other))
            ham(regexes, linked, f"{name}, {other.name}", len(theirs))


if __name__ == "__main__":
    assert _data.SCRATCH
    main()
