"""The contract: every table, every column, its type, unit and meaning. Data only.

Types come from the set that DuckDB, Spark and Parquet share exactly: string, bool, int32, int64, double, binary,
timestamp[us, UTC], list<string>, list<int64>, list<struct>. ``docs/tables.md`` is generated from this module.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import pyarrow as pa

SCHEMA_VERSION = 1
"""Raised when a table changes; a store written by a higher one is refused."""

STRING, BOOL, INT32, INT64, DOUBLE = pa.string(), pa.bool_(), pa.int32(), pa.int64(), pa.float64()
TIME = pa.timestamp("us", tz="UTC")
BINARY = pa.binary()
STRINGS = pa.list_(pa.string())

HOP = pa.struct(
    [
        ("helo", STRING),
        ("name", STRING),
        ("verified", BOOL),
        ("ip", STRING),
        ("port", INT32),
        ("by", STRING),
        ("by_ip", STRING),
        ("protocol", STRING),
        ("queue_id", STRING),
        ("authenticated", BOOL),
        ("at", TIME),
        ("form", STRING),
    ]
)
"""One ``Received`` line: who handed over (``helo`` as claimed, ``name`` as looked up, ``verified`` where
that name resolves back to the address, ``ip``, ``port``), who took it (``by``, ``by_ip``), how (``protocol``,
``queue_id``, ``authenticated``), when, and in which program's way it is written (``form``)."""


@dataclass(frozen=True)
class Column:
    """A column: its name, Arrow type and what it means in one sentence (with the unit, where it has one)."""

    name: str
    type: pa.DataType
    meaning: str


@dataclass(frozen=True)
class Table:
    """A table: its name, kind (``record`` or ``finding``), what a row is, its columns and the key it is ordered by."""

    name: str
    kind: str
    row: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    schema: pa.Schema = field(init=False, compare=False)

    def __post_init__(self) -> None:
        fields = [pa.field(c.name, c.type) for c in self.columns]
        object.__setattr__(self, "schema", pa.schema(fields))


ID = Column("id", INT64, "a non-negative hash of source, offset, table and ordinal: the same on every machine")
SOURCE_ID = Column("source_id", INT64, "the source it was read from (`sources.id`)")
MESSAGE_ID = Column("message_id", INT64, "the message it stands in (`messages.id`)")
RECORD = (
    ID,
    SOURCE_ID,
    Column("offset", INT64, "where it begins in the source, in bytes after decompression"),
    Column("seen_at", TIME, "when it was observed; null where nobody says"),
    Column("clock", STRING, "who said the time: receiver, sender, log or file"),
)

SOURCES = Table(
    "sources",
    "record",
    "an input as it was handed in; the same bytes met at another path are a copy, not another source",
    (
        ID,
        Column("paths", STRINGS, "every path it was met at, as given, with `!member` for what lies inside an archive"),
        Column("copies", INT64, "how many further paths held the same bytes"),
        Column("archive", STRING, "the path of the archive it came in; null for a plain file"),
        Column("archive_sha256", STRING, "SHA-256 of that archive's own bytes"),
        Column("vantage", STRING, "how the source saw the world: trap, user-report, inbound, outbound, …"),
        Column("sensor", STRING, "the name of the machine or feed that recorded it, as given"),
        Column("tlp", STRING, "how far it may be passed on (Traffic Light Protocol 2.0), as given"),
        Column("drill", BOOL, "whether it is marked as synthetic"),
        Column("reader", STRING, "the reader that read it; null when no reader knew the format"),
        Column("reader_version", STRING, "the version of that reader"),
        Column("sha256", STRING, "SHA-256 of its bytes, lower-case hex; null when they could not be read"),
        Column("bytes", INT64, "its length in bytes; null when they could not be read"),
        Column("read_bytes", INT64, "how many of them were read and sealed: fewer when reading was interrupted"),
        Column("read_at", TIME, "when it was read (`SOURCE_DATE_EPOCH` where given)"),
        Column("records", INT64, "how many messages, sessions, flows or look-ups came of it"),
        Column("rejects", INT64, "how many rows of `rejects` came of it"),
        Column("first_at", TIME, "the earliest `seen_at` in it"),
        Column("last_at", TIME, "the latest `seen_at` in it"),
    ),
    ("id",),
)

