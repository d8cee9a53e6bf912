"""The command line with small batches, so that a small mailbox makes many: ``python start.py BATCH_BYTES WORDS…``."""

from __future__ import annotations

import sys

from impound import intake
from impound.cli import main

if __name__ == "__main__":
    intake.BATCH_BYTES = int(sys.argv.pop(1))
    main()
