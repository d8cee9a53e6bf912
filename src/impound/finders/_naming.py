"""What a host's names say: is it a server, or a computer at somebody's home that should not send mail itself?

``naming(ip, name, helo)`` gives a kind and the reason in plain words:

* ``none``: it has no reverse name, or one that does not lead back to it. Strong where the receiver looks names up:
  RFC 1912, 2.1 asks for one for every host, and providers refuse mail without (M3AAWG, "Sender Best Common
  Practices", 2015, section on reverse DNS);
* ``dynamic``: its reverse name is one that a provider gives to a line and not to a server: it spells the address, or
  says dsl, dial, pool and the like, and no label says mail, mx, static (S25R, H. Asami 2004; Tang et al., CEAS 2008);
* ``helo``: only what it calls itself is false (RFC 5321, 4.1.1.1 and 4.1.3). Weak: careless, honest servers do it too.

Known innocent causes: small servers on business lines keep the provider's name; some receivers write no reverse names
down at all (say ``looked_up=False``). A HELO that merely differs from the reverse name is usual and counts for nothing.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection
from functools import lru_cache
from typing import NamedTuple

from impound import canonical
from impound.finders import _hops

_LIMIT = 255
"""Characters of a name that are looked at (RFC 1035, 2.3.4)."""


class Naming(NamedTuple):
    """``kind`` is ``none``, ``dynamic``, ``helo`` or empty (nothing speaks against it); ``reason`` says why."""

    kind: str
    reason: str

    @property
    def strong(self) -> bool:
        """Whether it stands for naming by itself; a false HELO alone does not."""
        return self.kind in ("none", "dynamic")


def naming(
    ip: str | None,
    name: str | None,
    helo: str | None,
    own_domains: Collection[str] = (),
    looked_up: bool = True,
    *,
    leads_back: bool = True,
) -> Naming:
    """What speaks against a host by its names. ``ip`` is canonical; ``own_domains`` are the receiving organisation's.

    ``looked_up`` says whether the receiver looks reverse names up at all, so that a missing one means something;
    ``leads_back`` is false where the receiver says that the name does not resolve to the address: then anybody can have
    written it into the reverse zone of his own network, and it names nobody.
    """
    if not ip or canonical.ip(ip) is None:
        return Naming("", "")
    reverse = _clean(name)
    if canonical.ip(reverse) or reverse in ("unknown", "unverified"):
        reverse = ""
    false = _false_helo(ip, reverse, _clean(helo), own_domains)
    if not reverse and looked_up:
        return Naming("none", _join("it has no reverse name", false))
    looks = dynamic(ip, reverse) if reverse else ""
    if looks:
        return Naming("dynamic", _join(looks, false))
    if reverse and not leads_back:
        return Naming("none", _join(f"its reverse name {reverse} does not lead back to its address", false))
    return Naming("helo", false) if false else Naming("", "")


def _clean(text: str | None) -> str:
    return (text or "").strip().rstrip(".").lower()[:_LIMIT]


def _join(first: str, second: str) -> str:
    return f"{first}; {second}" if second else first


_SERVER = re.compile(
    r"(?:e?mail|e?mailer|smtp|mx|e?mta|vmta|pmta|relay|relays|rly|outbound|outgoing|out|static|staticip|server|srv|serv"
    r"|colo|coloc|ns|dns|web|www|vps|vds|dedicated|dedi|hosting|hosted|lists?|listserv|gw|gate|gateway|fw|firewall|mailing"
    r"|mailgate|postfix|post|exchange|webmail|bounce|newsletter|news|zimbra|antispam|exim|qmail|proxy|cluster|cloud)\Z"
)
"""Words in the names of servers, whole labels or parts between hyphens, without their numbers."""
_DYNAMIC_PART = (
    "dsl",
    "dial",
    "dhcp",
    "ppp",
    "catv",
    "broadband",
    "dynamic",
    "dynip",
    "pool",
    "docsis",
    "cable",
    "wifi",
)
_DYNAMIC = re.compile(
    r"(?:dyn|dip|cpe|hsd|res|resnet|user|users|client|clients|cust|custs?|customer|broad|wireless|gprs|umts|mobile|modem"
    r"|isdn|ftth|fttx|chello|revip|rev|generic|genericrev|home|dorm|subscriber|subs|abo|kabel|wimax|cdma|lte)\Z"
)
"""Words that providers put in the names of lines: S25R's rules and names met in public collections of spam."""
_DIGITS = re.compile(r"\d+")
_WORDS = re.compile(r"[a-z]+")
_LABELS = re.compile(r"[.\-_]+")


