"""The contract of an engine, the same text and the same rows on each of them."""

from __future__ import annotations

import math
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engines import work
from impound import tables
from impound.engines import _sql
from impound.engines._base import EngineBase
from impound.errors import EngineError, MissingExtra, UsageError
from impound.plugin import Engine, load
from impound.tables import MESSAGES, TABLES, TIME

NOON = datetime(2011, 4, 4, 12, tzinfo=UTC)
MAIL = [
    {"id": 1, "subject": "it's", "from_addr": "ann@example.com", "seen_at": NOON, "bytes": 10},
    {"id": 2, "subject": "ünï ☃ 🐍", "from_addr": "bob@example.com", "seen_at": NOON + timedelta(days=1), "bytes": 20},
    {"id": 3, "subject": None, "from_addr": "ann@example.com", "seen_at": None, "bytes": None},
    {"id": 4, "subject": "back\\slash :name $name", "from_addr": "ann@example.com", "seen_at": NOON, "bytes": 30},
]
HOP = dict.fromkeys(f.name for f in tables.HOP) | {"ip": "192.0.2.1", "port": 25, "authenticated": False, "at": NOON}


def mail(rows: list[dict[str, Any]] = MAIL) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=MESSAGES.schema)


def rows(engine: Engine, sql: str, params: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    return [row for batch in engine.stream(sql, params) for row in batch.to_pylist()]


def column(engine: Engine, sql: str, params: dict[str, Any] | None = None) -> list[Any]:
    return [next(iter(row.values())) for row in rows(engine, sql, params)]


@pytest.fixture
def messages(engine: Engine) -> Engine:
    engine.view("messages", mail())
    return engine


# -- views ----------------------------------------------------------------------------------------------------------


def test_a_table_comes_back_as_it_was(messages: Engine) -> None:
    back = pa.Table.from_batches(messages.stream("SELECT * FROM messages ORDER BY id"))
    assert back.schema.equals(MESSAGES.schema)
    assert back.to_pylist() == mail().to_pylist()


def test_parts_are_one_table(engine: Engine, tmp_path: Path) -> None:
    parts = [tmp_path / "a.parquet", tmp_path / "b.parquet"]
    for path, half in zip(parts, (mail(MAIL[:2]), mail(MAIL[2:])), strict=True):
        pq.write_table(half, path)
    engine.view("messages", parts)
    assert column(engine, "SELECT id FROM messages ORDER BY id") == [1, 2, 3, 4]


@pytest.mark.parametrize("folder", ["with space", "ünï", "a[b]*?", "it's", "per%20cent", "{x,y}"])
def test_a_part_may_lie_in_any_folder(engine: Engine, tmp_path: Path, folder: str) -> None:
    (tmp_path / folder).mkdir()
    pq.write_table(mail(), tmp_path / folder / "part.parquet")
    engine.view("messages", [tmp_path / folder / "part.parquet"])
    assert column(engine, "SELECT count(*) AS n FROM messages") == [4]


def test_a_part_that_is_not_there_is_an_error_not_an_empty_table(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"gone\.parquet"):
        engine.view("messages", [tmp_path / "gone.parquet"])


@pytest.mark.parametrize("table", TABLES)
def test_without_parts_a_table_is_empty_and_has_its_columns(engine: Engine, table: str) -> None:
    engine.view(table, [])
    assert pa.Table.from_batches(engine.stream(f"SELECT * FROM {table}")).schema.equals(TABLES[table].schema)


def test_columns_that_older_parts_lack_are_null(engine: Engine, tmp_path: Path) -> None:
    pq.write_table(mail(MAIL[:1]).drop_columns(["subject", "received"]), tmp_path / "old.parquet")
    pq.write_table(mail(MAIL[1:2]), tmp_path / "new.parquet")
    engine.view("messages", [tmp_path / "old.parquet", tmp_path / "new.parquet"])
    assert column(engine, "SELECT subject FROM messages ORDER BY id") == [None, "ünï ☃ 🐍"]
    engine.view("messages", [tmp_path / "old.parquet"])
    assert pa.Table.from_batches(engine.stream("SELECT * FROM messages")).schema.equals(MESSAGES.schema)


def test_a_small_table_of_any_kind_can_be_a_view(engine: Engine) -> None:
    engine.view("ranges", pa.table({"first_key": ["a", "k"], "last_key": ["f", "p"]}))
    assert column(engine, "SELECT count(*) AS n FROM ranges") == [2]


def test_a_view_can_be_replaced(messages: Engine) -> None:
    messages.view("messages", mail(MAIL[:1]))
    assert column(messages, "SELECT id FROM messages") == [1]


@pytest.mark.parametrize("name", ["", "a b", "a;b", 'a"b', "é", "1a", "x" * 64])
def test_a_name_that_would_need_quotes_is_refused(engine: Engine, name: str) -> None:
    with pytest.raises(EngineError, match="cannot be the name"):
        engine.view(name, mail())
    with pytest.raises(EngineError, match="cannot be the name"):
        engine.run(name, "SELECT 1 AS a")


# -- statements -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("keep", [False, True])
def test_a_statement_becomes_a_view_for_the_next(messages: Engine, keep: bool) -> None:
    messages.run("big", "SELECT id, bytes FROM messages WHERE bytes >= :least", {"least": 20}, keep)
    messages.run("biggest", "SELECT max(b.bytes) AS bytes FROM big b", keep=keep)
    assert rows(messages, "SELECT * FROM biggest") == [{"bytes": 30}]


def test_a_kept_statement_is_not_run_again(messages: Engine) -> None:
    messages.run("kept", "SELECT id FROM messages", keep=True)
    messages.run("viewed", "SELECT id FROM messages")
    messages.view("messages", mail(MAIL[:1]))
    assert len(rows(messages, "SELECT * FROM kept")) == 4
    assert len(rows(messages, "SELECT k.id FROM kept k")) == 4


@pytest.mark.parametrize("keep", [False, True])
def test_a_statement_without_rows_keeps_its_columns(messages: Engine, keep: bool) -> None:
    messages.run("none", "SELECT id, subject, seen_at, received FROM messages WHERE id < 0", keep=keep)
    schema = pa.Table.from_batches(messages.stream("SELECT * FROM none")).schema
    assert schema.equals(pa.schema([MESSAGES.schema.field(n) for n in ("id", "subject", "seen_at", "received")]))


SUBSET = {
    "window functions": (
        """SELECT id, CAST(row_number() OVER (PARTITION BY from_addr ORDER BY bytes DESC, id) AS INT) AS place,
                  lag(id) OVER (PARTITION BY from_addr ORDER BY id) AS before,
                  sum(bytes) OVER (PARTITION BY from_addr ORDER BY id ROWS UNBOUNDED PRECEDING) AS total
           FROM messages ORDER BY id""",
        [(1, 2, None, 10), (2, 1, None, 20), (3, 3, 1, 10), (4, 1, 3, 40)],
    ),
    "a join on ranges of texts": (
        """SELECT m.id, r.word FROM messages m
           JOIN ranges r ON m.from_addr >= r.first_key AND m.from_addr < r.last_key ORDER BY m.id, r.word""",
        [(1, "a"), (2, "b"), (3, "a"), (4, "a")],
    ),
    "exact distinct counts": (
        """SELECT from_addr, count(DISTINCT subject) AS subjects, count(*) AS n, count(bytes) AS sized
           FROM messages GROUP BY from_addr HAVING count(*) >= 1 ORDER BY from_addr""",
        [("ann@example.com", 2, 3, 2), ("bob@example.com", 1, 1, 1)],
    ),
    "nulls first, and last the other way round": (
        "SELECT id FROM (SELECT id, bytes FROM messages) t ORDER BY bytes, id",
        [(3,), (1,), (2,), (4,)],
    ),
    "nulls last when descending": ("SELECT id FROM messages ORDER BY bytes DESC, id", [(4,), (2,), (1,), (3,)]),
    "texts joined with ||": ("SELECT id || ':' || subject AS s FROM messages WHERE id <= 3 ORDER BY id",
                             [("1:it's",), ("2:ünï ☃ 🐍",), (None,)]),
    "case, coalesce, nullif, in, like, between": (
        """SELECT CASE WHEN from_addr LIKE 'ann@%' THEN 'a' ELSE 'b' END AS a, coalesce(bytes, 0) AS b,
                  nullif(bytes, 10) AS c, id IN (1, 2) AS d, id BETWEEN 2 AND 3 AS e FROM messages ORDER BY id""",
        [("a", 10, None, True, False), ("b", 20, 20, True, True), ("a", 0, None, False, True), ("a", 30, 30, False, False)],  # noqa: E501
    ),
    "times": (
        """SELECT date_trunc('day', seen_at) AS day, seen_at + INTERVAL 7 DAYS AS later, count(*) AS n FROM messages
           WHERE seen_at >= :from_at GROUP BY 1, 2 ORDER BY 1""",
        [(NOON.replace(hour=0), NOON + timedelta(days=7), 2),
         (NOON.replace(hour=0) + timedelta(days=1), NOON + timedelta(days=8), 1)],
    ),
    "with, union all, exists, semi": (
        """WITH a AS (SELECT id FROM messages WHERE bytes > 10), b AS (SELECT id FROM a UNION ALL SELECT id FROM a)
           SELECT id, count(*) AS n FROM b
           WHERE EXISTS (SELECT 1 FROM messages m WHERE m.id = b.id) GROUP BY id ORDER BY id""",
        [(2, 2), (4, 2)],
    ),
    "sums are whole, shares are doubles": (
        """SELECT sum(bytes) AS s, avg(bytes) AS a, 7 / 2 AS q, round(sum(bytes) * 1.0 / 7, 4) AS r, 1.5 AS d
           FROM messages""",
        [(60, 20.0, 3.5, 8.5714, 1.5)],
    ),
    "min, max, min_by, any, every": (
        """SELECT min(subject) AS a, max(seen_at) AS b, min_by(id, bytes) AS c, bool_or(id > 3) AS d,
                  bool_and(id > 3) AS e FROM messages""",
        [("back\\slash :name $name", NOON + timedelta(days=1), 1, True, False)],
    ),
    "substring, length, lower, replace, position": (
        """SELECT substring(subject, 1, 3) AS a, CAST(length(subject) AS INT) AS b, lower('Ä') AS c,
                  replace(from_addr, '@', ' at ') AS d FROM messages WHERE id = 2""",
        [("ünï", 7, "ä", "bob at example.com")],
    ),
    "a column whose name is a keyword": ("SELECT m.offset FROM messages m WHERE id = 1", [(None,)]),
}  # fmt: skip


@pytest.mark.parametrize("what", SUBSET)
@pytest.mark.parametrize("way", ["stream", "view", "keep"])
def test_one_text_has_the_same_rows_everywhere(messages: Engine, what: str, way: str) -> None:
    sql, expected = SUBSET[what]
    messages.view("ranges", pa.table({"word": ["a", "b"], "first_key": ["a", "b"], "last_key": ["b", "c"]}))
    params = {"from_at": NOON}
    if way != "stream":
        messages.run("result", sql, params, keep=way == "keep")
        sql, params = "SELECT * FROM result", {}
    found = [tuple(row.values()) for row in rows(messages, sql, params)]
    assert found == expected if way == "stream" else sorted(found, key=repr) == sorted(expected, key=repr)


def test_the_types_are_those_of_the_contract(messages: Engine) -> None:
    sql = """SELECT sum(bytes) AS s, count(*) AS n, avg(bytes) AS a, 1.5 AS d, min(seen_at) AS t, min(subject) AS w,
                    bool_or(true) AS b, CAST(1 AS SMALLINT) AS i, CAST(1 AS FLOAT) AS f, min(sent_offset_minutes) AS m
             FROM messages"""
    expected = [("s", pa.int64()), ("n", pa.int64()), ("a", pa.float64()), ("d", pa.float64()), ("t", TIME)]
    expected += [("w", pa.string()), ("b", pa.bool_()), ("i", pa.int32()), ("f", pa.float64()), ("m", pa.int32())]
    messages.run("viewed", sql)
    messages.run("kept", sql, keep=True)
    for text in (sql, "SELECT * FROM viewed", "SELECT * FROM kept"):
        assert next(messages.stream(text)).schema.equals(pa.schema(expected))


@pytest.mark.parametrize("keep", [False, True])
def test_lists_of_structs_survive(engine: Engine, keep: bool) -> None:
    given = [{"id": 1, "received": [HOP, HOP | {"ip": "2001:db8::1"}]}, {"id": 2, "received": []}, {"id": 3}]
    engine.view("messages", mail(given))
    engine.run("kept", "SELECT id, received, recipients FROM messages", keep=keep)
    back = pa.Table.from_batches(engine.stream("SELECT * FROM kept ORDER BY id"))
    assert back.schema.field("received").type.equals(MESSAGES.schema.field("received").type)
    assert [r["received"] for r in back.to_pylist()] == [given[0]["received"], [], None]


# -- parameters -----------------------------------------------------------------------------------------------------

VALUES: list[Any] = [
    "it's", "a\"b`c", "back\\slash\\n", "", "ünï ☃ 🐍", "a\nb\r\tc", ":name $name ? --", "'; DROP VIEW messages; --",
    "%_",
    0, -1, 2**31, -(2**63), 2**63 - 1, 0.1, -1e300, 5e-324, True, False, NOON, datetime(1900, 1, 1, tzinfo=UTC),
    datetime(2011, 4, 4, 14, 0, 0, 123456, tzinfo=timezone(timedelta(hours=2))), ["a'b", "c\\"], [1, 2], [2**40],
]  # fmt: skip


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_a_parameter_arrives_as_it_is(engine: Engine, value: Any) -> None:
    engine.run("viewed", "SELECT :value AS v", {"value": value})
    engine.run("kept", "SELECT :value AS v", {"value": value}, keep=True)
    for sql in ("SELECT :value AS v", "SELECT * FROM viewed", "SELECT * FROM kept"):
        assert column(engine, sql, {"value": value, "unused": 1}) == [value]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30))
