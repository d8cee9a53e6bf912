"""Build the shipped model from the mail sets of IMPOUND_DATA: the same sets give the same bytes.

    python benchmarks/train_shipped.py [-o src/impound/check/models/shipped.model]

phishing_pot is not among them: its licence is CC BY-NC. Calibration and threshold come from what each source's messages
score by a model that was trained on the other sources.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from _labelled import SOURCES, chosen, read, source

from impound.check.training import Spool, balance, calibrate, facts_of, fit, left_out, sorted_out

MOST = 25_000
"""Messages of one class of one source: all there are; a fifth of them did worse (see the model card)."""
SHIPPED = Path(__file__).parent.parent / "src" / "impound" / "check" / "models" / "shipped.model"


def main() -> None:
    """Read, train, calibrate, write; prints what it was trained on."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-o", "--output", type=Path, default=SHIPPED)
    options = parser.parse_args()
    with Spool() as spool:
        for name in SOURCES:
            for _, spam, mail, raw in read(chosen(source(name), MOST)):
                spool.add(mail, raw, spam, name)
        places = sorted_out(spool).places
        model = fit(spool, places)
        scored = list(left_out(spool, places))
        out = [place for _, _, found in scored for place in found]
        logits = np.concatenate([found for _, found, _ in scored])
        calibrate(model, logits, np.array([place.spam for place in out], bool), balance(out))
        model.facts = {"kind": "shipped", **facts_of(places)}
    options.output.parent.mkdir(parents=True, exist_ok=True)
    model.save(options.output, half=True)
    print(f"{options.output}: {options.output.stat().st_size / 1e6:.1f} MB")
    print(f"slope {model.slope:.3f}, offset {model.offset:.3f}, threshold {model.threshold:.6f}")
    for name, counts in model.facts["sources"].items():
        print(f"{name:<18} {counts['spam']:>6,} spam {counts['ham']:>6,} ham")


if __name__ == "__main__":
    main()
