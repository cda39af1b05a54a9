"""`tidemark parquet rewrite|cat|bench`, with other engines reading what they write."""

import base64
import datetime as dt
import decimal
import json
import math
import os
import random
import signal
import subprocess
import time
import uuid
import xml.etree.ElementTree as ET
from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from project import binary

ROWS = 20_000


def every_type(rows=ROWS):
    """A table of the types that matter, with nulls, NaN and texts of any bytes."""
    chance = random.Random(5)

    def some(make):
        return [None if chance.random() < 0.1 else make() for _ in range(rows)]

    return pa.table({
        "seq": pa.array(range(rows), pa.int32()),
        "id": pa.array([chance.randrange(500) for _ in range(rows)], pa.int64()),
        "small": pa.array(some(lambda: chance.randrange(-128, 128)), pa.int8()),
        "big": pa.array(some(lambda: chance.randrange(2**64)), pa.uint64()),
        "number": pa.array(some(lambda: chance.choice([math.nan, chance.gauss(0, 1)])), pa.float64()),
        "flag": pa.array(some(lambda: chance.random() < 0.5), pa.bool_()),
        "name": pa.array(some(lambda: f"näme {chance.randrange(900)}\0x")),
        "price": pa.array(some(lambda: decimal.Decimal(chance.randrange(-10**9, 10**9)).scaleb(-2)),
                          pa.decimal128(12, 2)),
        "wide": pa.array(some(lambda: decimal.Decimal(chance.randrange(10**24)).scaleb(-3)),
                         pa.decimal128(30, 3)),
        "day": pa.array(some(lambda: dt.date(2020, 1, 1) + dt.timedelta(chance.randrange(2000)))),
        "at": pa.array(some(lambda: chance.randrange(2**50)), pa.timestamp("us", "UTC")),
        "local": pa.array(some(lambda: chance.randrange(2**60)), pa.timestamp("ns")),
        "clock": pa.array(some(lambda: chance.randrange(86_400_000_000)), pa.time64("us")),
        "raw": pa.array(some(lambda: chance.randbytes(chance.randrange(12))), pa.binary()),
        "list": pa.array(some(lambda: [chance.randrange(9) for _ in range(chance.randrange(4))]),
                         pa.list_(pa.int32())),
        "struct": pa.array(some(lambda: {"a": chance.randrange(9), "b": "x" * chance.randrange(3)}),
                           pa.struct([("a", pa.int32()), ("b", pa.string())])),
        "map": pa.array(some(lambda: [(f"k{n}", n) for n in range(chance.randrange(3))]),
                        pa.map_(pa.string(), pa.int64())),
    })


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    file = tmp_path_factory.mktemp("parquet") / "in.parquet"
    pq.write_table(every_type(), file, row_group_size=6000)
    return file


@pytest.fixture
def rewrite(project, source):
    """Rewrites the sample and gives what was said and the new file."""
    def run(*options):
        file = project.folder / "out.parquet"
        said = project.tidemark("parquet", "rewrite", str(source), str(file), *options).expect(0)
        assert [path.name for path in project.folder.iterdir()] == ["out.parquet"]
        project.tidemark("parquet", "verify", str(file)).expect(0, "sound")
        return said, file
    return run


def same(a, b):
    """Whether two tables hold the same values, NaN included."""
    return a.column_names == b.column_names and all(
        repr(values(one)) == repr(values(other)) for one, other in zip(a.columns, b.columns))


def values(column):
    """The values of a column; nanoseconds as numbers, which Python's own times can't hold."""
    if pa.types.is_timestamp(column.type) and column.type.unit == "ns":
        column = column.cast(pa.int64())
    return column.to_pylist()


# rewrite

def test_max_keeps_every_type_and_value(rewrite, source):
    _, file = rewrite("--profile", "max", "--row-group-rows", "7000")
    before, after = pq.read_table(source), pq.read_table(file)
    assert after.schema.types == before.schema.types
    assert same(before, after)
    assert pq.ParquetFile(file).metadata.num_row_groups == 3


