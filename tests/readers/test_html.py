"""HTML as a reader sees it: words in view, words kept out of view, links."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impound.readers import _html
from impound.readers._html import Anchor, read

SECONDS = 5.0
"""A bound that fails on quadratic work (minutes) and not on a slow machine (each case takes under one second)."""


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("V<b></b>ia<!-- x -->gra", "Viagra"),
        ("V<span>i</span>a<zzz>gra</zzz>", "Viagra"),
        ("one<br>two<BR/>three", "one\ntwo\nthree"),
        ("<p>one<p>two<div>three</div>four", "one\ntwo\nthree\nfour"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</table>d", "a b\nc\nd"),
        ("a  b\n\tc&nbsp;&nbsp;d", "a b c d"),
        ("<pre>one\ntwo</pre>three\nfour", "one\ntwo\nthree four"),
        ("&lt;b&gt; &amp;amp; &eacute;&#8364;&#x41;", "<b> &amp; é€A"),
        ("&#0000065;&#99999999999;&#" + "9" * 5000 + ";", "A\ufffd\ufffd"),
        ("Via\u00adgr\u200ba &shy;x&zwnj;y", "Viagra xy"),
        ("a < b and 1<2 <3", "a < b and 1<2 <3"),
        ("<img alt='no words' src=x>seen", "seen"),
        ("<script>if (a<b && c>d) '<p>'</script>seen<style>p{}</style>", "seen"),
        ("<script>'</scripty>'</SCRIPT >seen", "seen"),
        ("<!-- <script> -->seen", "seen"),
        ("<!-->seen<!-- a -- > b --!>too<!-- never closed", "seentoo"),
        ("<![if !mso]>seen<![endif]><?xml x?></ bogus>", "seen"),
        ("<p title='a > b'>seen", "seen"),
        ('<a href=x"y>seen', "seen"),
        ("seen<p title='never closed>lost", "seen"),
        ("<textarea><b>seen</textarea>", "<b>seen"),
        ("<body><body>seen</html></body>too", "seen\ntoo"),
        ("a\0b", "ab"),
        ("", ""),
    ],
)
def test_text_is_what_a_reader_sees(html: str, text: str) -> None:
    assert read(html).text == text


@pytest.mark.parametrize(
    "tag",
    [
        "<div style='display:none'>",
        '<DIV STYLE="Display : None !important">',
        "<span style='visibility:hidden'>",
        "<p hidden>",
        "<span style='font-size:0'>",
        "<span style='font-size:1px'>",
        "<span style='font:1px arial'>",
        "<span style='font-size:1%'>",
        "<font color=white>",
        "<font color='#FFFFF3'>",
        "<font color=fffff3>",
        "<span style='color:#fff'>",
        "<span style='color:rgb(255, 254, 250)'>",
        "<span style='color:transparent'>",
        "<p style='opacity:0'>",
        "<div style='max-height:0;overflow:hidden'>",
        "<div style='height:0px;overflow:hidden'>",
        "<div style='position:absolute;left:-9999px'>",
        "<div style='text-indent:-9999px'>",
        "<div style='mso-hide:all'>",
        "<style>.x{display:none}</style><p class='y x'>",
        "<style><!-- #x , .z {color:#ffffff} --></style><p id=x>",
        "<style>p.x{font-size:0px}</style><p class=x>",
        "<style>p{display:none}</style><p>",
        "<body bgcolor=#000080><p style='color:#000081'>",
        "<table bgcolor=red><tr><td><font color=#ff0000>",
        "<div style='display:none'><b style='display:block'>",
        "<body link=white><a href=http://example.com/>",
        "<div style='font-size:0.9em'>" * 20,
        "<div style='background:#123456 none'><i style='color:#123456'>",
    ],
)
def test_hidden_words_stand_apart(tag: str) -> None:
    page = read(f"seen {tag}filler words")
    assert (page.text, page.hidden_text) == ("seen", "filler words")


@pytest.mark.parametrize(
    "tag",
    [
        "<font size=0>",
        "<font size=-7>",
        "<p style='max-height:0'>",
        "<p style='height:0'>",
        "<p style='font:700 12px arial'>",
        "<td bgcolor=#0000ff><font color=white>",
        "<td style='background:#00f'><font color=white>",
        "<td background=sky.png><font color=white>",
        "<td style='background:url(x)'><font color=white>",
        "<td style='background-image:linear-gradient(red,blue)'><font color=white>",
        "<style>.b{background:#00f}</style><td class=b><font color=white>",
        "<style>table .b{background:#00f}</style><td class=b><font color=white>",
        "<style>@media print{p{display:none}} @media x{.y{display:none}}</style><p class=y>",
        "<style>div .x{display:none}</style><p class=x>",
        "<div style='font-size:0'><p style='font-size:14px'>",
        "<div style='visibility:hidden'><p style='visibility:visible'>",
        "<style>.x{display:none}</style><p class=x style='display:block'>",
        "<font color=white><a href=http://example.com/>",
        "<font color=nonsense>",
        "<p style='color:#dddddd'>",
        "<p style='position:absolute;left:-10px'>",
        "<p style='left:-9999px'>",
    ],
)
def test_words_in_view_are_not_called_hidden(tag: str) -> None:
    page = read(f"{tag}offer")
    assert (page.text, page.hidden_text) == ("offer", "")


@pytest.mark.parametrize(
    ("html", "text", "hidden"),
    [
        ("V<i style='display:none'>xx</i>iagra", "Viagra", "xx"),
        ("<p style='display:none'>a<p>b", "b", "a"),
        ("<p style='display:none'>a<div>b", "b", "a"),
        ("<table><tr><td style='display:none'>a<td>b<tr><td>c</table>d", "b\nc\nd", "a"),
        ("<div><font color=white>a</div>b</font>c", "c", "a\nb"),
        ("<table><tr><td><font color=white>a</td><td>b</table>", "b", "a"),
        ("<div style='display:none'><table><tr><td>a</div>b</table>c</div>d", "d", "a\nb\nc"),
        ("<div style='display:none'><font color=red>a</div>b", "b", "a"),
        ("<b style='display:none'>a</i></u>b</b>c", "c", "ab"),
        ("<title>Re: a</title><i>b</i><title>c", "b", "Re: a\nc"),
        ("a<i hidden>b</i>c<i hidden>d</i>", "ac", "b\nd"),
        ("<br style='display:none'>a", "a", ""),
        ("<pre style='display:none'>a</pre>b", "b", "a"),
    ],
)
def test_a_style_covers_its_element_and_no_more(html: str, text: str, hidden: str) -> None:
    page = read(html)
    assert (page.text, page.hidden_text) == (text, hidden)


def test_links_in_their_order_with_the_words_that_carry_them() -> None:
    page = read(
        "<body background=/b.png><a href=' http://example.com/?a=1&amp;copy=2&copy=3 '>see <b>this</b><br>page</a>"
        "<img src=//img.example/1><map><area href=x></map><form action='http://form.example/'>"
        "<iframe src='http://frame.example/'></iframe><meta http-equiv=Refresh content='0; URL=http://next.example/'>"
        "<a name=top>no link</a><a href='#top'>nor this</a><a href=''>nor this</a>"
    )
    assert [(a.url, a.text) for a in page.links] == [
        ("/b.png", ""),
        ("http://example.com/?a=1&copy=2&copy=3", "see this page"),
        ("//img.example/1", ""),
        ("x", ""),
        ("http://form.example/", ""),
        ("http://frame.example/", ""),
        ("http://next.example/", ""),
    ]
    assert not any(a.hidden for a in page.links)


def test_links_that_nobody_sees_are_marked() -> None:
    page = read(
        "<div style='display:none'><a href=http://a.example/>filler</a><img src=http://b.example/></div>"
        "<a href=http://c.example/ style='color:#fff'>white</a><a href=http://d.example/>seen</a>"
        "<a href=http://e.example/><img src=http://f.example/></a>"
    )
    assert [(a.url[7], a.text, a.hidden) for a in page.links] == [
        ("a", "filler", True),
        ("b", "", True),
        ("c", "white", True),
        ("d", "seen", False),
        ("f", "", False),
        ("e", "", False),
    ]


def test_base_completes_relative_links_only() -> None:
    page = read(
        "<base href='http://example.com/a/'><a href=b>1</a><a href=http://x.example/>2</a><base href=http://no.example>"
    )
    assert [a.url for a in page.links] == ["http://example.com/a/b", "http://x.example/"]
    assert read("<base href='http://['><a href=b>1</a>").links == [Anchor("b", "1", False)]


def test_an_anchor_ends_where_the_next_begins() -> None:
    page = read("<a href=http://1.example/>one<a href=http://2.example/>two")
    assert [a.text for a in page.links] == ["one", "two"]


def test_what_is_beyond_the_limits_is_counted() -> None:
    assert read("x" * (_html.MAX_HTML + 5)).unread == 5
    assert read("<img src='data:image/png;base64," + "A" * _html.MAX_HTML + "'>seen").text == "seen"
    page = read("<a href=http://example.com/>x</a>" * (_html.MAX_ANCHORS + 3))
    assert (len(page.links), page.unlisted) == (_html.MAX_ANCHORS, 3)
    assert read("<a href=http://example.com/>" + "word " * 100).links[0].text == ("word " * 100)[:200]
    assert read("<b>x" * 70_000).unread == (70_000 - (1 << 16)) * 4 + 1


MIB = 1 << 20
COVERED = "<p style='color:white'>x</p>"
EVIL = {
    "nested divs": "<div>" * 50_000,
    "nested styled divs": "<div style='color:#fff'>" * 40_000,
    "less-than signs": "<" * MIB,
    "unclosed quotes": "<a href='x " * 80_000,
    "changing quotes": "<a b=\"<a c='<a " * 80_000,
    "unclosed comments": "<!--" * 250_000,
    "dashes": "<!--" + "-" * MIB,
    "attributes": "<p " + " ".join(f"a{i}='v'" for i in range(100_000)) + ">",
    "equals signs": "<p " + "=" * MIB,
    "spaces in a tag": "<p a" + " " * (MIB // 2) + "<p =" + " " * (MIB // 2),
    "style rules": "<style>" + "".join(f".c{i}{{color:#fff}}" for i in range(100_000)) + "</style><p class=c1>x",
    "style sheets": "<style>p{color:red}</style>" * 40_000 + COVERED,
    "braces": "<style>" + "{" * MIB,
    "css comments": "<style>" + "/*" * MIB,
    "selectors": "<style>" + "a b," * (MIB // 4) + "{background:red}",
    "declarations": "<p style='" + "color:red;" * 100_000 + "'>x",
    "links": "<a href='http://x.example/'>y</a>" * 30_000,
    "unclosed links": COVERED + "<a href=x>" * 100_000,
    "nested tables": COVERED + "<table><tr><td>" * 70_000,
    "nested formatting": COVERED + "<b>" * 300_000,
    "end tags that miss": COVERED + "<div>" * 60 + "</b>" * 250_000,
    "formatting reopened": COVERED + "<div>" + "<b>" * 60 + "</div><div>" * 90_000,
    "raw elements": "<script>" * 130_000,
    "raw ends": "<title>" + "</titl" * 170_000,
    "ampersands": "&" * MIB,
    "number": "&#" + "9" * MIB,
    "zeros": "&#" + "0" * MIB + ";",
    "names": ("&" + "a" * 31) * 32_768,
    "soft hyphens": "\u00ad" * MIB,
    "different styles": "".join(f"<p style='color:#{i:06x}'>x" for i in range(30_000)),
    "colours and grounds": "".join(
        f"<td bgcolor='#{0x808080 + i:06x}'>x<font color='#{i:06x}'>x" for i in range(0, 0x7FFF, 2)
    ),
    "pictures": "data:;base64," * 200_000,
    "ever smaller": "<div style='font-size:0.9em'>" * 35_000 + "x",
    "ever larger": "<div style='font-size:900%'>" * 35_000 + "x",
}


@pytest.mark.parametrize("name", EVIL)
def test_evil_input_takes_a_second_at_most(name: str) -> None:
    started = time.process_time()
    read(EVIL[name])
    assert time.process_time() - started < SECONDS


def test_nesting_does_not_unhide() -> None:
    deep = "<div>" * 5_000 + "<i style='display:none'>filler</i>offer" + "</div>" * 5_000
    page = read(deep)
    assert (page.text, page.hidden_text) == ("offer", "filler")


FRAGMENTS = st.lists(
    st.sampled_from(
        (
            *(
                "<p>",
                "</p>",
                "<b>",
                "</b>",
                "<font color=white>",
                "</font>",
                "<table>",
                "<tr>",
                "<td>",
                "</table>",
                "<br>",
            ),
            *(
                "<a href=x>",
                "</a>",
                "<div hidden>",
                "</div>",
                "<!--",
                "-->",
                "<style>p{color:#fff}</style>",
                "<script>",
            ),
            *("</script>", "<title>", "&amp;", "&#", "<", ">", "'", '"', "=", "word"),
        )
    )
)


@given(st.one_of(st.text(), FRAGMENTS.map("".join)))
def test_any_text_is_a_page(html: str) -> None:
    page = read(html)
    for text in (page.text, page.hidden_text):
        assert text == "\n".join(" ".join(line.split()) for line in text.split("\n") if line.strip())
    assert read(html) == page


@given(st.lists(st.from_regex(r"[a-z]{1,9}", fullmatch=True), min_size=1), st.data())
def test_no_word_is_lost_whatever_tags_stand_between(words: list[str], data: st.DataObject) -> None:
    tags = st.sampled_from(
        ["<p>", "</p>", "<td>", "<div hidden>", "</div>", "<li>", "<br>", "</table>", "<table>", "<a href=x>"]
    )
    html = "".join(data.draw(tags) + "<br>" + word + "<br>" for word in words)
    page = read(html)
    assert sorted((page.text + "\n" + page.hidden_text).split()) == sorted(words)


@given(
    st.lists(st.sampled_from(["<p>", "</p>", "<b>", "</b>", "<table>", "<tr>", "<td>", "</table>", "a", "b ", "<br>"]))
)
def test_both_passes_see_the_same_words(parts: list[str]) -> None:
    """Where nothing is hidden, following the elements changes nothing."""
    html = "".join(parts)
    followed = read(html + "<i hidden>filler</i>")
    assert followed.text == read(html + "<i></i>").text
