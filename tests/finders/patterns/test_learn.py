"""Given messages of one template, then an expression that matches them and the next ones, and nothing else."""

from __future__ import annotations

import random
import re
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from impound.check.face import face
from impound.check.mail import Mail
from impound.check.templates import Matcher, Signature, compiled
from impound.finders.patterns import _classes, _macros, _tokens
from impound.finders.patterns._learn import LINES, learn

NAMES = ("Ada", "Bela", "Cora", "Dora")


def made(n: int, fill: str = "") -> Mail:
    chance = random.Random(n)
    return Mail(
        subject=f"Ticket {chance.randrange(10**6)}",
        text=f"Dear {chance.choice(NAMES)}, the jackpot of ${chance.randrange(9999)} waits for you this very week."
        f" Enter the golden house at http://{chance.randrange(10**9)}.example/?{chance.randrange(999)} before Monday"
        f" and keep every prize you win.{fill}",
    )


def test_later_messages_of_the_template_match_and_others_do_not() -> None:
    (found,) = learn([face(made(n)) for n in range(40)])
    matches = compiled(found.regex).match
    assert all(matches(face(made(n)).encode()) for n in range(40, 200))
    other = Mail(text="Dear Ada, the jackpot of the day waits for nobody. Enter the house before Monday.")
    assert not matches(face(other).encode())


def test_link_and_price_are_fields_even_where_they_never_changed() -> None:
    faces = [face(made(1, f" Yours, {n}")) for n in range(9)]
    (found,) = learn(faces)
    assert compiled(found.regex).match(faces[0].replace("http://", "https://www.other").encode())
    assert {p.macro.kind for p in found.pieces if p.part == "text"} >= {"fixed", "link", "number"}


def test_two_wordings_of_a_campaign_are_two_templates() -> None:
    other = "Our office has a free post for you and your salary is {} a week, write to us today and begin on Monday"
    faces = [face(made(n)) for n in range(20)] + [face(Mail(text=other.format(n))) for n in range(20)]
    assert sorted(t.members for t in learn(faces)) == [tuple(range(20)), tuple(range(20, 40))]


def test_too_little_fixed_text_gives_no_signature() -> None:
    assert learn([face(Mail(text=f"Hi {random.Random(n).random()}")) for n in range(30)]) == []
    assert learn([face(Mail(subject="A picture says it")) for _ in range(30)]) == []
    assert learn([face(made(n)) for n in range(4)]) == []


def test_a_dictionary_says_the_chance_of_a_value_not_seen() -> None:
    assert _macros.unseen([5, 3, 1, 1]) == 0.2
    assert 0 < _macros.unseen([50, 50]) < 1e-9
    (listed,) = _macros.gap(["red", "blue"] * 20)
    assert (listed.kind, listed.regex) == ("dictionary", "(?:blue|red)")
    (noise,) = _macros.gap([f"{n:06x}a" for n in range(40)])
    assert (noise.kind, noise.regex) == ("noise", "[0-9a-f]{7}")


def test_noise_is_split_at_the_signs_that_all_values_share() -> None:
    found = _macros.gap([f"ab{n}x-{n * 7}y!" for n in range(10, 60)])
    assert "".join(m.regex for m in found).endswith("!")
    assert [m.regex for m in found if m.kind == "fixed"] == ["-", "!"]


@settings(deadline=None)
@given(st.lists(st.text(max_size=120), min_size=1, max_size=12))
def test_macros_match_every_value_they_were_made_of(values: list[str]) -> None:
    values = [" ".join(v.split()) for v in values]
    values = ["".join(c for c in v if c.isprintable()) for v in values]
    regex = "".join(m.regex for m in _macros.gap(values))
    expression = compiled(f"(?:{regex})$")
    assert all(expression.match(v.encode("utf-8", "replace")) for v in values)


@settings(deadline=None)
@given(st.text(max_size=300))
def test_tokens_put_together_are_the_text(text: str) -> None:
    assert "".join(_tokens.tokens(text)) == text


@settings(deadline=None)
@given(st.text(max_size=40))
def test_escaped_text_matches_itself(text: str) -> None:
    shown = text.encode("utf-8", "replace")
    assert compiled(_classes.escaped(shown.decode()) + r"\z").match(shown)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text(alphabet="ab ,.{}$0é", max_size=60), min_size=8, max_size=20))
def test_templates_match_what_they_say_they_were_learnt_from(fills: list[str]) -> None:
    faces = [face(made(n, fill)) for n, fill in enumerate(fills)]
    found = learn(faces)
    assert found
    for t in found:
        assert set(t.learnt) <= set(t.members)
        assert all(compiled(t.regex).match(faces[n].encode()) for n in t.members)
    assert Counter(n for t in found for n in t.members).most_common(1)[0][1] == 1


def test_an_expression_has_a_line_for_each_line_of_the_face() -> None:
    (found,) = learn([face(made(n)) for n in range(10)])
    assert found.regex.count("\n") + 1 == len(LINES)
    assert re.compile(found.regex.replace(r"\pL", r"\w"))


def test_a_template_that_was_edited_is_known_by_the_stretch_that_is_left() -> None:
    story = (
        "The harbour master counted every kite twice and then once more before breakfast. "
        "Nobody in the village ever asked him why he did so, not even on a Sunday."
    )
    (found,) = learn([face(Mail(subject=str(n), text=f"{story} Number {n}.")) for n in range(20)])
    matcher = Matcher([Signature(1, found.regex, found.anchors)])
    first, second = story.split(". ")
    assert matcher.match(Mail(text=f"News! {first}. Who asked?")) == [1]
    assert matcher.match(Mail(text=f"A new beginning. {second} Bye")) == [1]
    assert (
        matcher.match(Mail(text="The harbour master counted every kite. Nobody in the village ever asked him.")) == []
    )
