"""What stands behind FROM: views, partitioned and versioned tables, hidden columns, odd names,
expressions, and servers that are set up to get in the way."""

import decimal

import pytest

SOURCE = "sources:\n  shop: {type: mysql, url_env: SHOP_URL}\nstreams:\n"


@pytest.fixture
def shop(project, database):
    project.environment["SHOP_URL"] = database.url
    project.database = database
    database.connection.set_character_set("utf8mb4")
    database.execute("SET SESSION sql_mode = '', SESSION time_zone = '+00:00'")
    return project


def configure(project, text):
    return project.configure(SOURCE + "".join(f"  {line}\n" for line in text.splitlines()))


def next_day(shop):
    shop.database.set_clock("2024-03-02 12:00:00")


def test_names_with_anything_in_them(shop):
    columns = ["select", "a b", "c.d", "e`f", "q'u", 'd"q', "q,r", "x;y", "back\\slash", "%s", "ünï 日本", "a/b", "="]
    declared = "".join(f", `{name.replace('`', '``').replace('%', '%%')}` INT" for name in columns)
    shop.database.execute(
        f"CREATE TABLE `odd na``me.of, it's` (id INT PRIMARY KEY{declared}, `when, it's` DATETIME(6) NOT NULL, "
        "KEY `k``1` (`when, it's`))".replace("%%", "%"))
    insert = "INSERT INTO `odd na``me.of, it's` VALUES ({}, " + ", ".join("{}" for _ in columns) + ", '{}')"
    shop.database.execute(insert.format(1, *range(len(columns)), "2024-02-01 00:00:00"))
    configure(shop, """shop.odd: {table: "`odd na``me.of, it's`", key: [id], bookmark: {by: "when, it's"}}""")
    assert shop.run()["shop.odd"]["rows"] == 1
    shop.database.execute(insert.format(2, *range(len(columns)), "2024-03-01 12:30:00"))
    next_day(shop)
    assert shop.run()["shop.odd"]["rows"] == 1
    assert shop.run()["shop.odd"]["rows"] == 0
    found = shop.table("shop_odd").sort_by("id")
    assert found.column_names == ["id", *columns, "when, it's"]
    assert [found.column(name).to_pylist() for name in columns] == [[i, i] for i in range(len(columns))]
    shop.tidemark("check").expect(0)


def test_names_that_differ_in_little(shop):
    """The dictionary compares names by collations that take these for one."""
    for table in ("Orders", "orders", "uni", "ünï"):
        shop.database.execute(f"CREATE TABLE `{table}` (id INT, `only in {table}` INT)")
        shop.database.execute(f"INSERT INTO `{table}` VALUES (1, 2)")
    configure(shop, """shop.a: {table: Orders}
shop.b: {table: orders}
shop.c: {table: uni}
shop.d: {table: ünï}""")
    shop.run()
    for stream, table in zip("abcd", ("Orders", "orders", "uni", "ünï")):
        assert shop.table(f"shop_{stream}").column_names == ["id", f"only in {table}"]


def test_a_table_without_rows_and_with_one(shop):
    shop.database.execute("CREATE TABLE few (id INT PRIMARY KEY, at TIMESTAMP(6) NOT NULL, KEY (at))")
    shop.database.execute("CREATE TABLE none (id INT)")
    configure(shop, "shop.few: {key: [id], bookmark: {by: at}}\nshop.none: {}")
    report = shop.run()
    assert report.rows == 0 and shop.files("shop_few") == [] == shop.files("shop_none")
    shop.database.execute("INSERT INTO few VALUES (1, '2024-03-01 11:00:00')")
    assert shop.run()["shop.few"]["rows"] == 1
    assert shop.rows("shop_few", "id") == [(1,)]


