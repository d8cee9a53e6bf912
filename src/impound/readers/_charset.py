"""Text from bytes whose charset is wrong, unknown, missing or mixed; and the encoded words of header values.

Declared names follow the WHATWG Encoding Standard (labels; gb2312 is gb18030, iso-8859-1 is windows-1252, …) because
that is what the victim's mail program does, plus the names that mail has and the web has not. Only names in the table
are ever looked up, so no name in a message can reach a codec that is not for text (zlib, punycode) or grow a cache.
"""

from __future__ import annotations

import re
from binascii import Error as Base64Error
from binascii import a2b_base64, a2b_qp
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice

from impound.readers._transfer import lenient_base64

MAX_HEADER_TEXT = 64 * 1024
"""Characters of one header value that are decoded; the rest is cut. RFC 5322, 2.1.1 wants lines below 1,000."""
MAX_CHARSET = 64
"""Characters of a charset name that are looked at; IANA's longest name has 45."""
SAMPLE = 2048
"""Bytes that a guess looks at: the score is stable from about 500 on, and this costs about a millisecond."""
TRIED = 64 * 1024
"""Bytes that a declared charset is judged by where it does not fit: longer than nearly all texts, so that a hostile one
costs no more."""
HEAVY = 0.25
"""Share of 8-bit bytes above which text is not Western: French has 4 %, Vietnamese 20 %, Russian and Chinese 80 %."""
FEW = 8
"""8-bit bytes below which their share says nothing: a name, a short subject."""
MISFITS = 0.2
"""Share of 8-bit characters that a declared multi-byte charset may fail on and still be believed (mixed text)."""
CLEAR = 0.15
"""Share of a language's commonest characters that a guess needs; real text has 0.2 to 0.9, a wrong charset less."""

_LABELS = {
    "utf-8": "utf8 unicode11utf8 unicode20utf8 xunicode20utf8 utf8mb4 cp65001 utf80 utf",
    "utf-16": "utf16 unicode ucs2 iso10646ucs2 csunicode",
    "utf-16-le": "utf16le unicodefeff",
    "utf-16-be": "utf16be unicodefffe",
    "utf-32": "utf32 ucs4",
    "utf-7": "utf7 unicode11utf7 unicode20utf7 xunicode20utf7 csunicode11utf7",
    "cp1252": "usascii ascii ansix341968 ansix3.41968 iso646us us iso88591 latin1 isolatin1 csisolatin1 isoir100 l1 "
    "iso8859 88591 ansi csascii ibm819 cp819 isoir6 iso646 iso6461991irv western windowslatin1 wlatin1",
    "iso8859-2": "isolatin2 csisolatin2 isoir101 latin2 l2",
    "iso8859-3": "isolatin3 csisolatin3 isoir109 latin3 l3",
    "iso8859-4": "isolatin4 csisolatin4 isoir110 latin4 l4",
    "iso8859-5": "cyrillic csisolatincyrillic isoir144",
    "iso8859-6": "arabic asmo708 csisolatinarabic ecma114 isoir127",
    "iso8859-7": "greek greek8 csisolatingreek ecma118 elot928 isoir126 suneugreek",
    "iso8859-8": "hebrew visual logical csisolatinhebrew isoir138",
    "cp1254": "isolatin5 csisolatin5 isoir148 latin5 l5",
    "iso8859-10": "isolatin6 csisolatin6 isoir157 latin6 l6",
    "iso8859-15": "latin9 isolatin9 csisolatin9 l9",
    "cp874": "tis620 dos874",
    "koi8-r": "koi8r koi8 koi cskoi8r",
    "koi8-u": "koi8u koi8ru",
    "mac-roman": "macintosh mac xmacroman csmacintosh macroman",
    "mac-cyrillic": "xmaccyrillic xmacukrainian",
    "gb18030": "gb2312 gbk gb chinese csgb2312 csiso58gb231280 gb231280 isoir58 xgbk xgb euccn xeuccn gb180302000 "
    "cngb cngb2312 cp936 ms936 windows936 936",
    "big5hkscs": "big5 bigfive big5hkscs big5eten cnbig5 csbig5 xxbig5 xbig5 cp950 ms950 windows950 950",
    "cp932": "shiftjis sjis xsjis csshiftjis mskanji ms932 windows31j shiftjisx0213 xmscp932 cp932 windows932 932",
    "euc_jp": "eucjp xeucjp xeuc cseucpkdfmtjapanese ujis eucjpms",
    "cp949": "euckr cseuckr ksc56011987 ksc56011989 ksc5601 ksc korean csksc56011987 isoir149 windows949 cp949 ms949 "
    "ks56011987 ksx1001 uhc 949 ks",
    "iso2022_jp_ext": "iso2022jp csiso2022jp iso2022jp1 iso2022jp2 iso2022jp3 iso2022jpext jis cp50220 cp50221 "
    "iso2022jpms",
    "iso2022_kr": "iso2022kr csiso2022kr",
    "hz": "hz hzgb2312 hzgb",
}
"""Codec → its names with everything but letters and digits taken out, in lower case."""
_CODECS = {name: codec for codec, names in _LABELS.items() for name in names.split()}
_PAGES = re.compile(r"(?:x|cs)?(?:windows|win|cp|ms|ibm|dos|codepage|microsoftcp)+(\d{3,4})")
_PAGE_CODECS = {*map(str, [437, 737, 775, *range(850, 870), 874, *range(1250, 1259)])} - {
    *map(str, [851, 853, 854, 856, 859, 867, 868])
}
_ISO = re.compile(r"(?:x|cs)?iso8859(\d{1,2}?)(?:19\d\d)?[ei]?(?!\d)")
_ISO_AS = {"1": "cp1252", "9": "cp1254", "11": "cp874", "12": None}
_PLAIN_MULTI = frozenset({"gb18030", "big5hkscs", "cp932", "euc_jp", "cp949"})
_SHIFTED = frozenset({"utf-7", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "iso2022_jp_ext", "iso2022_kr", "hz"})
_WIDE = frozenset({"utf-16", "utf-16-le", "utf-16-be", "utf-32"})
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))

