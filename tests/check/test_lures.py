"""What a message sells is read from its words, in several languages and through disguises; talk sells nothing."""

from __future__ import annotations

import time
import tomllib
from importlib import resources

import pytest

from impound import config
from impound.check import _lexicon, lures
from impound.check.lures import lure
from impound.check.mail import File, Link, Mail


def mail(subject: str = "", text: str = "", name: str = "", **more: object) -> Mail:
    return Mail(from_name=name, subject=subject, text=text, **more)  # type: ignore[arg-type]  # columns of Mail


OFFERS = [
    ("pharmacy", "Cheap Viagra and Cialis", "Order from our online pharmacy, no prescription needed, pills from $2."),
    ("pharmacy", "Potenzmittel ohne Rezept", "Viagra und Cialis in unserer Apotheke, ohne Rezept bestellen."),
    ("pharmacy", "Farmacia en línea", "Compre Viagra y Cialis sin receta."),
    ("pharmacy", "Pharmacie", "Viagra et Cialis sans ordonnance, livraison rapide."),
    ("pharmacy", "Farmácia", "Viagra e Cialis sem receita, entrega em casa."),
    ("replica", "Swiss replica watches", "Rolex and Omega replica watches for $199."),
    ("software", "OEM software", "Adobe Photoshop $79.95, Microsoft Office $59.95, download now."),
    ("lottery", "Winning notification", "You have won the national lottery. Claim your prize, batch number 12."),
    ("lottery", "Glückwunsch!", "Sie haben gewonnen! Unser Gewinnspiel verlost einen Gutschein."),
    ("lottery", "Ha ganado la lotería", "Usted ha ganado el premio de la lotería."),
    ("lottery", "Vous avez gagné", "Vous avez gagné à la loterie, tirage au sort."),
    ("lottery", "Você ganhou", "Você ganhou o prêmio do sorteio da loteria."),
    ("advance-fee", "Dear friend", "I am a barrister. My late client left $12,500,000 and no next of kin."),
    ("advance-fee", "Spende", "Ich spende Ihnen 2.000.000 Euro für wohltätige Zwecke, Erbschaft meiner Frau."),
    ("job", "Job offer: work from home", "Part time position, no experience, weekly salary."),
    ("phishing", "Verify your account", "Unusual sign-in. Confirm your identity within 24 hours: click the link."),
    ("phishing", "Ihr Konto wurde gesperrt", "Ihr Konto wurde eingeschränkt. Bestätigen Sie Ihre Daten."),
    ("phishing", "Su cuenta", "Su cuenta ha sido bloqueada. Verifique su identidad."),
    ("phishing", "Votre compte", "Votre compte bancaire sera suspendu, confirmer vos données."),
    ("phishing", "Sua conta foi bloqueada", "Prezado cliente, confirme seus dados no internet banking."),
    (
        "stock",
        "Investor alert",
        "Sym: ABCD. Current price $0.20, 5 day target price $1.50. Strong buy, call your broker!",
    ),
    ("casino", "300% bonus", "Play blackjack and roulette in our online casino. Bonus on your first deposit."),
    ("casino", "Casino en línea", "Bono de bienvenida en su primer depósito, ruleta y tragamonedas en nuestro casino."),
    ("adult", "Russian girls", "Hot girls are waiting for you, adult dating, free chat."),
    ("finance", "Lowest mortgage rates", "Refinance today, bad credit no problem, your loan is approved."),
    ("diploma", "University diploma", "Diplomas from non accredited universities, no exam, no classes."),
    ("malware", "You have received a postcard", "To view the postcard click the link: http://cards.example/1.exe"),
    ("extortion", "I recorded you", "My malware recorded you through your webcam. Send bitcoin to my wallet."),
    ("marketing", "Special offer", "Limited time offer: toner and inkjet cartridges, free shipping, order now."),
]


@pytest.mark.parametrize(("name", "subject", "text"), OFFERS)
def test_an_offer_is_told_by_its_words(name: str, subject: str, text: str) -> None:
    links = (Link(url="http://shop.example/", host="shop.example"),)
    said = lure(mail(subject, text, links=links))
    assert said.name == name, said
    assert said.words and 0 < said.share <= 1


