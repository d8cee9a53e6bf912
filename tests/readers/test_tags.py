"""What one tag says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impound.readers import _tags
from impound.readers._tags import BREAK, Tag, decode, tokens


def test_texts_and_tags_alternate() -> None:
    texts, tags, left = tokens("a<B>b</b ><br/><!-- <i> --><script>x<y</script>c")
    assert texts == ["a", "b", "", "", "", "", "c"]
    assert [t.name for t in tags] == ["b", "b", "br", "", "script", "script"]
    assert [t.mark for t in tags] == ["", "", BREAK, "", "", ""]
    assert (tags[4].content, left) == ("x<y", 0)


def test_a_tag_is_understood_the_same_way_each_time() -> None:
    html = "<a href='http://example.com/?a&amp;b' style='color:red' class='x Y' id=z>"
    first, second = tokens(html)[1], tokens(html)[1]
    assert first == second
    assert first[0].links == ("http://example.com/?a&b",)
    assert first[0].selectors == ("a", ".x", "a.x", ".y", "a.y", "#z", "a#z")


_VALUE = st.sampled_from(["x", '"x"', "'x'", "#x", '"x>"', "\1", "&amp;y", "'a href=x'", "x/", "", '"x y'])
_SOUP = st.lists(
    st.sampled_from(["href=", " src=", " ", "\n", "title=", " x ", "/", "style=color:red", "class=a", '"'])
)


@given(st.sampled_from(["a", "A", "img", "iframe", "input", "area", "i"]), st.lists(st.tuples(_SOUP, _VALUE)), _VALUE)
def test_a_tag_that_differs_from_a_known_one_in_its_link_is_read_as_if_it_were_new(
    name: str, given: list[tuple[list[str], str]], other: str
) -> None:
    for value in (None, other):
        rest = "".join("".join(soup) + (value or own) for soup, own in given)
        for tag, source in zip(
            tokens(f"<{name} {rest}>")[1], _tags._TOKEN.split(f"<{name} {rest}>")[1::3], strict=True
        ):
            new = _tags._tag(source)
            assert [getattr(tag, f) for f in _FIELDS] == [getattr(new, f) for f in _FIELDS]


_FIELDS = Tag.__slots__


def test_what_is_remembered_is_bounded() -> None:
    for i in range(2 * _tags.MAX_KNOWN + 10):
        tokens(f"<p title={i}>")
    assert len(_tags._known) <= _tags.MAX_KNOWN
    assert len(_tags._older) <= _tags.MAX_KNOWN
    tokens("<p title='" + "x" * _tags.MAX_REMEMBERED + "'>")
    assert max(map(len, _tags._known)) <= _tags.MAX_REMEMBERED


@pytest.mark.parametrize(
    ("text", "plain", "attribute"),
    [
        ("a&amp;b", "a&b", "a&b"),
        ("?a=1&copy=2", "?a=1©=2", "?a=1&copy=2"),
        ("&#104;&#x74;tp", "http", "http"),
        ("&unknown;", "&unknown;", "&unknown;"),
        ("&notit;", "¬it;", "¬it;"),
        ("&#" + "0" * 5000 + "65;", "A", "A"),
        ("&#" + "1" * 5000 + ";", "\ufffd", "\ufffd"),
    ],
)
def test_references(text: str, plain: str, attribute: str) -> None:
    assert (decode(text), decode(text, attribute=True)) == (plain, attribute)


@given(st.text(alphabet="<>/!-ab='\" &;#x\n"))
def test_every_character_is_in_a_text_or_a_tag(html: str) -> None:
    texts, tags, _ = tokens(html)
    assert len(texts) == len(tags) + 1
    rest = html
    for text in texts:
        assert text in rest
        rest = rest[rest.index(text) + len(text) :]
