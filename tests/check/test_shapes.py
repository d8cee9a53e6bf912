"""The build of a message names nothing of the site: neither recipients nor receivers nor lists."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from impound.check._shapes import shapes
from impound.check.mail import File, Link, Mail

MAIL = Mail(
    from_name="Anna Example",
    from_addr="anna@shop.example",
    from_domain="shop.example",
    subject="Offer!",
    header_order="Received,Delivered-To,From,To,Subject,X-Local-Filter,List-Id,Message-ID",
    rfc_message_id="<1234@mail.shop.example>",
    message_id_shape="<9{4}@name.name.name>",
    mime_shape="text/plain",
    text="Buy now!",
    links=(Link("http://shop.example/a", "http", "shop.example", "shop.example", "/a{1}", "text", "plain"),),
)


def test_headers_of_servers_filters_and_lists_are_not_looked_at() -> None:
    found = "\n".join(shapes(MAIL))
    assert "header=From" in found and "order=Subject,Message-ID" in found
    for local in ("Received", "Delivered-To", "X-Local-Filter", "List-Id"):
        assert local not in found


def test_names_appear_only_as_relations() -> None:
    found = shapes(MAIL)
    assert "mid-from=below" in found
    assert "link-from=True" in found
    assert not any("shop" in name for name in found)


def test_each_feature_stands_there_once() -> None:
    found = shapes(MAIL)
    assert len(found) == len(set(found))


@given(st.text(max_size=200), st.text(max_size=200), st.text(max_size=200), st.text(max_size=50))
def test_whatever_a_message_says_gives_features(name: str, subject: str, text: str, file: str) -> None:
    mail = Mail(from_name=name, subject=subject, text=text, mailer=file, header_order=file, files=(File(name=file),))
    assert all(isinstance(feature, str) for feature in shapes(mail))
