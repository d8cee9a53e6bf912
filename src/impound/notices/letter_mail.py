"""The owner's letter as mail: text and page as two forms of the same, and the PDF for print beside them."""

from __future__ import annotations

from email.message import EmailMessage

from impound.notices._envelope import POLICY, Envelope, attachment
from impound.notices._facts import Infection
from impound.notices._reporter import Reporter
from impound.notices.letter import Asked, html, letter, text
from impound.notices.letter_pdf import pdf


def mail(infection: Infection, who: Reporter, envelope: Envelope, zone: str, reference: str = "") -> bytes:
    """The letter as a message with CRLF; the same bytes for the same machine and envelope.

    ``zone`` is the owner's clock, ``reference`` what the sender calls him.
    """
    made = letter(infection, who, Asked(envelope.ticket, envelope.at, envelope.language, zone, reference))
    message = EmailMessage(policy=POLICY)
    envelope.head(message, made.title)
    message["Content-Language"] = made.language
    message["Content-Type"] = "multipart/mixed"
    message.set_boundary(f"={envelope.ticket}=")
    message.attach(_forms(text(made), html(made), f"={envelope.ticket}-letter="))
    message.attach(attachment(pdf(made), "application", "pdf", f"{envelope.ticket}.pdf"))
    return message.as_bytes()


def _forms(plain: str, page: str, boundary: str) -> EmailMessage:
    """Two forms of one text, the plainer one first (RFC 2046, 5.1.4)."""
    both = EmailMessage(policy=POLICY)
    both["Content-Type"] = "multipart/alternative"
    both.set_boundary(boundary)
    for words, sub in ((plain, "plain"), (page, "html")):
        part = EmailMessage(policy=POLICY)
        part.set_content(words, subtype=sub, cte="quoted-printable")
        del part["MIME-Version"]
        both.attach(part)
    return both
