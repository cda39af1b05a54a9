#!/usr/bin/env python3
"""Parquet: Tidemark beside pyarrow, polars and DuckDB, in one run on one machine.

    make bench-parquet                   all tables at scale 1; about half an hour on two cores
    make bench-parquet SCALE=0.1         a tenth of it
    Benchmarks/parquet.py --markdown     the table of the last run, for the README

Everyone writes the same rows in memory with the same codec and level, the same rows a row group and
pages of 1 MiB to memory-backed storage, and reads its own file back with every value; in turns, each
engine in a process of its own for each number of threads, the best of all rounds. Tidemark takes a
lighter search of zstd on pages that come out no larger by it, and also writes what the others leave
out by default: page checksums and a page index. MB/s are of the
columns' bytes as Arrow holds them. Only ratios within one run carry over to another machine or day.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "Benchmarks"))

import parquet_report as report  # noqa: E402
import parquet_tables as tables  # noqa: E402

PEERS = ["pyarrow", "duckdb", "polars"]
CODECS = [("none", None), ("snappy", None), ("zstd", 3)]
OUTPUT = ROOT / ".build/bench"
TIDEMARK = Path(os.environ.get("TIDEMARK_BIN", ROOT / ".build/release/tidemark"))
KERNELS = Path(os.environ.get("TIDEMARK_KERNEL_BENCH", ROOT / ".build/release/kernel-bench"))


class Peer:
    """An engine's process."""

    def __init__(self, engine, file, threads, folder):
        environment = {**os.environ, "POLARS_MAX_THREADS": str(threads),
                       "OMP_NUM_THREADS": str(threads), "ARROW_IO_THREADS": str(threads)}
        self.process = subprocess.Popen(
            [sys.executable, ROOT / "Benchmarks/parquet_peers.py", engine, file, str(threads),
             folder], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.engine = engine
        self.answer()

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.engine} ended with {self.process.wait()}")
        return json.loads(line)

    def measure(self, request):
        print(json.dumps(request), file=self.process.stdin, flush=True)
        return self.answer()

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Tidemark:
    """The same of `tidemark parquet bench`, a process a request."""

    engine = "tidemark"

    def __init__(self, file, threads, profile):
        self.file, self.threads, self.profile = file, threads, profile

    def measure(self, request):
        level = ["--level", str(request["level"])] if request["level"] is not None else []
        done = subprocess.run(
            [TIDEMARK, "parquet", "bench", self.file, "--codec", request["codec"], *level,
             "--threads", str(self.threads), "--row-group-rows", str(request["row_group_rows"]),
             "--page-bytes", "1MiB", "--profile", self.profile, "--repeat", str(request["repeat"]),
             "--json"], capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"tidemark parquet bench failed:\n{done.stderr}")
        found = json.loads(done.stdout)[0]
        return {"write_seconds": found["encode_seconds"], "read_seconds": found["decode_seconds"],
                "file_bytes": found["file_bytes"], "column_bytes": found["column_bytes"],
                "peak_bytes": found["peak_bytes"]}

    def close(self):
        pass


def measure_table(name, file, threads, arguments, folder):
    """A result for each row group size and codec."""
    engines = [Tidemark(file, threads, arguments.profile)]
    engines += [Peer(engine, file, threads, folder) for engine in PEERS]
    results = {}
    try:
        for _ in range(arguments.rounds):
            for rows in arguments.row_group_rows:
                for codec, level in CODECS:
                    row = results.setdefault((rows, codec), {
                        "table": name, "row_group_rows": rows, "codec": codec, "level": level,
                        "threads": threads, "engines": {}})
                    for engine in engines:
                        found = engine.measure({"codec": codec, "level": level,
                                                "row_group_rows": rows, "repeat": arguments.repeat})
                        keep_best(row["engines"], engine.engine, found)
    finally:
        for engine in engines:
            engine.close()
    for row in results.values():
        row["column_bytes"] = row["engines"]["tidemark"]["column_bytes"]
    return list(results.values())


def keep_best(engines, engine, found):
    before = engines.get(engine)
    if before and "error" not in before and "error" not in found:
        for key in ("write_seconds", "read_seconds"):
            found[key] = min(found[key], before[key])
    engines[engine] = found


def best_of(repeat, work):
    seconds = float("inf")
    for _ in range(repeat):
        begun = time.perf_counter()
        work()
        seconds = min(seconds, time.perf_counter() - begun)
    return seconds


