"""Spark, the strictest reader of lakes, reads what `rewrite --profile lake` makes, value by value.

One Spark in one process, with one thread and no port open beyond this machine.
"""

import decimal
import json
import os
import random
import shutil
import subprocess

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from project import binary
from random_tables import (ARROW_ONLY, COMMON, DECIMALS, difference, lake_value, plain_table,
                           random_array, random_table)

TYPES = [kind for kind in COMMON + DECIMALS + ARROW_ONLY if not pa.types.is_null(kind)]
NESTED = [pa.list_(pa.int32()), pa.list_(pa.list_(pa.string())),
          pa.struct([("a", pa.int64()), ("b", pa.list_(pa.date32()))]),
          pa.map_(pa.string(), pa.decimal128(12, 3)),
          pa.map_(pa.int32(), pa.list_(pa.struct([("u", pa.uint64()), ("t", pa.timestamp("ns"))])))]


@pytest.fixture(scope="module")
def spark(tmp_path_factory):
    assert shutil.which("java"), "there is no 'java' on the PATH: scripts/setup.sh test installs it"
    from pyspark import SparkContext
    from pyspark.sql import SparkSession
    folder = tmp_path_factory.mktemp("spark")
    os.environ.update(SPARK_LOCAL_IP="127.0.0.1", TZ="UTC")
    settings = {
        "spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.memory": "600m", "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false", "spark.local.dir": str(folder / "local"),
        "spark.sql.warehouse.dir": str(folder / "warehouse"), "spark.sql.session.timeZone": "UTC",
        "spark.driver.extraJavaOptions":
            f"-Djava.io.tmpdir={folder} -Duser.timezone=UTC -XX:-UsePerfData -XX:TieredStopAtLevel=1"}
    builder = SparkSession.builder.master("local[1]").appName("tidemark")
    for key, value in settings.items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    yield session
    gateway = SparkContext._gateway
    session.stop()
    gateway.shutdown()
    gateway.proc.stdin.close()
    gateway.proc.wait(timeout=30)
    SparkContext._gateway = SparkContext._jvm = None


def for_the_lake(table, folder, *options):
    source, target = folder / "source.parquet", folder / "lake.parquet"
    pq.write_table(table, source)
    subprocess.run([binary(), "parquet", "rewrite", source, target, "--profile", "lake", *options],
                   check=True, capture_output=True, timeout=120)
    return target


def read(spark, path):
    return spark.read.parquet(str(path))


def expected_of(table):
    return {field.name: [lake_value(value, field.type) for value in values]
            for field, values in zip(table.schema, plain_table(table).values())}


@pytest.fixture(params=["true", "false"], ids=["by vectors", "by rows"])
def reading(request, spark):
    """Spark's two readers: one for batches of columns, one for rows."""
    spark.conf.set("spark.sql.parquet.enableVectorizedReader", request.param)
    return spark


@pytest.mark.parametrize("codec", ["zstd", "snappy"])
def test_every_type(reading, tmp_path, codec):
    maker = random.Random(1582)
    table = pa.table({f"c{i}": random_array(maker, kind, 500, nulls=0.2)
                      for i, kind in enumerate(TYPES + NESTED)})
    path = for_the_lake(table, tmp_path, "--codec", codec, "--row-group-rows", "200",
                        "--page-bytes", "1KiB")
    assert not difference(expected_of(table), plain_table(read(reading, path).toArrow()))


def test_dates_before_the_gregorian_calendar(reading, tmp_path):
    days = [-719162, -141428, -141427, -141417, -1, 0, 2932896]
    table = pa.table({
        "day": pa.array(days, pa.int32()).cast(pa.date32()),
        "at": pa.array([day * 86_400_000_000 + 1 for day in days], pa.int64()).cast(
            pa.timestamp("us", tz="UTC"))})
    path = for_the_lake(table, tmp_path)
    frame = read(reading, path)
    assert not difference(expected_of(table), plain_table(frame.toArrow()))
    texts = [row[0] for row in frame.selectExpr("cast(day as string)").collect()]
    assert texts[:3] == ["0001-01-01", "1582-10-14", "1582-10-15"]


def test_random_tables(reading, tmp_path):
    seed = 1582
    for number in range(8):
        maker = random.Random(seed + number)
        table = random_table(maker, TYPES, rows=150)
        path = for_the_lake(table, tmp_path, "--codec", maker.choice(["zstd", "snappy"]))
        wrong = difference(expected_of(table), plain_table(read(reading, path).toArrow()))
        assert not wrong, f"seed {seed + number}: {wrong}\n{table.schema}"


