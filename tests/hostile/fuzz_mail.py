"""The reader under a coverage-guided fuzzer: ``python tests/hostile/fuzz_mail.py CORPUS -max_total_time=60``.

Needs atheris, which the tests do without. The bytes are read as they are, and as choices of mutations of made-up mail.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

try:
    import atheris
except ImportError:
    sys.exit("atheris is not installed: pip install atheris")

with atheris.instrument_imports(include=["impound.readers", "impound.canonical"]):
    from hostile.mutate import check, mutated, seeds


class _Choices:
    """Choices out of a fuzzer's bytes; zero when they are used up."""

    def __init__(self, data: bytes) -> None:
        self._data = atheris.FuzzedDataProvider(data)

    def randrange(self, stop: int, /) -> int:
        return int(self._data.ConsumeIntInRange(0, stop - 1))


def one(data: bytes) -> None:
    """One input of the fuzzer."""
    if data[:1] == b"\1":
        choices = _Choices(data[1:])
        data = mutated(seeds()[choices.randrange(len(seeds()))], choices, seeds())
    check(data)


def sow(corpus: Path) -> None:
    """Put made-up mail into an empty corpus: a fuzzer that begins with nothing takes hours to find a header."""
    corpus.mkdir(parents=True, exist_ok=True)
    if not any(corpus.iterdir()):
        for number, seed in enumerate(seeds()):
            (corpus / f"seed{number}").write_bytes(seed)
            (corpus / f"choices{number}").write_bytes(b"\1" + seed[-200:])


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        if not argument.startswith("-"):
            sow(Path(argument))
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()
