"""One spelling for every address, name and link."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impound import canonical


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("[192.0.2.1]", "192.0.2.1"),
        ("192.000.002.001", "192.0.2.1"),
        ("IPv6:2001:DB8::1", "2001:db8::1"),
        ("[IPv6:2001:db8:0::1]", "2001:db8::1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("fe80::1%eth0", "fe80::1"),
        ("192.0.2.256", None),
        ("192.0.2", None),
        ("192.0.2.1.example.com", None),
        ("", None),
        ("1" * 10_000, None),
        ("٣.٣.٣.٣", None),
    ],
)
def test_an_address_has_one_spelling(written: str, address: str | None) -> None:
    assert canonical.ip(written) == address


@given(st.ip_addresses())
def test_an_address_in_its_one_spelling_stays_as_it_is(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    once = canonical.ip(str(address))
    assert once is not None
    assert canonical.ip(once) == once


def test_a_network_stands_for_one_owner() -> None:
    assert canonical.network_of("192.0.2.77") == "192.0.2.0/24"
    assert canonical.network_of("2001:db8:1:2::3") == "2001:db8:1::/48"


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Mail.Example.COM.", "mail.example.com"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("localhost", None),
        ("a..b", None),
        ("-bad.example.com-", None),
        ("192.0.2.1", None),
        ("x" * 64 + ".example", None),
        ("a." * 200 + "example", None),
    ],
)
def test_a_host_name_has_one_spelling(written: str, name: str | None) -> None:
    assert canonical.host(written) == name


def test_the_registrable_domain_follows_the_public_suffix_list() -> None:
    assert canonical.registrable_domain("www.shop.example.co.uk") == "example.co.uk"
    assert canonical.registrable_domain("com") is None
    assert canonical.has_public_suffix("a.com")
    assert not canonical.has_public_suffix("readme.md5sum")


def test_the_shape_of_a_message_id_keeps_what_the_program_decides() -> None:
    shape = canonical.message_id_shape("<01c77a0b$4e2f1a90$6c822ecf@word>")
    assert shape == "<h{8}$h{8}$h{8}@word>"
    assert canonical.message_id_shape("<PNHRUA58736.76D8BB8@[192.0.2.5]>") == "<B{11}.H{7}@[ip]>"


def test_subjects_of_one_template_have_one_shape() -> None:
    assert canonical.subject_shape("Re: RE[2]: Save 70% today!") == canonical.subject_shape("save 85% TODAY")


@given(st.text(max_size=300))
def test_shapes_never_raise(text: str) -> None:
    canonical.shape(text)
    canonical.message_id_shape(text)
    canonical.subject_shape(text)
    canonical.host(text)
    canonical.ip(text)
    canonical.defang(text)


@pytest.mark.parametrize(
    ("text", "page"),
    [
        ("https://cert.example/page", True),
        ("http://cert.example", True),
        ("javascript:alert(1)", False),
        ("cert.example", False),
        ("https:cert.example", False),
        ("", False),
    ],
)
def test_only_a_web_address_may_become_a_link(text: str, page: bool) -> None:
    assert canonical.is_web_address(text) is page


def test_a_defanged_link_cannot_be_clicked() -> None:
    assert canonical.defang("https://www.example.com/a.b") == "hxxps://www[.]example[.]com/a.b"
    assert canonical.defang("mailto:a@example.com") == "mailto:a[at]example[.]com"


def test_an_id_depends_on_everything_it_is_made_of() -> None:
    ids = {
        canonical.record_id(sha, offset, table, ordinal)
        for sha in (b"a" * 32, b"b" * 32)
        for offset in (0, 1, 10)
        for table in ("messages", "urls")
        for ordinal in (0, 1)
    }
    assert len(ids) == 24
    assert all(0 <= i < 1 << 63 for i in ids)


def test_an_excerpt_shows_neither_addresses_nor_control_characters() -> None:
    assert canonical.printable(b"To: someone@example.com \x1b[31m\n") == "To: …@… ·[31m·"
