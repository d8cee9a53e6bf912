"""The words by which a text asks its reader for an answer, tells him how to be left alone, and offers him something.

Three lists in the languages that spam of 2001 to 2026 is written in, and what they mean near a mailbox or a number.
A contact without a word that asks is a footer, a quotation or somebody's signature; with a word that says how to leave
a list it is not where a victim answers; and a letter that offers nothing is one between people who know each other.
"""

from __future__ import annotations

import re

import re2

BEFORE, AFTER = 110, 70
"""Characters before and after a contact in which a word may ask for it: about a line and a half."""
CHAIN = 60
"""Characters up to which the next contact belongs to the same request: "write to … or call …"."""

_ASKS = re.compile(
    r"contact|\bcall\b|phone|\btel\b|\btele|fax|mobile|\bcell\b|mail|\bwrite\b|repl(?:y|ies)|respon[ds]|answer|\bsend\b"
    r"|forward|\btext\b|\bsms\b|\bdial|reach|\bask for|order|apply|claim|enquir|inquir|consult|\bmsn\b|whats|\bvia\b"
    r"|pay\b|payment|deposit|transfer|wallet|address|bitcoin|\bbtc\b|\beth\b"
    r"|comuni|pedido|solicit|escrib|respond|correo|llam|env[ií]|mand[ea]|inform|contat|ligue|liga|escrev|correio|celular"
    r"|t[ée]l[ée]|courriel|r[ée]pond|appel|[ée]cri|kontakt|anruf|schreib|antwort|schick|ruf|contatt|scriv|rispond|chiam"
    r"|电话|電話|联系|聯繫|聯絡|手机|手機|邮|郵|信箱|致电|传真|傳真|咨询|諮詢|連絡|問い?合|返信|メール"
    r"|тел|звон|пиш|обращ|почт|моб|заказ",
)
_CALLS = re.compile(
    r"\bcall|\bdial|toll|\border|\bring\b|hot ?line|phone us|by phone|ligue|llam|anruf|\bruf|致电|来电|电话|電話|звон"
)
_LEAVES = re.compile(
    r"unsub|un-sub|\bremov|opt[ -]?out|opting|stop receiv|stop getting|no longer|(?:do|did)(?: not|n.?t) (?:wish|want)"
    r"|not wish|exclud|cancel|take (?:me|you) off|taken o(?:ff|ut)|take-?off|rather not"
    r"|further transmission|stopped|inactiv|subscri|privacy|abuse|complain|do ?n.?t e-?mail"
    r"|do not (?:reply|e-?mail|respond)|sent to|sent by|was sent|you are receiv|you receiv|receiving this|mailing list"
    r"|address book|discontinu|ensure delivery|partner e-?mail|marketing from us|for example|example:|\bstop\b|delet"
    r"|webmaster|copyright|all rights|feedback|this newsletter|view (?:this|it) online|trouble"
    r"|bounce"
    r"|remover|borra|dar(?:se)? de baja|\bbaja\b|no dese|elimin|no quiere|desinscri|désinscri|désabonn|ne plus recevoir"
    r"|abmeld|abbestell|austrag|rimuov|descadastr|n[aã]o (?:deseja|quer)|退订|退訂|取消|删除|停止|解除|拒否|отпис|удал",
)
_SENTENCE = re.compile(r"[.!?。！？][\"')]?\s|(?<![:\n])\n\s*\n|[。！？]")
_GOES_ON = re.compile(r"\s*(?:you (?:can|may|could) also|also\b|alternatively|or\b|otherwise)")
"""The beginning of a sentence that says the same as the one before it in another way."""
_CLOSING = " \n\t\"'>)]"
"""What may stand between a contact and the rest of its sentence."""
_STOP = re.compile(r"\n|[.!?][\"')]?(?:\s|$)|[。！？]")
_HEADER = re.compile(
    r"(?:^|\n)[ \t*_]*(?:from|to|cc|bcc|sender|date|sent|subject|von|an|de|para|от|кому)[ \t*_]*:[^\n]*$"
)