REJECTS = Table(
    "rejects",
    "record",
    "what could not be read, so that nothing is dropped in silence",
    (
        *RECORD,
        Column("reason", STRING, "why, in words"),
        Column("excerpt", STRING, "the first bytes of it, made printable; no addresses"),
    ),
    ("id",),
)

SEALS = Table(
    "seals",
    "record",
    "a stretch of a source's original bytes and the sealed frame that holds it",
    (
        ID,
        SOURCE_ID,
        Column("offset", INT64, "where the stretch begins in the source, in bytes"),
        Column("bytes", INT64, "its length in bytes"),
        Column(
            "frame",
            STRING,
            "the file under `evidence/`, named by the SHA-256 of its compressed bytes; empty once pruned",
        ),
        Column("frame_offset", INT64, "where the stretch begins in the frame once decompressed, in bytes"),
    ),
    ("source_id", "offset"),
)

MESSAGES = Table(
    "messages",
    "record",
    "a mail message",
    (
        *RECORD,
        Column("bytes", INT64, "its length as it stands in the source"),
        Column("rfc_message_id", STRING, "the Message-ID header"),
        Column("sent_at", TIME, "the Date header: what the sender claims"),
        Column("sent_offset_minutes", INT32, "the time zone of the Date header, in minutes east of UTC"),
        Column("received_at", TIME, "when the top Received line says it arrived"),
        Column("from_name", STRING, "the display name in From"),
        Column("from_addr", STRING, "the address in From, lower case"),
        Column("from_domain", STRING, "the host part of that address"),
        Column("return_path", STRING, "the envelope sender, where the receiver wrote it down"),
        Column("reply_to", STRING, "the address in Reply-To"),
        Column("recipients", STRINGS, "pseudonyms of the recipients: HMAC-SHA256 with the case key, shortened"),
        Column("subject", STRING, "the subject, decoded"),
        Column("subject_shape", STRING, "the subject with everything that varies by counting taken out"),
        Column("mailer", STRING, "X-Mailer or User-Agent: the program the sender claims"),
        Column("received", pa.list_(HOP), "the Received lines from the top, parsed"),
        Column("spf", STRING, "the receiver's SPF result"),
        Column("dkim", STRING, "the receiver's DKIM result"),
        Column("dmarc", STRING, "the receiver's DMARC result"),
        Column("list_id", STRING, "the List-Id, without its phrase"),
        Column("queue_id", STRING, "the receiver's queue id, from the top Received line"),
        Column("header_order", STRING, "the names of the headers as spelt, in order, joined by commas; repeats once"),
        Column("message_id_shape", STRING, "the Message-ID with letters and digits replaced by their classes"),
        Column("date_shape", STRING, "the same for the Date header"),
        Column("boundary_shape", STRING, "the same for the outermost MIME boundary"),
        Column("mime_shape", STRING, "the tree of media types, such as `multipart/alternative(text/plain,text/html)`"),
        Column("charset", STRING, "the charset its first text part claims, lower case"),
        Column("body_sha256", STRING, "which text it carries (`bodies.body_sha256`)"),
    ),
    ("id",),
)

BODIES = Table(
    "bodies",
    "record",
    "a distinct decoded text, with what derives from the recipient replaced by tokens",
    (
        ID,
        Column("body_sha256", STRING, "SHA-256 of the three texts"),
        Column("text", STRING, "the text of the plain parts"),
        Column("html_text", STRING, "the text of the HTML parts as a reader sees it"),
        Column("hidden_text", STRING, "the text in HTML that a reader does not see"),
        Column("bytes", INT64, "the length of the three texts in UTF-8"),
    ),
    ("id",),
)

URLS = Table(
    "urls",
    "record",
    "a link in a message, once for each message and link",
    (
        *RECORD,
        MESSAGE_ID,
        Column("url", STRING, "the link, made canonical"),
        Column("scheme", STRING, "http, https, mailto, …"),
        Column("host", STRING, "its host: a name in lower case and ASCII, or an address"),
        Column("domain", STRING, "the registrable domain of that host (public suffix list); null for an address"),
        Column("path_shape", STRING, "path and query with letters and digits replaced by their classes"),
        Column("place", STRING, "where it stood: text, html or hidden"),
        Column("form", STRING, "how it was written: plain, bare, defanged, split or encoded"),
        Column("link_text", STRING, "the words that carry it in HTML, at most 200 characters"),
    ),
    ("id",),
)

