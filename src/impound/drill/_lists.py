"""Mail that goes to many who asked for it: posts to mailing lists, newsletters; and a shop's receipts."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from impound.drill import _clock, _words
from impound.drill._bodies import Letter
from impound.drill._chance import Chance
from impound.drill._innocents import Innocents, web_server
from impound.drill._letters import Letters, as_html, topic
from impound.drill._mail import Mail
from impound.drill._programs import BULK, SERVER, Envelope
from impound.drill._receiver import Receiver, handed
from impound.drill._settings import Settings

_COPIES = (3, 12)
"""Copies of one post that come here."""
_SUBSCRIBERS = 40
"""Mailboxes here that a list has among its members."""
_ISSUES = (2, 10)
"""Copies of a newsletter that come at one moment."""
_REPLIES = 0.6
"""Share of the posts that quote the post before."""
_QUOTED = 6
"""Lines that a reply quotes."""
_FOOTER = "\n_______________________________________________\n%s mailing list\n%s\nhttp://%s/listinfo/%s\n"


class Post(NamedTuple):
    """What is posted to a list: the message it came as, and its words."""

    mail: Mail
    subject: str
    text: str


class Issue(NamedTuple):
    """A newsletter of one day."""

    domain: str
    subject: str
    text: str


class Lists:
    """Makes posts, newsletters and receipts; each method gives what arrives at one moment."""

    def __init__(self, settings: Settings, innocents: Innocents, receiver: Receiver, letters: Letters) -> None:
        self._settings, self._innocents, self._receiver, self._letters = settings, innocents, receiver, letters
        self._last: dict[int, tuple[str, str]] = {}

    def post(self, at: int, chance: Chance) -> list[Mail]:
        """Somebody posts to a list."""
        number = chance.below(self._innocents.lists)
        mail = self._letters.company(at, chance)[0]
        return self.copies(number, Post(mail, *self._words(number, chance)), at, chance)

    def _words(self, number: int, chance: Chance) -> tuple[str, str]:
        """Subject and text of the next post to a list: a new subject, or a reply that quotes."""
        lines = [_words.sentence(chance, "list_talk") for _ in range(chance.between(2, 6))]
        if chance.random() < self._settings.level.topical_ham:
            lines += topic(chance)
        subject, before = self._last.get(number, ("", ""))
        if before and chance.random() < _REPLIES:
            subject = subject if subject.startswith("Re: ") else f"Re: {subject}"
            lines = ["Somebody wrote:", *(f"> {line}" for line in before.split("\n")[:_QUOTED]), "", *lines]
        else:
            subject = f"The {chance.pick(_words.lists()['noun'])} and version {chance.between(1, 9)}"
        self._last[number] = subject, "\n".join(line for line in lines if not line.startswith(">"))
        return subject, "\n".join(lines)

    def copies(self, number: int, post: Post, at: int, chance: Chance) -> list[Mail]:
        """The copies that a list's server hands to its members here, with the list's headers and footer."""
        mail, server = post.mail, self._innocents.list_server(number)
        domain, name = server.name.partition(".")[2], f"society{number + 1}"
        address = f"{name}@{domain}"
        line = handed(mail.client, server.name, address, at - chance.between(1, 30), chance.getrandbits(60))
        kept = [
            header
            for header in mail.head.replace(mail.recipient, address).splitlines()
            if not header.lower().startswith(("subject:", "content-", "\t"))
        ]
        head = "\n".join(kept) + (
            f"\nSubject: [{name}] {post.subject}\nContent-Type: text/plain; charset=us-ascii\nX-BeenThere: {address}\n"
            f"Precedence: list\nList-Id: <{name}.{domain}>\nList-Unsubscribe: <http://{server.name}/options/{name}>\n"
            f"List-Post: <mailto:{address}>\nSender: {name}-bounces@{domain}\n"
        )
        body = post.text + _FOOTER % (name.title(), address, server.name, name)
        copy = Mail(
            "list-copy" if mail.campaign else "list", server, f"{name}-bounces@{domain}", "", head, body,
            line + mail.below, mail.campaign, mail.client.machine, mail.botnet,
        )  # fmt: skip
        members = self._members(number)
        return [copy._replace(recipient=m) for m in chance.some(members, chance.between(*_COPIES))]

    @lru_cache(maxsize=64)  # noqa: B019 - one object for each drill
    def _members(self, number: int) -> list[str]:
        return Chance.of(self._settings.seed, "members of list", number).some(self._receiver.mailboxes, _SUBSCRIBERS)

    def newsletter(self, at: int, chance: Chance) -> list[Mail]:
        """Some copies of one sender's newsletter of the day."""
        sender, domain = self._innocents.news(chance)
        issue = _issue(self._settings.seed, sender, domain, at // _clock.DAY)
        return [self._copy(sender, issue, at, chance) for _ in range(chance.between(*_ISSUES))]

    def _copy(self, sender: int, issue: Issue, at: int, chance: Chance) -> Mail:
        client = self._innocents.news_host(sender, issue.domain, chance)
        recipient, code = chance.pick(self._receiver.mailboxes), chance.hex(12)
        title, leave = issue.domain.partition("-")[0].title(), f"http://www.{issue.domain}/leave?u={code}"
        envelope = Envelope(title, f"news@{issue.domain}", recipient, issue.subject, at - 5, 60, client.name, "")
        plain = f"{issue.text}\n\nYou get this because you asked for it. Leave: {leave}"
        letter = Letter(issue.subject, plain, as_html(plain))
        content, body = BULK.parts.build(letter, BULK.boundary(chance, envelope), "7bit", chance)
        head = BULK.head(chance, envelope, content | {"list-unsubscribe": f"<{leave}>"})
        return Mail("newsletter", client, f"bounce-{code}@{issue.domain}", recipient, head, body)

    def receipt(self, at: int, chance: Chance) -> list[Mail]:
        """The shop's web server confirms an order."""
        client, recipient = web_server(), chance.pick(self._receiver.mailboxes)
        order, item = chance.between(10_000, 99_999), chance.pick(_words.lists()["noun"])
        subject = f"Your order {order} at shop.example"
        text = f"Thank you for your order {order}:\n\n  1 {item}  {chance.pick(_words.lists()['price'])}\n\nThe shop"
        envelope = Envelope("Shop", "orders@shop.example", recipient, subject, at - 2, 0, client.name, "")
        content, body = SERVER.parts.build(Letter(subject, text), "", "7bit", chance)
        head = SERVER.head(chance, envelope, content)
        return [Mail("receipt", client, "orders@shop.example", recipient, head, body)]


@lru_cache(maxsize=4096)
def _issue(seed: int, sender: int, domain: str, day: int) -> Issue:
    """A sender's newsletter of one day: the same frame, other news."""
    frame, news = Chance.of(seed, "news frame", sender), Chance.of(seed, "news", sender, day)
    title = f"{domain.partition('-')[0].title()} {frame.pick(('Weekly', 'Courier', 'Letter', 'Post'))}"
    greeting = frame.pick(("Good morning!", "Dear readers,", "Welcome to today's issue.", "Here is what is new:"))
    lines = [f"* {_words.sentence(news, 'newsletter')}" for _ in range(frame.between(3, 7))]
    imprint = f"{title}, {frame.pick(_words.lists()['city'])}. Editor: {' '.join(_words.person(frame))}"
    return Issue(domain, f"{title} no. {day + frame.between(10, 900)}", "\n\n".join([title, greeting, *lines, imprint]))
