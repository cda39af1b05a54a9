"""One of Tidemark's peers in a process of its own, which writes and reads a table when asked.

    python parquet_peers.py ENGINE FILE THREADS FOLDER

Loads FILE, then answers lines of JSON on standard input, {"codec", "level", "row_group_rows",
"repeat"}, each with a line on standard output: {"write_seconds", "read_seconds", "file_bytes"}, the
best of the repeats, or {"error"}. FOLDER is memory-backed. A process each, because the engines fix
their number of threads when they start.
"""

import io
import json
import os
import sys
import time

PAGE_BYTES = 1 << 20


class PyArrow:
    """Writes to and reads from memory."""

    def __init__(self, file, threads, folder):
        import pyarrow
        import pyarrow.parquet
        pyarrow.set_cpu_count(threads)
        pyarrow.set_io_thread_count(threads)
        self.arrow, self.parquet, self.threads = pyarrow, pyarrow.parquet, threads
        self.table = pyarrow.parquet.read_table(file)

    def write(self, codec, level, rows):
        sink = self.arrow.BufferOutputStream()
        self.parquet.write_table(self.table, sink, compression=codec, compression_level=level,
                                 row_group_size=rows, data_page_size=PAGE_BYTES)
        self.file = sink.getvalue()
        return self.file.size

    def read(self):
        return self.parquet.read_table(self.arrow.BufferReader(self.file),
                                       use_threads=self.threads > 1).num_rows


class Polars:
    """Writes to and reads from memory."""

    def __init__(self, file, threads, folder):
        os.environ["POLARS_MAX_THREADS"] = str(threads)
        import polars
        assert polars.thread_pool_size() == threads
        self.polars = polars
        self.table = polars.read_parquet(file)

    def write(self, codec, level, rows):
        sink = io.BytesIO()
        self.table.write_parquet(sink, compression={"none": "uncompressed"}.get(codec, codec),
                                 compression_level=level, row_group_size=rows,
                                 data_page_size=PAGE_BYTES)
        self.file = sink
        return sink.getbuffer().nbytes

    def read(self):
        self.file.seek(0)
        return self.polars.read_parquet(self.file).height


class DuckDB:
    """Writes from a table of its own to memory-backed storage and reads into Arrow."""

    def __init__(self, file, threads, folder):
        import duckdb
        self.connection = duckdb.connect()
        self.connection.execute(f"SET threads = {threads}")
        self.connection.execute(f"CREATE TABLE data AS SELECT * FROM read_parquet('{file}')")
        self.path = os.path.join(folder, f"duckdb-{threads}.parquet")

    def write(self, codec, level, rows):
        compression = {"none": "uncompressed"}.get(codec, codec)
        more = f", COMPRESSION_LEVEL {level}" if level is not None else ""
        self.connection.execute(f"COPY data TO '{self.path}' (FORMAT parquet, COMPRESSION "
                                f"{compression}, ROW_GROUP_SIZE {rows}{more})")
        return os.path.getsize(self.path)

    def read(self):
        rows = self.connection.sql(f"SELECT * FROM read_parquet('{self.path}')")
        return rows.to_arrow_table().num_rows


ENGINES = {"pyarrow": PyArrow, "polars": Polars, "duckdb": DuckDB}


def best(repeat, work):
    """Seconds of the fastest run, and what the last one returned."""
    seconds = float("inf")
    for _ in range(repeat):
        begun = time.perf_counter()
        result = work()
        seconds = min(seconds, time.perf_counter() - begun)
    return seconds, result


def answer(engine, request):
    repeat = request["repeat"]
    written, size = best(repeat, lambda: engine.write(
        request["codec"], request["level"], request["row_group_rows"]))
    read, rows = best(repeat, engine.read)
    return {"write_seconds": written, "read_seconds": read, "file_bytes": size, "rows": rows}


def main():
    name, file, threads, folder = sys.argv[1:]
    engine = ENGINES[name](file, int(threads), folder)
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        try:
            print(json.dumps(answer(engine, json.loads(line))), flush=True)
        except Exception as error:  # noqa: BLE001: a row that an engine cannot do is a result too
            print(json.dumps({"error": f"{type(error).__name__}: {error}"[:300]}), flush=True)


if __name__ == "__main__":
    main()
