"""The report opens in a browser without a console message and without a request to anybody."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="NO BROWSER: install chromium to test the report in it")
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --disable-extensions --disable-default-apps --enable-logging=stderr "
    "--log-level=0 --virtual-time-budget=3000 --host-resolver-rules=MAP\\ *\\ ~NOTFOUND"
)
BROWSERS_OWN = "not an origin"
"""Who asks when the browser looks for its own updates; a page is named by its origin, ``null`` for a file."""
CONSOLE = re.compile(r":CONSOLE[:(].*")


def complaints(page: Path, folder: Path) -> tuple[list[str], list[str], str]:
    """What a browser says of a page: its console lines, the addresses asked for, and the page after scripts ran."""
    assert CHROMIUM
    log = folder / "net.json"
    flags = [flag.replace("\\ ", " ") for flag in re.split(r"(?<!\\) ", FLAGS)]
    done = subprocess.run(
        [
            CHROMIUM,
            *flags,
            f"--user-data-dir={folder / 'profile'}",
            f"--log-net-log={log}",
            "--dump-dom",
            page.as_uri(),
        ],
        capture_output=True,
        timeout=180,
        check=False,
    )
    console = CONSOLE.findall(done.stderr.decode("utf-8", "replace"))
    events = json.loads(log.read_text("utf-8", "replace"))["events"]
    params = [e["params"] for e in events if "initiator" in e.get("params", {})]
    asked = {p["url"] for p in params if p["initiator"] != BROWSERS_OWN}
    outside = sorted(url for url in asked if not url.startswith(("file:", "data:")))
    return console, outside, done.stdout.decode("utf-8", "replace")


@needs_chromium
def test_the_report_says_nothing_to_the_console_and_asks_nobody(busy: str, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    page.write_text(busy, "utf-8")
    console, outside, dom = complaints(page, tmp_path)
    assert "<h1>Who really sent this mail</h1>" in dom
    assert console == []
    assert outside == []
    assert '<button type="button">Messages</button>' in dom, "the sorting script did not run"


@needs_chromium
@pytest.mark.parametrize("policy", [True, False])
def test_the_check_would_notice_a_picture_from_elsewhere(busy: str, tmp_path: Path, policy: bool) -> None:
    page = tmp_path / "report.html"
    text = busy.replace("</main>", '<img src="http://outside.example/x.gif"></main>')
    page.write_text(text if policy else re.sub(r"<meta http-equiv.*?>", "", text), "utf-8")
    console, outside, _ = complaints(page, tmp_path)
    assert console or not policy, "a refused picture is a line on the console"
    assert outside == ([] if policy else ["http://outside.example/x.gif"])


@needs_chromium
def test_the_check_would_notice_a_script_that_fails(busy: str, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    text = re.sub(r"<meta http-equiv.*?>", "", busy)
    page.write_text(text.replace("</main>", "<script>nobody.knows()</script></main>"), "utf-8")
    console, _, _ = complaints(page, tmp_path)
    assert any("nobody is not defined" in line for line in console)
