"""Text from bytes of any charset, and encoded words: always text, never an error, never slow."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from impound.readers._charset import MAX_HEADER_TEXT, codec, decode, decode_words, html_charset

RUSSIAN = "Уважаемые господа, приглашаем вас посетить наш магазин и купить товары по низким ценам."
CHINESE = "我们公司有一批产品要出口到国外市场,请您有时间的时候和我们联系,这个月的价格是最好的。"
TAIWANESE = "我們公司有一批產品要出口到國外市場,請您有時間的時候和我們聯絡,這個月的價格是最好的。"
JAPANESE = "お客様にお知らせします。このたび新しい商品を発売しましたので、ぜひご覧ください。"
KOREAN = "안녕하세요. 저희 회사에서 새로운 상품을 소개하고자 합니다. 많은 관심 부탁드립니다."
GREEK = "Αγαπητοί κύριοι, σας προσκαλούμε να επισκεφθείτε το κατάστημα και να αγοράσετε τα προϊόντα μας."
HEBREW = "לקוחות יקרים, אנו מזמינים אתכם לבקר בחנות החדשה שלנו ולקנות מוצרים במחירים נמוכים."
FRENCH = "Chère madame, vous êtes invitée à découvrir nos offres exceptionnelles dès cet été, où que vous soyez."


@pytest.mark.parametrize(
    ("name", "known_as"),
    [
        *[(n, "cp1252") for n in ("iso-8859-1", "US-ASCII", '"latin1"', "ansi_x3.4-1968", "Windows-1252", "x-cp1252")],
        *[(n, "gb18030") for n in ("gb2312", "GBK", "x-gbk", "GB_2312-80", "cp936", "euc-cn")],
        *[(n, "cp949") for n in ("ks_c_5601-1987", "euc-kr", "korean", "cp949")],
        *[
            (n, "utf-8")
            for n in ("utf-8", "UTF8", " utf-8 ", "'utf-8'", "utf-8; format=flowed", "utf-8*en", "unicode-1-1-utf-8")
        ],
        *[
            ("iso-8859-9", "cp1254"),
            ("iso-8859-15", "iso8859-15"),
            ("iso-8859-8-i", "iso8859-8"),
            ("iso_8859-2:1987", "iso8859-2"),
        ],
        *[
            ("windows-1251", "cp1251"),
            ("win-1251", "cp1251"),
            ("koi8-r", "koi8-r"),
            ("ibm866", "cp866"),
            ("tis-620", "cp874"),
        ],
        *[
            ("shift_jis", "cp932"),
            ("iso-2022-jp", "iso2022_jp_ext"),
            ("hz-gb-2312", "hz"),
            ("unicode-1-1-utf-7", "utf-7"),
        ],
        *[
            (n, None)
            for n in (
                "x-unknown",
                "default",
                "",
                "\0",
                "a\0b",
                "iso-8859-99",
                "zlib",
                "punycode",
                "rot13",
                "x" * 10_000,
            )
        ],
    ],
)
def test_names_of_charsets(name: str, known_as: str | None) -> None:
    assert codec(name) == known_as
    if known_as:
        b"".decode(known_as)


@pytest.mark.parametrize(
    ("text", "charset"),
    [
        *[
            (RUSSIAN, "koi8-r"),
            (RUSSIAN, "windows-1251"),
            (CHINESE, "gb18030"),
            (TAIWANESE, "big5"),
            (JAPANESE, "shift_jis"),
        ],
        *[
            (JAPANESE, "euc-jp"),
            (JAPANESE, "iso-2022-jp"),
            (KOREAN, "euc-kr"),
            (FRENCH, "windows-1252"),
            (FRENCH, "utf-8"),
        ],
        *[(CHINESE, "utf-8"), (GREEK, "windows-1253"), (HEBREW, "windows-1255")],
    ],
)
@pytest.mark.parametrize("claim", ["right", None, "x-unknown", "us-ascii", "utf-8"])
def test_the_text_comes_back_whatever_is_claimed(text: str, charset: str, claim: str | None) -> None:
    assert decode(text.encode(charset), charset if claim == "right" else claim) == text


@pytest.mark.parametrize(
    ("data", "charset", "text"),
    [
        (b"it\x92s \x80 5", "iso-8859-1", "it’s € 5"),
        (b"it\x92s \x81", "us-ascii", "it’s \x81"),
        ("“mostly utf-8, ü” and ".encode() + b"it\x92s", "utf-8", "“mostly utf-8, ü” and it’s"),
        ("naïve".encode(), "windows-1251", "naïve"),
        (b"\xef\xbb\xbfhello", "koi8-r", "hello"),
        (b"\xff\xfeh\0i\0", None, "hi"),
        ("hi ü".encode("utf-16-le"), "utf-16", "hi ü"),
        (b"plain", "utf-16", "plain"),
        (b"Hi Mom -+Jjo--!", "utf-7", "Hi Mom -☺-!"),
        (b"+2AA-", "utf-7", "�"),
        (b"a\0b", "utf-8", "ab"),
        (b"", None, ""),
    ],
)
def test_wrong_and_mixed_claims(data: bytes, charset: str | None, text: str) -> None:
    assert decode(data, charset) == text


@given(
    st.binary(max_size=200),
    st.none() | st.sampled_from(["utf-7", "utf-16", "hz", "iso-2022-kr", "gb2312", "big5", "\0"]) | st.text(),
)
@settings(max_examples=500, deadline=None)
def test_decode_always_gives_text_that_can_be_written(data: bytes, charset: str | None) -> None:
    assert "\0" not in decode(data, charset)
    decode(data, charset).encode("utf-8")


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\ufeff")))
def test_utf_8_needs_no_declaration(text: str) -> None:
    if not text.isascii():
        assert decode(text.encode(), None) == text


@pytest.mark.parametrize(
    "data", [b"\xff" * (8 << 20), b"\x1b$B" * (1 << 20), b"a\xe9" * (4 << 20), b"\xe4\xb8" * (1 << 20)]
)
def test_decode_is_linear(data: bytes) -> None:
    for charset in (None, "utf-8", "gb2312"):
        began = time.process_time()
        decode(data, charset)
        assert time.process_time() - began < 2


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain", "plain"),
        ("=?utf-8?Q?gr=C3=BC=C3=9Fe?=", "grüße"),
        ("=?UTF-8?b?Z3LDvMOfZQ==?=", "grüße"),
        ("a =?utf-8?q?b?= c", "a b c"),
        ("=?utf-8?q?a?= =?utf-8?q?b?=", "ab"),
        ("=?utf-8?q?a?=\t =?iso-8859-1?q?b?=", "ab"),
        ("=?utf-8?q?a?= - =?utf-8?q?b?=", "a - b"),
        ("=?utf-8?b?5Lg=?= =?utf-8?b?rQ==?=", "中"),
        ("=?utf-8?q?a_b c?=", "a b c"),
        ("=?utf-8*en?q?a?=", "a"),
        ("=?utf-8?b?YWJj!?=", "abc"),
        ("=?utf-8?b?YWJjZ?=", "abc"),
        ("=?utf-8?q??=", ""),
        ("=?utf-8?q?=41?=", "A"),
        ("=?utf-8?q?why?_because?=", "why? because"),
        ("=?utf-8?q?never ends", "=?utf-8?q?never ends"),
        ("=?utf-8?q?cut =?utf-8?q?whole?=", "=?utf-8?q?cut whole"),
        ("=?utf-8?x?abc?=", "=?utf-8?x?abc?="),
        ("=?no-such?q?abc?=", "abc"),
        ("=?a\0b?q?abc?=", "abc"),
        ("=?utf-8?q?a=0D=0Ab=00?=", "a b"),
        ("(=?utf-8?q?a?=)", "(a)"),
        (" =?utf-8?q?a?=", " a"),
        ("grüße".encode().decode("latin-1"), "grüße"),
        ("grüße".encode(), "grüße"),
        (b"=?utf-8?q?a?= gr\xfc\xdfe", "a grüße"),
        ("already 中文", "already 中文"),
    ],
)
def test_encoded_words(value: str | bytes, text: str) -> None:
    assert decode_words(value) == text


def test_raw_8_bit_text_is_read_as_the_hint_says() -> None:
    assert decode_words("Купить".encode("koi8-r"), "koi8-r") == "Купить"


@pytest.mark.parametrize(
    "value",
    [
        "=?utf-8?q?a?= " * 20_000,
        "=?utf-8?b?YQ==?= x" * 20_000,
        "=?a?q? " * 60_000,
        "=?" * 200_000,
        "=?a?b?" + "?" * 500_000,
        "\xff" * 500_000,
    ],
)
def test_long_values_are_linear_and_cut(value: str) -> None:
    began = time.process_time()
    assert 0 < len(decode_words(value)) <= MAX_HEADER_TEXT
    assert time.process_time() - began < 1


@given(
    st.text() | st.lists(st.sampled_from(["=?", "?=", "utf-8", "?q?", "?B?", " ", "=C3", "\xff", "中"])).map("".join)
)
@settings(max_examples=300, deadline=None)
def test_decode_words_never_raises(value: str) -> None:
    assert "\0" not in decode_words(value)
    decode_words(value).encode("utf-8")


def test_the_charset_that_html_names() -> None:
    assert html_charset(b'<meta http-equiv=Content-Type content="text/html; charset=GB2312">') == "gb2312"
    assert html_charset(b"<meta charset='utf-8'>") == "utf-8"
    assert html_charset(b"charset=koi8-r") is None
    assert html_charset(b"<meta " * 1000) is None
