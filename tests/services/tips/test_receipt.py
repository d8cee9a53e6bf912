"""Receipts: easy to say, told from slips without looking at what there is, and kept as a tag only."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from impound.services.tips import _receipt

KEY = bytes(32)


def test_a_receipt_has_five_words_and_is_never_the_same() -> None:
    made = {_receipt.fresh() for _ in range(1_000)}
    assert len(made) == 1_000
    assert all(re.fullmatch(r"([bdfghjklmnprstvz][aiou]){2}[bdfghjklmnprstvz](-\w{5}){4}", r) for r in made)


def test_it_is_understood_however_it_is_typed() -> None:
    made = _receipt.fresh()
    for typed in (made, made.upper(), made.replace("-", " "), f"  {made.replace('-', '')}.", made.replace("-", " – ")):
        assert _receipt.understood(typed) == made


def test_a_slip_is_found() -> None:
    slips = found = 0
    for _ in range(200):
        made = _receipt.fresh()
        for at, letter in enumerate(made):
            if letter in "aiou":
                slip = made[:at] + "aiou"[("aiou".index(letter) + 1) % 4] + made[at + 1 :]
                slips, found = slips + 1, found + (_receipt.understood(slip) is None)
    assert found / slips > 0.99  # of 256 wrong ones one is taken for a receipt


def test_words_in_the_wrong_order_are_found_most_times() -> None:
    made = [_receipt.fresh().split("-") for _ in range(500)]
    wrong = ["-".join([b, a, *rest]) for a, b, *rest in made]
    assert sum(_receipt.understood(r) is None for r in wrong) > 480


@given(st.text(max_size=300))
def test_anything_may_be_typed(typed: str) -> None:
    assert _receipt.understood(typed) is None or _receipt.understood(_receipt.understood(typed) or "")


def test_the_tag_tells_nothing_without_the_key() -> None:
    made = _receipt.fresh()
    tag = _receipt.tag(made, KEY)
    assert re.fullmatch(r"[0-9a-f]{16}", tag)
    assert tag == _receipt.tag(made, KEY) != _receipt.tag(made, b"\1" * 32)
