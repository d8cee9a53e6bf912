"""Ends a command at one moment after another and looks at what is left: ``power_cut.py FOLDER MODE [STRIDE]``.

A process of its own, which forks before anything has started a thread. ``cut`` ends it without warning before the n-th
time it flushes, renames or removes a file; ``full`` leaves n bytes on the disk that FOLDER is; ``limit`` lets no file
grow beyond n bytes. n goes from 0 up, by STRIDE, until the command ends by itself. Each case is verified, read again
without disturbance, and compared with one that was never disturbed. Prints a JSON object: the number of moments, and
everything that was not as it should be.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from collections.abc import Callable
from pathlib import Path
from shutil import rmtree
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
import duckdb  # noqa: F401 - these two are imported here, so that each fork need not

import impound.engines.duckdb  # noqa: F401
from impound import Case, intake
from impound.errors import ImpoundError
from impound.plugin import Piece, Rows
from impound.readers.mail import MailReader
from intake.mail import KEY, mbox, message, tree

CUT, REFUSED, CRASHED = 9, 7, 1
EVENTS = ("fsync", "replace", "unlink", "ftruncate")


def investigate(case: Path, mail: Path) -> None:
    """What is disturbed: a reading of several batches, and the finders."""
    with Case.open_or_create(case, write=True, key=KEY) as opened:
        opened.read([str(mail)])
        opened.find()


def forked(work: Callable[[], Any]) -> int:
    """The exit status of some work in a process of its own; 7 for an impound error, 1 for any other."""
    child = os.fork()
    if child == 0:
        code = CRASHED
        try:
            code = CRASHED if work() else 0
        except ImpoundError as error:
            code = error.exit_code
            sys.stderr.write(f"{error.message}\n")
        except BaseException as error:  # noqa: BLE001 - any other end is what is looked for
            sys.stderr.write(f"{error!r}\n")
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def cut_at(moment: int) -> None:
    """End this process before the ``moment``-th call that makes something last."""
    left = [moment]

    def counted(call: Callable[..., Any]) -> Callable[..., Any]:
        def cutting(*args: Any, **options: Any) -> Any:
            left[0] -= 1
            if left[0] < 0:
                os._exit(CUT)
            return call(*args, **options)

        return cutting

    for name in EVENTS:
        setattr(os, name, counted(getattr(os, name)))


def disturbed(mode: str, moment: int, case: Path, mail: Path) -> int:
    """The status of a run that is disturbed at a moment."""

    def work() -> None:
        if mode == "cut":
            cut_at(moment)
        elif mode == "limit":
            resource.setrlimit(resource.RLIMIT_FSIZE, (moment, moment))
        investigate(case, mail)

    if mode != "full":
        return forked(work)
    filler = case.parent / "filler"
    disk = os.statvfs(case.parent)
    filler.write_bytes(b"\0" * max(disk.f_bavail * disk.f_frsize - moment, 0))
    try:
        return forked(work)
    finally:
        filler.unlink()


def sound(case: Path) -> bool:
    """Whether verify finds nothing in what was left, if that is a case already."""
    return not (case / "manifest.jsonl").exists() or forked(lambda: Case.open(case).verify()) in (0, 2)


def main(folder: Path, mode: str, stride: int = 1) -> None:
    """Disturb at one moment after another and print what came of it."""
    os.environ["SOURCE_DATE_EPOCH"] = "1300233600"
    intake.BATCH_BYTES = 20_000
    mail, whole = folder / "mbox", folder / "whole"
    mail.write_bytes(mbox(40))
    MailReader().read([Piece(bytes(32), 0, 0, message(0))], Rows(KEY))  # loads the dictionary once for all forks
    forked(lambda: investigate(whole, mail))
    expected, wrong, moment, moments = tree(whole), [], 0, 0
    while True:
        case = folder / "case"
        code = disturbed(mode, moment, case, mail)
        if code == 0:
            break
        moments += 1
        if code != (CUT if mode == "cut" else REFUSED):
            wrong.append(f"{mode} {moment}: ended with {code}")
        if not sound(case):
            wrong.append(f"{mode} {moment}: verify found something")
        if forked(lambda: investigate(case, mail)) != 0:  # noqa: B023 - called at once
            wrong.append(f"{mode} {moment}: could not be completed")
        elif tree(case) != expected or not sound(case):
            wrong.append(f"{mode} {moment}: came out different")
        rmtree(case)
        moment += stride
    if tree(folder / "case") != expected:
        wrong.append("the undisturbed case is different")
    sys.stdout.write(json.dumps({"moments": moments, "wrong": wrong}) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], *map(int, sys.argv[3:4]))