def test_any_text_can_be_a_parameter(engine: Engine, value: str) -> None:
    assert column(engine, "SELECT :a || :b AS v", {"a": value, "b": "|"}) == [value + "|"]


def test_a_parameter_may_be_null(messages: Engine) -> None:
    assert column(messages, "SELECT id FROM messages WHERE :w IS NULL ORDER BY id", {"w": None}) == [1, 2, 3, 4]


def test_a_list_can_be_asked(messages: Engine) -> None:
    sql = "SELECT id FROM messages WHERE array_contains(:words, subject) ORDER BY id"
    assert column(messages, sql, {"words": ["it's", "nothing"]}) == [1]


def test_what_looks_like_a_parameter_in_a_text_or_comment_is_none(engine: Engine) -> None:
    sql = "SELECT ':a :b' AS v -- :c isn't\n /* :d ' */ WHERE 1 = :one -- end"
    assert column(engine, sql, {"one": 1}) == [":a :b"]
    engine.run("viewed", sql, {"one": 1})
    engine.run("kept", sql + ";", {"one": 1}, keep=True)
    assert column(engine, "SELECT * FROM viewed") == column(engine, "SELECT * FROM kept") == [":a :b"]


@pytest.mark.parametrize(
    "value",
    [NOON.replace(tzinfo=None), 2**63, "\ud800", {"a": 1}, object(), b"x"],
    ids=lambda value: type(value).__name__,
)
def test_what_cannot_be_a_parameter_is_refused(engine: Engine, value: Any) -> None:
    with pytest.raises(EngineError, match="the parameter :v cannot be"):
        engine.run("x", "SELECT :v AS v", {"v": value})