_HIGH = bytes(range(128, 256))
_FIRST_HIGH = re.compile(rb"[\x80-\xff]")
_HIGH_RUN = re.compile(rb"[\x80-\xff][\x40-\xff]{0,400}")
_HIGH_BYTES = re.compile(rb"[\x80-\xff]+")
_SURROGATE = re.compile("[\ud800-\udfff]")
_WINDOWS_1252 = {b: bytes([b]).decode("cp1252", "ignore") or chr(b) for b in range(128, 160)}
_MISFIT = {0xDC00 + b: _WINDOWS_1252.get(b, chr(b)) for b in range(128, 256)}

_COMMON = {
    "koi8-r": "оеаинтсрвлкмдпуыя",
    "cp1251": "оеаинтсрвлкмдпуыя",
    "cp1253": "αοιετσνηυρπκμλςάόίέύή",
    "cp1255": "יוהלאתמרבנשםד",
    "gb18030": "的一是不了在人有我他这中大来上个国到说们为子和你地出也时年得就要下以生会自着去之过家学对可里后小多天"
    "能好都没日于起发成事只作想看文无开用主行方如前所本见经公同三已从动两长知现分将外但些与高意进法此实回二理月"
    "明其全工者向情部正名定机给等业最新位因重电第相次政海口使教再平真信关并内加化代产入先五水万市司及务票各提",
    "big5hkscs": "的一是不了在人有我他這中大來上個國到說們為子和你地出也時年得就要下以生會自著去之過家學對可里後小多天"
    "能好都沒日於起發成事只作想看文無開用主行方如前所本見經公同三已從動兩長知現分將外但些與高意進法此實回二理月"
    "明其全工者向情部正名定機給等業最新位因重電第相次政海口使教再平真信關並內加化代產入先五水萬市司及務請",
    "cp932": "".join(map(chr, range(0x3041, 0x3094))) + "ンスルトイリアクラドレ日本人年大円",
    "euc_jp": "".join(map(chr, range(0x3041, 0x3094))) + "ンスルトイリアクラドレ日本人年大円",
    "cp949": "이다는의에가을한하고를지로사기어아서도있자인리나은대시수그해것일보들으라전게스정만장상부구주제여면원동관"
    "우조성했과와니안오무입합세요습신용회비공금신청방내드문",
}
"""The commonest characters of the languages a charset is used for, by codec: what a guess counts."""
_LETTERS = {
    "koi8-r": re.compile("[а-яА-Я]"),
    "cp1251": re.compile("[а-яА-Я]"),
    "cp1253": re.compile("[Ά-ώ]"),
    "cp1255": re.compile("[א-ת]"),
}
"""The letters of its alphabet: telling for single-byte charsets, under which every byte is something."""
_COMMON_RE = {codec: re.compile(f"[{chars}]") for codec, chars in _COMMON.items()}


def _told_by_bytes(codec: str) -> tuple[bytes, bytes]:
    """Which bytes of a single-byte charset are its language's commonest letters, and which are no letters of it."""
    high = {b: bytes([b]).decode(codec, "replace") for b in range(128, 256)}
    common = bytes(b for b, char in high.items() if char in _COMMON[codec])
    return common, bytes(b for b, char in high.items() if not _LETTERS[codec].match(char))


