"""Links in plain text, however they are written: plain, bare, defanged, split or encoded. Precision goes first.

A link is looked for only where a dot or a colon stands before a letter or a slash; what is found is consumed, so that
time grows with the length of the text alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from impound.canonical import host as known_host
from impound.readers._urls import MAX_URL, SUFFIXES, Link, canonical, form, inner, plausible_host

__all__ = ["MAX_LINKS", "Found", "Link", "canonical", "form", "in_text", "inner"]

MAX_LINKS = 1001
"""Links of one text that are kept: one more than a message lists, so that it is known when there were more."""
MAX_CUES = 1 << 17
"""Places of one text that are looked at: thirteen times those of the richest text of all mail sets here."""
MAX_INSTRUCTIONS = 8
"""Times each verb of an instruction is looked at."""
MAX_TEXT = 1 << 20
"""Characters of a text that are searched."""

_DOT, _JOIN = "\ue000", "\ue001"
"""Private characters: one stands for a dot that was disguised, one for spaces or a line end that split a link."""
_PRIVATE = re.compile("[\ue000\ue001]")
_SLASHES = re.compile(r":[/\\]")
_DOTS = re.compile(
    r"\.(?=[A-Za-z]|(?<=[A-Za-z-].)[0-9])(?:(?<=[wW]{3}.)|"
    rf"(?=(?:[A-Za-z0-9_-]{{1,63}}+\.(?=[A-Za-z0-9_-])){{0,19}}+(?:{'|'.join(sorted(SUFFIXES))})(?![A-Za-z0-9_-])))"
)
"""Where a bare link may be: dots behind ``www``, and before labels of which the last is a suffix of such links."""
_DISGUISED = re.compile("\ue000|\\.(?:[A-Za-z\ue001]|(?<=[A-Za-z-].)[0-9])")
"""The same in texts with disguises, where suffixes may be split."""
_SIMPLE = re.compile(r"//[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}+(?<=[A-Za-z])(?![^/?#])")
"""A host as ordinary links have it, so that their spelling need not be worked out to know that they are links."""
_SCHEME_END = re.compile(r"(https?|hxxps?|h\*\*ps?|h\+\+ps?|htxps?|(?<![A-Za-z])(?:ftp|fxp))\Z", re.IGNORECASE)
_BODY = re.compile(rf'[/\\]{{1,3}}[^\s<>"]{{1,{MAX_URL}}}')
_LABEL = re.compile("[A-Za-z0-9_\ue001-]{0,63}")
_HOST = re.compile("[A-Za-z0-9_\ue001-]{1,63}(?:[.\ue000][A-Za-z0-9_\ue001-]{1,63}){1,20}")
_AFTER = re.compile(rf'(?::\d{{1,5}})?(?:[/?][^\s<>"]{{0,{MAX_URL}}})?')
_WIDE = re.compile("[\u1100-\u11ff\u2018-\u201f\u2e80-\u9fff\uac00-\ud7a3\uff00-\uffef]")
"""Letters and quotation marks that follow a link without a space where East Asian text is written."""
_BEFORE = frozenset("@/\\_.-&?%~#$+*")
_CLOSERS = {")": "(", "]": "[", "}": "{"}
_ENDS = frozenset(".,;:!?'*_~`|)]}")
_ENTITIES = ("&gt;", "&lt;", "&quot;")
_MAILTO = re.compile(r"mailto:([^\s<>\"()\[\]]{3,320})", re.IGNORECASE)

_BRACKETED = re.compile(r"(?<=[A-Za-z0-9]) ?[\[({] ?(?:\.|dot) ?[\])}] ?(?=[A-Za-z0-9])", re.IGNORECASE)
_BRACKETS = tuple((b, re.compile(rf"\{b} ?(?:\.|[dD][oO][tT]) ?[\])}}]")) for b in "[({")
_SPACED_DOT = re.compile(r" \. (com|net|org|info|biz|ru|cn|us|eu|hk)(?![\w-])")
_SPACED = re.compile(r"(?<![\w.@-])([A-Za-z0-9][A-Za-z0-9-]{2,62})" + _SPACED_DOT.pattern)
_SPOKEN = re.compile(r"(?<![\w.@-])((?:www dot )?)([A-Za-z0-9-]{3,63}) dot (com|net|org|info|biz|ru|cn)(?![\w-])", re.I)
_ASKED = re.compile(r"visit|go to|type|browser|web ?site|\burl\b|www|http|\blink\b", re.IGNORECASE)
_WWW = re.compile(r"w(?:ww| w w)(?<![\w.@-]www)(?<![\w.@-]w w w) ?\. ?([A-Za-z0-9-]{2,63}) ?\. ?([a-z]{2,6})(?![\w-])")
_COLON = re.compile(r"\b(h(?:tt|xx)ps?)(?:\[:\]//|\[://\]|:// (?=www\.)|: //)", re.IGNORECASE)
_ANGLE = re.compile(
    r'<(?:URL:)?((?:https?|ftp)://[^\s<>"]{1,2000}+'
    r'(?:[ \t]{0,2}\r?\n(?:[ \t]|> ?){0,3}[^\s<>"]{1,2000}+){1,8}+)\s{0,2}>',
    re.IGNORECASE,
)
_LINE_END = re.compile(r"[ \t]{0,2}\r?\n(?:[ \t]|> ?){0,3}")
_QUOTED = re.compile("=(?:3D|20|2E|09)")
"""Without one of these the text was decoded, and an equals sign at the end of a line is one."""
_SOFT = re.compile(r"=\r?\n(?=[^\s<>])")
_SIGNS = "*#^~|"
_VERBS = ("eplac", "emov", "hang", "ubstitut", "elet")
_INSTRUCTION = re.compile(
    r"(emov|elet)?[a-z]{1,8} (?:the |all |every )?[\"'(]?([*#^~|])[\"')]?"
    r"(?: (?:with|to|by|for) (?:a )?[\"'(]?(\.|dot\b|period\b|point\b))?",
    re.IGNORECASE,
)


class Found(NamedTuple):
    """A link with its disguise taken off, and how it was written: plain, bare, defanged, split or encoded."""

    url: str
    form: str


def in_text(text: str) -> list[Found]:
    """The links of a plain text in their order, each spelling once; at most MAX_LINKS, from MAX_TEXT characters.

    A redirector's target is a link of its own (form encoded). Domains of mail addresses are not links; ``mailto:`` is.
    """
    text = _undisguised(text[:MAX_TEXT])
    found: dict[str, Found] = {}
    for link in _scan(text):
        found.setdefault(link.url, link)
        for target in inner(link.url):
            found.setdefault(target, Found(target, "encoded"))
        if len(found) >= MAX_LINKS:
            break
    if "ailto:" in text:
        for match in _MAILTO.finditer(text):
            url = "mailto:" + _trimmed(match[1])
            found.setdefault(url, Found(url, "plain"))
            if len(found) >= MAX_LINKS:
                break
    return list(found.values())[:MAX_LINKS]


def _undisguised(text: str) -> str:
    """The text with disguises taken off and marked. Each rule is tried only where its own sign stands in the text."""
    if _DOT in text or _JOIN in text:
        text = _PRIVATE.sub("", text)
    if "=" in text and _QUOTED.search(text):
        text = _SOFT.sub(lambda m: _JOIN if _in_link(m) else m[0], text)
    if "<" in text and ("<http" in text or "<HTTP" in text or "<URL" in text):
        text = _ANGLE.sub(lambda m: "<" + _LINE_END.sub(_JOIN, m[1]) + ">", text)
    if "www" in text or "w w w" in text:
        text = _WWW.sub(_www, text)
    if " . " in text and _SPACED_DOT.search(text):
        text = _SPACED.sub(rf"\1{_DOT}\2", text)
    if any(bracket in text and sign.search(text) for bracket, sign in _BRACKETS):
        text = _BRACKETED.sub(_DOT, text)
    if " dot " in text:
        text = _SPOKEN.sub(_spoken, text)
    if "// w" in text or ("[" in text and "[:" in text):
        text = _COLON.sub(lambda m: "hxxp" + m[1][4:] + "://" if "[" in m[0] else f"{m[1]}://{_JOIN}", text)
    return _instructed(text)


def _in_link(soft: re.Match[str]) -> bool:
    """Whether a soft line break of quoted-printable cuts a link: the word before it holds ``://`` or ``www.``."""
    before = soft.string[max(soft.start() - 80, 0) : soft.start()].rsplit(None, 1)[-1:]
    return bool(before) and ("://" in before[0] or "www." in before[0])


