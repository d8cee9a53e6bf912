"""Webmail: services where anybody may have an account, by the registered domains of their addresses and servers.

Facts that anybody can look up: the domains are those that the services' own documentation, SPF records and public
reverse names show (as of 2007 to 2024).
"""

from __future__ import annotations

WEBMAIL = frozenset(
    (  # noqa: SIM905
        "yahoo.com yahoo.co.jp yahoo.net yahoodns.net hotmail.com outlook.com live.com msn.com google.com "
        "gmail.com googlemail.com aol.com aol.net mx.aol.com gmx.net gmx.com gmx.de web.de mail.com mail.ru "
        "yandex.ru yandex.net rambler.ru icloud.com apple.com mac.com me.com zoho.com protonmail.ch "
        "protonmail.com proton.me fastmail.com messagingengine.com mailfence.com tutanota.de lycos.com "
        "excite.com excitenetwork.com myway.com hushmail.com rediffmail.com rediff.com rediffmailpro.com "
        "indiatimes.com sina.com sina.com.cn 163.com 126.com 127.net qq.com sohu.com daum.net hanmail.net "
        "naver.com nate.com laposte.net libero.it tiscali.it uol.com.br bol.com.br terra.com.br terra.com "
        "walla.co.il mail.bg abv.bg seznam.cz wp.pl onet.pl o2.pl interia.pl care2.com bigfoot.com pobox.com "
        "usa.net "
    ).split()
)
"""Webmail: anybody may have an account."""
