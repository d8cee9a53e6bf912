"""A mark is abused by who uses it without being its holder; who only speaks of it abuses nothing."""

from __future__ import annotations

import time

import pytest

from impound.check import brands
from impound.check.brands import Marks, abuse
from impound.check.mail import Link, Mail


def marks(mail: Mail) -> list[str]:
    return [found.brand for found in abuse(mail)]


def link(host: str, text: str = "") -> Link:
    return Link(url=f"http://{host}/x", host=host, domain=host, link_text=text)


PHISH = "Dear customer, your account has been limited. Verify your account within 24 hours, click the link below."


def test_a_sender_who_calls_himself_by_a_mark() -> None:
    (found,) = abuse(Mail(from_name="PayPal Support", from_addr="a@one.example", from_domain="one.example", text=PHISH))
    assert (found.brand, found.place) == ("PayPal", "display name")
    assert "one.example" in found.why


def test_the_holder_himself_abuses_nothing() -> None:
    own = Mail(
        from_name="PayPal",
        from_domain="mail.paypal.com",
        dkim="pass",
        dmarc="pass",
        text=PHISH,
        links=(link("paypal.com"),),
    )
    assert marks(own) == []
    abroad = Mail(from_name="PayPal", from_domain="paypal.fr", dmarc="pass", text=PHISH)
    assert marks(abroad) == []


def test_a_forged_sender_is_not_the_holder() -> None:
    forged = Mail(from_name="PayPal", from_domain="paypal.com", dmarc="fail", subject="Verify your account", text=PHISH)
    assert marks(forged) == ["PayPal"]
    elsewhere = (link("evil.example"),)
    unproved = Mail(from_name="PayPal", from_domain="paypal.com", subject="Urgent", text=PHISH, links=elsewhere)
    assert marks(unproved) == ["PayPal"]


@pytest.mark.parametrize(
    ("host", "how"),
    [
        ("paypal.com.evil.org", "in front"),
        ("secure-paypal.org", "name"),
        ("paypa1.org", "looks like"),
        ("paypall.org", "looks like"),
        ("metamaks.io", "looks like"),
        ("xn--pypal-4ve.com", "looks like"),
        ("bankofarnerica.com", "looks like"),
    ],
)
def test_a_domain_made_to_look_like_a_holders(host: str, how: str) -> None:
    found = abuse(Mail(subject="Verify your account", text=PHISH, from_domain="one.example", links=(link(host),)))
    assert [f.place for f in found] == ["domain"] and how in found[0].why, found


@pytest.mark.parametrize("host", ["paypal.com", "www.paypal.com", "paypal.de", "shop.example", "payload.org"])
def test_a_domain_that_is_a_holders_or_nobodys(host: str) -> None:
    assert brands.shipped().looks_like(host) == ("", "")


def test_goods_under_a_mark_by_who_is_not_their_maker() -> None:
    text = "Buy Viagra and Cialis, no prescription needed."
    sold = Mail(subject="Cheap Viagra", text=text, from_domain="one.example")
    assert set(marks(sold)) == {"Viagra", "Cialis"}
    watch = Mail(subject="Replica watches", text="Rolex and Omega replica watches.", from_domain="one.example")
    assert set(marks(watch)) == {"Rolex", "Omega"}


def test_makers_and_licensed_pharmacies_may_sell() -> None:
    text = "Your prescription of Viagra is ready. Order from our online pharmacy."
    for domain in ("pfizer.com", "news.cvs.com"):
        assert "Viagra" not in marks(Mail(text=text, from_domain=domain, dkim="pass")), domain


@pytest.mark.parametrize("written", ["VlAGRA", "V I A G R A", "Viagraa", "BuyViagraNow", "Vaigra"])
def test_a_mark_in_disguise(written: str) -> None:
    text = f"{written}, pills, no prescription needed"
    assert "Viagra" in marks(Mail(subject=f"{written} pharmacy", text=text, from_domain="one.example"))


INNOCENT = [
    Mail(from_name="Tea News", from_domain="tea.example", text="Find us on Facebook. We take Visa and PayPal."),
    Mail(
        from_name="Ann", from_domain="one.example", subject="Amazon", text="Did you order the book at Amazon or eBay?"
    ),
    Mail(from_name="Tiffany", from_domain="one.example", text="See you on Friday."),
    Mail(from_name="Ann (Microsoft fan)", from_domain="one.example", text="A list of tips."),
    Mail(list_id="filters.example", from_domain="one.example", text="> Your PayPal account has been limited\nFunny."),
    Mail(
        from_name="Bob", from_domain="shop.example", subject="Adobe Photoshop course", text="Learn it with us in May."
    ),
    Mail(from_name="Shop", from_domain="shop.example", subject="New TAG Heuer watches", text="See them in our shop."),
]


@pytest.mark.parametrize("mail", INNOCENT, ids=lambda m: m.subject or m.from_name or m.list_id)
def test_who_only_speaks_of_a_mark_abuses_nothing(mail: Mail) -> None:
    assert abuse(mail) == ()


def test_an_ordinary_word_is_a_mark_only_where_the_sender_is_named() -> None:
    assert marks(Mail(from_name="Target", from_domain="one.example", text=PHISH)) == ["Target"]
    assert marks(Mail(from_name="Ann", from_domain="one.example", text="The target is near, chase it. " + PHISH)) == []


def test_a_users_own_mark() -> None:
    own = Marks({"Example Bank": ("bank.example",)})
    fake = Mail(from_name="Example Bank", from_domain="one.example", text=PHISH)
    real = Mail(from_name="Example Bank", from_domain="bank.example", dmarc="pass", text=PHISH)
    assert [f.brand for f in abuse(fake, marks=own)] == ["Example Bank"]
    assert abuse(real, marks=own) == () and abuse(fake) == ()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("paypal", "paypa", True),
        ("paypal", "papyal", True),
        ("paypal", "paypol", True),
        ("paypal", "paypal", False),
        ("paypal", "pypl", False),
    ],
)
def test_one_letter_wrong(one: str, other: str, same: bool) -> None:
    assert brands.one_edit(one, other) is same and brands.one_edit(other, one) is same


def test_every_mark_has_a_holder_and_a_kind() -> None:
    known = brands.shipped()
    assert 150 <= len(known.marks) <= 250
    for name, of in known.marks.items():
        for mark in of:
            assert mark.domains or name == "Phentermine", name
            assert all(d == d.lower() and " " not in d for d in mark.domains), name


@pytest.mark.parametrize("piece", ["paypal ", "pаypаl ", "rolex viagra ", "p a y p a l ", "xn--"])
def test_a_megabyte_and_a_flood_of_links_stay_cheap(piece: str) -> None:
    links = tuple(link(f"paypal{n}.com.evil{n}.org") for n in range(500))
    evil = Mail(subject="Verify your account", text=PHISH + piece * (1_000_000 // len(piece)), links=links)
    abuse(Mail())
    start = time.process_time()
    assert len(abuse(evil)) <= brands.MOST_ABUSES
    assert time.process_time() - start < 0.5