ATTACHMENTS = Table(
    "attachments",
    "record",
    "a part of a message that is not its text: hashed and described, never opened (images alone are decoded)",
    (
        *RECORD,
        MESSAGE_ID,
        Column("name", STRING, "the file name it claims"),
        Column("media_type", STRING, "the media type it claims, lower case"),
        Column("magic", STRING, "the media type its first bytes show; null when they show none"),
        Column("inline", BOOL, "whether it is shown inside the text"),
        Column("sha256", STRING, "SHA-256 of its decoded bytes"),
        Column("bytes", INT64, "their length"),
        Column("image_hash", STRING, "perceptual hash of an image, 64 bits in hex: alike pictures differ in few bits"),
        Column("width", INT32, "width of an image in pixels"),
        Column("height", INT32, "height of an image in pixels"),
    ),
    ("id",),
)

NETWORKS = Table(
    "networks",
    "finding",
    "whose address space is whose",
    (
        Column("cidr", STRING, "the network, such as 192.0.2.0/24"),
        Column("side", STRING, "own (the receiving organisation), partner or shared-provider"),
        Column("reason", STRING, "how that is known, in words"),
        Column("servers", INT64, "how many of its addresses were met handing mail on inside the organisation"),
        Column("messages", INT64, "how many messages passed through it"),
    ),
    ("cidr",),
)

ORIGINS = Table(
    "origins",
    "finding",
    "who handed a message in: the first host outside the receiving organisation",
    (
        MESSAGE_ID,
        Column("client_ip", STRING, "its address; null when no line that can be trusted names one"),
        Column("client_port", INT32, "its port, where the receiver wrote it down"),
        Column("client_net", STRING, "its network: /24, or /48 for IPv6"),
        Column("client_name", STRING, "its reverse name as the receiver looked it up"),
        Column("helo", STRING, "the name it gave itself"),
        Column("hop", INT32, "which Received line says so, counted from 0 at the top"),
        Column("trusted_hops", INT32, "how many lines from the top were written by the organisation's own servers"),
        Column("boundary_reason", STRING, "why the trust ends there, in words"),
    ),
    ("message_id",),
)

MESSAGE_SOFTWARE = Table(
    "message_software",
    "finding",
    "the program that wrote a message: what it claims to be, what speaks against that, whom it is like",
    (
        MESSAGE_ID,
        Column("fingerprint", STRING, "equal for all messages of one sending program, however its random letters fall"),
        Column("program", STRING, "the mail program it claims to come from; empty when it names none"),
        Column(
            "contradictions", STRING, "why that program cannot have written it, in words; null where nothing is wrong"
        ),
        Column("constant", STRING, "a part of its Message-ID that the program would vary and many networks share"),
    ),
    ("message_id",),
)

SKETCHES = Table(
    "sketches",
    "finding",
    "a text as numbers by which texts are compared (MinHash)",
    (
        Column("body_sha256", STRING, "the text, as in `bodies`"),
        Column("text_key", INT64, "a hash of its words, equal for equal words"),
        Column("word_count", INT32, "how many words of it were looked at"),
        Column("sketch", BINARY, "the MinHash of its word triples, 16 bits for each place"),
        Column("head", BINARY, "the MinHash of its first words"),
    ),
    ("body_sha256",),
)

REPLY_CONTACTS = Table(
    "reply_contacts",
    "finding",
    "where a victim is told to answer",
    (
        MESSAGE_ID,
        Column("kind", STRING, "mailbox, telephone, messenger, bank-account, wallet, transfer or reference"),
        Column(
            "value",
            STRING,
            "in one spelling: address, digits, service:name, iban:…, account:…, currency:address, service:receiver",
        ),
    ),
    ("message_id", "kind", "value"),
)

CAMPAIGN_ID = Column("campaign_id", INT64, "the campaign (`campaigns.id`)")

CAMPAIGNS = Table(
    "campaigns",
    "finding",
    "messages that show one text skeleton, or one offer reached through one landing domain, link pattern or contact",
    (
        Column("id", INT64, "the id of its earliest message, kept while the case grows"),
        Column("name", STRING, "two neutral words made from the id, so that people can talk about it"),
        Column("first_at", TIME, "the earliest `seen_at` of its messages"),
        Column("last_at", TIME, "the latest `seen_at` of its messages"),
        Column("messages", INT64, "how many messages it has"),
        Column("hosts", INT64, "how many client addresses handed them in: addresses, not machines"),
        Column("networks", INT64, "how many /24 or /48 networks those are in"),
        Column(
            "owners", INT64, "the most owners of networks it came from within a week; names and /16 tell owners apart"
        ),
        Column("domains", STRINGS, "the domains it links to most, those shared by everybody left out; at most ten"),
        Column("subject_shape", STRING, "its most frequent subject shape"),
        Column(
            "confidence", DOUBLE, "how strongly its messages hold together, 0 to 1: the mean strength of their links"
        ),
        Column("why", STRING, "what holds it together, in words"),
    ),
    ("id",),
)