_SINGLE = {codec: _told_by_bytes(codec) for codec in _LETTERS}

_WORD = re.compile(r"=\?([^?\s]{1,128}+)\?([bBqQ])\?")
_HTML_CHARSET = re.compile(
    rb"(?i)<(?:meta|\?xml)\b[^>]{0,300}?(?:charset|encoding)\s{0,9}=\s{0,9}[\"']?([\w:.-]{1,64})"
)


@lru_cache(maxsize=1024)
def codec(charset: str) -> str | None:
    """The Python codec a mail program would use for a charset name, or None when nobody knows that name."""
    name = "".join(c for c in charset[:MAX_CHARSET].lower().partition("*")[0] if c.isalnum() and c.isascii())
    if found := _CODECS.get(name):
        return found
    if page := _PAGES.match(name):
        number = page[1] if page[1] in _PAGE_CODECS else page[1][:3]
        return f"cp{number}" if number in _PAGE_CODECS else None
    if iso := _ISO.match(name):
        part = iso[1]
        return _ISO_AS.get(part, f"iso8859-{part}") if part.lstrip("0") == part and 0 < int(part) <= 16 else None
    return "utf-8" if name.startswith("utf8") else None


def decode(data: bytes, charset: str | None) -> str:
    """The text of bytes: always some, never an error, without NUL characters and lone surrogates.

    A byte order mark wins over the declared charset, the declaration over valid UTF-8 for multi-byte charsets, valid
    UTF-8 over a declared single-byte one (which cannot be told from wrong), and all of these over a guess.
    """
    declared = codec(charset) if charset else None
    if data.isascii() and declared not in _SHIFTED and b"\x1b$" not in data:
        text = data.decode("ascii")
    else:
        text = _SURROGATE.sub("\ufffd", _decode(data, declared))
    return text.replace("\0", "") if "\0" in text else text


def _decode(data: bytes, declared: str | None) -> str:
    for mark, name in _BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(name, "replace")
    if declared in _WIDE and (b"\0" in data or not data.isascii()):
        return data.decode(declared, "replace")
    if data.isascii():
        return _seven_bit(data, declared)
    if declared in _PLAIN_MULTI or declared in _SHIFTED - _WIDE:
        text = _believed(data, declared)
        if text is not None:
            return text
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return _eight_bit(data, declared)


def _seven_bit(data: bytes, declared: str | None) -> str:
    """ASCII bytes that may shift into another alphabet: ISO-2022 by its escapes (also undeclared), UTF-7, HZ."""
    if b"\x1b$" in data:
        declared = "iso2022_kr" if b"\x1b$)C" in data else "iso2022_jp_ext"
    if declared is None or declared in _WIDE:
        return data.decode("ascii")
    return data.decode(declared, "replace")


def _eight_bit(data: bytes, declared: str | None) -> str:
    """8-bit text that is not UTF-8."""
    if declared == "utf-8" and (text := _mixed_utf8(data)) is not None:
        return text
    if declared in (None, "utf-8", "cp1252") or declared in _PLAIN_MULTI or declared in _SHIFTED:
        declared = _guess(data)
    if declared == "cp1252":
        return windows_1252(data)
    return data.decode(declared, "replace")


def windows_1252(data: bytes) -> str:
    """Bytes as windows-1252; the five bytes it leaves free stand for themselves, as browsers have it."""
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        return data.decode("latin-1").translate(_WINDOWS_1252)


def _high(data: bytes) -> int:
    return len(data) - len(data.translate(None, _HIGH))


def _believed(data: bytes, declared: str) -> str | None:
    """Text in the declared multi-byte charset, or None when too much of it does not fit."""
    try:
        return data.decode(declared)
    except UnicodeDecodeError:
        tried = _tried(data)
    if tried.decode(declared, "replace").count("\ufffd") > MISFITS * _high(tried) / 2:
        return None
    return data.decode(declared, "replace")


def _mixed_utf8(data: bytes) -> str | None:
    """UTF-8 with stray bytes of windows-1252 in it, or None when most of it is not UTF-8."""
    tried = _tried(data)
    if len(_SURROGATE.findall(tried.decode("utf-8", "surrogateescape"))) > MISFITS * _high(tried):
        return None
    return data.decode("utf-8", "surrogateescape").translate(_MISFIT)


def _tried(data: bytes) -> bytes:
    """Enough of a text to judge a declared charset by: from its first 8-bit byte."""
    first = _FIRST_HIGH.search(data)
    return data[first.start() : first.start() + TRIED] if first else b""


