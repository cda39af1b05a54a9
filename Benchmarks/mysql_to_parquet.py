#!/usr/bin/env python3
"""MySQL to Parquet: Tidemark beside the floor and its peers, in one run on one machine.

    make bench                        TPC-H lineitem at scale 1: six million rows
    make bench SCALE=0.1              a tenth of it
    mysql_to_parquet.py --times 4     then four times as many rows: the memory must not grow
    mysql_to_parquet.py --only Tidemark --json

Three parts: the first read of the table; a run that finds nothing new in it, less what a bare
connection takes; and the first run on a table of 10,000 rows. The floor is libmariadb alone, which
streams the rows and drops them. Every program reads the same table from the same server on
loopback, in turns, and writes Parquet with zstd; Tidemark also commits it. The best of the rounds
is shown, with the slowest. Only ratios within one run carry over to another machine or day.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "Demo"), str(ROOT / "Benchmarks")]

from mariadb import MariaDB  # noqa: E402
from mysql_peers import PEERS, missing  # noqa: E402
from processes import measure, processor_seconds  # noqa: E402

CREATE = """
CREATE TABLE tpch.lineitem (
  l_orderkey INT NOT NULL, l_partkey INT NOT NULL, l_suppkey INT NOT NULL, l_linenumber INT NOT NULL,
  l_quantity DECIMAL(15,2) NOT NULL, l_extendedprice DECIMAL(15,2) NOT NULL,
  l_discount DECIMAL(15,2) NOT NULL, l_tax DECIMAL(15,2) NOT NULL,
  l_returnflag CHAR(1) NOT NULL, l_linestatus CHAR(1) NOT NULL,
  l_shipdate DATE NOT NULL, l_commitdate DATE NOT NULL, l_receiptdate DATE NOT NULL,
  l_shipinstruct CHAR(25) NOT NULL, l_shipmode CHAR(10) NOT NULL, l_comment VARCHAR(44) NOT NULL,
  updated_at TIMESTAMP(6) NOT NULL DEFAULT '2024-01-01', PRIMARY KEY (l_orderkey, l_linenumber))
"""

CONFIG = """
version: 1
lake: {{root: ./lake}}
sources:
  tpch: {{type: mysql, url_env: TPCH_URL{options}}}
streams:
  tpch.{table}: {{bookmark: {{by: updated_at}}}}