_OFFERS = (
    r"\$ ?\d|usd|us\$|eur\b|€|£|pounds?\b|dollars?|rmb|元|¥|руб|r\$|yen",
    r"million|fund|money|\bcash\b|argent|dinero|dinheiro|geld|资金|деньг",
    r"winn|won\b|prize|lotter|loter|loterij|award|sweepstake|jackpot|congratulat|felicit|gewinn|ganador|gagn|中奖",
    r"beneficiar|inherit|next of kin|deceased|late (?:mr|husband|father|client)|barrister|attorney|widow",
    r"\bbank|transfer|remit|deposit|swift|consignment|courier|delivery|diplomat|lieferung|envio|envío|livraison",
    r"business|proposal|transaction|partner|invest|opportunit|venture|negocio|investi|gesch[aä]ft|合作|投资|投資|бизнес",
    r"loan|credit|mortgage|debt|financ|pr[eé]stamo|emprest|kredit|贷款|кредит|refinanc",
    r"\bjob\b|salary|position|employ|vacanc|recruit|hiring|income|earn|trabajo|empleo|emprego|stelle|兼职|招聘|работ",
    r"order|price|\bbuy\b|purchas|\bsale|discount|offer|\bfree\b|guarant|shipping|precio|oferta|preço|compra|gratis|prix"
    r"|preis|angebot|价|價|优惠|免费|订购|цен|заказ|скидк",
    r"product|compan|manufactur|factory|supplier|catalog|quality|produit|producto|produto|empresa|entreprise|firma|公司"
    r"|产品|產品|企业|товар|компан",
    r"customer|client|subscriber|account|payment|refund|invoice|billing|fee\b|cuenta|cliente|konto|compte|发票|счет|счёт",
    r"degree|diploma|universit|course|seminar|training|curso|培训|培訓|семинар|обучен",
    r"confidential|urgent|assistance|trust|god\b|kindly|dear (?:friend|sir|winner|customer|beneficiary|account)"
    r"|confiden",
    r"verif|suspend|security alert|unusual|sign.?in|password|passwort|contraseñ|limited|expire",
    r"bitcoin|\bbtc\b|crypto|wallet|trading|forex|stock|profit|gewinn|ganancia|lucro|прибыл",
    r"lonely|marry|marriage|relationship|girl|dating|single (?:wo)?man|photos? of me|meet you|познаком|знаком",
    r"pharm|pill|medic|viagra|cialis|weight|diet|health|salud|saúde|gesund",
    r"mailing|e-?mails? (?:list|address|marketing)|bulk|leads\b|advertis|promot|publicidad|propaganda|rassyl"
    r"|рассыл|реклам",
)
_OFFERED = re2.Set.SearchSet()
"""All of them in one pass, thirty times as fast as one after the other (``benchmarks/reply_contacts.py``)."""
for _words in _OFFERS:
    _OFFERED.Add(_words)
_OFFERED.Compile()
OFFERS = 3
"""Different things of that list that a letter to strangers speaks of, at least."""

_PLEADS = re2.compile(
    r"\breply\b|\bget back to me|\brespond\b|your (?:\w+ ){0,3}(?:reply|response|consent|acceptance)"
    r"|contact (?:me|us|him|her|the)"
    r"|write (?:to )?(?:me|us|back)|e-?mail (?:me|us|back)|hear(?:ing)? from you|indicate your|send (?:me|us) your"
    r"|(?:full|your) names?\s*[:.]|if (?:you are )?interested|responde|escr[ií]ba|contacte|répon|antworte"
    r"|report the user"
)


def asked(text: str, start: int, end: int, earliest: int) -> bool:
    """Whether a word near ``text[start:end]`` asks for it. ``text``: in lower case; ``earliest``: whence to look."""
    if _HEADER.search(text, max(0, start - BEFORE), start):
        return False
    before = text[max(earliest, start - BEFORE) : start]
    return _ASKS.search(before) is not None or _ASKS.search(_first(text[end : end + AFTER])) is not None


def called(text: str, start: int) -> bool:
    """Whether the words before ``text[start:]`` ask to call: "Phone:" alone stands below many a filler text, too."""
    return _CALLS.search(text, max(0, start - BEFORE), start) is not None


def leaves(text: str, start: int, end: int, earliest: int) -> bool:
    """Whether the sentence around ``text[start:end]`` says how to get no more of it. ``text``: in lower case."""
    before = text[max(earliest, start - 2 * BEFORE) : start]
    ends = [0, *(stop.end() for stop in _SENTENCE.finditer(before))]
    last = before[ends[-1] :]
    if len(ends) > 1 and _GOES_ON.match(last):
        last = before[ends[-2] :]
    return (
        _LEAVES.search(last) is not None or _LEAVES.search(_first(text[end : end + AFTER].lstrip(_CLOSING))) is not None
    )


def _first(after: str) -> str:
    """What follows, up to the end of the line or sentence."""
    stop = _STOP.search(after)
    return after[: stop.start()] if stop else after


def offers(text: str) -> bool:
    """Whether a text in lower case is written to get something from a stranger: it speaks of several such things."""
    return len(_OFFERED.Match(text) or ()) >= OFFERS


def pleads(text: str) -> bool:
    """Whether a text in lower case asks for an answer by mail, without saying where."""
    return _PLEADS.search(text) is not None