def _guess(data: bytes) -> str:
    """The codec that an undeclared or wrongly declared 8-bit text is most likely in.

    Western text has its 8-bit bytes alone between letters; elsewhere the codec wins under which most 8-bit characters
    are the commonest ones of its language. KOI8-R and windows-1251 swap small and capital letters: small ones count.
    """
    first = _FIRST_HIGH.search(data)
    near = data[first.start() : first.start() + SAMPLE] if first else b""
    high = _high(near)
    if (
        high < max(FEW, HEAVY * len(near))
        and sum([len(run) for run in _HIGH_BYTES.findall(near) if len(run) < 3]) > high / 2
    ):
        return "cp1252"
    sample = b" ".join(islice((run[0] for run in _HIGH_RUN.finditer(data)), SAMPLE // 4))[:SAMPLE]
    high = _high(sample)
    best, best_score = "cp1252", CLEAR
    for name in _COMMON:
        score = _score(sample, name, high)
        if score > best_score:
            best, best_score = name, score
    return best


def _score(sample: bytes, name: str, high: int) -> float:
    """The share of a sample's 8-bit characters that are among the language's commonest, less those that cannot be."""
    if name in _SINGLE:
        common, strange = _SINGLE[name]
        return (len(sample.translate(None, strange)) - len(sample.translate(None, common))) / high
    text = sample.decode(name, "replace")
    hits = len(_COMMON_RE[name].findall(text))
    return (hits - 2 * text.count("\ufffd")) / (len(text) - len(text.encode("ascii", "ignore")) or 1)


def html_charset(data: bytes) -> str | None:
    """The charset an HTML document names in its first 1,024 bytes (WHATWG HTML, 13.2.3.2), where a part has none."""
    found = _HTML_CHARSET.search(data[:1024])
    return found[1].decode("ascii", "replace").lower() if found else None


def decode_words(value: str | bytes, hint: str | None = None) -> str:
    """A header value as a reader sees it, at most MAX_HEADER_TEXT characters: encoded words (RFC 2047) and 8-bit text.

    A string is taken as the bytes it stands for (Latin-1) unless it has characters above U+00FF. White space between
    encoded words goes (6.2), words of one charset are joined before decoding (characters split over words), spaces in
    words and bad base64 are tolerated. ``hint`` is the charset for raw 8-bit text, usually the one of the body.
    """
    text = value.decode("latin-1") if isinstance(value, bytes) else value
    if "=?" not in text:
        return _tidy(_raw(text[:MAX_HEADER_TEXT], hint))
    out: list[str] = []
    room = MAX_HEADER_TEXT
    for piece, charset in _pieces(text):
        out.append(_raw(piece, hint) if isinstance(piece, str) else decode(piece, charset))
        room -= len(out[-1])
        if room <= 0:
            break
    return _tidy("".join(out)[:MAX_HEADER_TEXT])


def _raw(text: str, hint: str | None) -> str:
    if text.isascii():
        return text
    try:
        return decode(text.encode("latin-1"), hint)
    except UnicodeEncodeError:
        return _SURROGATE.sub("\ufffd", text)


def _tidy(text: str) -> str:
    """Line breaks that an encoded word smuggled into a header become spaces; NUL goes."""
    return text if text.isprintable() else text.replace("\0", "").replace("\r", "").replace("\n", " ")


def _pieces(text: str) -> Iterator[tuple[str | bytes, str]]:
    """A header value as plain text and (bytes, charset) in turn, neighbours of one charset joined.

    Linear: the search for the end of a word stops where the next word begins.
    """
    starts = list(_WORD.finditer(text))
    done, charset, joined = 0, "", bytearray()
    for i, start in enumerate(starts):
        stop = starts[i + 1].start() if i + 1 < len(starts) else len(text)
        end = text.find("?=", start.end(), stop)
        if end < 0:
            continue
        between = text[done : start.start()]
        apart = not charset or between.strip(" \t\r\n")
        if apart or charset != start[1].lower():
            yield bytes(joined), charset
            joined = bytearray()
        if apart:
            yield between, ""
        charset, done = start[1].lower(), end + 2
        joined += _word_bytes(start[2], text[start.end() : end])
    yield bytes(joined), charset
    yield text[done:], ""


def _word_bytes(encoding: str, text: str) -> bytes:
    data = text.encode("latin-1", "replace")
    if encoding in "qQ":
        return a2b_qp(data, header=True)
    try:
        return a2b_base64(data)
    except Base64Error:
        return lenient_base64(data)
