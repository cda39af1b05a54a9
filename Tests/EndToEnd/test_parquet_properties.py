"""Random tables, written by pyarrow, DuckDB and polars in random ways: `tidemark parquet cat` prints
them, `rewrite` writes them anew in random ways, and all readers agree on every value.

Each case has a seed, which a failure names: the same ones each time, as many as there is time for.
TIDEMARK_PROPERTY_SEED runs one alone, TIDEMARK_PROPERTY_SECONDS makes the search longer.
"""

import os
import random as randomness
import subprocess
import time

import duckdb
import polars
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from project import binary
from random_tables import (ARROW_ONLY, COMMON, DECIMALS, difference, lake_type, lake_value,
                           plain_table, printed, random_table)

SECONDS = float(os.environ.get("TIDEMARK_PROPERTY_SECONDS", "20"))
SEED = os.environ.get("TIDEMARK_PROPERTY_SEED")


def parquet(*words):
    outcome = subprocess.run([binary(), "parquet", *map(str, words)], capture_output=True, text=True,
                             timeout=120)
    assert outcome.returncode == 0, f"{words}: {outcome.stdout[-2000:]}{outcome.stderr[-2000:]}"
    return outcome.stdout


# Writers: what they know, and how they write in random ways

def with_pyarrow(table, path, random):
    options = {
        "compression": random.choice(["none", "snappy", "gzip", "zstd", "brotli", "lz4"]),
        "data_page_version": random.choice(["1.0", "2.0"]),
        "data_page_size": random.choice([200, 5000, 1 << 20]),
        "row_group_size": random.choice([7, 100, 10_000]),
        "write_page_index": random.random() < 0.5, "store_schema": random.random() < 0.5,
        "write_page_checksum": random.random() < 0.5,
        "store_decimal_as_integer": random.random() < 0.3,
        "dictionary_pagesize_limit": random.choice([50, 1 << 20]),
        "use_dictionary": random.random() < 0.6}
    if not options["use_dictionary"]:
        encodings = {name: pick(table.schema.field(name).type, random) for name in table.column_names}
        options["column_encoding"] = {name: encoding for name, encoding in encodings.items() if encoding}
    pq.write_table(table, path, **options)
    return options


def pick(kind, random):
    """An encoding that pyarrow has for a column of this type; None for its own choice."""
    if random.random() < 0.3:
        return None
    if pa.types.is_integer(kind) or pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        return random.choice(["DELTA_BINARY_PACKED", "BYTE_STREAM_SPLIT", "PLAIN"])
    if pa.types.is_floating(kind):
        return random.choice(["BYTE_STREAM_SPLIT", "PLAIN"])
    if kind in (pa.string(), pa.binary()):
        return random.choice(["DELTA_LENGTH_BYTE_ARRAY", "DELTA_BYTE_ARRAY", "PLAIN"])
    if pa.types.is_boolean(kind):
        return random.choice(["RLE", "PLAIN"])
    return None


def with_polars(table, path, random):
    options = {"compression": random.choice(["uncompressed", "snappy", "gzip", "zstd", "brotli"]),
               "row_group_size": random.choice([7, 100, None]),
               "data_page_size": random.choice([300, None]), "statistics": random.random() < 0.5}
    polars.from_arrow(table).write_parquet(path, **options)
    return options


def with_duckdb(table, path, random):
    options = [f"COMPRESSION {random.choice(['uncompressed', 'snappy', 'gzip', 'zstd', 'brotli'])}",
               f"ROW_GROUP_SIZE {random.choice([2048, 100_000])}",
               f"PARQUET_VERSION {random.choice(['V1', 'V2'])}"]
    with duckdb.connect() as connection:
        connection.register("made", table)
        connection.execute(f"COPY made TO '{path}' (FORMAT parquet, {', '.join(options)})")
    return options


WRITERS = {"pyarrow": (with_pyarrow, COMMON + DECIMALS + ARROW_ONLY, True),
           "polars": (with_polars, COMMON + DECIMALS, False),
           "duckdb": (with_duckdb, COMMON + DECIMALS, True)}


# Readers of what was rewritten

def from_pyarrow(path):
    return pq.ParquetFile(path).read()


def from_polars(path):
    return polars.read_parquet(path).to_arrow()


def from_duckdb(path):
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        return connection.execute(f"SELECT * FROM read_parquet('{path}')").to_arrow_table()


def kinds(kind):
    """A type and all that it is made of."""
    found = [kind]
    if pa.types.is_dictionary(kind):
        return found + kinds(kind.value_type)
    if pa.types.is_map(kind):
        return found + kinds(kind.key_type) + kinds(kind.item_type)
    if pa.types.is_list(kind):
        return found + kinds(kind.value_type)
    if pa.types.is_struct(kind):
        return found + [inner for field in kind for inner in kinds(field.type)]
    return found


def readers_of(schema):
    """Who can say each value of these types; what the others lose is their own."""
    parts = [kind for field in schema for kind in kinds(field.type)]
    nested = [kind for field in schema for kind in kinds(field.type)[1:]]
    # pyarrow gives dictionaries within lists and structs of files with a single row group alone.
    within = any(pa.types.is_dictionary(kind) for kind in nested)
    readers = {} if within else {"pyarrow": from_pyarrow}
    # DuckDB's times end with microseconds, and the end of a day is no time of its own.
    if not any(pa.types.is_time(kind) for kind in parts):
        readers["duckdb"] = from_duckdb
    # polars has no half floats, reads times as nanoseconds, and gives nulls for a null type.
    if not any(pa.types.is_float16(kind) or pa.types.is_null(kind) or pa.types.is_map(kind)
               or (pa.types.is_fixed_size_binary(kind) and not pa.types.is_decimal(kind))
               for kind in parts):
        readers["polars"] = from_polars
    return readers


