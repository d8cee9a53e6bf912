"""The truth agrees with itself, with the mail, and with what impound reads and finds."""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

from tests.drill.looking import rows

from impound import drill
from impound.case import Case

VERDICTS = {"infected", "bulk-sender", "relay", "webmail-or-esp", "compromised-server", "ordinary"}


def test_it_lies_beside_the_mail(written: drill.Written) -> None:
    assert written.truth == written.out.with_name(written.out.name + ".truth")
    names = ["README.md", "botnets.tsv", "campaigns.tsv", "hosts.tsv", "messages.tsv"]
    assert sorted(p.name for p in written.truth.iterdir()) == names
    assert {p.suffix for p in written.out.iterdir()} == {".mbox"}


def test_every_offset_is_a_message_from_that_client(written: drill.Written) -> None:
    days = {p.name: p.read_bytes() for p in written.out.iterdir()}
    found = rows(written, "messages")

    assert len(found) == written.messages
    for row in found:
        head = days[row["file"]][int(row["offset"]) :][:2000]
        assert head.startswith(b"From ")
        assert re.search(rb"\[(IPv6:)?%b\]" % re.escape(row["client_ip"].encode()), head), row


def test_hosts_are_the_clients_of_the_messages(written: drill.Written) -> None:
    hosts = rows(written, "hosts")
    sent = Counter((m["client_ip"], m["machine"]) for m in rows(written, "messages"))

    assert {(h["ip"], h["machine"]): int(h["messages"]) for h in hosts} == sent
    assert all(h["verdict"] in VERDICTS and h["first_at"] <= h["last_at"] for h in hosts)
    assert all(bool(h["botnets"]) == (h["verdict"] == "infected") for h in hosts)
    assert any("," in h["botnets"] for h in hosts)


def test_every_stranger_writes_once(tmp_path: Path) -> None:
    settings = drill.Settings(messages=900, bots=60, innocents=90, strangers=400)
    made = drill.write(tmp_path / "out", settings)
    hosts = rows(made, "hosts")
    once = [h for h in hosts if h["verdict"] == "ordinary" and h["messages"] == "1"]

    assert made.messages == 900 and made.kinds["bot"] > 100
    assert len(once) >= 400 and len({h["ip"] for h in once}) == len(once)
    assert sum(h["machine"].startswith("smb-") for h in once) >= 80


def test_as_many_strangers_as_messages_leave_nobody_else(tmp_path: Path) -> None:
    made = drill.write(tmp_path / "out", drill.Settings(messages=50, strangers=50))

    assert made.kinds == {"personal": 50} and made.verdicts == {"ordinary": 50}


def test_campaigns_are_those_of_the_messages(written: drill.Written) -> None:
    campaigns = {c["id"]: c for c in rows(written, "campaigns")}
    botnets = {b["id"]: set(b["campaigns"].split(",")) for b in rows(written, "botnets")}
    messages = rows(written, "messages")
    sent = Counter(m["campaign"] for m in messages if m["campaign"])

    assert {c: int(row["messages"]) for c, row in campaigns.items()} == sent
    assert all(m["campaign"] in botnets[m["botnet"]] for m in messages if m["botnet"])
    assert any("," in c["botnets"] for c in campaigns.values()), "some are rented"
    assert len({c["template"] for c in campaigns.values()}) == len(campaigns)


def test_kinds_and_verdicts_go_together(written: drill.Written) -> None:
    verdict = {(h["ip"], h["machine"]): h["verdict"] for h in rows(written, "hosts")}
    seen: dict[str, set[str]] = {}
    for m in rows(written, "messages"):
        seen.setdefault(m["kind"], set()).add(verdict[m["client_ip"], m["machine"]])

    assert seen["bot"] == {"infected"}
    assert seen["snowshoe"] == seen["bulk"] == {"bulk-sender"}
    assert seen["hacked-server"] == seen["receipt"] == {"compromised-server"}
    assert seen["forwarded"] == seen["list"] == {"relay"}
    assert seen["relayed"] == {"relay", "webmail-or-esp"}
    assert seen["personal"] == {"ordinary", "relay", "webmail-or-esp"}


def test_spam_and_only_spam_has_a_campaign(written: drill.Written) -> None:
    for m in rows(written, "messages"):
        if m["kind"] in ("newsletter", "list", "personal", "receipt"):
            assert not m["campaign"]
        elif m["kind"] != "forwarded":
            assert m["campaign"]


def test_an_address_that_changes_is_told(written: drill.Written) -> None:
    of: dict[str, set[str]] = {}
    for h in rows(written, "hosts"):
        if h["verdict"] == "infected":
            of.setdefault(h["machine"], set()).add(h["ip"])

    assert max(map(len, of.values())) > 3


def test_impound_finds_the_same_clients(written: drill.Written, tmp_path: Path) -> None:
    with Case.open_or_create(tmp_path / "case", write=True) as case:
        case.read([str(written.out)])
        case.find(("senders",))
        sources = {s["id"]: s for s in table(case, "sources")}
        origins = {o["message_id"]: o["client_ip"] for o in table(case, "origins")}
        found = {
            (Path(sources[m["source_id"]]["paths"][0]).name, str(m["offset"])): origins[m["id"]]
            for m in table(case, "messages")
        }
        assert not table(case, "rejects")

    truth = {(m["file"], m["offset"]): m["client_ip"] for m in rows(written, "messages")}
    assert found.keys() == truth.keys()
    assert all(s["drill"] for s in sources.values())
    assert sum(found[key] == ip for key, ip in truth.items()) >= 0.999 * len(truth)


def table(case: Case, name: str) -> list[dict[str, object]]:
    return [row for batch in case.rows(name) for row in batch.to_pylist()]


def test_after_seven_quiet_days_an_address_is_a_new_host(tmp_path: Path) -> None:
    long = drill.write(tmp_path / "long", drill.Settings(messages=1500, bots=60, innocents=90, days=40))
    stretches: dict[tuple[str, str], list[tuple[datetime, datetime]]] = {}
    for h in rows(long, "hosts"):
        times = datetime.fromisoformat(h["first_at"]), datetime.fromisoformat(h["last_at"])
        stretches.setdefault((h["ip"], h["machine"]), []).append(times)

    assert any(len(found) > 1 for found in stretches.values())
    for found in stretches.values():
        assert all(later[0] - earlier[1] >= timedelta(days=7) for earlier, later in pairwise(found))
