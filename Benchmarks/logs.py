#!/usr/bin/env python3
"""Logs to Parquet: Tidemark beside its peers, in one run on one machine.

    make bench-logs                   two million entries of an access log
    make bench-logs SCALE=0.1         a tenth of them
    logs.py --only gzip --rounds 5    some of the tables
    logs.py --times 4                 then files four times as long: the memory must not grow
    logs.py --json

JSON lines and the combined format, plain and in gzip; the JSON lines in 10,000 files; CSV without
quotes, with quoted texts, with doubled quotes and with newlines in them; and a folder of 100,000
files in which nothing is new. Every program writes Parquet with zstd at level 3 (Tidemark with a
lighter search on pages that come out no larger by it); Tidemark also commits it, with the file and
line of every row. Programs take turns; the best of the rounds is shown, of time and of processor
time each. `T` is the number of threads a program is given: Tidemark's writer has one besides. Only
ratios within one run carry over to another machine.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "Benchmarks")]

from log_data import CSV_SHAPES, LogData  # noqa: E402
from log_peers import OUTPUT, PEERS, command, is_missing  # noqa: E402
from processes import measure  # noqa: E402

CONFIG = """
version: 1
lake: {{root: ./lake}}
sources:
  web: {{type: logs, path: "{path}"}}
streams:
  web.access: {{parse: {format}}}