"""

FLOOR = "floor: libmariadb, rows dropped"
BINARY_FLOOR = "the same, binary protocol"
TIDEMARK = "Tidemark"
ONE_CONNECTION = "Tidemark, connections: 1"
SMALL_ROWS = 10_000
# The server answers who writes from a copy while it is asked more often than every 100 ms.
PAUSE_SECONDS = 0.25


class Bench:
    """A server with the table, and a folder for what the programs write."""

    def __init__(self, server, folder, scale):
        self.server, self.folder = server, Path(folder)
        self.rows = self._load(scale)
        self.environment = {**os.environ, "TPCH_URL": server.url("tpch"),
                            "MYSQL_PWD": server.password, "FLOOR_PASSWORD": server.password}
        self.floor = self.folder / "floor"
        flags = subprocess.run(["mariadb_config", "--cflags", "--libs"], check=True,
                               capture_output=True, text=True).stdout.split()
        subprocess.run(["cc", "-O2", "-o", self.floor, ROOT / "Benchmarks/Floor/floor.c", *flags],
                       check=True)

    def _load(self, scale):
        subprocess.run([tool("tpchgen-cli"), "csv", "-s", str(scale), "--tables=lineitem",
                        f"--output-dir={self.folder}"], check=True, capture_output=True)
        file = next(self.folder.rglob("lineitem*.csv"))
        self.server.execute("CREATE DATABASE tpch")
        self.server.execute(CREATE)
        columns = file.open().readline().strip()
        self.server.execute(f"""
            LOAD DATA INFILE '{file}' INTO TABLE tpch.lineitem FIELDS TERMINATED BY ','
            OPTIONALLY ENCLOSED BY '"' IGNORE 1 LINES ({columns})""")
        file.unlink()
        self.server.execute("ANALYZE TABLE tpch.lineitem")
        return self._count()

    def _count(self):
        return self.server.execute("SELECT count(*) FROM tpch.lineitem")[0][0]

    def grow(self, times):
        """Adds the rows again and again, under further keys."""
        highest = self.server.execute("SELECT max(l_orderkey) FROM tpch.lineitem")[0][0]
        columns = [row[0] for row in self.server.execute("DESCRIBE tpch.lineitem")][1:]
        for number in range(1, times):
            self.server.execute(f"""
                INSERT INTO tpch.lineitem SELECT l_orderkey + {number * highest},
                {', '.join(columns)} FROM tpch.lineitem WHERE l_orderkey <= {highest}""")
        self.server.execute("ANALYZE TABLE tpch.lineitem")
        self.rows = self._count()

    # Commands

    def floor_command(self, query, *more):
        return [self.floor, f"127.0.0.1:{self.server.port}", self.server.user, "tpch", query, *more]

    def tidemark(self, project):
        return [ROOT / ".build/release/tidemark", "run", "--config", project / "tidemark.yaml"]

    def project(self, name, table, options=""):
        """A folder with a config, and nothing read yet."""
        folder = self.folder / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        (folder / "tidemark.yaml").write_text(CONFIG.format(table=table, options=options))
        return folder

    def run(self, command):
        return measure(command, self.folder, self.environment)

    def contenders(self, wanted):
        """Name and command, made afresh for each round."""
        query = "SELECT * FROM lineitem"
        server = self.server
        found = {
            FLOOR: lambda: self.floor_command(query),
            BINARY_FLOOR: lambda: self.floor_command(query, "prepared"),
            TIDEMARK: lambda: self.tidemark(self.project("first", "lineitem")),
            ONE_CONNECTION: lambda: self.tidemark(
                self.project("first", "lineitem", ", connections: 1")),
            "mariadb --quick to a pipe": lambda: [
                "mariadb", "--no-defaults", "--quick", "--batch", "-h127.0.0.1",
                f"-P{server.port}", f"-u{server.user}", "tpch", "-e", query],
        }
        for name in PEERS:
            if missing(name):
                print(f"({name}: {', '.join(missing(name))} not installed)", file=sys.stderr)
                continue
            found[name] = lambda name=name: [
                sys.executable, ROOT / "Benchmarks/mysql_peers.py", name]
        return {name: command for name, command in found.items()
                if name == FLOOR or not wanted or any(word in name for word in wanted)}

    # Measurements

    def first_reads(self, wanted, rounds):
        """Programs in turns, so that none has the quiet hour for itself."""
        contenders = self.contenders(wanted)
        times = {name: [] for name in contenders}
        for _ in range(rounds):
            for name, command in contenders.items():
                for leftover in ("lake", "dlt"):
                    shutil.rmtree(self.folder / leftover, ignore_errors=True)
                command = command()
                before = processor_seconds(self.server.process.pid)
                found = self.run(command)
                found.server_seconds = processor_seconds(self.server.process.pid) - before
                times[name].append(found)
        floor = min(found.seconds for found in times[FLOOR])
        return [{"name": name, **summary(found), "times_floor": round(
            min(one.seconds for one in found) / floor, 2)} for name, found in times.items()]

    def idle(self, rounds):
        """Runs that find nothing new, less what a bare connection takes."""
        self.server.execute("CREATE INDEX cursor_index ON tpch.lineitem (updated_at)")
        project = self.project("idle", "lineitem")
        self.run(self.tidemark(project))
        return self._quick(rounds, lambda: self.tidemark(project))

    def small(self, rounds):
        """The first run on a table of a few rows, the same way."""
        self.server.execute(
            f"CREATE TABLE tpch.small AS SELECT * FROM tpch.lineitem LIMIT {SMALL_ROWS}")
        self.server.execute("ALTER TABLE tpch.small ADD PRIMARY KEY (l_orderkey, l_linenumber)")
        return self._quick(rounds, lambda: self.tidemark(self.project("small", "small")))

    def _quick(self, rounds, command):
        bare, whole = [], []
        for _ in range(rounds):
            time.sleep(PAUSE_SECONDS)
            bare.append(self.run(self.floor_command("SELECT 1")))
            prepared = command()
            time.sleep(PAUSE_SECONDS)
            whole.append(self.run(prepared))
        result = {**summary(whole), "connect_ms": milliseconds(bare)}
        result["milliseconds"] = milliseconds(whole)
        result["beyond_connecting_ms"] = round(result["milliseconds"] - result["connect_ms"], 1)
        return result


def summary(found):
    best = min(found, key=lambda one: one.seconds)
    result = {"seconds": round(best.seconds, 3),
              "slowest_seconds": round(max(one.seconds for one in found), 3),
              "work_seconds": round(best.work_seconds, 3),
              "peak_bytes": max(one.peak_bytes for one in found)}
    if hasattr(best, "server_seconds"):
        result["server_seconds"] = round(best.server_seconds, 2)
    return result


def milliseconds(found):
    return round(min(one.seconds for one in found) * 1000, 1)


def show_reads(results, rows):
    print(f"\nTPC-H lineitem, {rows:,} rows, MariaDB on loopback, {os.cpu_count()} cores\n")
    print(f"{'MySQL → Parquet':32} {'seconds':>8} {'slowest':>8} {'× floor':>8} {'rows/s':>10} "
          f"{'work':>6} {'server':>7} {'peak MB':>8}")
    for one in results:
        print(f"{one['name']:32} {one['seconds']:8.2f} {one['slowest_seconds']:8.2f} "
              f"{one['times_floor']:8.2f} {rows / one['seconds']:10,.0f} {one['work_seconds']:6.2f} "
              f"{one['server_seconds']:7.2f} {one['peak_bytes'] / 1e6:8.0f}", flush=True)


def show_quick(name, one):
    print(f"{name}: {one['milliseconds']} ms, of it {one['connect_ms']} ms for a bare connection; "
          f"{one['beyond_connecting_ms']} ms beyond it (slowest {one['slowest_seconds'] * 1000:.0f} "
          f"ms), peak {one['peak_bytes'] / 1e6:.0f} MB", flush=True)


def tool(name):
    """A program of the Python environment that this runs in."""
    return str(Path(sys.executable).with_name(name))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scale", type=float, default=1)
    parser.add_argument("--rounds", type=int, default=3, help="the best of so many is shown")
    parser.add_argument("--only", action="append", default=[], metavar="WORD",
                        help="contenders whose names have the word, beside the floor")
    parser.add_argument("--times", type=int, default=1,
                        help="then read so many times the rows, with Tidemark and the floor")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    report = {"cores": os.cpu_count()}
    with MariaDB() as server, tempfile.TemporaryDirectory(prefix="tidemark-bench-") as folder:
        os.chmod(folder, 0o755)
        bench = Bench(server, folder, arguments.scale)
        report["rows"] = bench.rows
        report["first"] = bench.first_reads(arguments.only, arguments.rounds)
        if not arguments.json:
            show_reads(report["first"], bench.rows)
        quick_rounds = max(10, arguments.rounds)
        report["nothing_new"] = bench.idle(quick_rounds)
        report["small"] = {"rows": SMALL_ROWS, **bench.small(quick_rounds)}
        if not arguments.json:
            print()
            show_quick(f"Nothing new in {bench.rows:,} rows", report["nothing_new"])
            show_quick(f"First run on {SMALL_ROWS:,} rows", report["small"])
        if arguments.times > 1:
            server.execute("DROP INDEX cursor_index ON tpch.lineitem")
            bench.grow(arguments.times)
            report["larger"] = {"rows": bench.rows, "first": bench.first_reads(
                [TIDEMARK], arguments.rounds)}
            if not arguments.json:
                show_reads(report["larger"]["first"], bench.rows)
    if arguments.json:
        print(json.dumps(report))


if __name__ == "__main__":
    main()
