"""Why a message was called what it was, in plain sentences: what weighed most, of its build and of its words."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from impound.check._features import of_shapes, of_words, words_of
from impound.check._linear import Linear
from impound.check.mail import Mail

MOST = 5
"""Sentences about a message; more would be read by nobody."""
LEAST = 0.15
"""What a feature must add to the log-odds to be worth a sentence."""
WORDS = 4
FEW_KNOWN = 0.6
"""Share of known words below which the reader is told that the model knows little of this kind of mail."""
_SAYS = {
    "header": "the header {0}",
    "order": "the order of its headers ({0})",
    "headers": "the whole order of its headers",
    "without": "that it has no header {0}",
    "answer": "that it answers, or seems to answer, another message",
    "mid": "the form of its Message-ID ({0})",
    "mid-left": "the form of its Message-ID ({0})",
    "mid-right": "the right side of its Message-ID ({0})",
    "mid-from": "how Message-ID and sender relate ({0})",
    "date": "the form of its date",
    "date-kind": "the form of its date",
    "boundary": "the form of its MIME boundary",
    "boundary-kind": "the form of its MIME boundary",
    "mime": "the parts it is made of ({0})",
    "charset": "its character set ({0})",
    "mailer": "the program it names ({0})",
    "mailer-first": "the program it names ({0})",
    "mailer,mid": "the program it names with this form of Message-ID",
    "mailer,boundary": "the program it names with this form of boundary",
    "mime,charset": "its parts and character set together",
    "reply-to": "where answers would go ({0} domain)",
    "path": "the form of its links ({0})",
    "path-kind": "the form of its links ({0})",
    "link-tld": "links to .{0}",
    "link-tld=address": "links to a bare address, not to a name",
    "links": "how many links it has",
    "link": "where its links stand and how they are written",
    "link-text": "what its links show of where they lead",
    "link-from=True": "links that lead to the sender's own domain",
    "link-from=False": "no link that leads to the sender's own domain",
    "words-a-link": "how many words there are for each link",
    "host": "the form of the names in its links",
    "from-local": "the form of the sender's address",
    "from-labels": "how many parts the sender's domain has",
    "name": "the form of the sender's name",
    "name-in-local=True": "a sender's name that stands in the address too",
    "name-in-local=False": "a sender's name that has nothing to do with the address",
    "name-has-address": "an address in place of the sender's name",
    "subject=none": "that it has no subject",
    "subject-upper": "capitals in the subject",
    "subject-words": "how long the subject is",
    "subject-foreign": "letters outside ASCII in the subject",
    "subject-end": "how the subject ends",
    "subject-has": "a sign in the subject ({0})",
    "subject-has=9": "a figure in the subject",
    "text": "how much of it is plain text and how much HTML",
    "length": "how long it is",
    "letters": "how much of it is letters",
    "digits": "figures in the text",
    "line": "how long its lines are",
    "hidden": "text that is hidden from the reader",
    "upper": "capitals in the text",
    "foreign": "letters outside ASCII",
    "quoted": "quoted lines",
    "wrote": "that it says who wrote what it quotes",
    "signature": "a signature below two dashes",
    "loud": "exclamation marks",
    "money": "signs for money",
    "files": "how many files it carries",
    "file-size": "the size of an attachment",
    "file": "an attachment ({0})",
    "file-end": "an attachment named .{0}",
}


def reasons(model: Linear, mail: Mail, build: list[str], known: float, words: int) -> tuple[str, ...]:
    """What weighed most, the strongest first.

    ``build``: the shapes of the message; ``known``: the share of its ``words`` that the model knows.
    """
    found = _of_build(model, build) + _of_words(model, mail)
    found.sort(key=lambda pair: -abs(pair[0]))
    said: list[str] = []
    for weight, what in found:
        sentence = f"{'For' if weight > 0 else 'Against'} spam: {what}."
        if abs(weight) >= LEAST and sentence not in said:
            said.append(sentence)
        if len(said) == MOST:
            break
    if known < FEW_KNOWN and words:
        said.insert(0, f"Only {known:.0%} of its words are known to the model: the answer is less certain for that.")
    return tuple(said or ["Nothing in it weighs much either way."])


def _of_build(model: Linear, names: list[str]) -> list[tuple[float, str]]:
    added = model.weights.take(of_shapes(names)) * (model.scales[1] / math.sqrt(max(len(names), 1)))
    found = []
    for i in np.argsort(-np.abs(added), kind="stable")[: 2 * MOST]:
        kind, _, value = names[i].partition("=")
        found.append((float(added[i]), _said(kind, value[:60])))
    return found


def _said(kind: str, value: str) -> str:
    saying = _SAYS.get(f"{kind}={value}") or _SAYS[kind]
    return saying.format(value) if value else saying.replace(" ({0})", "").replace("{0}", "")


def _of_words(model: Linear, mail: Mail) -> list[tuple[float, str]]:
    """The words that say most, for and against, together in a sentence each."""
    words = list(dict.fromkeys(words_of(mail.words)))
    if not words:
        return []
    weights = model.weights.take(of_words(words))  # of a text longer than is hashed, the words at its beginning
    order = np.argsort(weights, kind="stable")
    whole = math.sqrt(len(words))
    found = []
    for sign, inorder in ((1, order[::-1]), (-1, order)):
        if best := _weightiest((weights * sign), words, inorder):
            listed = ", ".join(f"“{word}”" for _, word in best)
            found.append((sign * sum(w for w, _ in best) / whole, f"its wording ({listed})"))
    return found


def _weightiest(weights: NDArray[np.float32], words: list[str], inorder: NDArray[np.intp]) -> list[tuple[float, str]]:
    """The first words that weigh more than nothing, none of them short; of equals the last in the alphabet."""
    best: list[tuple[float, str]] = []
    for i in inorder:
        weight = float(weights[i])
        if weight <= 0 or (len(best) >= WORDS and weight < best[-1][0]):
            break
        if len(words[i]) > 3:
            best.append((weight, words[i]))
    return sorted(best, reverse=True)[:WORDS]