def test_filters_skip_no_row_that_meets_them(reading, tmp_path):
    maker = random.Random(5)
    rows = range(3000)
    table = pa.table({
        "number": pa.array([row // 3 for row in rows], pa.int64()),
        "unsigned": pa.array([2**64 - 1 - row for row in rows], pa.uint64()),
        "text": pa.array([f"text {maker.randrange(500)}" for _ in rows]),
        "price": pa.array([None if row % 9 == 0 else row for row in rows], pa.decimal128(25, 4)),
        "ratio": pa.array([float("nan") if row % 11 == 0 else row / 7 for row in rows])})
    path = for_the_lake(table, tmp_path, "--page-bytes", "1KiB", "--row-group-rows", "700",
                        "--bloom", "text", "--bloom", "number")
    frame = read(reading, path)
    plain = plain_table(table)
    assert frame.filter("number = 77").count() == 3
    assert frame.filter("number >= 990 or number < 2").count() == 36
    assert frame.filter("unsigned > 18446744073709551600").count() == 15
    assert frame.filter("price is null").count() == sum(value is None for value in plain["price"])
    assert frame.filter("price between 10 and 19.5").count() == 9
    # Spark holds NaN to be greater than any number, and bounds, by the format, say nothing of NaN:
    # so only numbers are asked for.
    assert frame.filter("ratio > 400 and not isnan(ratio)").count() == sum(
        float(value) > 400 for value in plain["ratio"])
    for text in ["text 7", "text 499", "none of them"]:
        assert frame.filter(f"text = '{text}'").count() == plain["text"].count(text)


WIDER = [  # column, the type before, a value, the type after, a value that needs it
    ("whole", "INT", "2147483647", "BIGINT", "9223372036854775807"),
    ("exact", "INT", "-7", "DECIMAL(20, 2)", "123456789012345678.25"),
    ("price", "DECIMAL(8, 2)", "123456.25", "DECIMAL(24, 4)", "12345678901234567890.1234"),
    ("ratio", "FLOAT", "0.5", "DOUBLE", "0.1"),
    ("short", "SMALLINT", "-32768", "INT", "2147483647"),
]


def test_files_of_before_and_after_a_change_of_columns(reading, project, database):
    """A table whose columns became wider and more, read by the columns that the catalog names: by
    Spark, DuckDB and `tidemark query`."""
    columns = ", ".join(f"{name} {before}" for name, before, *_ in WIDER)
    database.execute(f"CREATE TABLE items (id INT PRIMARY KEY, {columns}, gone INT, "
                     "updated_at TIMESTAMP(6) NOT NULL)")
    database.execute(f"INSERT INTO items VALUES (1, {', '.join(wide[2] for wide in WIDER)}, 5, "
                     "'2024-03-01 11:00:00')")
    project.environment["SHOP_URL"] = database.url
    project.configure("""
sources:
  shop: {type: mysql, url_env: SHOP_URL}
streams:
  shop.items: {key: [id], bookmark: {by: updated_at}}
""").run()
    changes = ", ".join(f"MODIFY {name} {after}" for name, _, _, after, _ in WIDER)
    database.execute(f"ALTER TABLE items {changes}, ADD added VARCHAR(9), DROP gone")
    names = ", ".join(wide[0] for wide in WIDER)
    database.execute(f"INSERT INTO items (id, {names}, updated_at, added) VALUES "
                     f"(2, {', '.join(wide[4] for wide in WIDER)}, '2024-03-02 11:00:00', 'new')")
    database.set_clock("2024-03-02 12:00:00")
    assert project.run()["shop.items"]["rows"] == 1
    # For `exact`, whose integers not every engine reads as decimals, the first file was written anew.
    project.tidemark("gc", "--grace", "0s").expect(0)
    files = [str(path) for path in project.files("shop_items")]
    assert len(files) == 2

    shown = project.tidemark("catalog", "show", "shop_items", "--json").expect(0).json
    schema = ", ".join(f"{column['Name']} {column['Type']}"
                       for column in shown["StorageDescriptor"]["Columns"])
    wanted = [[2147483647, decimal.Decimal("-7.00"), decimal.Decimal("123456.2500"), 0.5, -32768, 5, None],
              [9223372036854775807, decimal.Decimal("123456789012345678.25"),
               decimal.Decimal("12345678901234567890.1234"), 0.1, 2147483647, None, "new"]]
    order = [*(wide[0] for wide in WIDER), "gone", "added"]
    frame = reading.read.schema(schema).parquet(*files).orderBy("id").select(*order)
    assert [list(row) for row in frame.collect()] == wanted
    sql = f"SELECT {', '.join(order)} FROM read_parquet({files}, union_by_name = true) ORDER BY id"
    assert [list(row) for row in duckdb.sql(sql).fetchall()] == wanted
    answer = project.tidemark(
        "query", f"SELECT {', '.join(order)} FROM shop_items ORDER BY id", "--json").expect(0).json
    assert [[row["whole"], row["short"], row["gone"], row["added"]] for row in answer] == [
        [row[0], row[4], row[5], row[6]] for row in wanted]


def test_lists_of_json_logs(reading, project):
    """Arrays of JSON lines, in a table of two files and types that widened."""
    rows = [{"id": 1, "tags": ["a", None], "items": [{"sku": "s", "qty": 1}, {}], "grid": [[1], []]},
            {"id": 2, "tags": [], "items": None, "grid": [None, [2, None]]}]
    more = [{"id": 3, "tags": ["x", "1"], "items": [{"qty": 7, "sizes": [1.5]}], "grid": []}]
    project.configure(f"sources:\n  app: {{type: logs, path: '{project.folder}/*.log', close_after: 0s}}\n"
                      "streams:\n  app.events: {parse: json}\n")
    for name, lines in [("a.log", rows), ("b.log", more)]:
        (project.folder / name).write_text("".join(json.dumps(row) + "\n" for row in lines))
        project.run()
    files = [str(file) for file in project.files("app_events")]
    assert len(files) == 2
    shown = project.tidemark("catalog", "show", "app_events", "--json").expect(0).json["StorageDescriptor"]["Columns"]
    schema = ", ".join(f"{column['Name']} {column['Type']}" for column in shown)
    assert "items array<struct<sku:string,qty:bigint,sizes:array<double>>>" in schema
    found = reading.read.schema(schema).parquet(*files).orderBy("id").select("id", "tags", "items", "grid").collect()
    assert [row.asDict(recursive=True) for row in found] == [
        {**row, "items": row["items"] and [{"sku": None, "qty": None, "sizes": None, **item} for item in row["items"]]}
        for row in rows + more]
