"""Every type of a real MariaDB, through the program into the lake, against what the server prints."""

import os
import random

import pyarrow.parquet as pq
import pytest
from mysql_types import KINDS, cast, comparable, hexed, quoted, utf8

SOURCE = "sources:\n  shop: {type: mysql, url_env: SHOP_URL}\nstreams:\n"
#: Random tables: how many seeds, and how many rows each at the most.
SEEDS = int(os.environ.get("TIDEMARK_TYPE_SEEDS", "4"))
ROWS_MAX = int(os.environ.get("TIDEMARK_TYPE_ROWS", "300"))


@pytest.fixture
def shop(project, database):
    project.environment["SHOP_URL"] = database.url
    project.database = database
    database.connection.set_character_set("utf8mb4")
    database.execute("SET SESSION sql_mode = '', SESSION time_zone = '+00:00'")
    return project


def configure(project, streams):
    lines = [f"  shop.{name}: {settings}\n" for name, settings in streams.items()]
    return project.configure(SOURCE + "".join(lines))


def printed(database, table, columns):
    """What the server prints: a list of texts for every column, in the order of `id`."""
    expressions = [printer(f"`{name}`") for name, printer in columns]
    rows = database.execute(f"SELECT {', '.join(expressions)} FROM {table} ORDER BY id")
    as_text = lambda v: v.decode() if isinstance(v, bytes) else v  # noqa: E731
    return [[as_text(row[index]) for row in rows] for index in range(len(columns))]


def held(table, name, text):
    """What the lake holds, in the same form."""
    values = comparable(table.column(name).combine_chunks())
    return [None if value is None else text(value) for value in values]


def logical_types(project, table):
    schema = pq.ParquetFile(project.files(table)[0]).schema
    columns = [schema.column(index) for index in range(len(schema))]
    return {column.name: str(column.logical_type) for column in columns}


def same(kind, server, lake):
    """Whether two texts say the same: doubles by their value, all else to the letter."""
    if kind.name.startswith(("float", "double")) and None not in (server, lake):
        return float(server) == float(lake)
    return server == lake


def check(project, table, kinds):
    """Compares columns `c0`, `c1`, … of these kinds with the server."""
    database = project.database
    found = project.table(f"shop_{table}").sort_by("id")
    server = printed(database, table, [(f"c{i}", kind.printed) for i, kind in enumerate(kinds)])
    logical = logical_types(project, f"shop_{table}")
    for index, kind in enumerate(kinds):
        name = f"c{index}"
        assert found.schema.field(name).type == kind.arrow, kind.declared
        assert logical[name] == (kind.logical or "None"), kind.declared
        lake = held(found, name, kind.text)
        assert len(lake) == len(server[index])
        wrong = [pair for pair in zip(server[index], lake) if not same(kind, *pair)]
        assert not wrong, f"{kind.declared}: server and lake {wrong[:3]}"


def test_every_type_keeps_every_value(shop):
    """Limits, zero, precision ends and NULL of every type, NOT NULL and nullable."""
    database = shop.database
    for index, kind in enumerate(KINDS):
        missing = "NULL DEFAULT NULL"
        database.execute(f"CREATE TABLE t{index} (id INT NOT NULL PRIMARY KEY, c0 {kind.declared} {missing} "
                         f"COMMENT 'declared {kind.name}', c1 {kind.declared} NOT NULL)")
        rows = [(value, value) for value in kind.values] + [("NULL", kind.values[0])]
        values = ", ".join(f"({number}, {a}, {b})" for number, (a, b) in enumerate(rows))
        database.execute(f"INSERT INTO t{index} VALUES {values}")
    configure(shop, {"t*": "{}"})
    report = shop.run(timeout=300)
    assert set(report.statuses.values()) == {"committed"} and len(report.streams) == len(KINDS)
    for index, kind in enumerate(KINDS):
        check(shop, f"t{index}", [kind, kind])
        stored = shop.table(f"shop_t{index}").schema
        assert stored.field("c0").nullable and stored.field("id").nullable is False
        assert stored.field("c1").nullable == (kind.arrow.id in DATES), kind.declared


