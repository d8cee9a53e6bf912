"""The mail of campaigns: from bots directly, through relays, lists and forwarders, from rented and hacked machines."""

from __future__ import annotations

from dataclasses import replace

from impound.drill import _words
from impound.drill._bots import Bot, Botnet, Bots
from impound.drill._campaigns import Campaign
from impound.drill._chance import Chance
from impound.drill._innocents import Innocents, bulk, snowshoe, web_server
from impound.drill._mail import Mail
from impound.drill._net import Client
from impound.drill._poison import Poison
from impound.drill._programs import BULK as BULK_PROGRAM
from impound.drill._programs import PHP, Envelope
from impound.drill._receiver import Receiver, handed

_BULK_AT_ONCE = 8
_FOOTER = "\n\n--\nTo be left out next time: http://%s/out/%s\n"


class Spam:
    """Makes messages of campaigns; each method gives what arrives at one moment, no message when there is none."""

    def __init__(
        self,
        seed: int,
        bots: Bots,
        innocents: Innocents,
        receiver: Receiver,
        bulk_campaigns: list[Campaign],
        *,
        poison: Poison,
    ) -> None:
        self._bots, self._innocents, self._receiver = bots, innocents, receiver
        self._snowshoe, self._bulk = bulk_campaigns
        self._hacked: Campaign | None = None
        self._poison = poison
        self._sizes = [(n + 1) ** -0.5 for n in range(len(bots.botnets))]

    def _botnet(self, chance: Chance) -> Botnet:
        point = chance.random() * sum(self._sizes)
        for botnet, size in zip(self._bots.botnets, self._sizes, strict=True):
            point -= size
            if point < 0:
                return botnet
        return self._bots.botnets[0]

    def bot(self, at: int, chance: Chance) -> list[Mail]:
        """A bot hands a message to the organisation's own server."""
        botnet = self._botnet(chance)
        active = botnet.active(at)
        if not active:
            return []
        bot = self._bots.draw(botnet, at, chance)
        client = self._bots.client(bot, botnet, at, chance)
        return [self._written(botnet, chance.pick(active), bot, client, at=at, chance=chance)]

    def _written(
        self, botnet: Botnet, campaign: Campaign, bot: Bot, client: Client, *, at: int, chance: Chance
    ) -> Mail:
        recipient = chance.pick(self._receiver.mailboxes)
        display, sender = _sender(chance, recipient)
        sent = at - chance.below(40) + bot.skew
        letter = campaign.write(chance, at, recipient)
        self._poison.mixed_in(letter)
        envelope = Envelope(display, sender, recipient, letter.subject, sent, bot.zone, bot.host, bot.tag)
        content, body = botnet.program.parts.build(
            letter, botnet.program.boundary(chance, envelope), campaign.encoding, chance
        )
        if campaign.reply_to:
            content["reply-to"] = f"<{campaign.reply_to}>"
        head = botnet.program.head(chance, envelope, content)
        below = self._forged(client, recipient, sent, chance) if chance.random() < botnet.forging else ""
        return Mail("bot", client, sender, recipient, head, body, below, campaign.id, botnet=botnet.name)

    def _forged(self, client: Client, recipient: str, sent: int, chance: Chance) -> str:
        """A line that says some innocent host handed the message to the bot."""
        innocent = self._innocents.any_company(chance)
        known = "." in client.helo and "[" not in client.helo and "receiver" not in client.helo
        server = client.helo if known else self._innocents.any_company(chance).name
        return handed(innocent, server, recipient, sent - chance.between(2, 90), chance.getrandbits(60))

    def relayed(self, at: int, chance: Chance) -> list[Mail]:
        """A bot hands a message to its provider's or a webmail's outgoing server, which hands it on."""
        i = self._innocents
        relay = i.relay(chance) if i.relays and (not i.webmails or chance.random() < 0.5) else i.webmail(chance)
        return [self._through(relay, m, "relayed", at, chance) for m in self.bot(at, chance)]

    def forwarded(self, at: int, chance: Chance) -> list[Mail]:
        """A bot writes to a former student; the university's server hands the message on."""
        return [self._through(self._innocents.forwarder(), m, "forwarded", at, chance) for m in self.bot(at, chance)]

    def _through(self, relay: Client, mail: Mail, kind: str, at: int, chance: Chance) -> Mail:
        user = mail.recipient
        if kind == "forwarded":
            user = user.partition("@")[0] + "@alumni.example"
        line = handed(mail.client, relay.name, user, at - chance.between(1, 20), chance.getrandbits(60))
        return mail._replace(kind=kind, client=relay, below=line + mail.below, author=mail.client.machine)

    def posted(self, at: int, chance: Chance) -> tuple[Mail, str, str] | None:
        """A bot writes to a mailing list: its message, the subject and the text."""
        for mail in self.bot(at, chance):
            campaign = next(c for b in self._bots.botnets for c in b.campaigns if c.id == mail.campaign)
            return mail, *campaign.words(chance, at, mail.recipient)
        return None

    def snowshoe(self, at: int, chance: Chance) -> list[Mail]:
        """Sixty hosts of one owner send a campaign in small portions each."""
        return [self._bulky("snowshoe", snowshoe(chance), self._snowshoe, at, chance)]

    def bulk(self, at: int, chance: Chance) -> list[Mail]:
        """Two hosts send a campaign to everybody."""
        client = bulk(chance)
        return [self._bulky("bulk", client, self._bulk, at, chance) for _ in range(chance.between(2, _BULK_AT_ONCE))]

    def _bulky(self, kind: str, client: Client, campaign: Campaign, at: int, chance: Chance) -> Mail:
        domain = client.name.partition(".")[2]
        recipient = chance.pick(self._receiver.mailboxes)
        letter = campaign.write(chance, at, recipient)
        letter.plain += _FOOTER % (domain, chance.hex(10))
        sender = f"offers@{domain}"
        envelope = Envelope("Today's Offers", sender, recipient, letter.subject, at - 3, 0, client.name, "")
        content, body = BULK_PROGRAM.parts.build(letter, BULK_PROGRAM.boundary(chance, envelope), "7bit", chance)
        content |= {"list-unsubscribe": f"<http://{domain}/out/{chance.hex(10)}>", "x-campaign": campaign.id}
        bounce = f"b-{chance.hex(8)}@{domain}"
        return Mail(
            kind, client, bounce, recipient, BULK_PROGRAM.head(chance, envelope, content), body, "", campaign.id
        )

    def hacked(self, at: int, chance: Chance) -> list[Mail]:
        """A script on a broken-into web server sends one botnet's campaign."""
        if self._hacked is None or not self._hacked.start <= at < self._hacked.end:
            linked = [c for c in self._botnet(chance).active(at) if c.landing]
            if not linked or self._hacked is not None:
                return []
            self._hacked = chance.pick(linked)
        client, recipient = web_server(), chance.pick(self._receiver.mailboxes)
        letter = self._hacked.write(chance, at, recipient)
        display, _ = _sender(chance, recipient)
        envelope = Envelope(
            display, f"{chance.letters(6)}@shop.example", recipient, letter.subject, at - 1, 0, client.name, ""
        )
        program = replace(PHP, extras={**PHP.extras, "x-php-originating-script": "33:view.php(1) : eval()'d code"})
        content, body = program.parts.build(letter, program.boundary(chance, envelope), self._hacked.encoding, chance)
        head = program.head(chance, envelope, content)
        return [Mail("hacked-server", client, "www-data@www.shop.example", recipient, head, body, "", self._hacked.id)]


def _sender(chance: Chance, recipient: str) -> tuple[str, str]:
    """Display name and address that a bot claims."""
    first, last = _words.person(chance)
    dice = chance.random()
    if dice < 0.1:
        return "", recipient
    if dice < 0.2:
        return f"{first} {last}", f"{first.lower()}{chance.below(100)}@receiver.example"
    if dice < 0.5:
        return f"{first} {last}", f"{first}.{last}@{chance.pick(('example.com', 'example.net', 'example.org'))}".lower()
    user = f"{first}.{last}".lower() if dice < 0.7 else chance.letters(chance.between(4, 9))
    return f"{first} {last}", f"{user}@{_words.firm(chance)}"