def test_lake_warns_once_a_column_and_every_engine_reads_it(rewrite, source):
    said, file = rewrite()
    notes = [line for line in said.err.splitlines() if line.startswith("note:")]
    assert [note.split()[1].rstrip(":") for note in notes] == ["big", "local", "clock"]
    before, after = pq.read_table(source), pq.read_table(file)
    for name in ("seq", "name", "price", "wide", "day", "at", "list", "struct", "map", "raw"):
        assert same(before.select([name]), after.select([name])), name
    assert after["big"].cast(pa.decimal128(20, 0)).to_pylist() == [
        None if value is None else decimal.Decimal(value) for value in before["big"].to_pylist()]
    assert after["local"].cast(pa.int64()).to_pylist() == [
        None if value is None else value // 1000
        for value in before["local"].cast(pa.int64()).to_pylist()]
    assert pl.read_parquet(file).height == ROWS
    total = duckdb.sql(f"SELECT count(*), sum(price), count(map) FROM '{file}'").fetchall()[0]
    assert total == duckdb.sql(f"SELECT count(*), sum(price), count(map) FROM '{source}'").fetchall()[0]


@pytest.mark.parametrize("codec", ["none", "snappy", "gzip", "zstd", "lz4_raw", "brotli"])
def test_every_codec(rewrite, source, codec):
    said, file = rewrite("--codec", codec, "--profile", "max")
    column = pq.ParquetFile(file).metadata.row_group(0).column(0)
    assert column.compression.lower() == {"none": "uncompressed", "lz4_raw": "lz4"}.get(codec, codec)
    assert same(pq.read_table(source), pq.read_table(file))


def test_encodings_pages_and_bloom_filters(rewrite, source):
    said, file = rewrite("--encoding", "seq=delta_binary_packed", "--encoding", "id=PLAIN",
                         "--encoding", "name=DELTA_BYTE_ARRAY", "--encoding", "number=byte_stream_split",
                         "--encoding", "day=dictionary", "--page-version", "2", "--bloom", "id",
                         "--bloom", "name", "--page-bytes", "4KiB", "--threads", "2")
    for name in ("seq", "name", "number"):
        assert f"{name}: some readers" in said.err
    assert same(pq.read_table(source).select(["seq", "name", "number"]),
                pq.read_table(file).select(["seq", "name", "number"]))
    group = pq.ParquetFile(file).metadata.row_group(0)
    encodings = {group.column(i).path_in_schema: group.column(i).encodings
                 for i in range(group.num_columns)}
    assert "DELTA_BINARY_PACKED" in encodings["seq"] and "PLAIN" in encodings["id"]
    assert "DELTA_BYTE_ARRAY" in encodings["name"] and "BYTE_STREAM_SPLIT" in encodings["number"]
    assert "RLE_DICTIONARY" in encodings["day"]
    blooms = duckdb.sql(f"SELECT path_in_schema FROM parquet_metadata('{file}') "
                        "WHERE bloom_filter_offset IS NOT NULL").fetchall()
    assert sorted(name for name, in blooms) == ["id", "name"]


def test_codecs_that_athena_does_not_read_are_warned_of(rewrite):
    assert "athena" in rewrite("--codec", "brotli")[0].err.lower()
    assert "athena" not in rewrite("--codec", "zstd")[0].err.lower()


def test_in_place(project, source):
    file = project.folder / "same.parquet"
    file.write_bytes(source.read_bytes())
    said = project.tidemark("parquet", "rewrite", str(file), str(file), "--profile", "max", "--json")
    report = said.expect(0).json
    assert report["rows"] == ROWS and report["bytes_out"] == file.stat().st_size
    assert report["bytes_in"] == source.stat().st_size and report["notes"] == []
    assert same(pq.read_table(source), pq.read_table(file))


def test_stale_schemas_are_dropped_and_other_keys_kept(project):
    table = pa.table({"at": pa.array([1, 2], pa.duration("ns")), "n": pa.array([1, 2], pa.uint32())})
    table = table.replace_schema_metadata({"pandas": "{}", "mine": "yes"})
    pq.write_table(table, project.folder / "in.parquet")
    keys = {}
    for profile in ("lake", "max"):
        project.tidemark("parquet", "rewrite", "in.parquet", "out.parquet", "--profile", profile).expect(0)
        keys[profile] = set(pq.ParquetFile(project.folder / "out.parquet").metadata.metadata)
    assert {b"pandas", b"mine"} <= keys["lake"] and b"ARROW:schema" not in keys["lake"]
    assert b"ARROW:schema" in keys["max"]
    assert pq.read_table(project.folder / "out.parquet")["at"].type == pa.duration("ns")


