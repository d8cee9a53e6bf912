"""The pages of the tip form in every language there is a file for; they look like the public page.

They need no script, ask nobody else for anything and set no cookie; the headers forbid it.
"""

from __future__ import annotations

import base64
import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from typing import Any

from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import Markup

from impound.canonical import is_web_address
from impound.config import Config
from impound.errors import ConfigError
from impound.services.tips._form import FILES, Form
from impound.services.tips._limits import BODY

FIRST = ("en", "de", "es")
"""The order of the languages that come with impound; whatever else lies in the folder follows by name."""
TEMPLATES = ("frame", "form", "receipt", "said")


@dataclass(frozen=True)
class Pages:
    """Makes pages for the settings of a case; ``drill``: every page says that it is one."""

    config: Config
    drill: bool = False

    def __post_init__(self) -> None:
        for name in ("authority", "organisation"):
            page = getattr(self.config, name).page
            if page and not is_web_address(page):
                raise ConfigError(f"[{name}] page: {page} is no web address", "write it as https://name.example/page")

    def form(self, language: str, wrong: str = "", given: Form | None = None) -> str:
        """The form; with what is ``wrong`` (a text's name) and what was ``given`` where it has to be corrected."""
        return self._page("form", language, wrong=wrong, given=given or Form())

    def receipt(self, language: str, receipt: str, again: bool) -> str:
        """What the sender of a tip gets; ``again``: under a receipt that they had."""
        return self._page("receipt", language, receipt=receipt, again=again)

    def said(self, language: str, why: str) -> str:
        """Why something is not done (a text's name)."""
        return self._page("said", language, why=why)

    def _page(self, name: str, language: str, **values: Any) -> str:
        texts = self.languages[language]
        fill = {
            "authority": self.config.authority.name,
            "publisher": self.config.organisation.name,
            "files": FILES,
            "megabytes": BODY // 1_000_000,
        }
        page = self._environment.get_template(name)
        return page.render(t=texts, code=language, fill=fill, config=self.config, drill=self.drill,
                           languages=self.languages, css=Markup(self.css), **values)  # fmt: skip

    @cached_property
    def languages(self) -> dict[str, Mapping[str, Any]]:
        """The texts by the code of their language, English first."""
        return _languages()

    def language(self, accepted: str) -> str:
        """The language a browser asks for that there is, by ``Accept-Language`` (RFC 9110, 12.5.4); else the first."""
        ranked = []
        for number, part in enumerate(accepted[:200].lower().split(",")):
            name, _, weight = part.partition(";")
            ranked.append((-_weight(weight), number, name.strip().partition("-")[0]))
        return next((name for _, _, name in sorted(ranked) if name in self.languages), next(iter(self.languages)))

    @cached_property
    def css(self) -> str:
        """The style sheet: that of the public page, and what a form needs."""
        return (files("impound.writers") / "templates" / "public.css").read_text("utf-8") + _part("tips.css")

    @cached_property
    def policy(self) -> str:
        """The content security policy of every page."""
        digest = base64.b64encode(hashlib.sha256(self.css.encode("utf-8")).digest()).decode("ascii")
        return (
            f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; base-uri 'none'; "
            "frame-ancestors 'none'"
        )

    @cached_property
    def _environment(self) -> Environment:
        environment = Environment(
            loader=DictLoader({name: _part(f"{name}.html.j2") for name in TEMPLATES}),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.filters["fill"] = lambda text, values: str(text).format_map(values)
        return environment


def _languages() -> dict[str, Mapping[str, Any]]:
    folder = files("impound.services.tips") / "texts"
    codes = [f.name.removesuffix(".toml") for f in folder.iterdir() if f.name.endswith(".toml")]
    order = sorted(codes, key=lambda c: (FIRST.index(c) if c in FIRST else len(FIRST), c))
    return {code: tomllib.loads((folder / f"{code}.toml").read_text("utf-8")) for code in order}


def _weight(text: str) -> float:
    """A quality value; 1 where none is given, 0 for what is none."""
    value = text.strip().removeprefix("q=")
    try:
        return float(value) if value else 1.0
    except ValueError:
        return 0.0


def _part(name: str) -> str:
    return (files("impound.services.tips") / "templates" / name).read_text("utf-8")
