"""What one tag says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impound.readers import _tags
from impound.readers._tags import BREAK, decode, tokens


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


def test_what_is_remembered_is_bounded() -> None:
    for i in range(_tags.MAX_KNOWN + 10):
        tokens(f"<p title={i}>")
    assert len(_tags._known) <= _tags.MAX_KNOWN
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
