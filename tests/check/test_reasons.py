"""Why a message was called what it was: every feature has words that people understand."""

from __future__ import annotations

import inspect
import re

import pytest

from impound.check import _reasons, _shapes
from impound.check.mail import Mail

KINDS = set(re.findall(r'yield f?"([a-z,-]+)', inspect.getsource(_shapes))) | {
    *("quoted", "wrote", "signature", "loud", "money")
}


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_of_feature_has_words(kind: str) -> None:
    assert any(name.partition("=")[0] == kind for name in _reasons._SAYS)


def test_every_feature_of_a_message_can_be_said() -> None:
    mail = Mail.of(
        {
            "subject": "RE: 50 % off {today}!", "from_name": "Ada Moss", "from_addr": "ada.moss@shop.example",
            "from_domain": "shop.example", "reply_to": "x@y.example", "header_order": "From,To,Subject,In-Reply-To",
            "text": "Buy $5!\n> old\nAda wrote:\n-- \nAda", "message_id_shape": "a.9@h", "mime_shape": "text/plain",
        },
        urls=[{"url": "http://192.0.2.1/a", "scheme": "http", "host": "192.0.2.1", "domain": "", "path_shape": "/{a}",
               "place": "text", "form": "plain", "link_text": "www.shop.example"}],
        attachments=[{"name": "a.exe", "media_type": "image/gif", "magic": "image/gif", "bytes": 9}],
    )  # fmt: skip
    said = [_reasons._said(*name.partition("=")[::2]) for name in _shapes.shapes(mail)]
    assert all(said) and not any("{" in words.partition("(")[0] for words in said)
    assert "links to a bare address, not to a name" in said
    assert "no link that leads to the sender's own domain" in said