def _spoken(found: re.Match[str]) -> str:
    """``example dot com``, only where the words around it speak of the web and it is no mail address."""
    around = found.string[max(found.start() - 80, 0) : found.start()]
    if found[2].lower() in ("the", "our", "any", "your", "this", "former", "add", "and"):
        return found[0]
    if around.rstrip("]) ").lower().endswith(("at", "@")) or not (found[1] or _ASKED.search(around)):
        return found[0]
    return (f"www{_DOT}" if found[1] else "") + f"{found[2]}{_DOT}{found[3]}"


def _www(found: re.Match[str]) -> str:
    """``www . example. com``: spaces beside the dots were put there; a name without any is left as it is."""
    name = f"www.{found[1]}.{found[2]}"
    if " " not in found[0] or not found[2].islower() or not plausible_host(name.removeprefix("www.")):
        return found[0]
    return f"www.{_JOIN}{found[1]}.{_JOIN}{found[2]}"


def _instructed(text: str) -> str:
    """Do what the text asks its reader to do: ``example*com (replace * with a dot)``, ``exam*ple.com (remove *)``."""
    if not any(sign in text for sign in _SIGNS):
        return text
    for verb in [v for v in _VERBS if v in text]:
        at = text.find(verb)
        for _ in range(MAX_INSTRUCTIONS):
            asked = _INSTRUCTION.match(text, at) if at >= 0 else None
            if asked and bool(asked[1]) != bool(asked[3]):
                text = _obeyed(text, asked[2], _DOT if asked[3] else "")
            if at < 0:
                break
            at = text.find(verb, at + 1)
    return text


