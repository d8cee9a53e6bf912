"""A message from its rows: nothing is missing, and nothing unknown is needed."""

from __future__ import annotations

from impound.check.mail import MOST_LINKS, Link, Mail


def test_what_a_row_lacks_is_empty() -> None:
    assert Mail.of({"id": 1, "subject": None, "received": []}) == Mail()


def test_the_page_is_what_a_reader_reads() -> None:
    assert Mail.of({}, {"text": "plain", "html_text": "page"}).words == "page"
    assert Mail.of({}, {"text": "plain", "html_text": None}).words == "plain"


def test_links_are_counted_and_cut() -> None:
    mail = Mail.of({}, urls=({"url": f"http://{n}.example/", "id": n} for n in range(10_000)))
    assert len(mail.links) == MOST_LINKS
    assert mail.links[0] == Link(url="http://0.example/")