def test_views(shop):
    """A view's columns may hold NULL where the tables below promise none."""
    shop.database.execute("CREATE TABLE a (id INT PRIMARY KEY COMMENT 'number', at DATETIME(3) NOT NULL, KEY (at))")
    shop.database.execute("CREATE TABLE b (id INT PRIMARY KEY, text VARCHAR(10) NOT NULL, j JSON NOT NULL)")
    shop.database.execute("INSERT INTO a VALUES (1, '2024-02-01'), (2, '2024-02-02')")
    shop.database.execute("INSERT INTO b VALUES (1, 'one', '{}')")
    shop.database.execute("CREATE VIEW joined AS SELECT a.id, a.at, b.text, b.j FROM a LEFT JOIN b USING (id)")
    shop.database.execute("CREATE VIEW rolled AS SELECT id, COUNT(*) AS n FROM a GROUP BY id WITH ROLLUP")
    configure(shop, "shop.joined: {bookmark: {by: at}}\nshop.rolled: {}")
    report = shop.run()
    assert set(report.statuses.values()) == {"committed"}, report.outcome
    assert shop.rows("shop_joined", "id", "text", "j") == [(1, "one", "{}"), (2, None, None)]
    assert shop.rows("shop_rolled") == [(1, 1), (2, 1), (None, 2)]
    shop.database.execute("INSERT INTO a VALUES (3, '2024-03-01 12:30:00')")
    next_day(shop)
    assert shop.run()["shop.joined"]["rows"] == 1


def test_partitioned_tables(shop):
    shop.database.execute("""
        CREATE TABLE parts (id INT NOT NULL, at DATE NOT NULL, PRIMARY KEY (id, at))
        PARTITION BY RANGE (YEAR(at)) SUBPARTITION BY HASH (id) SUBPARTITIONS 3
        (PARTITION old VALUES LESS THAN (2020), PARTITION p2020 VALUES LESS THAN (2024),
         PARTITION rest VALUES LESS THAN MAXVALUE)""")
    shop.database.execute(
        "INSERT INTO parts SELECT seq, '2018-01-01' + INTERVAL seq DAY FROM seq_1_to_2000")
    configure(shop, "shop.parts: {key: [id], bookmark: {by: at}}")
    assert shop.run()["shop.parts"]["rows"] == 2000
    assert {row[0] for row in shop.rows("shop_parts", "id")} == set(range(1, 2001))
    shop.tidemark("catalog", "show", "shop_parts").expect(0, "tidemark.key = id")


def test_versioned_tables(shop):
    """The present rows of a system-versioned table, and all of them where asked for."""
    shop.database.set_clock(None)  # row times are the server's own
    shop.database.execute("CREATE TABLE plain (id INT PRIMARY KEY, v INT) WITH SYSTEM VERSIONING")
    shop.database.execute("""
        CREATE TABLE told (id INT PRIMARY KEY, v INT, since TIMESTAMP(6) GENERATED ALWAYS AS ROW START INVISIBLE,
        until TIMESTAMP(6) GENERATED ALWAYS AS ROW END, PERIOD FOR SYSTEM_TIME (since, until))
        WITH SYSTEM VERSIONING""")
    for table in ("plain", "told"):
        shop.database.execute(f"INSERT INTO {table} (id, v) VALUES (1, 1), (2, 1)")
        shop.database.execute(f"UPDATE {table} SET v = 2 WHERE id = 1")
        shop.database.execute(f"DELETE FROM {table} WHERE id = 2")
    configure(shop, """shop.*: {}
shop.history: {query: "SELECT *, since FROM told FOR SYSTEM_TIME ALL"}
shop.times: {table: told, columns: [id, since]}""")
    report = shop.run()
    assert set(report.statuses) == {"shop.plain", "shop.told", "shop.history", "shop.times"}
    assert shop.rows("shop_plain") == [(1, 2)]
    assert shop.rows("shop_told", "id", "v") == [(1, 2)]
    assert shop.table("shop_told").column_names == ["id", "v", "until"]
    assert shop.table("shop_times").column_names == ["id", "since"]
    assert sorted(shop.rows("shop_history", "id", "v")) == [(1, 1), (1, 2), (2, 1)]


