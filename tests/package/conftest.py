"""A case of one message, and its package."""

from __future__ import annotations

from pathlib import Path

import pytest

from impound import Case

RECIPIENT = "jane.roe@rooftop.example"
MAIL = f"""Received: from a.example (a.example [192.0.2.7]) by mx.example; Tue, 02 Jun 2026 10:00:00 +0000
From: shop@seller.example
To: Jane Roe <{RECIPIENT}>
Subject: =cheap watches
Message-ID: <1@seller.example>

Dear {RECIPIENT}, buy at http://watches.example/
"""


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("handover")
    (place / "one.eml").write_text(MAIL)
    with Case.open_or_create(place / "case", write=True) as made:
        made.read([str(place / "one.eml")])
        made.find()
    return place / "case"


@pytest.fixture(scope="module")
def bag(case: Path) -> Path:
    return Case.open(case).write("handover", case.parent / "bag")
