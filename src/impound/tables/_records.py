"""Records: what was read, and where it lies."""

from __future__ import annotations

import pyarrow as pa

from impound.tables._kinds import (
    BOOL,
    HOP,
    ID,
    INT32,
    INT64,
    MESSAGE_ID,
    RECORD,
    SOURCE_ID,
    STRING,
    STRINGS,
    TIME,
    Column,
    Table,
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

ANSWERS = Table(
    "answers",
    "record",
    "what a message answers, or whose delivery it reports on",
    (
        *RECORD,
        MESSAGE_ID,
        Column("about", STRING, "the Message-ID of the message it is about, without its brackets"),
        Column("how", STRING, "answer (In-Reply-To or References) or report (a mail server returned it)"),
        Column("status", STRING, "of a report the first delivery status, such as 5.1.1 (RFC 3463)"),
    ),
    ("message_id", "how", "about"),
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
