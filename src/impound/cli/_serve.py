"""``impound serve``: what runs until it is told to end; so far the tip form."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

LOCAL = ("127.0.0.1", "::1", "localhost")


@click.group(
    epilog="\b\nExamples:\n  impound serve tips acme --new-key tips.key\n  impound serve tips acme --port 8080",
)
def serve() -> None:
    """Run a service for a case until it is told to end (Ctrl-C)."""


@serve.command(
    epilog="\b\nExamples:\n  impound serve tips acme --new-key tips.key\n  impound serve tips acme --port 8080",
)
@click.argument("case", type=click.Path(path_type=Path))
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="0 takes a free one.")
@click.option("--new-key", type=click.Path(path_type=Path), metavar="FILE",
              help="Make the key that opens tips, into a file that you keep elsewhere; then end.")  # fmt: skip
@click.option("--per-hour", "each", type=click.IntRange(1, 10_000), help="Tips an hour that one address may send (20).")
@click.option("--forwarded", is_flag=True,
              help="Count by the last address in X-Forwarded-For: only behind a proxy that adds it.")  # fmt: skip
def tips(case: Path, new_key: Path | None, host: str, port: int, **options: Any) -> None:
    """Take tips by a form on the web. They are sealed as they come, and only the key of --new-key opens them.

    Put a web server with TLS in front of it that keeps no log. Nothing of a sender is kept here.
    """
    from impound.case import Case
    from impound.cli import _note
    from impound.cli._follow import ended_by_signals
    from impound.services import tips as room

    opened = Case.open(case)
    if new_key is not None:
        public = room.new_key(opened, new_key)
        _note(f"Written: {new_key}; who has it can read the tips, and without it nobody can: keep it elsewhere")
        _note(f"Public key: {public}")
        _note(f"Next: impound serve tips {case}")
        return
    if host not in LOCAL:
        _note(f"{host} can be reached by others, and there is no TLS here: what they send could be read on its way")

    def ready(address: str, keys: list[str]) -> None:
        _note(f"Tips for {case}: {address}, sealed to {', '.join(keys)}; end with Ctrl-C")

    with ended_by_signals() as stop:
        room.serve(opened, host, port, stop=stop, ready=ready, note=_note, **options)