def _obeyed(text: str, asked: str, dot: str) -> str:
    """The text with a sign replaced by a dot, or taken out, in each word that becomes a host by it."""
    mark = re.escape(asked)
    name = rf"(?<![\w.@{mark}-])[A-Za-z0-9-]{{1,63}}(?:[.{mark}]{{1,2}}[A-Za-z0-9-]{{1,63}}){{1,6}}+(?![\w-])"
    return re.sub(name, lambda found: _replaced(found[0], asked, dot), text)


def _replaced(word: str, mark: str, dot: str) -> str:
    changed = word.replace(mark, dot)
    if changed == word or not plausible_host(changed.replace(_DOT, ".")):
        return word
    return changed if dot else changed.replace(".", _DOT)


def _scan(text: str) -> Iterator[Found]:
    """Every link in the order of the text. ``consumed`` is where the last one, or what was taken for one, ended."""
    consumed = 0
    for at in _cues(text):
        if at < consumed:
            continue
        if text[at] == ":":
            scheme = _scheme(text[max(at - 8, consumed) : at])
            body = _BODY.match(text, at + 1) if scheme else None
            if scheme and body:
                written = _cut(body[0])
                consumed = at + 1 + len(written)
                if link := _with_scheme(scheme, written):
                    yield link
            continue
        start = _label_start(text, at, consumed)
        name = _HOST.match(text, start)
        if not name or name.end() <= at:
            continue
        consumed = name.end()
        if link := _bare(text, start, name[0]):
            after = _AFTER.match(text, consumed)
            tail = _cut(after[0]) if after else ""
            consumed += len(tail)
            yield Found(link.url + _trimmed(tail.replace(_DOT, ".").replace(_JOIN, "")), link.form)


