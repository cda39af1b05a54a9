#!/usr/bin/env python3
"""MySQL to Parquet: Tidemark beside the floor and its peers, in one run on one machine.

    make bench                 TPC-H lineitem at scale 1: six million rows
    make bench SCALE=0.1       a tenth of it

The floor is libmariadb alone, which streams the rows and drops them. Every program reads the same
table from the same server on loopback, one after the other, and writes Parquet with zstd. Only
ratios within one run carry over to another machine or day.
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
sys.path.insert(0, str(ROOT / "Demo"))

from mariadb import MariaDB  # noqa: E402

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
lake: {root: ./lake}
sources:
  tpch: {type: mysql, url_env: TPCH_URL}
streams:
  tpch.lineitem: {bookmark: {by: updated_at}}
"""

CONNECTORX = """
import os, connectorx, pyarrow.parquet
table = connectorx.read_sql(os.environ["TPCH_URL"], "SELECT * FROM lineitem", return_type="arrow")
pyarrow.parquet.write_table(table, "lineitem.parquet", compression="zstd")
"""


def load(server, scale, folder):
    """Generates lineitem and loads it; says how many rows."""
    subprocess.run([tool("tpchgen-cli"), "csv", "-s", str(scale), "--tables=lineitem",
                    f"--output-dir={folder}"], check=True, capture_output=True)
    file = next(Path(folder).rglob("lineitem*.csv"))
    server.execute("CREATE DATABASE tpch")
    server.execute(CREATE)
    columns = file.open().readline().strip()
    server.execute(f"""
        LOAD DATA INFILE '{file}' INTO TABLE tpch.lineitem FIELDS TERMINATED BY ','
        OPTIONALLY ENCLOSED BY '"' IGNORE 1 LINES ({columns})""")
    file.unlink()
    return server.execute("SELECT count(*) FROM tpch.lineitem")[0][0]


def measure(command, folder, environment, output=subprocess.DEVNULL):
    """Seconds, and the most memory that the process held, in bytes."""
    begun, peak = time.monotonic(), 0
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=output,
                               stderr=subprocess.PIPE)
    while process.poll() is None:
        try:
            for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
                if line.startswith("VmHWM:"):
                    peak = max(peak, int(line.split()[1]) * 1024)
        except OSError:
            pass
        time.sleep(0.005)
    seconds = time.monotonic() - begun
    if process.returncode != 0:
        raise RuntimeError(f"{command[0]} failed:\n{process.stderr.read().decode()[-2000:]}")
    return seconds, peak


def contenders(server, folder):
    """Name, command and what must be fresh before each run."""
    floor = Path(folder) / "floor"
    flags = subprocess.run(["mariadb_config", "--cflags", "--libs"], check=True, capture_output=True,
                           text=True).stdout.split()
    subprocess.run(["cc", "-O2", "-o", floor, ROOT / "Benchmarks/Floor/floor.c", *flags], check=True)
    query = "SELECT * FROM lineitem"
    yield "floor: libmariadb, rows dropped", [
        floor, f"127.0.0.1:{server.port}", server.user, "tpch", query]
    yield "Tidemark, first run", [ROOT / ".build/release/tidemark", "run"]
    yield "mariadb --quick to a pipe", [
        "mariadb", "--no-defaults", "--quick", "--batch", "-h127.0.0.1", f"-P{server.port}",
        f"-u{server.user}", "tpch", "-e", query]
    yield "connectorx, pyarrow", [sys.executable, "-c", CONNECTORX]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scale", type=float, default=1)
    parser.add_argument("--repeat", type=int, default=3, help="the best of so many is shown")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    results = []
    with MariaDB() as server, tempfile.TemporaryDirectory(prefix="tidemark-bench-") as folder:
        os.chmod(folder, 0o755)
        rows = load(server, arguments.scale, folder)
        environment = {**os.environ, "TPCH_URL": server.url("tpch"), "MYSQL_PWD": server.password,
                       "FLOOR_PASSWORD": server.password}
        (Path(folder) / "tidemark.yaml").write_text(CONFIG)
        for name, command in contenders(server, folder):
            best = None
            for _ in range(arguments.repeat):
                for leftover in ("lake", ".tidemark"):
                    shutil.rmtree(Path(folder) / leftover, ignore_errors=True)
                found = measure(command, folder, environment)
                best = min(best or found, found)
            results.append({"name": name, "seconds": round(best[0], 2), "peak_bytes": best[1],
                            "times_floor": round(best[0] / (results[0]["seconds"] if results else best[0]), 2)})
            if not arguments.json:
                show(results, rows)
    if arguments.json:
        print(json.dumps({"rows": rows, "results": results}))


def show(results, rows):
    if len(results) == 1:
        print(f"TPC-H lineitem, {rows:,} rows, MariaDB on loopback, {os.cpu_count()} cores\n")
        print(f"{'MySQL → Parquet':34} {'seconds':>8} {'× floor':>8} {'rows/s':>10} {'peak MB':>8}")
    last = results[-1]
    print(f"{last['name']:34} {last['seconds']:8.2f} {last['times_floor']:8.2f} "
          f"{rows / last['seconds']:10,.0f} {last['peak_bytes'] / 1e6:8.0f}", flush=True)


def tool(name):
    """A program of the Python environment that this runs in."""
    return str(Path(sys.executable).with_name(name))


if __name__ == "__main__":
    main()