def annotations(file):
    rows = duckdb.sql(f"SELECT name, type, converted_type, logical_type FROM parquet_schema('{file}') "
                      "WHERE num_children IS NULL ORDER BY name").fetchall()
    return {name: rest for name, *rest in rows}


def test_max_keeps_what_columns_are_marked_as(project):
    """Marks that no type of ours stands for: intervals; JSON and UUID beside them."""
    source, file = project.folder / "in.parquet", project.folder / "out.parquet"
    duckdb.sql(f"""COPY (SELECT INTERVAL '3 days' AS i, '{{"n": 1}}'::JSON AS j,
        uuid() AS u, 5::UTINYINT AS t, 7::HUGEINT::DECIMAL(38, 0) AS h, TIME '07:34:00' AS c
        FROM range(3)) TO '{source}' (FORMAT parquet)""")
    before = annotations(source)
    assert before["i"][1] == "INTERVAL"
    project.tidemark("parquet", "rewrite", "in.parquet", "out.parquet", "--profile", "max").expect(0)
    after = annotations(file)
    for name in "iju":
        assert after[name][:2] == before[name][:2], name
    assert duckdb.sql(f"SELECT * FROM '{source}'").fetchall() == duckdb.sql(f"SELECT * FROM '{file}'").fetchall()
    said = project.tidemark("parquet", "rewrite", "in.parquet", "out.parquet").expect(0)
    assert "i: is no longer marked" in said.err and "u: uuid becomes string" in said.err
    assert duckdb.sql(f"SELECT u, t FROM '{file}'").fetchall() == [
        (str(u), t) for u, t in duckdb.sql(f"SELECT u, t FROM '{source}'").fetchall()]


def field_ids(fields):
    """The field IDs of Arrow fields and of those below them, by path."""
    found = {}
    for field in fields:
        number = (field.metadata or {}).get(b"PARQUET:field_id")
        found[field.name] = number and int(number)
        below = [field.type.field(i) for i in range(field.type.num_fields)]
        found |= {f"{field.name}/{name}": number for name, number in field_ids(below).items()}
    return found


@pytest.mark.parametrize("options", [["--profile", "max"], ["--profile", "lake"],
                                     ["--sort", "id:desc"]])
def test_field_ids_order_and_foreign_keys_stay(project, options):
    """What Iceberg goes by (field IDs) and what pandas, GeoPandas and Arrow put in the footer."""
    def field(name, kind, number):
        return pa.field(name, kind, metadata={"PARQUET:field_id": str(number), "unit": "m"})

    schema = pa.schema([
        field("z", pa.int64(), 7), field("id", pa.int32(), 1),
        field("at", pa.timestamp("ns", "UTC"), 2),
        field("tags", pa.list_(field("element", pa.string(), 12)), 11),
        field("where", pa.struct([field("y", pa.float64(), 22), field("x", pa.float64(), 21)]), 20),
        field("map", pa.map_(pa.field("key", pa.string(), nullable=False, metadata={"PARQUET:field_id": "31"}),
                             field("value", pa.uint16(), 32)), 30),
        pa.field("unnumbered", pa.string()),
    ], metadata={"geo": '{"version": "1.1.0"}', "pandas": '{"columns": []}', "mine": "ü"})
    rows = [{"z": n, "id": n % 7, "at": n * 1000, "tags": ["a"] * (n % 3), "where": {"y": n, "x": None},
             "map": [("k", n)], "unnumbered": None} for n in range(500)]
    pq.write_table(pa.Table.from_pylist(rows, schema), project.folder / "in.parquet")
    project.tidemark("parquet", "rewrite", "in.parquet", "out.parquet", *options).expect(0)
    before, after = (pq.ParquetFile(project.folder / f"{name}.parquet") for name in ("in", "out"))
    assert field_ids(after.schema_arrow) == field_ids(before.schema_arrow)
    assert {1, 2, 7, 11, 12, 20, 21, 22, 30, 31, 32, None} == set(field_ids(before.schema_arrow).values())
    assert after.schema_arrow.names == schema.names
    kept = {key: value for key, value in before.metadata.metadata.items() if key != b"ARROW:schema"}
    assert kept == {key: value for key, value in after.metadata.metadata.items()
                    if key not in (b"ARROW:schema", b"tidemark.encodings")}
    assert (b"ARROW:schema" in after.metadata.metadata) == ("max" in options)
    assert after.metadata.created_by == "tidemark"
    if "max" in options:
        assert after.schema_arrow.equals(before.schema_arrow, check_metadata=True)


