"""STIX 2.1 objects of one case: ids, times, author and marking are set here, so that no object lacks any of them.

Ids are UUIDs of version 5. Those of cyber-observables follow the standard (STIX 2.1, 2.9): the same address has the
same id whoever writes it. Those of everything else rest on the case and the thing. Hence a case that is written again,
or has grown, brings no duplicates: ``created`` stays, ``modified`` moves.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from impound.errors import UsageError
from impound.writers._whose import Whose

Object = dict[str, Any]
OASIS = UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")
"""The namespace of cyber-observables' ids (STIX 2.1, 2.9)."""
DEFINING = {
    "ipv4-addr": ("value",),
    "ipv6-addr": ("value",),
    "domain-name": ("value",),
    "url": ("value",),
    "email-addr": ("value",),
    "file": ("hashes",),
    "email-message": ("from_ref", "subject", "body"),
}
"""The properties that make an observable itself (STIX 2.1, section 6, "ID Contributing Properties")."""
TLP_EXTENSION = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
TLP_IDS = {
    "TLP:CLEAR": "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
    "TLP:GREEN": "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
    "TLP:AMBER": "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
    "TLP:AMBER+STRICT": "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
    "TLP:RED": "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
}
"""OASIS's own objects for the Traffic Light Protocol 2.0 (cti-stix-common-objects, tlp-2.0)."""


def marking(tlp: str) -> Object:
    """The marking object of a level. Raises UsageError for one that does not exist."""
    if tlp not in TLP_IDS:
        raise UsageError(f"tlp={tlp} is no level", f"there are: {', '.join(TLP_IDS)}")
    level = {"extension_type": "property-extension", "tlp_2_0": tlp.removeprefix("TLP:").lower()}
    return {
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": TLP_IDS[tlp],
        "created": "2022-10-01T00:00:00.000Z",
        "name": tlp,
        "extensions": {TLP_EXTENSION: level},
    }


def stamp(at: datetime) -> str:
    """A time as STIX writes it: UTC, to the millisecond."""
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z"


@dataclass(frozen=True)
class Maker:
    """Makes the objects of a case."""

    whose: Whose
    tlp: str
    labels: tuple[str, ...] = ()

    @property
    def author(self) -> str:
        """The id of the organisation."""
        return f"identity--{self.whose.id('identity')}"

    def thing(self, kind: str, key: Sequence[object], **properties: Any) -> Object:
        """A domain object or a relationship; ``key`` is what it is within the case."""
        labels = [*self.labels, *properties.pop("labels", ())]
        author = {"created_by_ref": self.author} if kind != "identity" else {}
        made = {
            "type": kind,
            "spec_version": "2.1",
            "id": f"{kind}--{self.whose.id(kind, *key)}",
            **author,
            "created": stamp(self.whose.made),
            "modified": stamp(self.whose.changed),
            **properties,
            "object_marking_refs": [TLP_IDS[self.tlp]],
        }
        return {k: v for k, v in (made | ({"labels": labels} if labels else {})).items() if v not in (None, "", [])}

    def link(self, source: Object | str, word: str, target: Object | str) -> Object:
        """A relationship between two objects, or their ids."""
        ends = [end if isinstance(end, str) else end["id"] for end in (source, target)]
        return self.thing(
            "relationship", (ends[0], word, ends[1]), relationship_type=word, source_ref=ends[0], target_ref=ends[1]
        )

    def seen(self, what: Object, count: int, first: datetime, last: datetime, data: Sequence[str]) -> Object:
        """A sighting: the thing was met so many times here, as the observed data show."""
        return self.thing(
            "sighting",
            (what["id"],),
            sighting_of_ref=what["id"],
            first_seen=stamp(first),
            last_seen=stamp(max(first, last)),
            count=min(count, 999_999_999),
            where_sighted_refs=[self.author],
            observed_data_refs=list(data),
        )

    def data(self, key: Sequence[object], count: int, first: datetime, last: datetime, refs: Sequence[str]) -> Object:
        """Observed data: observables that were met so many times in a stretch of time."""
        return self.thing(
            "observed-data",
            key,
            first_observed=stamp(first),
            last_observed=stamp(max(first, last)),
            number_observed=max(1, min(count, 999_999_999)),
            object_refs=list(refs),
        )


def observable(kind: str, **properties: Any) -> Object:
    """A cyber-observable with the id that the standard gives it."""
    given = {k: v for k, v in properties.items() if v not in (None, "", [])}
    defining = {k: given[k] for k in DEFINING[kind] if k in given}
    text = json.dumps(defining, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return {"type": kind, "spec_version": "2.1", "id": f"{kind}--{uuid5(OASIS, text)}", **given}


def address(ip: str) -> Object:
    """The observable of an IP address."""
    return observable("ipv6-addr" if ":" in ip else "ipv4-addr", value=ip)
