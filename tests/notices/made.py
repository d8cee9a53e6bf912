"""Made-up machines, and who reports them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from impound.notices import Infection, Reporter, Sighting
from impound.notices.arf import Envelope

SEEN = datetime(2011, 4, 4, 10, 30, 5, 250_000, tzinfo=UTC)
WHO = Reporter("University of Example", "abuse@uni.example", "uni.example", "1 Main Street\nTown", "www.uni.example/b")
ENVELOPE = Envelope("IMP-20110405-ABCDEF", "abuse@isp.example", "desk@uni.example", SEEN + timedelta(days=1), "en", 7)


def sighting(**said: Any) -> Sighting:
    given = {
        "at": SEEN, "port": 4711, "campaign": "Quiet Otter", "lure": "pharmacy", "rfc_message_id": "<1@pills.example>",
        "subject": "Buy now", "from_name": "Ann", "from_domain": "a.example", "mailer": "Bat 3", "helo": "[192.0.2.1]",
        "by": "mx.uni.example", "protocol": "ESMTP", "queue_id": "ABC123",
        "text": "Dear {{to.name}},\nbuy at http://pills.example/?u={{to.address}}\n",
    }  # fmt: skip
    return Sighting(**given | said)


def infection(ip: str = "198.51.100.7", *sightings: Sighting, **said: Any) -> Infection:
    given = {
        "ip": ip, "net": "198.51.100.0/24", "first_at": SEEN - timedelta(days=3), "last_at": SEEN, "messages": 1234,
        "name": "dsl7.isp.example", "asn": 64500, "country": "DE", "campaign": "Quiet Otter",
        "kinds": ("spread", "software", "naming"), "why": "It has no reverse name. Overturned by: a second look.",
        "score": 0.97,
        "sightings": sightings or (sighting(), sighting(at=SEEN - timedelta(hours=1), port=4712, text="")),
    }  # fmt: skip
    return Infection(**given | said)
