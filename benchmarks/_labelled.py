"""The labelled mail of IMPOUND_DATA, source by source: what the classifier is trained and measured on.

Spam on the public list linux_alpha was told from its ham by reading: ``linux_alpha_labels.tsv`` holds the numbers of
the spam, and of what is neither. csdmc2010 is copied once without its leak.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from _data import SCRATCH, labels, mail

from impound.check.mail import Mail
from impound.messages import messages

LEAK = re.compile(rb"hibody|csmining\.org", re.IGNORECASE)
"""What separates spam from ham in csdmc2010 by the way it was collected; taken out of the bytes."""
SOURCES = ("csdmc2010", "linux_alpha", "spamassassin", "spamassassin-hard", "trec07p")
HERE = Path(__file__).parent

Labelled = tuple[Path, bool]


def trec() -> list[Labelled]:
    """Every message of trec07p in the order of arrival."""
    rows = [line.split("\t")[:2] for line in labels().read_text().splitlines()[1:]]
    folder = mail("mail-trec07p") / "datasets" / "trec07p" / "data"
    found = [(folder / name, label == "spam") for name, label in rows]
    return sorted(found, key=lambda pair: int(pair[0].name.partition(".")[2]))


def csdmc() -> list[Labelled]:
    """csdmc2010 without its leak."""
    folder = SCRATCH / "csdmc2010-without-leak"
    for path in _below(mail("mail-csdmc2010") / "csdmc2010"):
        copy = folder / path.parent.name / path.name
        if not copy.exists():
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(LEAK.sub(b"", path.read_bytes()))
    return [(path, part == "train_spam") for part in ("train_ham", "train_spam") for path in _below(folder / part)]


def spamassassin(hard: bool) -> list[Labelled]:
    """SpamAssassin's corpus: hard-ham (newsletters) apart from the rest."""
    folders = [f for f in sorted((mail("mail-spamassassin") / "spamassassin").iterdir()) if f.is_dir()]
    return [(p, "spam" in f.name) for f in folders if ("hard" in f.name) is hard for p in _below(f) if p.name != "cmds"]


def linux_alpha() -> list[Labelled]:
    """The public list, without what is neither spam nor ham."""
    judged = dict(line.split("\t") for line in (HERE / "linux_alpha_labels.tsv").read_text().splitlines()[1:])
    paths = _below(mail("mail-linux_alpha") / "linux_alpha")
    said = [(path, judged.get(path.stem.removeprefix("alpha-"), "ham")) for path in paths]
    return [(path, label == "spam") for path, label in said if label != "neither"]


def phishing() -> list[Labelled]:
    """phishing_pot, to measure with; never to train what ships."""
    return [(path, True) for path in _below(mail("mail-phishing_pot") / "phishing_pot" / "email")]


def source(name: str) -> list[Labelled]:
    """The labelled messages of a source by its name."""
    made = {"csdmc2010": csdmc, "linux_alpha": linux_alpha, "trec07p": trec, "phishing_pot": phishing}
    return made[name]() if name in made else spamassassin(name.endswith("hard"))


def chosen(found: list[Labelled], most: int) -> list[Labelled]:
    """At most so many of each class, evenly over their order."""
    kept = []
    for spam in (True, False):
        of = [pair for pair in found if pair[1] is spam]
        kept += [of[i * len(of) // min(most, len(of))] for i in range(min(most, len(of)))]
    return kept


def read(found: list[Labelled]) -> Iterator[tuple[Path, bool, Mail, bytes]]:
    """Path, label, value and bytes of each message that can be read, in order."""
    spam = {str(path): label for path, label in found}
    for met in messages([str(path) for path, _ in found]):
        if met.mail is not None:
            yield Path(met.path), spam[met.path], met.mail, met.raw


def _below(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.is_file())
