"""Reports for machines: XARF version 4, and version 3 for those who still read that.

Every report is one infected machine: in version 4 category *infrastructure*, type *botnet*, which the specification
gives to machines whose owner's provider is to act; in version 3 report type *Botnet*. Fields and their limits are those
of the schemas at github.com/xarf/xarf-spec (4.2.0, and the legacy schema of version 3).
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import uuid
from base64 import b64encode
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from impound.canonical import clean, plural
from impound.notices._evidence import redacted
from impound.notices._facts import Infection
from impound.notices._reporter import Reporter

VERSION = "4.2.0"
MOST_EVIDENCE = 200
"""Reports in a bulk file that carry messages, some 3 kB each; the others have all but that, so that mail servers take
it (10 MB is the smallest limit in use among large providers)."""
DESCRIPTION, V3_DESCRIPTION, ORG = 1000, 1000, 200
"""The longest texts that the schemas allow."""
_TAG = re.compile(r"[^a-z0-9_+-]+")


def report(infection: Infection, who: Reporter, ticket: str, evidence: bool = True) -> dict[str, Any]:
    """A report of version 4. Its id follows from ticket and address: what is sent again is known to be the same."""
    contact = {"org": who.name[:ORG], "contact": who.mailbox, "domain": who.domain}
    port = {"source_port": infection.port} if infection.port and infection.port > 0 else {}
    return {
        "xarf_version": VERSION,
        "report_id": str(_id(ticket, infection.ip)),
        "timestamp": second(infection.last_at),
        "reporter": contact,
        "sender": contact,
        "source_identifier": infection.ip,
        **port,
        "category": "infrastructure",
        "type": "botnet",
        "evidence_source": "spam_analysis",
        "compromise_evidence": _why(infection),
        "bot_capabilities": ["spam"],
        "first_seen": second(infection.first_at),
        "last_seen": second(infection.last_at),
        "messages": infection.messages,
        "ticket": ticket,
        "confidence": round(min(1.0, max(0.0, infection.score)), 2),
        "description": describe(infection)[:DESCRIPTION],
        "tags": _tags(infection),
        "evidence": _evidence(infection) if evidence else [],
    }


def report_v3(infection: Infection, who: Reporter, ticket: str, evidence: bool = True) -> dict[str, Any]:
    """A report of version 3, in the fields of its schema; times and ports of more messages are in a sample."""
    port = {"SourcePort": infection.port} if infection.port and infection.port > 0 else {}
    samples = [
        {"ContentType": item["content_type"], "Payload": item["payload"], "Description": item["description"][:200]}
        for item in (_evidence(infection) if evidence else ())
    ]
    return {
        "Version": "3",
        "ReporterInfo": {
            "ReporterOrg": who.name[:ORG], "ReporterOrgEmail": who.mailbox, "ReporterOrgDomain": who.domain,
        },
        "Report": {
            "ReportClass": "Activity",
            "ReportType": "Botnet",
            "Date": second(infection.last_at),
            "SourceIp": infection.ip,
            **port,
            "Protocol": "smtp",
            "AttackDescription": f"{describe(infection)} Ticket {ticket}."[:V3_DESCRIPTION],
            "AttackCount": max(1, infection.messages),
            "Samples": samples,
        },
    }  # fmt: skip


def bulk(infections: Iterable[Infection], who: Reporter, ticket: str, version: int = 4) -> Iterator[str]:
    """The reports of many machines as one JSON array, in pieces; the first ``MOST_EVIDENCE`` carry their messages."""
    make, before = (report if version == 4 else report_v3), "[\n"
    for n, infection in enumerate(infections):
        yield before + json.dumps(make(infection, who, ticket, n < MOST_EVIDENCE))
        before = ",\n"
    yield "\n]\n" if before == ",\n" else "[]\n"


def describe(infection: Infection) -> str:
    """What was seen, in two sentences without anything that a stranger wrote."""
    campaign = f", lately of the campaign we call {infection.campaign}" if infection.campaign else ""
    times = f"between {second(infection.first_at)} and {second(infection.last_at)}"
    return (
        f"The machine at this address handed {plural(infection.messages, 'message')} of spam to our mail servers "
        f"{times}{campaign}. It looks like a member of a botnet: its owner probably does not know."
    )


def second(at: datetime) -> str:
    """A time to the second in UTC with its offset: ``2011-04-04T10:30:05+00:00``."""
    return at.astimezone(UTC).isoformat(timespec="seconds")


def _why(infection: Infection) -> str:
    return clean(infection.why, DESCRIPTION) or "it handed in mail of campaigns that many networks send at once"


def _id(ticket: str, ip: str) -> uuid.UUID:
    """An id in the form of RFC 9562's version 4, which the schema asks for, drawn from a hash and not by chance."""
    return uuid.UUID(bytes=hashlib.sha256(f"{ticket}\0{ip}".encode()).digest()[:16], version=4)


def _tags(infection: Infection) -> list[str]:
    lure = infection.sightings[0].lure if infection.sightings else ""
    said = (("abuse", "spam"), ("campaign", infection.campaign), ("lure", lure))
    made = ((space, _TAG.sub("-", name.lower()).strip("-_+")) for space, name in said)
    return [f"{space}:{name}" for space, name in made if name]


def _evidence(infection: Infection) -> list[dict[str, Any]]:
    if not infection.sightings:
        return []
    latest = redacted(infection, infection.sightings[0]).replace("\n", "\r\n")
    found = [_item("message/rfc822", "the latest message, redacted: no recipient is named, links are broken", latest)]
    if len(infection.sightings) > 1:
        found.append(_item("text/csv", "when messages came, and from which port", _times(infection)))
    return found


def _times(infection: Infection) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(("ip", "port", "time"))
    writer.writerows((infection.ip, one.port or "", second(one.at)) for one in infection.sightings)
    return out.getvalue()


def _item(content_type: str, description: str, text: str) -> dict[str, Any]:
    raw = text.encode("utf-8", "replace")
    return {
        "content_type": content_type,
        "description": description,
        "payload": b64encode(raw).decode(),
        "hash": f"sha256:{hashlib.sha256(raw).hexdigest()}",
        "size": len(raw),
    }