CAMPAIGN_MEMBERS = Table(
    "campaign_members",
    "finding",
    "a message of a campaign, and what ties it to the others",
    (
        CAMPAIGN_ID,
        MESSAGE_ID,
        Column("link", STRING, "the strongest evidence that it shares with another message of the campaign"),
        Column("strength", DOUBLE, "how strong that kind of evidence is, 0 to 1: an order, not a measured rate"),
    ),
    ("campaign_id", "message_id"),
)

SPAM = Column("spam", DOUBLE, "how likely it is spam, 0 to 1, as the shipped classifier has it")
LURE = Column("lure", STRING, "what it sells or pretends: pharmacy, replica, …; ham where nothing speaks for a lure")

MESSAGE_LABELS = Table(
    "message_labels",
    "finding",
    "what a message sells or pretends, and whose mark it abuses",
    (
        MESSAGE_ID,
        SPAM,
        LURE,
        Column("brand", STRING, "the mark it abuses most plainly; null where it abuses none"),
        Column("share", DOUBLE, "the lure's share of everything that speaks for any lure, 0 to 1"),
        Column("words", STRINGS, "the words that decided, the weightiest first; those with # are signs, not words"),
        Column("brand_why", STRING, "where the mark stands, and why that is abuse"),
    ),
    ("message_id",),
)

CAMPAIGN_LABELS = Table(
    "campaign_labels",
    "finding",
    "what a campaign sells or pretends, and whose mark it abuses",
    (
        CAMPAIGN_ID,
        Column("spam", DOUBLE, "the mean of its messages' `spam`"),
        LURE,
        Column(
            "brand",
            STRING,
            "the mark that most of its messages abuse, a quarter at least; null where there is none",
        ),
        Column("share", DOUBLE, "the share of its messages that say so, 0 to 1"),
        Column("words", STRINGS, "the words that decided in the message that says it plainest"),
    ),
    ("campaign_id",),
)

PROOF = pa.list_(pa.struct([("table", STRING), ("id", INT64)]))

SIGNALS = Table(
    "signals",
    "finding",
    "one detector's statement about one subject",
    (
        Column("finder", STRING, "who says so"),
        Column("finder_version", STRING, "the version of that finder"),
        Column("kind", STRING, "the kind of evidence: spread, software or naming"),
        Column("subject_type", STRING, "what it is about: host"),
        Column("subject", STRING, "which one: its address"),
        Column("from_at", TIME, "the beginning of the time it speaks of"),
        Column("to_at", TIME, "the end of that time"),
        Column("score", DOUBLE, "how strongly it speaks for an infection, 0 to 1"),
        Column("why", STRING, "the reason in plain words"),
        Column("proof", PROOF, "rows that show it; at most five, the earliest first"),
    ),
    ("subject", "from_at", "kind"),
)

HOSTS = Table(
    "hosts",
    "finding",
    "an outside address that handed mail in, in a stretch of time: a new row after seven quiet days",
    (
        Column("ip", STRING, "the address"),
        Column("net", STRING, "its network: /24, or /48 for IPv6"),
        Column(
            "name",
            STRING,
            "its reverse name as the receiver looked it up, the latest one met; null where it does not lead back",
        ),
        Column("side", STRING, "outside; what lies inside is told from traffic, not from mail"),
        Column("first_at", TIME, "the earliest message of the stretch"),
        Column("last_at", TIME, "the latest message of the stretch"),
        Column("messages", INT64, "how many messages it handed in"),
        Column("campaigns", INT64, "how many campaigns they belong to"),
        Column("campaign_id", INT64, "the campaign that most of them belong to; null when none does"),
        Column(
            "verdict",
            STRING,
            "infected, compromised-server, bulk-sender, relay, webmail-or-esp, ordinary or unclear",
        ),
        Column("score", DOUBLE, "the chance that it is infected, 0 to 1, as counted in drills"),
        Column("kinds", STRINGS, "the kinds of evidence for an infection that were met: spread, software, naming"),
        Column("dynamic", BOOL, "whether its reverse name looks like one of an access provider's pool"),
        Column("asn", INT64, "its autonomous system today; null without a database"),
        Column("country", STRING, "its country today, two letters; null without a database"),
        Column("why", STRING, "the reason for the verdict in plain words, and what would overturn it"),
    ),
    ("ip", "first_at"),
)