def test_a_parameter_without_a_value_is_named(engine: Engine) -> None:
    with pytest.raises(EngineError, match="the parameter :limit has no value"):
        engine.run("x", "SELECT :limit AS v", {"other": 1})


@pytest.mark.parametrize("text", ["'1'::int", '"a"', "'a\\b'", "$a", "`a`", "'it''s'"])
def test_a_statement_that_engines_read_differently_is_refused(engine: Engine, text: str) -> None:
    with pytest.raises(EngineError, match=r"DuckDB|Spark|written :name"):
        engine.run("x", f"SELECT {text} AS v")


# -- errors and the log ---------------------------------------------------------------------------------------------


def test_no_statement_takes_long_to_look_at() -> None:
    began = time.monotonic()
    for text in (
        "'" * 100_001,
        "/*" * 50_000,
        "-" * 100_000,
        '"' * 100_001,
        ":" * 100_000,
        "/" + "*" * 100_000,
        "'a" * 50_000,
    ):
        _sql.used("SELECT 1 " + text, {"a": 1})
        with suppress(ValueError):
            _sql.common("SELECT 1 " + text)
    assert time.monotonic() - began < 5


def test_an_error_names_finder_statement_and_text(messages: Engine) -> None:
    messages.finder = "senders"  # type: ignore[attr-defined]  # both engines have it
    with pytest.raises(EngineError) as caught:
        messages.run("borders", "SELECT nosuchcolumn FROM messages", keep=True)
    error = caught.value
    assert (error.finder, error.statement, error.sql) == ("senders", "borders", "SELECT nosuchcolumn FROM messages")
    assert "nosuchcolumn" in error.message
    assert error.exit_code == 5


