"""The web application: a form for each language, and what becomes of a form that is sent.

Nothing of a sender is kept or logged. The address serves to count (see :mod:`~impound.services.tips._limits`), and is
forgotten with the answer. An answer to a receipt is the same whether tips with it are here or not, and costs the same.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from impound.errors import StoreError
from impound.services.tips import _form, _receipt, _sealed
from impound.services.tips._box import Box, hour
from impound.services.tips._form import FILES, Form
from impound.services.tips._limits import BODY, HEARD, HEARING, SECONDS, Limits, Refused
from impound.services.tips._pages import Pages

SAME = ("same-origin", "none")
"""Values of Sec-Fetch-Site (W3C Fetch Metadata) of what our own page sends, or somebody who typed the address."""
HEAD = 16_000
"""Bytes of the head of a request, and how many headers it may have: what web servers allow."""
HEADERS_MOST = 100
HEADERS = {
    "Cache-Control": "no-store",
    "Connection": "close",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class Tips:
    """Takes tips for one case. ``key`` makes tags of receipts, ``recipients`` are who can open a tip."""

    def __init__(
        self,
        box: Box,
        pages: Pages,
        key: bytes,
        recipients: list[Any],
        limits: Limits,
        *,
        forwarded: bool = False,
        seconds: float = SECONDS,
        note: Callable[[str], None] = lambda text: None,
    ) -> None:
        self._box, self._pages, self._key, self._recipients = box, pages, key, recipients
        self._limits, self._forwarded, self._seconds, self._note = limits, forwarded, seconds, note
        self._one_at_a_time = threading.Lock()
        self._app = self._routes()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, unless its head is larger than any browser's."""
        headers = scope["headers"]
        if len(headers) > HEADERS_MOST or sum(len(n) + len(v) for n, v in headers) + len(scope["path"]) > HEAD:
            await self._answer(431, self._pages.said(self._pages.language(""), "malformed"))(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _routes(self) -> Starlette:
        """The pages; their links work below any path."""
        made = Starlette(
            routes=[
                Route("/", self._choose, methods=["GET"]),
                Route("/{language}/", self._show, methods=["GET"]),
                Route("/{language}/", self._take, methods=["POST"]),
            ],
            exception_handlers={HTTPException: self._strayed, Exception: self._failed},
        )
        made.router.redirect_slashes = False
        return made

    async def _choose(self, request: Request) -> Response:
        language = self._pages.language(request.headers.get("accept-language", ""))
        return RedirectResponse(f"{language}/", 303, headers=self._headers() | {"Vary": "Accept-Language"})

    async def _show(self, request: Request) -> Response:
        return self._answer(200, self._pages.form(self._language(request)))

    async def _strayed(self, request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 404
        return self._answer(status, self._pages.said(self._any_language(request), "not_found"))

    async def _failed(self, request: Request, error: Exception) -> Response:
        """Says that something failed, and nothing of what a sender wrote: only the kind of the mistake."""
        self._note(f"a request failed ({type(error).__name__}): please report it")
        return self._answer(500, self._pages.said(self._any_language(request), "failed"))

    async def _take(self, request: Request) -> Response:
        language, stream = self._language(request), request.stream()
        try:
            _same_site(request)
            with self._limits.coming(self._address(request)):
                body = await self._body(stream)
                held = len(body)
                try:
                    return await asyncio.to_thread(self._kept, request.headers.get("content-type", ""), body, language)
                finally:
                    self._limits.hold(-held)
        except Refused as refused:
            await _hear_out(request, stream)
            return self._answer(refused.status, self._pages.said(language, refused.why))
        except ClientDisconnect:
            return Response()  # nobody hears it

    async def _body(self, stream: AsyncIterator[bytes]) -> bytearray:
        """The body, which counts as held. Raises Refused where it is too long or too slow, or there is no room."""
        held = bytearray()
        try:
            async with asyncio.timeout(self._seconds):
                async for chunk in stream:
                    if len(held) + len(chunk) > BODY:
                        raise Refused(413, "too_large")
                    self._limits.hold(len(chunk))
                    held += chunk
        except BaseException as error:
            self._limits.hold(-len(held))
            if isinstance(error, TimeoutError):
                raise Refused(408, "too_slow") from None
            raise
        return held

    def _kept(self, content_type: str, body: bytearray, language: str) -> Response:
        """Read, seal and keep a tip, one at a time, for that takes some copies of it; the answer to it."""
        with self._one_at_a_time:
            whole = bytes(body)
            body.clear()
            form = _form.parse(content_type, whole)
            had = _receipt.understood(form.receipt) if form.receipt else None
            if form.receipt and had is None:
                return self._again(language, "not_a_receipt", form)
            if not form.words.strip() and not form.attached:
                return self._again(language, "empty", form)
            if len(form.attached) > FILES:
                return self._again(language, "too_many_files", form)
            receipt = had or _receipt.fresh()
            sealed = _sealed.seal(form, language, hour(), self._recipients)
            try:
                self._box.add(_receipt.tag(receipt, self._key), sealed)
            except StoreError as error:
                self._note(error.message)
                raise Refused(503, "not_kept") from error
        return self._answer(200, self._pages.receipt(language, receipt, had is not None))

    def _again(self, language: str, wrong: str, form: Form) -> Response:
        return self._answer(422, self._pages.form(language, wrong, form))

    def _answer(self, status: int, page: str) -> Response:
        return HTMLResponse(page, status, headers=self._headers())

    def _headers(self) -> dict[str, str]:
        return HEADERS | {"Content-Security-Policy": self._pages.policy}

    def _language(self, request: Request) -> str:
        language = str(request.path_params["language"])
        if language not in self._pages.languages:
            raise HTTPException(404)
        return language

    def _any_language(self, request: Request) -> str:
        first = request.url.path.strip("/").partition("/")[0]
        return first if first in self._pages.languages else self._pages.language(
            request.headers.get("accept-language", "")
        )  # fmt: skip

    def _address(self, request: Request) -> str:
        """Who asks, to count them; where a proxy is trusted, the last address in X-Forwarded-For, which it added."""
        said = request.headers.get("x-forwarded-for", "") if self._forwarded else ""
        return said.rpartition(",")[2].strip() or (request.client.host if request.client else "")


def _same_site(request: Request) -> None:
    """Raises Refused for a form that another site's page sent in the name of its visitor."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None:
        foreign = site not in SAME
    else:
        foreign = origin is not None and urlsplit(origin).netloc != request.headers.get("host")
    if foreign:
        raise Refused(403, "elsewhere")


async def _hear_out(request: Request, stream: AsyncIterator[bytes]) -> None:
    """Listen to what is left of a body, and keep nothing: whoever is cut off while sending reads no answer (RFC 9112,
    9.6). Of what is longer than anybody should send nothing is heard.
    """
    declared, size = request.headers.get("content-length", "0"), 0
    if not declared.isdigit() or int(declared) > HEARD:
        return
    with suppress(TimeoutError, ClientDisconnect):
        async with asyncio.timeout(HEARING):
            async for chunk in stream:
                size += len(chunk)
                if size > HEARD:
                    return
