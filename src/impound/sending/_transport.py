"""One connection to the user's own mail server, and what it answers to each message.

RFC 5321, 4.2.1: 2yz is taken, 4yz is refused for now, 5yz for good. STARTTLS (RFC 3207) is used where it is offered;
the certificate is not checked on this machine itself, where nothing passes over a network.
"""

from __future__ import annotations

import ipaddress
import re
import smtplib
import ssl
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from impound.errors import ConfigError, ImpoundError

SECONDS = 60.0
"""How long one answer may take; RFC 5321, 4.5.3.2 asks for up to ten minutes, of servers far away."""
ANSWER = 200
"""Characters kept of an answer."""
_CODES = re.compile(r"[2-5][0-9]{2}(?: [245]\.[0-9]{1,3}\.[0-9]{1,3}\b)?")


class ServerGone(ImpoundError):
    """The mail server could not be reached, or hung up; what was not taken waits."""

    exit_code = 3


@dataclass(frozen=True)
class Answer:
    """What the server said of one message: taken, refused for good, or neither (try later)."""

    code: int
    text: str

    @property
    def taken(self) -> bool:
        return 200 <= self.code < 300

    @property
    def refused(self) -> bool:
        return self.code >= 500

    @property
    def bare(self) -> str:
        """The answer without its words, which may repeat the mailbox: the codes of RFC 5321 and RFC 3463."""
        found = _CODES.match(self.text)
        return found[0] if found else str(self.code)


class Server:
    """The mail server at a host and port; a context manager that hangs up."""

    def __init__(self, host: str, port: int, seconds: float = SECONDS) -> None:
        self._where = f"{host}:{port}"
        self._host, self._port, self._seconds = host, port, seconds
        self._smtp: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        self._connected()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        if self._smtp is not None:
            self._smtp.close()

    def _connected(self) -> smtplib.SMTP:
        if self._smtp is None:
            try:
                smtp = smtplib.SMTP(self._host, self._port, timeout=self._seconds)
                smtp.ehlo_or_helo_if_needed()
                if smtp.has_extn("starttls"):
                    smtp.starttls(context=_context(self._host))
                    smtp.ehlo()
            except (OSError, smtplib.SMTPException) as error:
                raise ServerGone(f"the mail server {self._where} cannot be used: {error}", _HINT) from error
            self._smtp = smtp
        return self._smtp

    def send(self, sender: str, mailbox: str, message: bytes) -> Answer:
        """Hand one message over. Raises ServerGone when the connection breaks: then nobody knows who has it."""
        smtp = self._connected()
        try:
            smtp.sendmail(sender, [mailbox], message)
        except smtplib.SMTPRecipientsRefused as error:
            return _answer(*next(iter(error.recipients.values())))
        except smtplib.SMTPSenderRefused as error:
            raise ConfigError(f"the mail server refuses {sender} as a sender: {_words(error.smtp_error)}",
                              "name a mailbox of yours as [notices] sender") from error  # fmt: skip
        except smtplib.SMTPResponseException as error:
            self._smtp = None if error.smtp_code == 421 else smtp  # RFC 5321, 3.8: it closes the connection
            return _answer(error.smtp_code, error.smtp_error)
        except (OSError, smtplib.SMTPException) as error:
            self._smtp = None
            raise ServerGone(f"the mail server {self._where} hung up: {error}", _HINT) from error
        return Answer(250, "taken")


_HINT = "name it in impound.toml: [notices] server and port; the same command goes on from here"


def _context(host: str) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if _is_here(host):
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _answer(code: int, text: bytes | str) -> Answer:
    return Answer(code, f"{code} {_words(text)}")


def _words(text: bytes | str) -> str:
    said = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return " ".join(said.split())[:ANSWER]
