"""What was tried for the shipped model, each with its figure: ``python benchmarks/classifier_ideas.py``.

Every variant is trained without the last 12,686 messages of trec07p and measured on them; with ``--sites`` it is also
trained without a whole site and measured on at most 3,000 messages of each class of it: (1−ROCA)% there, which asks for
the order alone.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass

import numpy as np
from _labelled import SOURCES, read, source
from classifier import FIRST, Labels, Scores, as_labelled_and_read

from impound.check.training import SHIPPED, Plan, Spool, area_under, features, fit, sorted_out

SITES = ("csdmc2010", "spamassassin", "linux_alpha", "trec07p")
TESTED = 3000
FEW = 5000


@dataclass(frozen=True)
class Idea:
    """A plan, and how many messages of one class of one source it learns from."""

    plan: Plan = SHIPPED
    most: int = FIRST


IDEAS = {
    "what ships": Idea(),
    "a quarter of the mail": Idea(most=FEW),
    "the same, sources n^0.3 (power 0.7)": Idea(Plan(power=0.7), FEW),
    "the same, build counts 1.5": Idea(Plan(power=0.7, scales=(1.0, 1.5)), FEW),
    "sources as large as they are (power 0)": Idea(Plan(power=0.0)),
    "build counts 1.5": Idea(Plan(scales=(1.0, 1.5))),
    "build counts 0.7": Idea(Plan(scales=(1.0, 0.7))),
    "larger steps (rate 3)": Idea(Plan(rate=3.0)),
    "eight passes": Idea(Plan(passes=8)),
}


def main() -> None:
    """Read once, then train and measure each."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sites", action="store_true", help="leave each site out too")
    told = parser.parse_args()
    order = source("trec07p")
    with Spool() as spool:
        for name in SOURCES:
            for _, spam, mail, raw in read(order[:FIRST] if name == "trec07p" else source(name)):
                spool.add(mail, raw, spam, name)
        places = sorted_out(spool).places
        last = [(path.name, spam, features(mail)) for path, spam, mail, _ in read(order[FIRST:])]
        for name, idea in IDEAS.items():
            model = fit(spool, _some(places, idea.most), plan=idea.plan)
            names, spam, found = zip(*last, strict=True)
            as_labelled_and_read(name, np.array([model.logit(f) for f in found]), np.array(spam), names)
            if told.sites:
                print("  sites left out:", ", ".join(f"{s} {_left_out(spool, places, s, idea):.3f}" for s in SITES))


def _some(places: list, most: int) -> list:  # type: ignore[type-arg]  # of a private class
    """At most so many of each class of each source, evenly over their order."""
    kept = []
    for source_, spam in sorted({(place.source, place.spam) for place in places}):
        of = [place for place in places if (place.source, place.spam) == (source_, spam)]
        kept += [of[i * len(of) // min(most, len(of))] for i in range(min(most, len(of)))]
    return kept


def _left_out(spool: Spool, places: list, site: str, idea: Idea) -> float:  # type: ignore[type-arg]  # as above
    """(1−ROCA)% on a site by a model that never saw it."""
    rest = [place for place in places if not place.source.startswith(site)]
    out = _some([place for place in places if place.source.startswith(site)], TESTED)
    model = fit(spool, _some(rest, idea.most), plan=idea.plan)
    scores: Scores = np.array([model.logit(spool.read(place)) for place in out])
    spam: Labels = np.array([place.spam for place in out])
    return 100 * (1 - area_under(scores, spam))


if __name__ == "__main__":
    main()