def _scheme(before: str) -> str | None:
    """The scheme at the end of what stands before a colon."""
    if before.endswith(("http", "https")):
        return "http" if before[-1] == "p" else "https"
    found = _SCHEME_END.search(before)
    return found[1] if found else None


def _cues(text: str) -> list[int]:
    """The places in a text where a link may be, in order."""
    found = [m.start() for m in _SLASHES.finditer(text)]
    if _DOT in text or _JOIN in text:
        found += [m.start() for m in _DISGUISED.finditer(text)]
    else:
        found += [m.start() for m in _DOTS.finditer(text)]
    found.sort()
    return found[:MAX_CUES]


def _label_start(text: str, at: int, consumed: int) -> int:
    """Where the label that ends before ``at`` begins."""
    backwards = _LABEL.match(text[max(at - 63, consumed) : at][::-1])
    return at - (backwards.end() if backwards else 0)


def _cut(body: str) -> str:
    """The part of a run of characters that belongs to the link: up to East Asian text behind an ASCII host."""
    if body.isascii():
        return body
    wide = _WIDE.search(body)
    if wide and "/" in body[: wide.start()].lstrip("/\\"):
        return body[: wide.start()]
    if wide and known_host(body[: wide.start()].lstrip("/\\")):
        return body[: wide.start()]
    return body


def _trimmed(url: str) -> str:
    """A link without the punctuation of the sentence around it; closing brackets stay where they were opened within."""
    if url[-1:] not in _ENDS:
        return url
    surplus = {c: url.count(c) - url.count(o) for c, o in _CLOSERS.items()}
    while url and (last := url[-1]) in _ENDS:
        if last == ";" and url.endswith(_ENTITIES):
            url = url[: url.rfind("&")]
        elif last not in _CLOSERS:
            url = url[:-1]
        elif surplus[last] > 0:
            surplus[last] -= 1
            url = url[:-1]
        else:
            break
    return url


def _with_scheme(scheme: str, body: str) -> Found | None:
    """A link that begins with its scheme; None when it names no host."""
    body = _trimmed(body)
    if (
        scheme in ("http", "https")
        and body.isascii()
        and _SIMPLE.match(body)
        and "=3D" not in body
        and "xn--" not in body
    ):
        return Found(f"{scheme}:{body}", "plain")
    lowered = scheme.lower()
    real = "ftp" if lowered[0] == "f" else "https" if lowered.endswith("s") else "http"
    how: str | None = "defanged" if lowered not in ("http", "https", "ftp") or _DOT in body else None
    body = body.replace(_DOT, ".")
    if _JOIN in body:
        how, body = how or "split", body.replace(_JOIN, "")
    if "=3D" in body:  # quoted-printable that was not decoded
        how, body = how or "encoded", body.replace("=3D", "=")
    url = f"{real}:{body}"
    return Found(url, how or form(url)) if canonical(url) else None


def _bare(text: str, start: int, name: str) -> Found | None:
    """The host of a link without a scheme; None for words, files and the parts of mail addresses."""
    end = start + len(name)
    if (start and text[start - 1] in _BEFORE) or text[end : end + 1] in ("@", "(", "=", "\\"):
        return None
    how = "defanged" if _DOT in name else "split" if _JOIN in name else "bare"
    if how == "defanged" and text[max(start - 6, 0) : start].rstrip(" )]}").lower().endswith(("@", "at")):
        return None
    name = name.replace(_DOT, ".").replace(_JOIN, "").lstrip("-_")
    followed = text[end : end + 1] == "/" and text[end + 1 : end + 2].isalnum()
    return Found("http://" + name, how) if plausible_host(name, followed=followed) else None
