"""What the classifier is worth, and what it costs.

    python benchmarks/classifier.py own        one's own model on trec07p in order of arrival, and frozen; bogofilter
    python benchmarks/classifier.py shipped    a shipped model that never saw the last 12,686 messages of trec07p
    python benchmarks/classifier.py sites      a shipped model without a source, on that source
    python benchmarks/classifier.py speed      messages a CPU second of impound check, and of rspamd

(1−ROCA)% is the share of pairs of a ham and a spam that stand in the wrong order, in per cent (G. Cormack and
T. Lynam, TREC 2005 spam track overview).
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from _labelled import SOURCES, Labelled, chosen, read, source
from _rspamd import CpuOf, Rspamd
from numpy.typing import NDArray

from impound.check import training
from impound.check.classifier import Model
from impound.check.training import Spool, area_under, fit, left_out, sorted_out

FIRST = 20_000
MOST = 25_000
MISLABELLED = ("inmail.23337", "inmail.20553")
"""Ham by its label; to a reader a German stock spam, and a text of random words from a home line in another's name."""
FP = (0.0001, 0.001, 0.005, 0.02)

Scores = NDArray[np.float64]
Labels = NDArray[np.bool_]


def figures(what: str, scores: Scores, spam: Labels) -> None:
    """(1−ROCA)% and the spam missed at false-positive rates measured on these messages themselves."""
    ham = np.sort(scores[~spam])[::-1]
    missed = [f"{100 * float((scores[spam] <= ham[int(rate * len(ham))]).mean()):.2f} % at {rate:.2%}" for rate in FP]
    wrong = 100 * (1 - area_under(scores, spam))
    print(f"{what:<44} (1−ROCA)% {wrong:.4f}   missed {', '.join(missed)}", flush=True)


def as_labelled_and_read(what: str, scores: Scores, spam: Labels, names: Iterable[str]) -> None:
    """The figures by the labels, and without the ham that is spam to a reader."""
    figures(what, scores, spam)
    kept = np.array([name not in MISLABELLED for name in names])
    if not kept.all():
        figures(f"  without {(~kept).sum()} that are mislabelled", scores[kept], spam[kept])


# -- one's own ---------------------------------------------------------------------------------------------------------


def own(limit: int) -> None:
    """A model that begins with nothing, on trec07p."""
    found = source("trec07p")[:limit]
    with Spool() as spool:
        names = []
        for path, spam, mail, raw in read(found):
            spool.add(mail, raw, spam)
            names.append(path.name)
        spam = np.array([place.spam for place in spool.places])
        as_labelled_and_read("own, learning after each message", _online(spool, len(names))[0], spam, names)
        scores, model = _online(spool, FIRST)
        for _ in range(training.PASSES - 1):
            for place in spool.places[:FIRST]:
                training.learn(model, spool.read(place), place.spam)
        scores[FIRST:] = [model.logit(spool.read(place)) for place in spool.places[FIRST:]]
        as_labelled_and_read("own, first 20,000, then frozen", scores[FIRST:], spam[FIRST:], names[FIRST:])
    scores = _bogofilter(found)
    if scores is not None:
        as_labelled_and_read("bogofilter, first 20,000, then frozen", scores, spam[FIRST:], names[FIRST:])


def _online(spool: Spool, until: int) -> tuple[Scores, Model]:
    model = Model()
    model.raw = training.Linear((1.0,))
    scores = np.zeros(len(spool.places))
    for i, place in enumerate(spool.places[:until]):
        scores[i] = training.learn(model, spool.read(place), place.spam)
    return scores, model


def _bogofilter(found: list[Labelled]) -> Scores | None:
    if shutil.which("bogofilter") is None:
        print("bogofilter is not installed (apt-get install bogofilter): left out")
        return None
    with tempfile.TemporaryDirectory() as folder:
        for spam, option in ((True, "-s"), (False, "-n")):
            paths = [str(path) for path, label in found[:FIRST] if label is spam]
            for at in range(0, len(paths), 500):
                subprocess.run(["bogofilter", "-d", folder, option, "-B", *paths[at : at + 500]], check=True)
        said: list[float] = []
        for at in range(FIRST, len(found), 500):
            paths = [str(path) for path, _ in found[at : at + 500]]
            ran = subprocess.run(
                ["bogofilter", "-d", folder, "-TT", "-B", *paths], capture_output=True, text=True, check=False
            )
            said += [float(line.split()[-1]) for line in ran.stdout.splitlines()]
    return np.array(said)