def test_int96_becomes_a_timestamp(project):
    table = pa.table({"at": pa.array([dt.datetime(1600, 1, 1), dt.datetime(9999, 12, 31, 23, 59, 59)],
                                     pa.timestamp("us"))})
    pq.write_table(table, project.folder / "in.parquet", use_deprecated_int96_timestamps=True)
    said = project.tidemark("parquet", "rewrite", "in.parquet", "out.parquet").expect(0)
    assert said.err.count("INT96 becomes timestamp(us)") == 1
    assert pq.read_table(project.folder / "out.parquet") == table
    for verb in (["cat", "in.parquet"], ["rewrite", "in.parquet", "x.parquet", "--profile", "max"]):
        project.tidemark("parquet", *verb).expect(4, "--int96 us")
        project.tidemark("parquet", *verb, "--int96", "us").expect(0)


# sort

def key(value, descending=False):
    """Nulls last, NaN above all numbers, texts by bytes."""
    if value is None:
        return (1,)
    if isinstance(value, str):
        code = value.encode()
        return (0, [-byte for byte in code] + [1]) if descending else (0, code)
    number = math.inf if isinstance(value, float) and math.isnan(value) else value
    return (0, -number if descending else number)


@pytest.mark.parametrize("memory", ["16MiB", "512MB"])
def test_sorting_is_stable_and_stated(rewrite, source, memory):
    _, file = rewrite("--profile", "max", "--sort", "name:desc", "--sort", "id", "--sort", "number:asc",
                      "--memory", memory)
    before = pq.read_table(source)
    columns = [before[name].to_pylist() for name in ("name", "id", "number")]
    order = sorted(range(ROWS), key=lambda row: (
        key(columns[0][row], True), key(columns[1][row]), key(columns[2][row])))
    assert same(before.take(order), pq.read_table(file))
    sorting = pq.ParquetFile(file).metadata.row_group(0).sorting_columns
    assert [(s.column_index, s.descending, s.nulls_first) for s in sorting] == [
        (6, True, False), (1, False, False), (4, False, False)]


def test_sorting_more_than_fits_in_memory(project):
    rows = 1_500_000
    chance = random.Random(2)
    table = pa.table({"k": pa.array([chance.randrange(10**6) for _ in range(rows)]),
                      "n": pa.array(range(rows)),
                      "text": pa.array([f"text number {n * 7919 % 10**9}" for n in range(rows)])})
    pq.write_table(table, project.folder / "in.parquet", compression="none")
    said = project.tidemark("parquet", "rewrite", "in.parquet", "out.parquet", "--sort", "k",
                            "--memory", "32MiB", "--threads", "1").expect(0, "1,500,000 rows")
    after = pq.read_table(project.folder / "out.parquet")
    order = sorted(range(rows), key=table["k"].to_pylist().__getitem__)
    assert after["n"].to_pylist() == order
    assert said.peak_rss_bytes < 160_000_000, said.peak_rss_bytes
    assert sorted(path.name for path in project.folder.iterdir()) == ["in.parquet", "out.parquet"]


# What may go wrong