# Rewriting in random ways

ENCODINGS = {
    "integer": ["PLAIN", "RLE_DICTIONARY", "DELTA_BINARY_PACKED", "BYTE_STREAM_SPLIT"],
    "floating": ["PLAIN", "RLE_DICTIONARY", "BYTE_STREAM_SPLIT"],
    "bytes": ["PLAIN", "RLE_DICTIONARY", "DELTA_LENGTH_BYTE_ARRAY", "DELTA_BYTE_ARRAY"]}


def rewrite_options(schema, random):
    profile = random.choice(["lake", "max"])
    options = ["--profile", profile,
               "--codec", random.choice(["none", "snappy", "gzip", "zstd", "lz4_raw", "brotli"]),
               "--row-group-rows", random.choice(["9", "150", "1048576"]),
               "--page-bytes", random.choice(["1KiB", "16KiB", "1MiB"]), "--threads", "2"]
    if random.random() < 0.5:
        options += ["--page-version", random.choice(["1", "2"])]
    for field in schema:
        kind = field.type
        family = ("integer" if pa.types.is_int32(kind) or pa.types.is_int64(kind) else "floating"
                  if pa.types.is_float32(kind) or pa.types.is_float64(kind) else "bytes"
                  if kind in (pa.string(), pa.binary()) else None)
        if family and random.random() < 0.4:
            options += ["--encoding", f"{field.name}={random.choice(ENCODINGS[family])}"]
        if family and random.random() < 0.2:
            options += ["--bloom", field.name]
    return profile, options


def check(seed, folder):
    random = randomness.Random(seed)
    writer = random.choice(list(WRITERS))
    write, leaves, maps = WRITERS[writer]
    table = random_table(random, leaves, maps=maps)
    source, target = folder / "source.parquet", folder / "target.parquet"
    how = write(table, source, random)
    words = f"seed {seed}, {writer} {how}\n{table.schema}\n"

    expected = plain_table(table)
    if writer == "duckdb":
        # Its dictionaries hold one zero for both signs: what it wrote is what is expected.
        expected = plain_table(from_duckdb(source))
    found = printed(parquet("cat", source), table.schema)
    assert not (wrong := difference(expected, found)), f"{words}cat: {wrong}"
    # What others state of their files is not held against them here: of dictionaries within lists,
    # for one, Arrow states bounds that no value reaches, and calls them exact.

    profile, options = rewrite_options(table.schema, random)
    words += f"{' '.join(options)}\n"
    parquet("rewrite", source, target, *options)
    schema = table.schema
    if profile == "lake":
        expected = {field.name: [lake_value(value, field.type) for value in expected[field.name]]
                    for field in schema}
        schema = pa.schema([(field.name, lake_type(field.type)) for field in schema])
    parquet("verify", target)
    found = printed(parquet("cat", target), schema)
    assert not (wrong := difference(expected, found)), f"{words}cat of the rewritten: {wrong}"
    readers = readers_of(schema)
    # DuckDB 1.5 reads numbers split into byte streams only where they are floating.
    if any(f"{field.name}=BYTE_STREAM_SPLIT" in options and not pa.types.is_floating(field.type)
           for field in schema):
        readers.pop("duckdb", None)
    for reader, read in readers.items():
        try:
            found = plain_table(read(target))
        except Exception as error:
            raise AssertionError(f"{words}{reader} refuses the rewritten file: {error}") from error
        assert not (wrong := difference(expected, found)), f"{words}{reader}: {wrong}"


def test_files_of_any_writer_in_any_layout(tmp_path):
    if SEED:
        return check(int(SEED), tmp_path)
    end = time.monotonic() + SECONDS
    cases = 0
    while time.monotonic() < end:
        check(cases, tmp_path)
        cases += 1
    print(f"{cases} cases")
    assert cases > 5


@pytest.mark.parametrize("descending", [False, True], ids=["ascending", "descending"])
def test_sorting_moves_rows_and_changes_none(tmp_path, descending):
    random = randomness.Random(7)
    table = random_table(random, COMMON + DECIMALS, rows=700)
    key = pa.array([random.choice([None, 3, -1, 2**62, random.randrange(50)]) for _ in range(700)],
                   pa.int64())
    table = table.append_column("key", key).append_column("row", pa.array(range(700), pa.int32()))
    source, target = tmp_path / "source.parquet", tmp_path / "target.parquet"
    pq.write_table(table, source)
    parquet("rewrite", source, target, "--profile", "max", "--row-group-rows", "100",
            "--sort", "key:desc" if descending else "key")
    rows = list(range(700))
    values = key.to_pylist()
    rows.sort(key=lambda row: (values[row] is None,
                               (-values[row] if descending else values[row]) if values[row] is not None
                               else 0))
    expected = plain_table(table.take(rows))
    assert not difference(expected, plain_table(from_pyarrow(target)))
    parquet("verify", target)