def measure_footer(folder, repeat):
    """One of ten thousand columns: opening the file and reading it."""
    file = tables.file_of("wide", 1, folder)
    import pyarrow as pa
    import pyarrow.parquet as pq
    data = pa.py_buffer(file.read_bytes())
    pyarrow = best_of(repeat, lambda: pq.ParquetFile(pa.BufferReader(data)).read(["c5000"]))
    found = json.loads(subprocess.run(
        [KERNELS, "footer", file, "c5000", str(repeat)], check=True, capture_output=True,
        text=True).stdout)
    return {"columns": 10_000, "footer_bytes": found["footer_bytes"], "pyarrow_seconds": pyarrow,
            "tidemark_seconds": found["seconds"], "tidemark_open_seconds": found["open_seconds"]}


def peak_of(command):
    """Seconds, and the most memory that a process held, in bytes."""
    begun, peak = time.perf_counter(), 0
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    while process.poll() is None:
        # What wait4 says of a child counts what this process held when it was forked.
        try:
            for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
                if line.startswith("VmHWM:"):
                    peak = max(peak, int(line.split()[1]) * 1024)
        except OSError:
            pass
        time.sleep(0.002)
    if process.returncode != 0:
        raise RuntimeError(f"{command} failed")
    return time.perf_counter() - begun, peak


def measure_memory(file, folder):
    """The peak of rewriting a file, and one of four times its rows."""
    import pyarrow.parquet as pq
    results = []
    for times in (1, 4):
        source = Path(folder) / f"times-{times}.parquet"
        table = pq.read_table(file)
        with pq.ParquetWriter(source, table.schema, compression="snappy") as writer:
            for _ in range(times):
                writer.write_table(table, row_group_size=122_880)
        rows = table.num_rows * times
        del table
        for sort in ([], ["--sort", pq.read_schema(source).names[1]]):
            seconds, peak = peak_of(
                [TIDEMARK, "parquet", "rewrite", source, Path(folder) / "rewritten.parquet",
                 "--memory", "256MB", *sort])
            results.append({"times": times, "rows": rows, "sorted": bool(sort), "seconds": seconds,
                            "peak_bytes": peak, "file_bytes": source.stat().st_size})
        source.unlink()
    return results


def measure_kernels():
    done = subprocess.run([KERNELS, "kernels", "--json"], check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def measure(arguments):
    data = OUTPUT / "data"
    shared = "/dev/shm" if os.path.isdir("/dev/shm") else None
    found = {"cores": os.cpu_count(), "scale": arguments.scale, "profile": arguments.profile,
             "date": time.strftime("%Y-%m-%d"), "rows": []}
    with tempfile.TemporaryDirectory(prefix="tidemark-bench-", dir=shared) as folder:
        for name in arguments.tables:
            file = tables.file_of(name, arguments.scale, data)
            for threads in arguments.threads:
                rows = measure_table(name, file, threads, arguments, folder)
                found["rows"] += rows
                report.show(rows)
        if KERNELS.exists():
            found["footer"] = measure_footer(data, 5)
            found["kernels"] = measure_kernels()
        if "lineitem" in arguments.tables:
            found["memory"] = measure_memory(tables.file_of("lineitem", arguments.scale, data), folder)
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scale", type=float, default=1)
    parser.add_argument("--rounds", type=int, default=2, help="how often the engines take turns")
    parser.add_argument("--repeat", type=int, default=2, help="runs a turn; the best counts")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--row-group-rows", type=int, nargs="+", default=[122_880, 1_048_576])
    parser.add_argument("--tables", nargs="+", default=list(tables.TABLES), choices=list(tables.TABLES))
    parser.add_argument("--profile", default="lake", choices=["lake", "max"])
    parser.add_argument("--markdown", action="store_true", help="the last run, for the README")
    arguments = parser.parse_args()
    if arguments.markdown:
        return print(report.markdown(json.loads((OUTPUT / "parquet.json").read_text())))
    found = measure(arguments)
    OUTPUT.mkdir(parents=True, exist_ok=True)
    (OUTPUT / "parquet.json").write_text(json.dumps(found, indent=1))
    (OUTPUT / "parquet.md").write_text(report.full_markdown(found))
    (OUTPUT / "parquet.svg").write_text(report.svg(found))
    report.show_rest(found)
    print(f"\nreport: {(OUTPUT / 'parquet.md').relative_to(ROOT)}, parquet.json, parquet.svg")


if __name__ == "__main__":
    main()