#: A date that is none becomes null, so no date column of the lake is required.
DATES = {kind.arrow.id for kind in KINDS if kind.name.startswith(("date", "timestamp"))}


def test_the_catalog_says_what_the_server_says(shop):
    """Comments, the key, and what texts and numbers mean."""
    shop.database.execute(
        "CREATE TABLE items (region INT COMMENT 'Verkaufsgebiet', id INT COMMENT 'no.', j JSON, t TIME, u UUID, "
        "PRIMARY KEY (id, region))")
    shop.database.execute("INSERT INTO items VALUES (1, 2, '{}', '25:00:00', UUID())")
    configure(shop, {"items": "{}"}).run()
    outcome = shop.tidemark("catalog", "show", "shop_items").expect(0, "Verkaufsgebiet", "tidemark.key = id,region",
                                                                          "string (json)", "bigint (time(us))")
    assert "no." in outcome.out
    shown = shop.tidemark("catalog", "show", "shop_items", "--json").expect(0).json
    columns = {column["Name"]: column for column in shown["StorageDescriptor"]["Columns"]}
    assert shown["Parameters"]["tidemark.key"] == "id,region"
    assert columns["region"]["Comment"] == "Verkaufsgebiet"
    assert columns["j"]["Parameters"] == {"tidemark.type": "json"}
    assert columns["t"]["Parameters"] == {"tidemark.type": "time(us)"}
    assert "Parameters" not in columns["id"]
    # A comment that changes is taken over with the next rows.
    shop.database.execute("ALTER TABLE items MODIFY region INT NOT NULL COMMENT 'region of sale'")
    shop.database.execute("INSERT INTO items VALUES (1, 3, '[]', '-00:00:01', UUID())")
    shop.run()
    shop.tidemark("catalog", "show", "shop_items").expect(0, "region of sale")


@pytest.mark.parametrize("policy", ["null", "text", "error"])
def test_dates_that_are_none(shop, policy):
    database = shop.database
    database.execute("SET SESSION sql_mode = 'ALLOW_INVALID_DATES'")
    database.execute("CREATE TABLE t (id INT PRIMARY KEY, d DATE NOT NULL, dt DATETIME(3), ts TIMESTAMP(6) NOT NULL)")
    database.execute("INSERT INTO t VALUES (1, 0, 0, 0), (2, '2026-02-00', '2026-00-10 01:02:03.25', NOW(6)), "
                     "(3, '2026-02-31', '0000-00-00 10:00:00', NOW(6)), (4, '2026-02-28', NULL, NOW(6))")
    configure(shop, {"t": f"{{zero_dates: {policy}}}"})
    if policy == "error":
        shop.run(code=4).outcome.expect(4, "`d` holds a date that is none", "zero_dates")
        return
    report = shop.run()
    found = shop.table("shop_t").sort_by("id")
    server = printed(database, "t", [(name, cast) for name in ("d", "dt", "ts")])
    if policy == "text":
        assert [found.column(name).to_pylist() for name in ("d", "dt", "ts")] == server
        return
    assert held(found, "d", lambda v: v)[:3] == [None] * 3 and found.column("d")[3].as_py().isoformat() == "2026-02-28"
    assert found.column("dt").null_count == 4
    assert [value is None for value in comparable(found.column("ts").combine_chunks())] == [True, False, False, False]
    assert report["shop.t"]["counts"]["zero_dates"] == 7