NO_UNNAMED_FILES = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
static int refuse(const char *name, const char *path, int flags, va_list rest) {
  if ((flags & O_TMPFILE) == O_TMPFILE) { errno = EOPNOTSUPP; return -1; }
  int (*real)(const char *, int, ...) = dlsym(RTLD_NEXT, name);
  return real(path, flags, flags & O_CREAT ? va_arg(rest, int) : 0);
}
int open(const char *path, int flags, ...) {
  va_list rest; va_start(rest, flags); int result = refuse("open", path, flags, rest); va_end(rest); return result;
}
int open64(const char *path, int flags, ...) {
  va_list rest; va_start(rest, flags); int result = refuse("open64", path, flags, rest); va_end(rest); return result;
}
"""


@pytest.fixture(params=["unnamed files", "named files"])
def slow(request, project, source):
    """A rewrite that takes long, over an old file; on file systems that know no unnamed files too."""
    table = pq.read_table(source)
    with pq.ParquetWriter(project.folder / "in.parquet", table.schema) as writer:
        for _ in range(40):
            writer.write_table(table)
    (project.folder / "out.parquet").write_bytes(b"old")
    if request.param == "named files":
        library = project.folder.parent / "no-unnamed-files.so"
        subprocess.run(["cc", "-shared", "-fPIC", "-x", "c", "-", "-o", str(library)],
                       input=NO_UNNAMED_FILES, text=True, check=True)
        project.environment["LD_PRELOAD"] = str(library)
    project.has_unnamed_files = request.param == "unnamed files"

    def start(*options):
        """Starts the rewrite and waits until it has written something."""
        process = project.start("parquet", "rewrite", "in.parquet", "out.parquet", "--codec", "brotli",
                                "--level", "11", *options)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and process.poll() is None and not written(project, process):
            time.sleep(0.01)
        assert process.poll() is None
        return process
    return start


def written(project, process):
    """How many bytes a process has in files of the project other than the one that it reads."""
    total = 0
    for link in Path(f"/proc/{process.pid}/fd").iterdir():
        try:
            target = os.readlink(link)
            if target.startswith(f"{project.folder}/") and not target.endswith("/in.parquet"):
                total += link.stat().st_size
        except FileNotFoundError:
            continue
    return total


def names(project):
    return sorted(path.name for path in project.folder.iterdir())


@pytest.mark.parametrize("options", [[], ["--sort", "name", "--memory", "32MB"]])
def test_an_interrupted_rewrite_leaves_nothing(project, slow, options):
    process = slow(*options)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 4, err
    assert b"out.parquet was not written" in err
    assert names(project) == ["in.parquet", "out.parquet"]
    assert (project.folder / "out.parquet").read_bytes() == b"old"


@pytest.mark.parametrize("options", [[], ["--sort", "name", "--memory", "32MB"]])
def test_a_killed_rewrite_leaves_nothing_for_long(project, slow, options):
    process = slow(*options)
    process.kill()
    process.communicate(timeout=60)
    assert (project.folder / "out.parquet").read_bytes() == b"old"
    left = set(names(project)) - {"in.parquet", "out.parquet"}
    assert len(left) == (0 if project.has_unnamed_files else 1)
    project.tidemark("parquet", "rewrite", "in.parquet", "out.parquet", "--codec", "none").expect(0)
    assert names(project) == ["in.parquet", "out.parquet"]
    assert pq.ParquetFile(project.folder / "out.parquet").metadata.num_rows == 40 * ROWS


def test_two_rewrites_of_one_target_leave_each_other_alone(project, slow):
    process = slow()
    # What the killed left is removed, what lives is not; a file of somebody else's neither.
    (project.folder / ".out.parquet.mine.tidemark").write_bytes(b"mine")
    project.tidemark("parquet", "rewrite", "in.parquet", "out.parquet", "--codec", "none").expect(0)
    assert written(project, process) > 0
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert names(project) == [".out.parquet.mine.tidemark", "in.parquet", "out.parquet"]
    assert pq.ParquetFile(project.folder / "out.parquet").metadata.num_rows == 40 * ROWS


def test_a_damaged_file_leaves_nothing(project, source):
    pq.write_table(pq.read_table(source), project.folder / "in.parquet", write_page_checksum=True)
    data = bytearray((project.folder / "in.parquet").read_bytes())
    data[len(data) // 2] ^= 0xFF
    (project.folder / "in.parquet").write_bytes(data)
    project.tidemark("parquet", "rewrite", "in.parquet", "out.parquet").expect(4, "in.parquet")
    assert [path.name for path in project.folder.iterdir()] == ["in.parquet"]


@pytest.mark.parametrize("arguments, word", [
    (["nowhere.parquet", "out.parquet"], "no such file"),
    (["IN", "."], "folder"),
    (["IN", "nowhere/out.parquet"], "no folder"),
    (["IN", "out.parquet", "--codec", "zip"], "zstd"),
    (["IN", "out.parquet", "--level", "23"], "1 to 22"),
    (["IN", "out.parquet", "--codec", "snappy", "--level", "3"], "no levels"),
    (["IN", "out.parquet", "--encoding", "id=DELTA_BINARY_PAKED"], "DELTA_BINARY_PACKED"),
    (["IN", "out.parquet", "--encoding", "id"], "COLUMN=NAME"),
    (["IN", "out.parquet", "--encoding", "nme=PLAIN"], "nme"),
    (["IN", "out.parquet", "--encoding", "name=BYTE_STREAM_SPLIT"], "DELTA_BYTE_ARRAY"),
    (["IN", "out.parquet", "--bloom", "nme"], "nme"),
    (["IN", "out.parquet", "--sort", "nme"], "name"),
    (["IN", "out.parquet", "--sort", "list"], "list"),
    (["IN", "out.parquet", "--page-version", "3"], "1 or 2"),
    (["IN", "out.parquet", "--memory", "1MB"], "16MiB"),
    (["IN", "out.parquet", "--threads", "0"], "1 to 256"),
    (["IN", "out.parquet", "--profile", "lakes"], "lake"),
])
def test_mistakes_of_rewrite(project, source, arguments, word):
    arguments = [str(source) if argument == "IN" else argument for argument in arguments]
    project.tidemark("parquet", "rewrite", *arguments).expect(2, word)
    assert list(project.folder.iterdir()) == []


# cat

def cat(project, file, *options):
    said = project.tidemark("parquet", "cat", str(file), *options).expect(0)
    return [json.loads(line) for line in said.out.splitlines()]


def test_cat_prints_each_type_in_its_form(project):
    table = pa.table({
        "int": pa.array([2**63 - 1, None], pa.int64()),
        "uint": pa.array([2**64 - 1, 0], pa.uint64()),
        "float": pa.array([1 / 3, math.nan], pa.float32()),
        "half": pa.array([0.1, math.inf], pa.float16()),
        "double": pa.array([0.1, -math.inf], pa.float64()),
        "price": pa.array([decimal.Decimal("12.50"), decimal.Decimal("-0.05")], pa.decimal128(9, 2)),
        "raw": pa.array([b"\x00\xff\x10", b""], pa.binary()),
        "fixed": pa.array([b"ab", b"cd"], pa.binary(2)),
        "day": pa.array([dt.date(2026, 11, 21), dt.date(1969, 12, 31)]),
        "utc": pa.array([dt.datetime(2026, 11, 21, 7, 34, 0, 500000), dt.datetime(1970, 1, 1)],
                        pa.timestamp("us", "UTC")),
        "local": pa.array([1_500_000_001, 0], pa.timestamp("ns")),
        "milli": pa.array([1500, 0], pa.timestamp("ms", "UTC")),
        "clock": pa.array([dt.time(7, 34, 0, 500000), dt.time(0)], pa.time64("us")),
        "clock32": pa.array([dt.time(7, 34, 0, 500000), dt.time(0)], pa.time32("ms")),
        "id": pa.array([uuid.UUID(int=n).bytes for n in (1, 2)], pa.uuid()),
        "list": pa.array([[1, None], []], pa.list_(pa.int32())),
        "struct": pa.array([{"a": 1, "b": None}, None],
                           pa.struct([("a", pa.int32()), ("b", pa.string())])),
        "map": pa.array([[("k", 1)], None], pa.map_(pa.string(), pa.int64())),
        "flag": pa.array([True, None]), "text": pa.array(['"\\\n\u20ac\x01', ""]),
    })
    pq.write_table(table, project.folder / "t.parquet")
    first, second = cat(project, "t.parquet")
    assert first == {
        "int": 2**63 - 1, "uint": 2**64 - 1, "float": float(pa.scalar(1 / 3, pa.float32()).as_py()),
        "half": float(table["half"][0].as_py()), "double": 0.1, "price": "12.50",
        "raw": base64.b64encode(b"\x00\xff\x10").decode(), "fixed": "YWI=", "day": "2026-11-21",
        "utc": "2026-11-21T07:34:00.5Z", "local": "1970-01-01T00:00:01.500000001",
        "milli": "1970-01-01T00:00:01.5Z", "clock": "07:34:00.500000", "clock32": "07:34:00.500000",
        "id": "00000000-0000-0000-0000-000000000001", "list": [1, None],
        "struct": {"a": 1, "b": None}, "map": [{"key": "k", "value": 1}], "flag": True,
        "text": '"\\\n\u20ac\x01'}
    assert second["int"] is None and second["uint"] == 0 and second["float"] == "NaN"
    assert second["half"] == "Infinity" and second["double"] == "-Infinity"
    assert second["price"] == "-0.05" and second["raw"] == "" and second["day"] == "1969-12-31"
    assert second["list"] == [] and second["struct"] is None and second["map"] is None
    assert list(first) == table.column_names


@pytest.mark.parametrize("condition, sql", [
    ("seq >= 19990", None), ("id=7", None), ("id == 7", "id = 7"), ("id <> 7", None), ("id != 7", None),
    ("price < -9000000.5", None), ("price<= 0", None), ("raw >= 0xf0", "raw >= '\\xF0'::BLOB"),
    ("day > 2024-01-01", "day > DATE '2024-01-01'"), ("day >= '2024-01-01'", None),
    ("at < 1975-01-01T00:00:00Z", "\"at\" < TIMESTAMPTZ '1975-01-01 00:00:00+00'"),
    ("local >= '2000-01-01T12:00:00'", "local >= TIMESTAMP_NS '2000-01-01 12:00:00'"),
    ("flag = true", None), ("name is null", None), ("name IS NOT NULL", None),
    ("struct.a > 5", None), ("number > 1.5", "number > 1.5 AND NOT isnan(number)"),
    ("wide > 500000000000000000000.5", None),
])
def test_where_is_exact(project, source, condition, sql):
    found = [row["seq"] for row in cat(project, source, "--columns", "seq", "--where", condition)]
    expected = duckdb.sql(f"SET TimeZone = 'UTC'; SELECT seq FROM '{source}' WHERE {sql or condition} "
                          "ORDER BY seq").fetchall()
    assert found == [seq for seq, in expected]
    assert expected, "the condition tests nothing"


def test_all_conditions_hold_and_limits_count_rows_that_meet_them(project, source):
    both = ["--where", "id < 100", "--where", "name is not null"]
    expected = duckdb.sql(f"SELECT seq, name FROM '{source}' WHERE id < 100 AND name IS NOT NULL "
                          "ORDER BY seq").fetchall()
    found = cat(project, source, "--columns", "name,seq", *both)
    assert [(row["seq"], row["name"]) for row in found] == expected
    assert list(found[0]) == ["name", "seq"]
    assert cat(project, source, "--columns", "name,seq", *both, "--limit", "7") == found[:7]
    assert cat(project, source, "--limit", "0") == []
    assert len(cat(project, source, "--limit", str(10**12))) == ROWS
    assert cat(project, source, "--columns", "struct.a", "--limit", "1")[0].keys() == {"struct"}


def test_cat_into_a_closed_pipe(project, source):
    done = subprocess.run(f"'{binary()}' parquet cat '{source}' | head -n 2; echo ${{PIPESTATUS[0]}}",
                          shell=True, executable="/bin/bash", capture_output=True, text=True, timeout=60)
    lines = done.stdout.splitlines()
    assert len(lines) == 3 and lines[2] == "0" and done.stderr == "", done


@pytest.mark.parametrize("options, words", [
    (["--where", "seq"], ["COLUMN OPERATOR VALUE"]),
    (["--where", "sequ = 1"], ["sequ", "seq"]),
    (["--where", "seq = one"], ["one", "number"]),
    (["--where", "day = yesterday"], ["yesterday", "2026-11-21"]),
    (["--where", "list = 1"], ["list"]),
    (["--where", "seq ! 1"], ["operator"]),
    (["--columns", "nme"], ["nme", "name"]),
    (["--limit", "-1"], ["--limit"]),
    (["--memory", "1"], ["--memory"]),
])
def test_mistakes_of_cat(project, source, options, words):
    project.tidemark("parquet", "cat", str(source), *options).expect(2, *words)


# bench

def test_bench_prints_exactly_its_keys(project, source):
    report = project.tidemark("parquet", "bench", str(source), "--repeat", "1", "--threads", "1",
                              "--threads", "2", "--codec", "none", "--codec", "zstd", "--level", "1",
                              "--json").expect(0).json
    assert [(row["codec"], row["threads"], row["level"]) for row in report] == [
        ("none", 1, None), ("none", 2, None), ("zstd", 1, 1), ("zstd", 2, 1)]
    for row in report:
        assert list(row) == ["file", "codec", "level", "threads", "profile", "rows", "column_bytes",
                             "file_bytes", "encode_seconds", "decode_seconds", "peak_bytes"]
        assert row["rows"] == ROWS and row["profile"] == "lake"
        assert row["encode_seconds"] > 0 and row["decode_seconds"] > 0
        assert 0 < row["peak_bytes"] < 500_000_000
    assert report[0]["file_bytes"] > report[2]["file_bytes"] == report[3]["file_bytes"]
    # As Arrow has them, but for its 64-byte padding and an offset a column.
    arrow = pq.read_table(source).nbytes
    assert abs(report[0]["column_bytes"] - arrow) < arrow / 50


def test_bench_tables_columns_and_plot(project, source):
    said = project.tidemark("parquet", "bench", str(source), "--repeat", "1", "--codec", "snappy",
                            "--columns", "id,name", "--by-column", "--profile", "max", "--plot", "p.svg")
    said.expect(0, "write MB/s", "by column", "snappy", "name")
    root = ET.parse(project.folder / "p.svg").getroot()
    assert root.tag.endswith("svg") and "prefers-color-scheme: dark" in ET.tostring(root).decode()


@pytest.mark.parametrize("options, word", [
    (["--codec", "zip"], "zstd"), (["--threads", "none"], "--threads"), (["--repeat", "0"], "--repeat"),
    (["--level", "3", "--codec", "snappy"], "no levels"), (["--columns", "nme"], "nme"),
    (["--plot", "nowhere/p.svg"], "no folder"),
])
def test_mistakes_of_bench(project, source, options, word):
    project.tidemark("parquet", "bench", str(source), *options).expect(2, word)


@pytest.mark.parametrize("verb", ["rewrite", "cat", "bench"])
def test_help_has_examples(project, verb):
    project.tidemark("parquet", verb, "--help").expect(0, f"tidemark parquet {verb} ", "Examples:")


def test_other_engines_agree_on_a_rewritten_file(rewrite, source):
    """The three read the same numbers from the same file."""
    _, file = rewrite("--sort", "day", "--row-group-rows", "3000", "--threads", str(os.cpu_count()))
    totals = duckdb.sql(f"SELECT sum(id)::BIGINT, count(name) FROM '{file}'").fetchall()[0]
    frame = pl.read_parquet(file)
    assert totals == (frame["id"].sum(), frame["name"].count())
    table = pq.read_table(file)
    assert totals[0] == sum(table["id"].to_pylist())
    days = [day for day in table["day"].to_pylist() if day is not None]
    assert days == sorted(days) and table["day"].to_pylist()[-1] is None


def test_what_is_no_parquet_file_is_said(project, tmp_path):
    (tmp_path / "empty.parquet").write_bytes(b"")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "gone")
    for path, told in [("/dev/null", "device"), (tmp_path, "folder"), (tmp_path / "empty.parquet", "empty"),
                       (tmp_path / "pipe", "pipe"), (tmp_path / "gone", "no such file"),
                       (tmp_path / "link", "no such file"), (tmp_path / "empty.parquet/x", "no such file")]:
        project.tidemark("parquet", "meta", str(path)).expect(2, told)