BOTNETS = Table(
    "botnets",
    "finding",
    "bots, campaigns and programs that belong together and outlast each campaign",
    (
        Column("id", INT64, "the id of its earliest message, kept while the case grows"),
        Column("name", STRING, "two neutral words made from the id, so that people can talk about it"),
        Column("first_at", TIME, "its earliest message"),
        Column("last_at", TIME, "its latest message"),
        Column("messages", INT64, "how many messages it sent"),
        Column("hosts", INT64, "how many addresses sent them: addresses, not machines"),
        Column("networks", INT64, "how many /24 or /48 networks those are in"),
        Column("quiet_days", INT64, "how many days between its first and its last message had none"),
        Column("campaigns", INT64, "how many campaigns they belong to"),
        Column("programs", INT64, "how many fingerprints of sending programs they bear"),
        Column("machines", INT64, "how many machines stand behind those addresses; null where nothing tells"),
        Column("machines_low", INT64, "how many at least"),
        Column("machines_high", INT64, "how many at most, with those not met; null where too few were met again"),
        Column("machines_why", STRING, "how the number of machines was come by, and what it leaves out"),
        Column(
            "confidence",
            DOUBLE,
            "how much of it stays together with a tenth of its addresses left out, 0 to 1; null for a single strand",
        ),
        Column("why", STRING, "what holds it together, in words"),
    ),
    ("id",),
)

BOTNET_MEMBERS = Table(
    "botnet_members",
    "finding",
    "an address, a campaign or a program of a botnet; each may belong to several",
    (
        Column("botnet_id", INT64, "the botnet (`botnets.id`)"),
        Column("member_type", STRING, "host, campaign or software"),
        Column("member", STRING, "the address, the campaign's id, or the program's fingerprint and constant"),
        Column("link", STRING, "why it belongs there, in words"),
        Column(
            "strength",
            DOUBLE,
            "of a host or program its share of the botnet's messages, of a campaign the botnet's share of it, 0 to 1",
        ),
    ),
    ("botnet_id", "member_type", "member"),
)

BOTNET_DAYS = Table(
    "botnet_days",
    "finding",
    "a day on which a botnet sent something: its life, and how it grows",
    (
        Column("botnet_id", INT64, "the botnet (`botnets.id`)"),
        Column("day", TIME, "when the day begins (UTC)"),
        Column("messages", INT64, "how many messages it sent on that day"),
        Column("hosts", INT64, "how many addresses sent them"),
        Column("new_hosts", INT64, "how many of these were never met with it before"),
        Column("campaigns", INT64, "how many campaigns they belong to"),
        Column("new_campaigns", INT64, "how many of these it had never sent before"),
        Column("new_programs", INT64, "how many fingerprints of sending programs it bears for the first time"),
    ),
    ("botnet_id", "day"),
)

BOTNET_HYPOTHESES = Table(
    "botnet_hypotheses",
    "finding",
    "that a botnet's mail looks as what was published of a family of spam bots: a hypothesis, never a name",
    (
        Column("botnet_id", INT64, "the botnet (`botnets.id`)"),
        Column("family", STRING, "the family"),
        Column("share", DOUBLE, "the share of its messages that show the trait shown least, 0 to 1"),
        Column("reasons", STRINGS, "the traits shown, each with its share, who published it, and its year"),
        Column("why", STRING, "how much is shown of what is known, and how old that is"),
    ),
    ("botnet_id", "family"),
)

EVENTS = Table(
    "events",
    "finding",
    "what became of a campaign, botnet or indicator from one find to the next; rows are only ever added",
    (
        Column("subject_type", STRING, "campaign, botnet or indicator"),
        Column("subject", STRING, "its id; of an indicator its type and value"),
        Column("from_state", STRING, "found or released; null for what begins"),
        Column("to_state", STRING, "found, split (off another), merged (into another), gone or withdrawn"),
        Column("actor", STRING, "which finder says so"),
        Column("reason", STRING, "why, with the name and id of the other one"),
        Column("at", TIME, "the newest `seen_at` of the case at that time"),
    ),
    ("at", "subject_type", "subject", "to_state"),
)

