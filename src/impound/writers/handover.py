"""The evidence package: a signed BagIt bag of the case's tables, custody log, report and, for the police, originals.

Recipients are victims: the sealed originals, which alone hold their addresses, go in for law enforcement only.
"""

from __future__ import annotations

import getpass
import json
import shutil
from collections.abc import Mapping
from pathlib import Path

from impound import package, plugin
from impound.config import ROLES
from impound.errors import UsageError
from impound.plugin import CaseFacts, Engine
from impound.store import CaseStore
from impound.tables import TABLES
from impound.writers import _exhibit, _exhibit_doubts, _handover_cited, _handover_repeat
from impound.writers._csv import write_csv
from impound.writers._handover_seal import authority, seal, signer
from impound.writers._rows import is_drill

ANALYST, POLICE = ROLES
OTHERS = {"report": "report.html", "stix": "stix.json", "case_uco": "case.jsonld", "exhibits": "exhibits"}
"""Writers whose work goes in, where they are installed, and under which name."""


class HandoverWriter:
    """Writes the package and its receipt beside it. Option: ``for`` (``analyst`` or ``law-enforcement``)."""

    name = "handover"
    options = ("for", "country_db", "asn_db")
    reads = tuple(TABLES)

    def write(self, engine: Engine, to: Path, facts: CaseFacts, options: Mapping[str, str]) -> None:
        """Write the bag to a folder that is not there yet, and ``NAME.receipt.json`` beside it."""
        police = _asked(facts, options)
        if to.exists():
            raise UsageError(f"{to} is there already", "name a folder that is not there yet")
        if facts.folder is None:
            raise UsageError("only a case on disk can be handed over")
        store = CaseStore.open(facts.folder)
        if police and store.reference:
            raise UsageError(f"{facts.folder} keeps references", "its originals are not in it: hand it over without")
        said = facts.config.handover
        signing, trusted = signer(said, facts.folder), authority(said)
        head = store.custody.append("handover begins", to=to.name, recipient=POLICE if police else ANALYST)
        bag = to.with_name(f".{to.name}.new")
        shutil.rmtree(bag, ignore_errors=True)
        (bag / "data").mkdir(parents=True)
        _case(store, bag / "data", police)
        _tables(engine, bag / "data" / "csv")
        if police:
            _handover_cited.write(engine, facts.folder, bag / "data")
        _exhibit.file(_exhibit_doubts.doubts(engine, is_drill(engine)), bag / "data")
        _handover_repeat.write(engine, bag, police)
        _written(engine, bag / "data", facts, options)
        stamped = seal(bag, signing, trusted, said, _info(facts, police))
        kept = package.receipt(bag, head, str(facts.made_at), stamped)
        bag.rename(to)
        to.with_name(f"{to.name}.receipt.json").write_text(json.dumps(kept, indent=1) + "\n", "utf-8")
        if trusted:
            store.custody.append("time stamp", to=to.name, time_stamp=stamped, server=said.timestamp)
            facts.note(f"Time stamp: {stamped}")
        facts.note(f"Receipt: {to.name}.receipt.json; keep it apart. Its custody head is {head}")


def _asked(facts: CaseFacts, options: Mapping[str, str]) -> bool:
    """Whether it is for law enforcement. Raises UsageError for who may not."""
    asked = options.get("for", ANALYST)
    if asked not in (ANALYST, POLICE):
        raise UsageError(f"for={asked} is nobody a case is handed to", f"--set for={POLICE}")
    roles, who = facts.config.roles, _login()
    holds = {role for role, names in roles.items() if who in names}
    if roles and (not holds or (asked == POLICE and POLICE not in holds)):
        raise UsageError(f"{who} may not write this: [roles] of the case does not say so", "ask whoever owns the case")
    return asked == POLICE


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no entry for this uid, as in a container
        return ""


def _case(store: CaseStore, data: Path, police: bool) -> None:
    """The case's own files, byte for byte."""
    for name in store.manifest.files:
        if police or not name.startswith("evidence/"):
            place = data / name
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(store.path / name, place)
    shutil.copyfile(store.path / "custody.jsonl", data / "custody.jsonl")
    shutil.copyfile(store.manifest.path, data / "manifest.jsonl")


def _tables(engine: Engine, folder: Path) -> None:
    folder.mkdir()
    for name, table in TABLES.items():
        columns = [column.name for column in table.columns]
        chosen, order = ", ".join(f"t.{c}" for c in columns), ", ".join(f"t.{k}" for k in table.key)
        write_csv(folder / f"{name}.csv", columns, engine.stream(f"SELECT {chosen} FROM {name} t ORDER BY {order}"))


def _written(engine: Engine, data: Path, facts: CaseFacts, options: Mapping[str, str]) -> None:
    found = plugin.available("writers")
    for writer, name in OTHERS.items():
        if writer in found:
            made = plugin.load("writers", writer)()
            chosen = {option: value for option, value in options.items() if option in made.options}
            made.write(engine, data / name, facts, chosen)


def _info(facts: CaseFacts, police: bool) -> dict[str, str]:
    return {
        "BagIt-Profile-Identifier": package.PROFILE,
        "Source-Organization": facts.name,
        "External-Identifier": facts.config.legal.case_number,
        "External-Description": f"Evidence of spam botnets, {'with' if police else 'without'} sealed originals",
        "Recipient": POLICE if police else ANALYST,
        "Bagging-Date": f"{facts.made_at:%Y-%m-%d}" if facts.made_at else "",
        "Bag-Software-Agent": f"impound {facts.version}",
    }
