"""Writes files with pyarrow, DuckDB and polars into the folder given: what such writers claim of
their data is to be found true."""

import datetime
import random
import sys

import duckdb
import polars
import pyarrow as pa
import pyarrow.parquet as pq

FOLDER = sys.argv[1]
ROWS = 4000
random.seed(5)

table = pa.table(
    {
        "id": pa.array(range(ROWS), pa.int64()),
        "name": [None if i % 5 == 0 else f"name {random.randint(0, 90)}" for i in range(ROWS)],
        "ratio": [float("nan") if i % 9 == 0 else random.random() for i in range(ROWS)],
        "tags": [[random.randint(0, 9) for _ in range(i % 4)] for i in range(ROWS)],
        "day": [datetime.date(2026, 1, 1 + i % 28) for i in range(ROWS)],
        "flag": [i % 3 == 0 for i in range(ROWS)],
        "count": pa.array([random.randint(0, 2**32 - 1) for _ in range(ROWS)], pa.uint32()),
    }
)
pq.write_table(
    table,
    f"{FOLDER}/pyarrow.parquet",
    row_group_size=1500,
    data_page_size=2000,
    write_batch_size=100,
    write_page_index=True,
    write_page_checksum=True,
    sorting_columns=[pq.SortingColumn(0)],
    bloom_filter_options={"name": {"ndv": 100, "fpp": 0.01}},
)
for codec in ("snappy", "zstd", "gzip", "none"):
    for version in ("1.0", "2.0"):
        pq.write_table(
            table,
            f"{FOLDER}/pyarrow-{codec}-{version}.parquet",
            compression=codec,
            data_page_version=version,
            write_page_index=version == "2.0",
        )
duckdb.from_arrow(table).write_parquet(f"{FOLDER}/duckdb.parquet", row_group_size=2048)
polars.from_arrow(table).write_parquet(f"{FOLDER}/polars.parquet", row_group_size=1500)