def test_generated_and_invisible_columns(shop):
    shop.database.execute("""
        CREATE TABLE g (id INT PRIMARY KEY, v INT, stored INT AS (v * 2) STORED, made VARCHAR(10) AS (CONCAT('v', v)),
        secret INT INVISIBLE DEFAULT 9, at TIMESTAMP(6) NOT NULL INVISIBLE DEFAULT '2024-02-01', KEY (at))""")
    shop.database.execute("INSERT INTO g (id, v) VALUES (1, 5), (2, NULL)")
    configure(shop, """shop.g: {key: [id], bookmark: {by: at}}
shop.named: {table: g, columns: [id, secret, made]}""")
    shop.run()
    assert shop.table("shop_g").column_names == ["id", "v", "stored", "made"]
    assert shop.rows("shop_g") == [(1, 5, 10, "v5"), (2, None, None, None)]
    assert shop.rows("shop_named") == [(1, 9, "v5"), (2, 9, None)]
    shop.database.execute("INSERT INTO g (id, v, at) VALUES (3, 7, '2024-03-01 12:30:00')")
    next_day(shop)
    assert shop.run()["shop.g"]["rows"] == 1


@pytest.mark.parametrize("engine", ["MyISAM", "Aria", "MEMORY", "CSV", "ARCHIVE"])
def test_other_engines(shop, engine):
    shop.database.execute(f"CREATE TABLE e (id INT NOT NULL, text VARCHAR(10) NOT NULL) ENGINE = {engine}")
    shop.database.execute("INSERT INTO e VALUES (1, 'x'), (2, 'ü')")
    configure(shop, "shop.e: {}").run()
    assert shop.rows("shop_e") == [(1, "x"), (2, "ü")]


def test_expressions(shop):
    """What the server says of an expression's type is enough for every value that it gives."""
    database = shop.database
    database.execute("""
        CREATE TABLE n (id INT PRIMARY KEY, d DECIMAL(10,2), u DECIMAL(10,2) UNSIGNED, w DECIMAL(38,10),
        z DECIMAL(8,3) ZEROFILL, bu BIGINT UNSIGNED, i INT, dt DATETIME(3), t TIME, b BIT(9), y YEAR, f FLOAT)""")
    database.execute("""
        INSERT INTO n VALUES (1, 99999999.99, 99999999.99, 9999999999999999999999999999.9999999999, 12345.678,
        18446744073709551615, 2147483647, '2024-02-29 12:00:00.5', '-10:00:00', b'101', 2024, 0.5),
        (2, -99999999.99, 0, -0.0000000001, 0, 0, -2147483648, NULL, NULL, 0, NULL, NULL), (3, NULL, NULL, NULL,
        NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)""")
    items = [
        "1.5", "-1.5", "0.00", "1e2", "18446744073709551615", "-9223372036854775808", "123456789012345678901234567890",
        "NULL", "TRUE", "d * d", "d / 3", "d + u", "-u", "w * 1", "w + w", "w / 7", "z", "z - 1", "bu * 1.0",
        "COALESCE(d, 1)", "COALESCE(d, w)", "IF(id = 1, d, bu)", "IFNULL(u, -1.25)", "ROUND(d, 1)", "TRUNCATE(w, 3)",
        "FLOOR(d)", "CEIL(-w)", "CAST(d AS DECIMAL(65,30))", "CAST(i AS DECIMAL(3,0))", "CAST(bu AS SIGNED)", "bu DIV 2",
        "i + i", "b + 1", "b | 4", "y + 1", "f + 0.1", "dt + INTERVAL 1 MICROSECOND", "DATE(dt)", "TIME(dt)",
        "TIMEDIFF(dt, '2024-01-01')", "SEC_TO_TIME(1e6)", "UNIX_TIMESTAMP(dt)", "MD5(id)", "UNHEX('FF')",
        "JSON_OBJECT('a', id)", "POINT(id, 1)", "_latin1'\\xE9'", "CASE WHEN id = 1 THEN 'ü' END", "GREATEST(d, w)",
        "(SELECT SUM(d) FROM n)", "(SELECT SUM(w) FROM n)", "(SELECT AVG(u) FROM n)", "(SELECT MAX(z) FROM n)",
        "(SELECT GROUP_CONCAT(id) FROM n)", "(SELECT SUM(bu) FROM n)", "(SELECT BIT_OR(b) FROM n)", "(SELECT STD(d) FROM n)",
        "(SELECT d FROM n WHERE id = 9)", "ST_AsText(POINT(1, 2))", "DATE_FORMAT(dt, '%Y')", "NOW(6) > dt", "d IS NULL",
        "CONVERT(id USING utf16)", "HEX(b)", "ABS(d)", "MOD(w, 3)", "POW(2, 62)", "CRC32(id)", "INET_ATON('1.2.3.4')",
    ]
    listed = ", ".join(f"{item} AS c{index}" for index, item in enumerate(items))
    escaped = f"SELECT id, {listed} FROM n".replace("\\", "\\\\").replace('"', '\\"')
    configure(shop, f'shop.expressions: {{query: "{escaped}"}}')
    report = shop.run()
    assert report["shop.expressions"]["rows"] == 3, report.outcome
    found = shop.table("shop_expressions").sort_by("id")
    cast = ", ".join(f"HEX(ST_AsBinary({item}))" if item.startswith("POINT") else
                     f"CAST({item} AS CHAR CHARACTER SET utf8mb4)" for item in items)
    printed = database.execute(f"SELECT {cast} FROM n ORDER BY id")
    for index, item in enumerate(items):
        column = found.column(f"c{index}")
        for row, texts in enumerate(printed):
            value, text = column[row].as_py(), texts[index]
            assert (value is None) == (text is None), item
            if isinstance(value, decimal.Decimal):
                assert decimal.Decimal(text) == value, f"{item}: {text}, {value}"
            elif isinstance(value, (int, float)) and not isinstance(value, bool) and ":" not in text:
                number = decimal.Decimal(text)
                assert number == value or abs(float(number) - value) <= 1e-6 * abs(value), f"{item}: {text}, {value}"
            elif isinstance(value, bytes):
                assert item.startswith("UNHEX") or value.hex().upper() == text, item
            elif isinstance(value, str):
                assert value == text, item