def test_every_character_set(shop):
    """All that a character set can hold of many scripts, in CHAR, VARCHAR, TEXT, ENUM and SET."""
    database = shop.database
    names = [row[0] for row in database.execute(
        "SELECT CHARACTER_SET_NAME FROM information_schema.CHARACTER_SETS ORDER BY 1")]
    assert len(names) >= 35
    alphabet = "".join(chr(c) for c in (
        *range(1, 0x250), *range(0x384, 0x588), *range(0x5D0, 0x5EB), *range(0x621, 0x64B), *range(0xE01, 0xE3B),
        *range(0x10D0, 0x1100), *range(0x2010, 0x2030), 0x20AC, 0x2122, *range(0x2500, 0x2580),
        *range(0x3041, 0x30FF), *range(0x4E00, 0x4E80), *range(0xAC00, 0xAC40), *range(0xFF61, 0xFFA0),
        0x1F600, 0x20000) if c not in (0x378, 0x379))
    checked = 0
    for name in names:
        if name == "binary":
            continue
        # The server itself says which characters survive the way there and back.
        database.execute(f"CREATE TABLE one (c VARCHAR(2) CHARACTER SET {name})")
        keeps = [row[0] for row in database.execute(
            "SELECT s.c FROM (" + " UNION ALL ".join(f"SELECT _utf8mb4 {quoted(c)} AS c" for c in alphabet)
            + f") AS s WHERE HEX(CONVERT(CONVERT(s.c USING {name}) USING utf8mb4)) = HEX(s.c)")]
        database.execute("DROP TABLE one")
        held_here = "".join(value.decode() if isinstance(value, bytes) else value for value in keeps)
        assert "A" in held_here
        words = [held_here[start:start + 30] for start in range(0, len(held_here), 30)]
        plain = [c for c in held_here if c.isalpha()][-8:]
        choices = ", ".join("'" + c + "'" for c in dict.fromkeys(plain))
        database.execute(
            f"CREATE TABLE {name}_t (id INT PRIMARY KEY, c CHAR(40), v VARCHAR(40), t TEXT, "
            f"e ENUM({choices}), s SET({choices})) CHARACTER SET {name} COLLATE {name}_bin")
        values = ", ".join(
            f"({i}, _utf8mb4 {quoted(w)}, _utf8mb4 {quoted(w)}, _utf8mb4 {quoted(w)}, 1 + {i % len(plain)}, "
            f"{i % 2 ** len(plain)})" for i, w in enumerate([*words, ""]))
        database.execute(f"INSERT INTO {name}_t VALUES {values}")
        checked += len(held_here)
    assert checked > 10_000
    configure(shop, {"*_t": "{}"})
    report = shop.run(timeout=300)
    assert set(report.statuses.values()) == {"committed"}, report.outcome
    for name in names:
        if name == "binary":
            continue
        found = shop.table(f"shop_{name}_t").sort_by("id")
        columns = ["c", "v", "t", "e", "s"]
        server = printed(database, f"{name}_t", [(column, utf8) for column in columns])
        for column, texts in zip(columns, server):
            assert held(found, column, hexed) == texts, f"{name}: {column}"


def random_table(r, database, name):
    kinds = [r.choice(KINDS) for _ in range(r.randint(1, 25))]
    required = [r.random() < 0.4 for _ in kinds]
    columns = "".join(
        f", c{i} {kind.declared} {'NOT NULL' if must else 'NULL DEFAULT NULL'}"
        for i, (kind, must) in enumerate(zip(kinds, required)))
    database.execute(f"CREATE TABLE {name} (id INT PRIMARY KEY{columns}) CHARACTER SET utf8mb4")
    share = r.choice([0, 0.1, 0.9])

    def value(kind, must):
        if not must and r.random() < share:
            return "NULL"
        return r.choice([r.choice(kind.values[:3]), kind.random(r), kind.random(r)])

    rows = [[str(number), *(value(*pair) for pair in zip(kinds, required))]
            for number in range(r.choice([0, 1, 2, ROWS_MAX]))]
    while rows:
        part, rows = rows[:50], rows[50:]
        database.execute(f"INSERT INTO {name} VALUES " + ", ".join(f"({', '.join(row)})" for row in part))
    return kinds


@pytest.mark.parametrize("seed", range(SEEDS))
def test_random_tables(shop, seed):
    """Columns of random types with random values, eight tables a seed; TIDEMARK_TYPE_SEEDS=200 for long."""
    r = random.Random(seed)
    tables = {f"r{number}": random_table(r, shop.database, f"r{number}") for number in range(8)}
    configure(shop, {"r*": "{}"})
    report = shop.run(timeout=300)
    for name, kinds in tables.items():
        count = shop.database.execute(f"SELECT COUNT(*) FROM {name}")[0][0]
        assert report[f"shop.{name}"]["rows"] == count
        if count:
            check(shop, name, kinds)
