"""Small Parquet files for a fuzzer to begin with."""

import os
from pathlib import Path

import duckdb
import polars
import pyarrow as pa
import pyarrow.parquet as pq

ROOT = Path(__file__).resolve().parents[1]


def tables():
    """Tables of some rows: flat, nested, with nulls."""
    rows = range(40)
    flat = pa.table({
        "i": pa.array([None if i % 7 == 0 else i * i for i in rows], pa.int64()),
        "u": pa.array(list(rows), pa.uint8()),
        "f": pa.array([i / 3 for i in rows], pa.float32()),
        "s": pa.array([None if i % 5 == 0 else f"text {i % 3}" for i in rows]),
        "t": pa.array(list(rows), pa.timestamp("us", tz="UTC")),
        "d": pa.array([i * 7 for i in rows], pa.decimal128(20, 3)),
        "b": pa.array([i % 3 == 0 for i in rows])})
    nested = pa.table({
        "l": pa.array([[j for j in range(i % 4)] if i % 6 else None for i in rows],
                      pa.list_(pa.int32())),
        "ll": pa.array([[[i], [], None][: i % 4] for i in rows], pa.list_(pa.list_(pa.int16()))),
        "st": pa.array([{"x": i, "y": str(i)} if i % 3 else None for i in rows]),
        "m": pa.array([[(str(j), j) for j in range(i % 3)] for i in rows],
                      pa.map_(pa.string(), pa.int32()))})
    return {"flat": flat, "nested": nested}


def write_files(folder):
    """Writes a file of each engine, codec and page version; returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in tables().items():
        for codec in ["none", "snappy", "gzip", "zstd", "brotli", "lz4"]:
            for version in ["1.0", "2.0"]:
                pq.write_table(table, folder / f"arrow-{name}-{codec}-{version}.parquet",
                               compression=codec, data_page_version=version, write_page_index=True,
                               data_page_size=200, write_batch_size=10, store_schema=False)
        encodings = {"i": "DELTA_BINARY_PACKED", "f": "BYTE_STREAM_SPLIT", "s": "DELTA_BYTE_ARRAY"}
        if name == "flat":
            pq.write_table(table, folder / "arrow-delta.parquet", use_dictionary=False,
                           column_encoding=encodings, compression="none", store_schema=False)
            pq.write_table(table, folder / "arrow-length.parquet", use_dictionary=False,
                           column_encoding={"s": "DELTA_LENGTH_BYTE_ARRAY"}, compression="none",
                           store_schema=False)
        polars.from_arrow(table).write_parquet(folder / f"polars-{name}.parquet")
        connection = duckdb.connect()
        connection.register("sample", table)
        connection.execute(f"COPY sample TO '{folder}/duckdb-{name}.parquet' (FORMAT parquet)")
        connection.close()
    return folder


def corpus_folders():
    """The folders of the Apache conformance files, where there are any."""
    places = [os.environ.get("TIDEMARK_CORPUS"), ROOT.parent / "shared/data"]
    for place in filter(None, places):
        for folder in [Path(place), Path(place) / "parquet-testing"]:
            if (folder / "bad_data").is_dir():
                return [folder / name for name in ("data", "bad_data", "shredded_variant")
                        if (folder / name).is_dir()]
    return []