@lru_cache(maxsize=65536)
def dynamic(ip: str, name: str) -> str:
    """Why a reverse name looks like that of a line and not of a server; empty when it does not."""
    own = _host_part(name)
    words = [word for part in _LABELS.split(own) for word in _WORDS.findall(part)]
    if any(_SERVER.match(word) for word in words):
        return ""
    if _spells(ip, own):
        return f"its reverse name {name} spells its address"
    telling = next((w for w in words if _DYNAMIC.match(w) or any(part in w for part in _DYNAMIC_PART)), None)
    if telling and any(c.isdigit() for c in own):
        return f"its reverse name {name} is one of a line ({telling})"
    return ""


def server_like(name: str) -> bool:
    """Whether a label of a name, left of the registered domain, says that it is a server."""
    return any(_SERVER.match(w) for part in _LABELS.split(_host_part(_clean(name))) for w in _WORDS.findall(part))


def spells_address(ip: str, name: str) -> bool:
    """Whether a name, left of the registered domain, spells its address: a provider's, even if it says static."""
    return _spells(ip, _host_part(_clean(name)))


def _host_part(name: str) -> str:
    """A name without the domain that somebody registered; the whole of it where none is known."""
    domain = canonical.registrable_domain(name)
    return name[: -len(domain) - 1] if domain and name != domain else "" if domain else name


def _spells(ip: str, text: str) -> bool:
    """Whether a name holds its address, or the part of it that tells one host from the next, in some notation."""
    if ":" in ip:
        digits = _hops.key(ip)
        return len(text) >= 16 and digits[16:] in text.replace("-", "").replace(".", "")
    octets = list(map(int, ip.split(".")))
    runs = _DIGITS.findall(text)
    numbers = [int(run) for run in runs if len(run) <= 3]
    pairs = list(itertools.pairwise(numbers))
    if (octets[2], octets[3]) in pairs or (octets[3], octets[2]) in pairs:
        return True
    if octets[3] in numbers and (octets[0], octets[1]) in pairs:
        return True
    return _run_together(octets, [run for run in runs if len(run) >= 5]) or _hexadecimal(octets, text)


def _run_together(octets: list[int], runs: list[str]) -> bool:
    """Octets without anything between them, with or without zeros, forwards or backwards."""
    if not runs:
        return False
    ways = []
    for order in (octets, octets[::-1]):
        ways += ["".join(map(str, order)), "".join(f"{o:03d}" for o in order), "".join(f"{o:03d}" for o in order[1:])]
        ways += ["".join(map(str, order[:-1])) + f"{order[-1]:03d}", "".join(map(str, order[:2])) + _padded(order[2:])]
    return any(way in run for way in ways for run in runs if len(way) >= 5)


def _padded(octets: list[int]) -> str:
    return "".join(f"{o:03d}" for o in octets)


_MODEM = re.compile(r"[a-z]?(?:[0-9a-f]{12}|[0-9a-f]{16})\Z")
"""A cable modem's or computer's own hardware address."""


def _hexadecimal(octets: list[int], text: str) -> bool:
    """The address in hex, forwards or backwards; or a line named by its modem."""
    whole = "".join(f"{o:02x}" for o in octets)
    backwards = "".join(f"{o:02x}" for o in reversed(octets))
    if whole in text or backwards in text:
        return True
    first = text.partition(".")[0]
    if _MODEM.match(first):
        return True
    return len(first) in (5, 7) and first[0].isalpha() and first[1:] in (whole[2:], whole[4:])


def _false_helo(ip: str, name: str, helo: str, own_domains: Collection[str]) -> str:
    """Why what it calls itself is clearly false; empty where it is not, or only differs."""
    literal = canonical.ip(helo) if helo else None
    if not helo or literal == ip:
        return ""
    if literal:
        return f"it calls itself {literal}, which is not its address"
    if "." not in helo or helo == "localhost.localdomain":
        return f"it calls itself {helo}, which is no host's full name"
    return _other_domain(name, helo, own_domains)


def _other_domain(name: str, helo: str, own_domains: Collection[str]) -> str:
    domain, known = canonical.registrable_domain(helo), canonical.registrable_domain(name)
    if domain in own_domains and domain != known:
        return f"it calls itself {helo}, a name of the receiving organisation"
    if domain and known and domain != known and not server_like(name) and not server_like(helo):
        return f"it calls itself {helo}, but its reverse name is {name}"
    return ""