@pytest.mark.parametrize(
    "word", ["V1agra", "V I A G R A", "Vi\u00adagra", "Vlagra", "\\/iagra", "Vаigra", "BestViagraShop"]
)
def test_a_disguised_word_decides_and_is_shown(word: str) -> None:
    said = lure(mail(f"{word} for you", f"Buy {word} today."))
    assert said.name == "pharmacy"
    assert any("viagra" in shown for shown in said.words)


TALK = [
    mail("Minutes of Monday", "We met at nine and talked about the account of last year. The bank was open."),
    mail("Re: stock of paper", "> do we have any left?\nThe price went up, I would buy now and hold some in stock."),
    mail("New specialist for the museum", "She is a specialist in old watches and joins us in May."),
    mail(
        "[tea] brewing",
        "Free software to time your tea is out: download it from the list's page.",
        list_id="tea.example",
    ),
    mail("Nobel prize", "The prize for medicine goes to two people who study sleep."),
    mail("Lunch", "Shall we play cards on Friday? Winner pays."),
    mail("Doctor's appointment", "Please bring your prescription and come at ten."),
]


@pytest.mark.parametrize("talk", TALK, ids=lambda m: m.subject)
def test_talk_sells_nothing(talk: Mail) -> None:
    assert lure(talk).name == "ham", lure(talk)


def test_a_list_must_show_more() -> None:
    text = "I saw an ad for Viagra yesterday, our filter missed it."
    assert lure(mail("filters", text, list_id="filters.example")).name == "ham"


def test_a_picture_says_so_and_is_named_by_its_subject() -> None:
    picture = File(name="x.gif", media_type="image/gif")
    told = lure(mail("Cheap Viagra", "", files=(picture,)))
    assert told.name == "pharmacy" and told.words[-1] == lures.PICTURE
    dark = lure(mail("Hello", "see", files=(picture,)))
    assert dark.name == "other-spam" and dark.words == (lures.PICTURE,)


def test_filler_beside_a_picture_names_nothing() -> None:
    filler = "The loan of the book ended and the insurance of the car, he said, was dear to the bank of the river. " * 3
    picture = File(name="x.gif", media_type="image/gif")
    assert lure(mail("hello there", filler, files=(picture,))).name == "ham"


def test_spam_that_says_nothing_known_is_other_spam() -> None:
    assert (
        lure(mail("hello", "come and see my page of many things that I like and that you will like too"), 0.9).name
        == "other-spam"
    )


def test_what_the_classifier_holds_to_be_wanted_must_show_more() -> None:
    one = mail("Library", "Please verify your account at the library.")
    assert lure(one).name == "phishing" and lure(one, 0.01).name == "ham"


def test_a_users_own_words_decide() -> None:
    own = lures.Lexicon({"pharmacy": ["wonder root"]})
    assert lure(mail("wonder root", "The wonder root is here."), lexicon=own).name == "pharmacy"
    assert lure(mail("wonder root", "The wonder root is here.")).name == "ham"


def test_names_are_the_agreed_ones_and_every_list_is_of_a_lure() -> None:
    data = tomllib.loads(resources.files("impound.check").joinpath("lures.toml").read_text("utf-8"))
    assert set(data) - {"disguised", "inside"} == set(config.LURES) - {"other-spam", "ham"}
    for name, lists in data.items():
        if name not in ("disguised", "inside"):
            assert set(lists) <= {*lures.POINTS, "needs", "links", "together", "enough"}, name


@pytest.mark.parametrize("piece", ["viagra ", "v i a g r a ", "next of kin ", "а", "@a", "$1,000,000 ", "\\/i", "аbс "])
def test_a_megabyte_costs_what_its_beginning_costs(piece: str) -> None:
    evil = mail(piece * 50, piece * (1_000_000 // len(piece)))
    lure(mail("warm", "up"))
    start = time.process_time()
    lure(evil)
    assert time.process_time() - start < 0.5


def test_a_flood_of_new_words_fills_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_lexicon, "MOST_KEPT", 100)
    own = lures.Lexicon({"job": ["x"]})
    for n in range(500):
        lure(mail(f"word{n} other{n} third{n}"), lexicon=own)
    assert len(own._idle) <= 101 and len(own._known) <= 101


def test_what_is_remembered_changes_nothing() -> None:
    fresh = [lure(mail(s, t), lexicon=lures.Lexicon()) for _, s, t in OFFERS[:4]]
    assert fresh == [lure(mail(s, t)) for _, s, t in OFFERS[:4]]