def test_columns_that_change_their_type(shop):
    """A run after an ALTER reads the new type; one that would lose values is refused."""
    shop.database.execute("CREATE TABLE c (id INT PRIMARY KEY AUTO_INCREMENT, v INT NOT NULL)")
    shop.database.execute("INSERT INTO c (v) VALUES (1)")
    configure(shop, "shop.c: {bookmark: {by: id}}").run()
    shop.database.execute("ALTER TABLE c MODIFY v BIGINT NULL")
    shop.database.execute("INSERT INTO c (v) VALUES (9223372036854775807), (NULL)")
    assert shop.run()["shop.c"]["rows"] == 2
    assert [row[0] for row in shop.rows("shop_c", "v")] == [1, 9223372036854775807, None]
    shop.database.execute("ALTER TABLE c MODIFY v DATE")
    shop.database.execute("INSERT INTO c (v) VALUES ('2024-01-01')")
    shop.run(code=5).outcome.expect(5, "bigint  date")


def test_a_server_that_limits_and_recodes(shop):
    """Defaults for all users end results early, and set another character set."""
    database = shop.database
    database.execute("CREATE TABLE t (id INT PRIMARY KEY, text VARCHAR(10)) CHARACTER SET utf8mb4")
    database.execute("INSERT INTO t SELECT seq, '日本 €' FROM seq_1_to_50")
    configure(shop, "shop.t: {}")
    try:
        database.execute("SET GLOBAL sql_select_limit = 7")
        database.execute("SET GLOBAL init_connect = 'SET NAMES latin1, SESSION sql_mode = ''ANSI_QUOTES'''")
        report = shop.run()
    finally:
        database.execute("SET GLOBAL sql_select_limit = DEFAULT")
        database.set_clock(None)
    assert report["shop.t"]["rows"] == 50
    assert set(shop.rows("shop_t", "text")) == {("日本 €",)}


@pytest.mark.parametrize("stream, said", [
    ("{exclude: [id, v]}", "no column is left"), ("{columns: []}", "no column is left"),
    ("{columns: [id, ID]}", "read twice"), ('{query: "DO 1"}', "syntax"), ('{query: "SELECT"}', "syntax"),
    ('{query: "SELECT id, id FROM t"}', "duplicate column"), ("{columns: [idd]}", "did you mean `id`"),
])
def test_columns_that_cannot_be_read(shop, stream, said):
    shop.database.execute("CREATE TABLE t (id INT, v INT)")
    configure(shop, f"shop.t: {stream}")
    outcome = shop.tidemark("run")
    assert outcome.code in (2, 4)
    outcome.expect(outcome.code, said)
