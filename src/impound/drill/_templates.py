"""Sentences with places to fill: ``[a|b]`` when a template is made, ``{a|b}`` and ``{@list}`` at every filling."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from impound.drill._chance import Chance

_SETTLED = re.compile(r"\[([^\[\]]+)\]")
_SLOT = re.compile(r"\{([^{}]*(?:\{@\w+\}[^{}]*)*)\}")
_LOOKALIKE = str.maketrans("aioesAIOES", "@10e5@10E5")
Lists = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Template:
    """A form with ``%s`` where a slot is filled, and for each slot the words it chooses from."""

    form: str
    slots: tuple[tuple[str, ...], ...]
    _counted: tuple[tuple[tuple[str, ...], int], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_counted", tuple((words, len(words)) for words in self.slots))

    def fill(self, draw: Callable[[], float]) -> str:
        """The text with a word in every slot; ``draw`` gives numbers from 0 up to 1."""
        return self.form % tuple([words[int(draw() * count)] for words, count in self._counted])

    @property
    def skeleton(self) -> str:
        """The fixed text, with ``*`` for each slot."""
        return self.form.replace("%s", "*").replace("%%", "%")


@dataclass(frozen=True)
class Style:
    """How much a campaign varies: the share of word slots that do, words for each, and how many values of a list."""

    varied: float = 1.0
    synonyms: int = 100
    listed: int = 10_000
    obfuscated: bool = False


def join(templates: Sequence[Template], between: str) -> Template:
    """Several templates as one."""
    return Template(between.join(t.form for t in templates), tuple(slot for t in templates for slot in t.slots))


def compiled(text: str, lists: Lists, chance: Chance, style: Style | None = None) -> Template:
    """A template from its written form."""
    style, forms, slots, at = style or Style(), [], [], 0
    while _SETTLED.search(text):
        text = _SETTLED.sub(lambda found: chance.pick(found[1].split("|")), text)
    for found in _SLOT.finditer(text):
        forms.append(text[at : found.start()].replace("%", "%%"))
        at = found.end()
        words = _words(found[1], lists, chance, style)
        if len(words) == 1:
            forms.append(words[0].replace("%", "%%"))
        else:
            forms.append("%s")
            slots.append(words)
    forms.append(text[at:].replace("%", "%%"))
    return Template("".join(forms), tuple(slots))


def _words(inner: str, lists: Lists, chance: Chance, style: Style) -> tuple[str, ...]:
    if inner.startswith("@"):
        values = lists[inner[1:]]
        return tuple(values) if len(values) <= style.listed else tuple(chance.some(values, style.listed))
    words = inner.split("|")
    kept = chance.some(words, style.synonyms if chance.random() < style.varied else 1)
    if style.obfuscated:
        kept += [w.translate(_LOOKALIKE) for w in kept if "{" not in w]
    return tuple(w for word in kept for w in _expanded(word, lists, chance))


def _expanded(word: str, lists: Lists, chance: Chance) -> list[str]:
    """A word that itself names a list (``{a friend|{@first}}``) as some of the list's values."""
    found = _SLOT.search(word)
    if not found:
        return [word]
    return [word[: found.start()] + value + word[found.end() :] for value in chance.some(lists[found[1][1:]], 5)]
