"""Tidemark's peers in reading logs into a Parquet file, each as a program of its own.

    python log_peers.py NAME THREADS FILES          one in Python: logs.parquet in the working folder

The peers come with `scripts/setup.sh bench`. All write zstd at level 3, as Tidemark does, and infer
the columns, in the threads that they are given.
"""

import importlib.util
import os
import sys

OUTPUT = "logs.parquet"
COMBINED = (r'^(\S+) (\S+) (\S+) \[([^\]]+)\] "(\S+) (\S+) ([^"]+)" (\d{3}|-) (\d+|-) '
            r'"([^"]*)" "([^"]*)"')
NAMES = ["remote_host", "ident", "user", "time", "method", "path", "protocol", "status", "bytes",
         "referer", "user_agent"]


def duckdb_copy(threads, query):
    """By its command line, which starts faster than Python does."""
    folder = importlib.util.find_spec("duckdb_cli").submodule_search_locations[0]
    statements = (f"SET threads = {threads}; COPY ({query}) TO '{OUTPUT}' "
                  "(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 3)")
    return [f"{folder}/duckdb", "-c", statements]


def duckdb_json(threads, files):
    return duckdb_copy(
        threads, f"SELECT * FROM read_json('{files}', format = 'newline_delimited')")


def duckdb_csv(threads, files):
    return duckdb_copy(threads, f"SELECT * FROM read_csv('{files}')")


def duckdb_combined(threads, files):
    """By a regular expression, as DuckDB has no reader of access logs."""
    names = ", ".join(f"'{name}'" for name in NAMES)
    line = COMBINED.replace("'", "''")
    return duckdb_copy(threads, f"""
        SELECT fields.* REPLACE (
          strptime(fields.time, '%d/%b/%Y:%H:%M:%S %z') AS time,
          TRY_CAST(fields.status AS INTEGER) AS status, TRY_CAST(fields.bytes AS BIGINT) AS bytes)
        FROM (SELECT regexp_extract(line, '{line}', [{names}]) AS fields
              FROM read_csv('{files}', columns = {{line: 'VARCHAR'}}, delim = '\x01', quote = '',
                            escape = '', header = false, auto_detect = false))""")


def polars_json(threads, files):
    os.environ["POLARS_MAX_THREADS"] = threads
    import polars
    frame = polars.scan_ndjson(files)
    frame.sink_parquet(OUTPUT, compression="zstd", compression_level=3)


def pyarrow_json(threads, files):
    """The whole table is in memory in between."""
    import pyarrow
    import pyarrow.json
    import pyarrow.parquet
    pyarrow.set_cpu_count(int(threads))
    options = pyarrow.json.ReadOptions(use_threads=int(threads) > 1, block_size=4 << 20)
    table = pyarrow.json.read_json(files, read_options=options)
    pyarrow.parquet.write_table(table, OUTPUT, compression="zstd", compression_level=3)


PEERS = {
    "duckdb-json": (duckdb_json, "duckdb_cli"),
    "duckdb-csv": (duckdb_csv, "duckdb_cli"),
    "duckdb-combined": (duckdb_combined, "duckdb_cli"),
    "polars-json": (polars_json, "polars"),
    "pyarrow-json": (pyarrow_json, "pyarrow"),
}


def command(name, threads, files):
    """What runs a peer."""
    if name.startswith("duckdb"):
        return PEERS[name][0](threads, files)
    return [sys.executable, __file__, name, threads, files]


def is_missing(name):
    return importlib.util.find_spec(PEERS[name][1]) is None


if __name__ == "__main__":
    PEERS[sys.argv[1]][0](sys.argv[2], sys.argv[3])
