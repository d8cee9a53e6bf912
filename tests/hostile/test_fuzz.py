"""Whatever is done to mail, the reader gives a message or a reject for each piece, never raises and never hangs."""

from __future__ import annotations

import os
import random
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hostile.mutate import TOKENS, check, mutated, seeds

SECONDS = float(os.environ.get("IMPOUND_FUZZ_SECONDS", "12"))
"""How long mail is mutated at random; longer when one looks for something."""


FOUND = {
    "a day of twenty digits": b"Date: Mon, 99999999999999999999 Apr 2011 10:00:00 +0000\n",
    "what stands between fields, in a field": b"To: <lena.fay@example.com>\nSubject: lena.fay\x1fyou won\n",
    "the same, encoded": b"To: <lena.fay@example.com>\nSubject: =?utf-8?Q?lena.fay=1Fyou?=\n",
}
"""What fuzzing found, as small as it gets."""


@pytest.mark.parametrize("name", FOUND)
def test_what_fuzzing_found_stays_found(name: str) -> None:
    assert len(check(FOUND[name] + b"\nHello.\n").rows["messages"]) == 1


def test_seeds_are_messages() -> None:
    for seed in seeds():
        rows = check(seed).rows
        assert rows["messages"] and "rejects" not in rows


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.sampled_from(range(len(seeds()))), st.randoms(use_true_random=False))
def test_mutated_mail_is_read_or_rejected(number: int, chance: random.Random) -> None:
    check(mutated(seeds()[number], chance, seeds()))


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(TOKENS) | st.binary(max_size=20), max_size=60).map(b"".join))
def test_any_bytes_are_read_or_rejected(data: bytes) -> None:
    check(data)
    check(b"Subject: one\nContent-Type: multipart/mixed; boundary=b\n" + data)
    check(b"Subject: one\nContent-Type: text/html\n\n" + data)


def test_mail_mutated_for_some_seconds_is_read_or_rejected() -> None:
    """Each input is made from its number alone, so that a failure names all that it takes to see it again."""
    until, first = time.monotonic() + SECONDS, random.SystemRandom().randrange(1 << 40)
    number = first
    while time.monotonic() < until:
        chance = random.Random(number)
        data = mutated(seeds()[chance.randrange(len(seeds()))], chance, seeds())
        try:
            check(data)
        except AssertionError as error:
            raise AssertionError(f"input number {number}: {error}\n{data!r}") from error
        number += 1
    assert number > first