def test_an_error_in_the_middle_of_a_stream_is_one_of_the_engine(engine: Engine) -> None:
    engine.view("words", pa.table({"w": ["1"] * 50_000 + ["x"]}))
    with pytest.raises(EngineError):
        rows(engine, "SELECT CAST(w AS INT) AS n FROM words")


def test_after_an_error_the_engine_goes_on(messages: Engine) -> None:
    with pytest.raises(EngineError):
        rows(messages, "SELECT nosuchcolumn FROM messages")
    assert column(messages, "SELECT 1 AS one") == [1]


def test_the_log_names_every_statement(messages: Engine) -> None:
    messages.run("viewed", "SELECT id FROM messages WHERE id > :least", {"least": 1})
    messages.run("kept", "SELECT id FROM viewed", keep=True)
    messages.map("mapped", work.says_nothing, "kept", work.NUMBERS)
    log = messages.log()
    assert [(s.name, s.rows) for s in log] == [("viewed", -1), ("kept", 3), ("mapped", 0)]
    assert log[0].sql == "SELECT id FROM messages WHERE id > :least"
    assert all(0 <= s.seconds < 60 and math.isfinite(s.seconds) for s in log)


def test_explain_counts_the_rows_of_views_too(engine: Engine) -> None:
    assert isinstance(engine, EngineBase)
    engine.explain = True
    engine.run("two", "SELECT 1 AS a UNION ALL SELECT 2 AS a")
    assert [s.rows for s in engine.log()] == [2]