# -- the shipped one ---------------------------------------------------------------------------------------------------


def shipped(limit: int) -> None:
    """Trained without the last 12,686 messages of trec07p, measured on them."""
    order = source("trec07p")
    with Spool() as spool:
        for name in SOURCES:
            _fill(spool, name, chosen(order[:FIRST] if name == "trec07p" else source(name), MOST))
        model = fit(spool, sorted_out(spool).places)
    rows = [
        (path.name, spam, model.logit(training.features(mail))) for path, spam, mail, _ in read(order[FIRST:][:limit])
    ]
    names, spam, scores = zip(*rows, strict=True)
    as_labelled_and_read("shipped, never saw these messages", np.array(scores), np.array(spam), names)


def sites(limit: int) -> None:
    """For each source a model without it; the threshold lets through 0.1 % of ham on the training side.

    The threshold comes from ham of each training source, scored by a model without that source too.
    """
    with Spool() as spool:
        for name in (*SOURCES, "phishing_pot"):
            _fill(spool, name, chosen(source(name), min(MOST, limit)))
        places = sorted_out(spool).places
        everything = [place for place in places if place.source != "phishing_pot"]
        for left in ("csdmc2010", "spamassassin", "trec07p", "linux_alpha", "phishing_pot"):
            rest = [place for place in everything if not place.source.startswith(left)]
            out = [place for place in places if place.source.startswith(left)]
            model = fit(spool, rest)
            ham = [
                logit
                for _, logits, found in left_out(spool, rest)
                for logit, p in zip(logits, found, strict=True)
                if not p.spam
            ]
            scores = np.array([model.logit(spool.read(place)) for place in out])
            _site(left, scores, np.array([place.spam for place in out]), np.array(ham))


def _site(name: str, scores: Scores, spam: Labels, ham: Scores) -> None:
    """What is found and hit at thresholds that are fixed on the training side."""
    line = f"without {name:<13}"
    if not spam.all():
        line += f" (1−ROCA)% {100 * (1 - area_under(scores, spam)):.3f}"
    for rate in (0.0001, 0.001, 0.005, 0.02, 0.05):
        threshold = float(np.quantile(ham, 1 - rate))
        line += f" | {rate:.2%}: spam {100 * float((scores[spam] > threshold).mean()):.1f}"
        if not spam.all():
            line += f" ham {100 * float((scores[~spam] > threshold).mean()):.2f}"
    print(line, flush=True)


def _fill(spool: Spool, name: str, found: list[Labelled]) -> None:
    for _, spam, mail, raw in read(found):
        spool.add(mail, raw, spam, name)


# -- speed -------------------------------------------------------------------------------------------------------------


def speed(limit: int) -> None:
    """Messages a CPU second; reading, and for rspamd nothing of the client, is counted."""
    paths = [path for path, _ in source("trec07p")[:: max(1, 32_686 // min(limit, 2000))]]
    with tempfile.TemporaryDirectory() as folder:
        for number, path in enumerate(paths):
            shutil.copy(path, Path(folder) / f"{number:05}")
        cost = CpuOf.command(["impound", "-q", "check", folder, "--format", "json"])
        nothing = CpuOf.command(["impound", "-q", "check", "example.com", "--format", "json"])
    ours = len(paths) / max(cost - nothing, 1e-3)
    print(f"impound check: {ours:,.0f} messages a CPU second ({nothing:.1f} s to start are left out)", flush=True)
    if shutil.which("rspamd") is None:
        print("rspamd is not installed (apt-get install rspamd): left out")
        return
    with Rspamd() as server:
        theirs = len(paths) / server.cpu(paths)
    print(f"rspamd: {theirs:,.0f} messages a CPU second; impound check: {ours / theirs:.1f} times as many")


MODES: dict[str, Callable[[int], None]] = {"own": own, "shipped": shipped, "sites": sites, "speed": speed}


def main() -> None:
    """Run the modes that are named, or all of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("modes", nargs="*", choices=[*MODES, []], help="what to measure (everything)")
    parser.add_argument("--limit", type=int, default=10**9, help="at most so many messages, for a quick look")
    options = parser.parse_args()
    for mode in options.modes or MODES:
        MODES[mode](options.limit)


if __name__ == "__main__":
    main()