INDICATORS = Table(
    "indicators",
    "finding",
    "what may be published of a case, or may not, with the reason",
    (
        Column("type", STRING, "domain, address, contact, file (SHA-256), image (its hash), template or url-pattern"),
        Column("value", STRING, "the domain, address, contact, hash or expression"),
        Column("state", STRING, "released; proposed (too little for it); withheld; withdrawn (released before)"),
        Column("reason", STRING, "why, in plain words"),
        Column("evidence", PROOF, "the campaign, and the first and last message that show it"),
        Column("first_at", TIME, "the earliest message of a campaign that shows it"),
        Column("last_at", TIME, "the latest one"),
        Column("expires_at", TIME, "when it is too old to act on"),
    ),
    ("type", "value"),
)

PIECES = pa.list_(
    pa.struct(
        [
            ("part", STRING),
            ("kind", STRING),
            ("regex", STRING),
            ("values", STRINGS),
            ("distinct", INT64),
            ("unseen", DOUBLE),
        ]
    )
)

TEMPLATES = Table(
    "templates",
    "finding",
    "a signature of a campaign: what its messages have in common, as a regular expression",
    (
        Column("id", INT64, "made from the earliest message that it matches, kept while the case grows"),
        CAMPAIGN_ID,
        Column(
            "regex", STRING, "in RE2's syntax, a line for each part of a message, from its start; null: none is made"
        ),
        Column("anchors", STRINGS, "the longest fixed text of each stretch that will do: a match holds one of them"),
        Column("fixed_chars", INT64, "letters and digits of fixed text: how much there is to recognise"),
        Column("learned_from", INT64, "how many messages it was made from"),
        Column("matched", INT64, "how many messages of the case it matches"),
        Column("ham_matched", INT64, "how many of those are outside the campaign and list mail, replies or ordinary"),
        Column("state", STRING, "proposed, or withheld: nothing may be accused by a withheld one"),
        Column("why", STRING, "the reason for the state, in words"),
        Column("examples", pa.list_(INT64), "messages that it was made from, the earliest ones: its test strings"),
        Column("parts", PIECES, "its pieces in order: fixed, listed or noise, and the chance of an unseen value"),
    ),
    ("campaign_id", "id"),
)

URL_PATTERNS = Table(
    "url_patterns",
    "finding",
    "how a campaign makes its links, as a regular expression that matches the next ones",
    (
        Column("id", INT64, "made from its campaign and its expression"),
        CAMPAIGN_ID,
        Column("regex", STRING, "an expression in RE2's syntax for a whole link"),
        Column("fixed_chars", INT64, "letters and digits of it that never vary"),
        Column("bits", DOUBLE, "what a match tells: the bits it saves in writing down a link; 90 are asked for"),
        Column("learned_from", INT64, "how many messages its links were met in, counted once for each link"),
        Column("matched", INT64, "how many messages of the case have a link that it matches"),
        Column("ham_matched", INT64, "how many of those are outside the campaign and list mail, replies or ordinary"),
        Column("networks", INT64, "from how many networks (/24 or /48) infected hosts sent those messages"),
        Column("landings", INT64, "to how many registrable domains its links lead"),
        Column("bursty", DOUBLE, "share of its messages that lead to domains of five days or less"),
        Column("state", STRING, "proposed, or withheld: nothing may be accused by a withheld one"),
        Column("why", STRING, "the reason for the state, in words"),
        Column("example_urls", STRINGS, "links that it was made from, the most frequent ones: its test strings"),
    ),
    ("campaign_id", "id"),
)

TABLES: dict[str, Table] = {
    t.name: t
    for t in (
        *(SOURCES, REJECTS, SEALS, MESSAGES, BODIES, URLS, ATTACHMENTS, NETWORKS, ORIGINS),
        *(
            MESSAGE_SOFTWARE,
            REPLY_CONTACTS,
            SKETCHES,
            CAMPAIGNS,
            CAMPAIGN_MEMBERS,
            MESSAGE_LABELS,
            CAMPAIGN_LABELS,
            SIGNALS,
            HOSTS,
            INDICATORS,
        ),
        *(BOTNETS, BOTNET_MEMBERS, BOTNET_DAYS, BOTNET_HYPOTHESES, TEMPLATES, URL_PATTERNS, EVENTS),
    )
}
"""Every table by its name, in the order in which the documentation shows them."""
