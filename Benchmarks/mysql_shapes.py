#!/usr/bin/env python3
"""Times Tidemark on MySQL tables of unusual shapes: no cliff may hide between them.

    make bench-mysql-shapes            (or Benchmarks/mysql_shapes.py --scale 0.2)

Each shape is read by a run of its own into an empty lake; the best of three counts. Printed are
seconds, rows and megabytes (as MariaDB sent them) a second, and the peak of memory.
"""

import argparse
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "Demo"), str(ROOT / "Tests" / "EndToEnd")]

from mariadb import MariaDB  # noqa: E402
from project import Project  # noqa: E402

ATTEMPTS = 3


def wide(run, scale):
    """500 columns of five types, a seventh of them NULL."""
    kinds = ["INT", "BIGINT UNSIGNED", "VARCHAR(6) CHARACTER SET ascii", "DECIMAL(12,3)", "DOUBLE"]
    columns = ", ".join(f"c{number} {kinds[number % 5]}" for number in range(500))
    values = ", ".join("NULL" if number % 7 == 0 else f"(seq + {number}) % 100000" for number in range(500))
    run(f"CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, {columns})")
    run(f"INSERT INTO t SELECT seq, {values} FROM seq_1_to_{max(1, int(20_000 * scale))}")


def large(run, scale):
    """Blobs of 64 MB, a row each."""
    run("CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, body LONGBLOB)")
    for number in range(max(1, int(5 * scale))):
        run(f"INSERT INTO t (body) VALUES (REPEAT(SHA2({number}, 512), 500000))")


def middling(run, scale):
    """Texts of 100 kB that compress little."""
    run("CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, body MEDIUMTEXT)")
    run("CREATE TABLE noise (x TEXT) AS SELECT HEX(RANDOM_BYTES(1000)) AS x FROM seq_1_to_50")
    run("SET SESSION group_concat_max_len = 1000000")
    run(f"""INSERT INTO t SELECT seq, (SELECT GROUP_CONCAT(x ORDER BY SHA1(CONCAT(x, seq))) FROM noise)
        FROM seq_1_to_{max(1, int(1000 * scale))}""")


def small(run, scale):
    """Few small rows: what a run costs besides its rows."""
    run("CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, x INT, s VARCHAR(20))")
    run(f"INSERT INTO t SELECT seq, seq % 7, CONCAT('row ', seq) FROM seq_1_to_{max(1, int(10_000 * scale))}")


def narrow(run, scale):
    """Many rows of one number."""
    run("CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY)")
    run(f"INSERT INTO t SELECT seq FROM seq_1_to_{max(1, int(5_000_000 * scale))}")


def many(run, scale):
    """Many small tables, read over few connections."""
    for number in range(max(1, int(200 * scale))):
        run(f"CREATE TABLE t{number} (id INT AUTO_INCREMENT PRIMARY KEY, x INT)")
        run(f"INSERT INTO t{number} (x) VALUES ({number}), (1), (2)")


SHAPES = {
    "10,000 small rows": (small, "t", []),
    "5,000,000 rows of one number": (narrow, "t", []),
    "500 columns, 20,000 rows": (wide, "t", []),
    "1,000 texts of 100 kB": (middling, "t", []),
    "5 blobs of 64 MB": (large, "t", ["--memory", "1000MB"]),
    "200 tables": (many, "t*", []),
    "200 tables, nothing new": (many, "t*", []),
}


def bytes_sent(server):
    return int(server.execute("SHOW GLOBAL STATUS LIKE 'Bytes_sent'")[0][1])


def measure(server, name, options):
    fill, tables, arguments = SHAPES[name]
    database = fill.__name__
    if not server.execute("SHOW DATABASES LIKE %s", [database]):
        server.execute(f"CREATE DATABASE {database}")
        connection = server.connect(database)
        with connection.cursor() as cursor:
            fill(cursor.execute, options.scale)
        connection.close()
    best, sent = None, 0
    for _ in range(ATTEMPTS):
        with tempfile.TemporaryDirectory(prefix="tidemark-shapes-") as folder:
            project = Project(folder, {"SHOP_URL": server.url(database)}).configure(
                "sources:\n  shop: {type: mysql, url_env: SHOP_URL, connections: 4}\n"
                f"streams:\n  shop.{tables}: {{bookmark: {{by: id}}}}\n")
            if name.endswith("nothing new"):
                project.run(timeout=600)
            before = bytes_sent(server)
            outcome = project.tidemark("run", "--json", *arguments, timeout=600).expect(0)
            if best is None or outcome.seconds < best.seconds:
                best, sent = outcome, bytes_sent(server) - before
    rows = sum(stream["rows"] for stream in best.json["streams"])
    rate = 0 if rows == 0 else rows / best.seconds
    print(f"{name:<30} {best.seconds:8.2f} s {rate:12,.0f} rows/s "
          f"{sent / best.seconds / 1e6:8.1f} MB/s "
          f"{best.peak_rss_bytes / 1e6:7.0f} MB peak", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scale", type=float, default=1.0, help="a part of the rows; 1 by default")
    parser.add_argument("shapes", nargs="*", help="words of the shapes to measure; all by default")
    options = parser.parse_args()
    with MariaDB() as server:
        server.execute("SET GLOBAL max_allowed_packet = 1073741824")
        for name in SHAPES:
            if not options.shapes or any(word in name for word in options.shapes):
                measure(server, name, options)


if __name__ == "__main__":
    main()
