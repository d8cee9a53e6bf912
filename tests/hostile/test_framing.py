"""A thousand copies that each name another innocent, and innocents who carry copies: nobody innocent is accused."""

from __future__ import annotations

from collections import Counter

import pytest

from hostile import framing
from impound import Case

COPIES = 1000


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Counter[str]]:
    """The verdicts of every address, by the whole road from files to hosts."""
    folder = tmp_path_factory.mktemp("framing")
    found: dict[str, Counter[str]] = {}
    with Case.open_or_create(folder / "case", write=True) as case:
        case.read([str(framing.write(folder / "mail", COPIES))])
        case.find(["senders", "software", "reply_contacts", "campaigns", "lures", "hosts"])
        for row in case.query("SELECT ip, verdict FROM hosts", tables=["hosts"]).to_pylist():
            found.setdefault(row["ip"], Counter())[row["verdict"]] += 1
    return found


def test_the_bots_are_found_so_that_there_is_something_to_be_framed_with(verdicts: dict[str, Counter[str]]) -> None:
    bots = [verdicts[framing.bot(n).ip] for n in range(COPIES)]
    assert sum("infected" in said for said in bots) > 0.95 * COPIES


def test_nobody_named_in_a_copy_is_accused(verdicts: dict[str, Counter[str]]) -> None:
    named = Counter(verdict for n in range(COPIES) for verdict in verdicts[framing.innocent(n).ip])
    assert set(named) <= {"ordinary", "unclear"}, named


def test_an_innocent_with_a_name_is_ordinary(verdicts: dict[str, Counter[str]]) -> None:
    named = [framing.innocent(n) for n in range(COPIES)]
    assert {verdict for peer in named if peer.name for verdict in verdicts[peer.ip]} == {"ordinary"}


def test_whoever_hands_copies_on_is_not_accused(verdicts: dict[str, Counter[str]]) -> None:
    said = {ip: set(verdicts[ip]) for ip in framing.CARRIERS}
    assert all("infected" not in verdict for verdict in said.values()), said
    assert "relay" in said[framing.LIST.ip]
    assert "relay" in said[framing.FORWARDER.ip]


def test_whoever_quotes_a_copy_is_not_accused(verdicts: dict[str, Counter[str]]) -> None:
    said = Counter(verdict for peer in framing.quoters(COPIES) for verdict in verdicts[peer.ip])
    assert "infected" not in said, said


def test_only_those_who_connected_are_hosts(verdicts: dict[str, Counter[str]]) -> None:
    peers = {framing.bot(n).ip for n in range(COPIES)} | {framing.innocent(n).ip for n in range(COPIES)}
    quoters = {peer.ip for peer in framing.quoters(COPIES)}
    assert set(verdicts) == peers | quoters | framing.CARRIERS
