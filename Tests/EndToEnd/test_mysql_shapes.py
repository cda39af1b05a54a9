"""Tables of unusual shapes: very wide, with very large values, with many small rows."""

import hashlib

import pytest
from project import Project


@pytest.fixture
def shape(tmp_path, database):
    project = Project(tmp_path / "project", {"SHOP_URL": database.url})
    project.configure("""
sources:
  shop: {type: mysql, url_env: SHOP_URL}
streams:
  shop.t: {bookmark: {by: id}}
""")
    project.database = database
    return project


def test_five_hundred_columns(shape):
    kinds = ["INT", "BIGINT UNSIGNED", "VARCHAR(6) CHARACTER SET ascii", "DECIMAL(12,3)", "DOUBLE"]
    columns = ", ".join(f"c{number} {kinds[number % 5]}" for number in range(500))
    values = ", ".join("NULL" if number % 7 == 0 else f"seq + {number}" for number in range(500))
    shape.database.execute(f"CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, {columns})")
    shape.database.execute(f"INSERT INTO t SELECT seq, {values} FROM seq_1_to_3000")
    outcome = shape.tidemark("run").expect(0)
    assert outcome.peak_rss_bytes < 128_000_000
    table = shape.table("shop_t")
    assert table.num_columns == 501 and table.num_rows == 3000
    ids = table.column("id").to_pylist()
    for number in (0, 1, 2, 3, 4, 499):
        expected = [None if number % 7 == 0 else one + number for one in ids]
        found = [None if one is None else int(one) for one in table.column(f"c{number}").to_pylist()]
        assert found == expected


def test_values_of_64_megabytes(shape):
    database = shape.database
    before = database.execute("SELECT @@global.max_allowed_packet")[0][0]
    database.server.execute("SET GLOBAL max_allowed_packet = 1073741824")
    try:
        large = database.connect()
        with large.cursor() as cursor:
            cursor.execute("CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, body LONGBLOB, text LONGTEXT)")
            cursor.execute("INSERT INTO t (body, text) VALUES (REPEAT(SHA2('a', 512), 524288), 'short')")
            cursor.execute("INSERT INTO t (body, text) VALUES ('short', REPEAT('ü', 33554432))")
            cursor.execute("INSERT INTO t (body, text) VALUES ('x', 'y')")
        large.close()
    finally:
        database.server.execute(f"SET GLOBAL max_allowed_packet = {before}")
    # Too large for the default: the error tells what it would take, and that is enough.
    small = shape.tidemark("run").expect(2, "67.1 MB", "--memory")
    words = (small.out + small.err).split("--memory ")[1].split()
    needed = words[0]
    assert shape.files("shop_t") == []
    outcome = shape.tidemark("run", "--memory", needed).expect(0)
    assert outcome.peak_rss_bytes < int(needed.removesuffix("MB")) * 1_000_000
    table = shape.table("shop_t").sort_by("id")
    body = hashlib.sha512(b"a").hexdigest().encode() * 524_288
    assert table.column("body").to_pylist() == [body, b"short", b"x"]
    assert table.column("text").to_pylist() == ["short", "ü" * 33_554_432, "y"]