# -- functions ------------------------------------------------------------------------------------------------------


def numbered(engine: Engine, count: int, batches: int = 3) -> None:
    step = -(-count // batches)
    tables = [pa.table({"n": range(at, min(at + step, count))}, work.NUMBERS) for at in range(0, count, step)]
    engine.view("numbers", pa.concat_tables(tables))


def test_map_applies_a_function_to_every_row(engine: Engine) -> None:
    numbered(engine, 300)
    engine.map("doubled", work.double, "numbers", work.DOUBLED)
    expected = [{"n": n, "twice": 2 * n} for n in range(300)]
    assert rows(engine, "SELECT * FROM doubled ORDER BY n") == expected


def test_map_of_an_empty_table_has_the_columns(engine: Engine) -> None:
    engine.view("numbers", work.NUMBERS.empty_table())
    engine.map("doubled", work.double, "numbers", work.DOUBLED)
    assert next(engine.stream("SELECT * FROM doubled")).schema.equals(work.DOUBLED)


def test_a_function_sees_the_contracts_types(messages: Engine) -> None:
    messages.run("times", "SELECT seen_at AS at, received FROM messages")
    messages.map("kinds", work.says_when_the_time_is, "times", pa.schema([("kind", pa.string())]))
    assert set(column(messages, "SELECT kind FROM kinds")) == {"timestamp[us, tz=UTC]"}


@pytest.mark.parametrize(("fn", "text"), [(work.raises_at_13, "thirteen"), (work.wrong_columns, "columns m, n")])
def test_a_function_that_fails_is_an_error_of_the_engine(engine: Engine, fn: Any, text: str) -> None:
    numbered(engine, 20)
    with pytest.raises(EngineError, match=text) as caught:
        engine.map("mapped", fn, "numbers", work.NUMBERS)
    assert caught.value.statement == "mapped"


def test_map_groups_sees_each_group_once_and_whole(engine: Engine) -> None:
    table = pa.table({"k": ["b", "a", None, "ü", "a", None, "b'"] * 40, "n": range(280)})
    engine.view("groups", table)
    engine.map_groups("counted", work.count, "groups", "k", work.COUNTED)
    expected: dict[str | None, list[int]] = {}
    for row in table.to_pylist():
        expected.setdefault(row["k"], []).append(row["n"])
    found = {r["k"]: (r["rows"], r["total"]) for r in rows(engine, "SELECT * FROM counted")}
    assert found == {k: (len(v), sum(v)) for k, v in expected.items()}
    assert column(engine, "SELECT count(*) AS n FROM counted") == [5]


def test_map_groups_may_find_nothing_or_have_nothing(engine: Engine) -> None:
    none = work.COUNTED.empty_table().select(["k"]).append_column("n", pa.array([], pa.int64()))
    for table in (pa.table({"k": ["a"], "n": [1]}), none):
        engine.view("groups", table)
        engine.map_groups("counted", work.nothing, "groups", "k", work.COUNTED)
        assert next(engine.stream("SELECT * FROM counted")).schema.equals(work.COUNTED)
        assert rows(engine, "SELECT * FROM counted") == []


# -- streams and the end --------------------------------------------------------------------------------------------


def test_statements_run_while_a_stream_is_open(engine: Engine) -> None:
    numbered(engine, 100_000)
    stream = engine.stream("SELECT n FROM numbers ORDER BY n")
    first = next(stream)
    engine.run("one", "SELECT 1 AS a", keep=True)
    assert column(engine, "SELECT count(*) AS n FROM numbers") == [100_000]
    assert len(first) + sum(map(len, stream)) == 100_000
    assert len(first) < 20_000


def test_a_stream_that_is_left_early_is_no_trouble(engine: Engine) -> None:
    numbered(engine, 100_000)
    for _ in range(3):
        next(engine.stream("SELECT n FROM numbers"))
    assert column(engine, "SELECT 1 AS one") == [1]


def test_closing_leaves_no_file(engine: Engine, tmp_path: Path) -> None:
    engine.run("kept", "SELECT 1 AS a", keep=True)
    assert list(tmp_path.rglob("*kept*"))
    engine.close()
    assert not list(tmp_path.rglob("*kept*"))


@pytest.mark.parametrize("name", ["duckdb", "spark"])
def test_engines_are_found_by_name(name: str) -> None:
    assert load("engines", name).name == name


# -- Spark alone ----------------------------------------------------------------------------------------------------


def test_spark_without_an_address_says_what_to_give(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SPARK_REMOTE", raising=False)
    with pytest.raises(UsageError) as caught:
        load("engines", "spark")()
    assert "--connect sc://" in caught.value.hint


def test_a_server_that_is_not_there_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="no server can be reached"):
        load("engines", "spark")("sc://127.0.0.1:1", tmp_path)


def test_without_pyspark_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("pyspark", "pyspark.errors", "pyspark.sql"):
        monkeypatch.setitem(__import__("sys").modules, module, None)
    monkeypatch.delitem(__import__("sys").modules, "impound.engines.spark", raising=False)
    with pytest.raises(MissingExtra, match="spark"):
        load("engines", "spark")
