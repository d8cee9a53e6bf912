"""What a style declares."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impound.readers import _style
from impound.readers._style import CLEAR, UNKNOWN, State, Style, attributes, colour, declared, hiding, inherit, sheet


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("white", 0xFFFFFF),
        (" #FfF ", 0xFFFFFF),
        ("#123456", 0x123456),
        ("123456", 0x123456),
        ("rgb(1, 2,300)", 0x0102FF),
        ("rgb(1 2 3 / 0.5)", 0x010203),
        ("rgba(1,2,3,0)", CLEAR),
        ("transparent", CLEAR),
        ("currentcolor", UNKNOWN),
        ("#12345", UNKNOWN),
        ("", UNKNOWN),
    ],
)
def test_colour(text: str, value: int) -> None:
    assert colour(text) == value


def test_attributes_first_wins_and_quotes_are_optional() -> None:
    assert attributes(" A=1 b = \"x y\" c='>' d a=2 /e=f") == {"a": "1", "b": "x y", "c": ">", "d": "", "e": "f"}


def test_later_declarations_win() -> None:
    assert declared("display:none;display:block").gone is False
    assert declared("color:red;COLOR : #fff !important").colour == 0xFFFFFF


def test_font_size_in_every_unit() -> None:
    assert declared("font-size:12pt").size == 16
    assert declared("font:bold 1px/2 arial").size == 1
    assert declared("font-size:50%").scale == 0.5
    assert declared("font-size:small").size == 13
    assert declared("font-weight:1").size is None


def test_sheet_keeps_simple_rules_and_skips_other_media() -> None:
    rules = sheet(
        "p, .x{color:red} /* .y{display:none} */ @media print{.z{display:none}} @import url(a); #i{display:none}"
    )
    assert rules.keys() == {"p", ".x", "#i"}
    assert rules["#i"].gone


def test_of_other_selectors_only_the_ground_is_kept() -> None:
    assert sheet("div > .x{background:#000;color:#fff;display:none}") == {".x": Style(ground=UNKNOWN)}


def test_sheet_is_bounded() -> None:
    rules = sheet("".join(f".c{i}{{color:red}}" for i in range(_style.MAX_RULES + 10)))
    assert len(rules) == _style.MAX_RULES


def test_inheritance() -> None:
    outer = inherit(State(), Style(size=0.0, ground=0))
    assert not outer.seen
    assert inherit(outer, Style(size=12.0, colour=0xFFFFFF)).seen
    assert not inherit(inherit(State(), Style(gone=True)), Style(gone=False)).seen


STYLES = st.builds(
    Style,
    gone=st.sampled_from([None, True, False]),
    invisible=st.sampled_from([None, True, False]),
    size=st.sampled_from([None, 0.0, 1.0, 9.0, 16.0]),
    scale=st.sampled_from([None, 0.0, 0.1, 0.5, 1.0, 2.0]),
    colour=st.sampled_from([None, 0, 5, 0x808080, 0xFFFFFF, 0xFFFFF0, CLEAR, UNKNOWN]),
    ground=st.sampled_from([None, 0, 0x808080, 0xFFFFFF, UNKNOWN]),
)


@given(st.lists(STYLES, max_size=4))
def test_what_cannot_hide_by_the_quick_look_hides_nothing(styles: list[Style]) -> None:
    """Nested in any order and number."""
    how = hiding(frozenset(styles))
    state = concerned = State()
    for style in styles * 3:
        state = inherit(state, style)
        if how.concerns(style):
            concerned = inherit(concerned, style)
        assert concerned.seen == state.seen
    assert state.seen or any(how)


@given(st.text())
def test_any_text_is_a_style(text: str) -> None:
    assert isinstance(declared(text), Style)
    assert isinstance(colour(text), int)
    sheet(text + "{" + text)
    attributes(text)
