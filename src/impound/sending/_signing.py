"""The DKIM signature of a notice (RFC 6376), by the key that ``[notices]`` names; none where it names none."""

from __future__ import annotations

from pathlib import Path

from impound.config import Notices
from impound.errors import ConfigError, MissingExtra

SIGNED = (b"from", b"to", b"subject", b"date", b"message-id", b"mime-version", b"content-type", b"auto-submitted")


class Signer:
    """Signs messages; made once, so that a key that cannot be used is told before anything is sent."""

    def __init__(self, settings: Notices) -> None:
        given = {settings.dkim_domain, settings.dkim_selector, settings.dkim_key}
        if "" in given and given != {""}:
            raise ConfigError("[notices]: dkim_domain, dkim_selector and dkim_key go together", "give all, or none")
        self._settings, self._key = settings, b""
        if settings.dkim_key:
            try:
                self._key = Path(settings.dkim_key).read_bytes()
            except OSError as error:
                raise ConfigError(f"[notices] dkim_key: {settings.dkim_key}: {error.strerror}") from error
            self.signed(b"From: a@b.example\r\n\r\n\r\n")

    def signed(self, message: bytes) -> bytes:
        """The message with a signature in front of it, or as it is."""
        if not self._key:
            return message
        try:
            import dkim
        except ModuleNotFoundError as missing:
            raise MissingExtra("dkimpy, which signing notices needs,", "notices") from missing
        who = self._settings
        try:
            line: bytes = dkim.sign(message, who.dkim_selector.encode(), who.dkim_domain.encode(), self._key,
                                    canonicalize=(b"relaxed", b"relaxed"), include_headers=list(SIGNED))  # fmt: skip
        except (dkim.DKIMException, ValueError, AttributeError, TypeError) as error:
            raise ConfigError(f"[notices] dkim_key cannot sign: {error}", "an RSA key in PEM is wanted") from error
        return line + message