"""
KNOWN_FILES = 100_000
TIDEMARK = "Tidemark"
LABELS = {"duckdb-json": "DuckDB", "duckdb-csv": "DuckDB", "duckdb-combined": "DuckDB, regexp", "polars-json": "polars",
          "pyarrow-json": "pyarrow"}


class Bench:
    def __init__(self, folder, data, rounds):
        self.folder, self.data, self.rounds = Path(folder), data, rounds

    # Commands

    def project(self, files, kind):
        """A folder with a config, and nothing read yet."""
        folder = self.folder / "project"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        (folder / "tidemark.yaml").write_text(CONFIG.format(path=files, format=kind))
        return folder

    @staticmethod
    def tidemark(project, threads):
        return [ROOT / ".build/release/tidemark", "run", "--threads", threads, "--config",
                project / "tidemark.yaml"]

    def run(self, command):
        return measure(command, self.folder, dict(os.environ))

    # Measurements

    def table(self, name, files, kind, peers, rows, text_bytes, threads=(1, 2)):
        """Programs in turns, so that none has the quiet hour for itself."""
        contenders = [(TIDEMARK, count) for count in threads]
        contenders += [(peer, count) for peer in peers for count in threads
                       if not (peer == "pyarrow-json" and count == 1)]
        found = {one: [] for one in contenders}
        sizes = {}
        for number in range(self.rounds):
            for program, count in contenders:
                if program == TIDEMARK:
                    project = self.project(files, kind)
                    found[program, count].append(self.run(self.tidemark(project, count)))
                    written = sorted((project / "lake").rglob("*.parquet"))
                else:
                    (self.folder / OUTPUT).unlink(missing_ok=True)
                    found[program, count].append(
                        self.run(command(program, str(count), str(files))))
                    written = [self.folder / OUTPUT]
                if number == 0:
                    check_rows(written, rows, program)
                    sizes[program, count] = sum(file.stat().st_size for file in written)
        return {"name": name, "rows": rows, "text_bytes": text_bytes, "programs": [
            {"name": LABELS.get(program, program), "threads": count,
             "seconds": round(min(one.seconds for one in runs), 3),
             "work_seconds": round(min(one.work_seconds for one in runs), 3),
             "peak_bytes": max(one.peak_bytes for one in runs),
             "file_bytes": sizes[program, count]}
            for (program, count), runs in found.items()]}

    def known(self):
        """Runs that find nothing new among many files, and what listing them alone takes."""
        folder = self.data.known(KNOWN_FILES)
        project = self.project(f"{folder}/**/*.json", "json")
        first = self.run(self.tidemark(project, 2))
        idle = [self.run(self.tidemark(project, 2)) for _ in range(max(3, self.rounds))]
        listing = [self.run(["find", folder, "-name", "*.json", "-printf", "%s %T@ %i\\n"])
                   for _ in range(3)]
        return {"files": KNOWN_FILES, "first_seconds": round(first.seconds, 2),
                "first_peak_bytes": first.peak_bytes,
                "seconds": round(min(one.seconds for one in idle), 3),
                "work_seconds": round(min(one.work_seconds for one in idle), 3),
                "peak_bytes": max(one.peak_bytes for one in idle),
                "find_seconds": round(min(one.seconds for one in listing), 3)}

    def larger(self, times):
        """Memory of Tidemark alone where the files are longer."""
        found = []
        for path, kind in [(self.data.json, "json"), (self.data.json_gzip, "json"),
                           (self.data.combined, "combined")]:
            file = self.data.times(path, times)
            for threads in (1, 2):
                result = self.run(self.tidemark(self.project(file, kind), threads))
                found.append({"file": file.name, "threads": threads,
                              "file_bytes": file.stat().st_size,
                              "seconds": round(result.seconds, 2),
                              "peak_bytes": result.peak_bytes})
        return found

    def tables(self):
        data = self.data
        peers = [name for name in PEERS if not is_missing(name)]
        for name in set(PEERS) - set(peers):
            print(f"({LABELS[name]} is not installed)", file=sys.stderr)
        json_peers = [name for name in peers if name.endswith("json")]
        streaming = [name for name in json_peers if name != "pyarrow-json"]
        size = data.json.stat().st_size
        yield ("JSON lines", data.json, "json", json_peers, data.lines, size)
        yield ("JSON lines, gzip", data.json_gzip, "json", streaming, data.lines, size)
        yield (f"JSON lines, {data.small_files:,} files", f"{data.small}/*.json", "json",
               streaming, *data.small_size())
        size = data.combined.stat().st_size
        yield ("combined", data.combined, "combined", [], data.lines, size)
        yield ("combined, gzip", data.combined_gzip, "combined", [], data.lines, size)
        tenth = data.head(data.combined, data.lines // 10)
        yield ("combined, a tenth", tenth, "combined",
               [name for name in peers if name.endswith("combined")], data.lines // 10,
               tenth.stat().st_size)
        for shape in CSV_SHAPES:
            path, records = data.csv(shape)
            yield (f"CSV, {shape}", path, "csv", [name for name in peers if name.endswith("csv")],
                   records, path.stat().st_size)


def check_rows(files, rows, program):
    import pyarrow.parquet
    found = sum(pyarrow.parquet.ParquetFile(file).metadata.num_rows for file in files)
    if found != rows:
        raise RuntimeError(f"{program} wrote {found} rows of {rows}")


def show(table):
    print(f"\n{table['name']}: {table['rows']:,} rows, {table['text_bytes'] / 1e6:,.0f} MB of text\n")
    print(f"| {'program':16} | T | seconds | × Tidemark | CPU s | × Tidemark | MB/s a core "
          "| peak MB | Parquet MB |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|")
    own = {one["threads"]: one for one in table["programs"] if one["name"] == TIDEMARK}
    for one in table["programs"]:
        base = own[one["threads"]]
        print(f"| {one['name']:16} | {one['threads']} | {one['seconds']:.2f} "
              f"| {one['seconds'] / base['seconds']:.2f} | {one['work_seconds']:.2f} "
              f"| {one['work_seconds'] / base['work_seconds']:.2f} "
              f"| {table['text_bytes'] / 1e6 / one['work_seconds']:,.0f} "
              f"| {one['peak_bytes'] / 1e6:,.0f} | {one['file_bytes'] / 1e6:.1f} |", flush=True)


def show_known(one):
    print(f"\nNothing new in {one['files']:,} files: {one['seconds']:.2f} s, {one['work_seconds']:.2f}"
          f" s of work, peak {one['peak_bytes'] / 1e6:.0f} MB; find alone {one['find_seconds']:.2f} s."
          f" Their first run: {one['first_seconds']:.1f} s, peak "
          f"{one['first_peak_bytes'] / 1e6:.0f} MB.", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scale", type=float, default=1)
    parser.add_argument("--rounds", type=int, default=3, help="the best of so many is shown")
    parser.add_argument("--only", action="append", default=[], metavar="WORD",
                        help="tables whose names have the word; 'known' for the last one")
    parser.add_argument("--times", type=int, default=1,
                        help="then read files so many times as long, with Tidemark alone")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    data = LogData(ROOT / ".build/bench/logs", arguments.scale)
    report = {"cores": os.cpu_count(), "tables": []}

    def wanted(name):
        return not arguments.only or any(word in name for word in arguments.only)

    with tempfile.TemporaryDirectory(prefix="tidemark-bench-") as folder:
        bench = Bench(folder, data, arguments.rounds)
        if not arguments.json:
            print(f"{os.cpu_count()} cores; best of {arguments.rounds} rounds")
        for table in bench.tables():
            if wanted(table[0]):
                report["tables"].append(bench.table(*table))
                if not arguments.json:
                    show(report["tables"][-1])
        if wanted("known"):
            report["known"] = bench.known()
            if not arguments.json:
                show_known(report["known"])
        if arguments.times > 1:
            report["larger"] = bench.larger(arguments.times)
            for one in [] if arguments.json else report["larger"]:
                print(f"{one['file']}, T {one['threads']}: {one['file_bytes'] / 1e6:,.0f} MB, "
                      f"{one['seconds']:.2f} s, peak {one['peak_bytes'] / 1e6:.0f} MB", flush=True)
    if arguments.json:
        print(json.dumps(report))


if __name__ == "__main__":
    main()
