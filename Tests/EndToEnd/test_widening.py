"""Columns that turn out to be of wider types: every row once, with its value, in files that every
engine reads as the table's type; whatever is killed, and undone."""

import datetime
import io
import json
import random

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from project import Project
from s3project import S3Project
from test_api_bodies import OrdersAPI
from test_crash import Kills
from test_spark import spark  # noqa: F401: a fixture

CONFIG = """
sources:
  in: {type: logs, path: %s/*.log}
streams:
  in.t: {parse: %s, partition: %s}
"""


class Input:
    """A folder of files, and the lake that has them."""

    def __init__(self, project, parse, partition="[]", lake=""):
        self.project, self.folder = project, project.folder / "in"
        self.folder.mkdir()
        project.database = None  # Kills wants one
        text = CONFIG % (self.folder, parse, partition)
        project.configure(text, lake) if lake else project.configure(text)

    def write(self, name, content):
        content = content if isinstance(content, bytes) else content.encode()
        (self.folder / f"{name}.log").write_bytes(content)

    def run(self, name=None, content=None):
        if name:
            self.write(name, content)
        return self.project.run()["in.t"]

    def table(self, project=None):
        return (project or self.project).table("in_t", everything=False)

    def values(self, column="v", project=None):
        table = self.table(project)
        rows = zip(table["_file"].to_pylist(), table["_line"].to_pylist(), table[column].to_pylist())
        return [row[2] for row in sorted(rows, key=lambda row: row[:2])]

    def types(self, column="v"):
        """The column's types in the files as an engine finds them that asks the catalog."""
        found = set()
        for file in self.project.current_files("in_t"):
            source = io.BytesIO(self.project.read(file)) if isinstance(self.project, S3Project) else file
            schema = pq.ParquetFile(source).schema_arrow
            if column in schema.names:
                found.add(str(schema.field(column).type))
        return found


@pytest.fixture(params=["disk", "s3", "lake"])
def place(request, tmp_path):
    """On disk, in S3, and in S3 with the log there as well."""
    if request.param == "disk":
        return Project(tmp_path / "project", {}), ""
    server, bucket = request.getfixturevalue("s3"), request.getfixturevalue("bucket")
    project = S3Project(tmp_path / "project", {}, server, bucket)
    return project, "  state: lake\n" if request.param == "lake" else ""


def parquet(values, kind):
    buffer = io.BytesIO()
    pq.write_table(pa.table({"id": range(len(values)), "v": pa.array(values, kind)}), buffer)
    return buffer.getvalue()


def xml(values):
    return "<rows>\n" + "".join(f"<row><id>{n}</id><v>{v}</v></row>\n" for n, v in enumerate(values)) + "</rows>\n"


LINES = {
    "json": ("json", lambda values: "".join('{"id":%d,"v":%s}\n' % row for row in enumerate(values))),
    "csv": ("csv", lambda values: "id,v\n" + "".join("%d,%s\n" % row for row in enumerate(values))),
    "tsv": ("tsv", lambda values: "id\tv\n" + "".join("%d\t%s\n" % row for row in enumerate(values))),
    "logfmt": ("logfmt", lambda values: "".join("id=%d v=%s\n" % row for row in enumerate(values))),
    "key_value": ("key_value", lambda values: "".join("id=%d v=%s\n" % row for row in enumerate(values))),
    "regex": ('{regex: "(?<id>\\\\d+) (?<v>.*)"}',
              lambda values: "".join("%d %s\n" % row for row in enumerate(values))),
    "grok": ('{grok: "%%{INT:id} %%{GREEDYDATA:v}"}'.replace("%%", "%"),
             lambda values: "".join("%d %s\n" % row for row in enumerate(values))),
    "xml": ("{xml: {record: row}}", xml),
}

# What was there, what comes, the type before, and what the old values are as text.
CHANGES = [
    (["1", "-20", "9007199254740993"], "n/a", "int64", ["1", "-20", "9007199254740993"]),
    (["1.5", "2.25", "1e300"], "n/a", "double", ["1.5", "2.25", "1e+300"]),
    (["true", "false"], "n/a", "bool", ["true", "false"]),
]
TIMES = [
    (["2024-02-29", "1999-12-31"], "never", "date32[day]", ["2024-02-29", "1999-12-31"]),
    (["2024-02-29T12:00:00Z", "2024-02-29T12:00:00.25Z"], "never", "timestamp[us, tz=UTC]",
     ["2024-02-29T12:00:00Z", "2024-02-29T12:00:00.25Z"]),
]


@pytest.mark.parametrize("name", LINES)
def test_a_later_run_brings_text(tmp_path, name):
    parse, text = LINES[name]
    for index, (before, new, kind, after) in enumerate(CHANGES + ([] if name == "json" else TIMES)):
        lake = Input(Project(tmp_path / str(index), {}), parse)
        lake.run("a", text(before))
        assert lake.types() == {kind}, before
        report = lake.run("b", text([json.dumps(new) if name == "json" else new, *before]))
        assert (report["rows"], report["commits"]) == (len(before) + 1, 1), before
        assert report["counts"]["columns_widened"] == report["counts"]["files_rewritten"] == 1
        assert lake.types() == {"string"}, before
        # What is in the same file is as it was written, but for numbers of JSON.
        beside = after if name == "json" else before
        assert lake.values() == [*after, new, *beside], before
        assert lake.project.run()["in.t"]["status"] == "unchanged"
        history = lake.project.tidemark("bookmark", "history", "in.t").expect(0).out
        assert "v became string" in history and "1 file written anew" in history


def test_a_later_line_of_the_same_file_brings_text(project):
    """All of the file's values come out as they were written."""
    for name in ("csv", "logfmt", "regex"):
        lake = Input(Project(project.folder / name, {}), LINES[name][0])
        values = [f"{number}.50" for number in range(120_000)] + ["007", "last"]
        lake.write("a", LINES[name][1](values))
        lake.project.tidemark("run").expect(0, "v: read again")
        assert lake.values() == values, name
        assert lake.types() == {"string"}
        assert len(lake.project.current_files("in_t")) == 1


def test_rejects_are_counted_once_however_often_a_file_is_read(project):
    lake = Input(project, "json")
    project.configure(project_text(lake).replace("partition: []", "rejects: {max: 1}"))
    lines = [f'{{"v": {number}, "pad": "{"x" * 50}"}}' for number in range(120_000)]
    report = lake.run("a", "\n".join(["no row", *lines, '{"v": "late"}']) + "\n")
    assert report["counts"]["rejected"] == 1 and report["rows"] == 120_001
    assert len(project.rows("in_t__rejects")) == 1


def project_text(lake):
    return CONFIG % (lake.folder, "json", "[]")


def test_structs_lists_and_parquet(project):
    lake = Input(project, "parquet")
    lake.run("a", parquet([{"x": 1}, None], pa.struct([("x", pa.int64())])))
    lake.run("b", parquet([{"x": "one", "y": 2}], pa.struct([("x", pa.string()), ("y", pa.int64())])))
    values = lake.values()
    assert values == [{"x": "1", "y": None}, None, {"x": "one", "y": 2}]
    lake.run("c", parquet(["plain"], pa.string()))
    assert lake.values() == ['{"x":"1"}', None, '{"x":"one","y":2}', "plain"]
    # A narrower file after a wide one.
    lake.run("d", parquet([7], pa.int64()))
    assert lake.values()[-1] == "7"
    assert lake.types() == {"string"}


def test_numbers_and_dates_widen_in_every_file(project):
    lake = Input(project, "csv")
    lake.run("a", "v,w\n1,2024-01-01\n9007199254740993,2024-01-02\n")
    report = lake.run("b", "v,w\n0.5,2024-01-03T12:00:00Z\n")
    assert report["counts"]["columns_widened"] == 2
    assert (lake.types("v"), lake.types("w")) == ({"double"}, {"timestamp[us, tz=UTC]"})
    assert lake.values("v") == [1.0, 9007199254740992.0, 0.5]
    day = datetime.datetime(2024, 1, 1, tzinfo=datetime.timezone.utc)
    assert lake.values("w")[:2] == [day, day + datetime.timedelta(days=1)]


@pytest.mark.parametrize("policy, code, word", [
    ("{type_change: fail}", 5, "set schema.type_change to widen"), ("{otherwise: fail}", 0, "became string")])
def test_the_policy(project, policy, code, word):
    lake = Input(project, "json")
    project.configure(project_text(lake).replace("partition: []", f"schema: {policy}"))
    lake.run("a", '{"v":1}\n')
    lake.write("b", '{"v":"x"}\n')
    project.tidemark("run").expect(code, word)
    assert len(lake.values()) == (1 if code else 2)
    assert project.leftovers() == []


def test_a_declared_column_becomes_text_only_where_the_config_says_so(project):
    lake = Input(project, "json")
    text = project_text(lake)
    lake.run("a", '{"v":1}\n')
    project.configure(text.replace("partition: []", "columns: {v: string}"))
    lake.write("b", '{"v":"x"}\n')
    project.tidemark("run").expect(5, "only text holds both", "schema.otherwise to text")
    project.configure(text.replace("partition: []", "columns: {v: string}, schema: {otherwise: text}"))
    project.tidemark("run").expect(0, "became string")
    assert lake.values() == ["1", "x"]


def test_mysql_columns_become_text_only_where_the_config_says_so(shop):
    shop.run()
    shop.database.execute("ALTER TABLE orders MODIFY amount VARCHAR(40)")
    shop.database.add_orders(3, "2024-03-01 15:00:00")
    shop.database.set_clock("2024-03-02 12:00:00")
    shop.tidemark("run").expect(5, "schema.otherwise to text")
    config = shop.folder / "tidemark.yaml"
    config.write_text(config.read_text().replace("bookmark:", "schema: {otherwise: text}, bookmark:"))
    assert shop.run()["shop.orders"]["counts"]["columns_widened"] == 1
    table = shop.table("shop_orders", everything=False)
    assert str(table.schema.field("amount").type) == "string" and len(table) == 103
    assert "1.25" in set(table["amount"].to_pylist())


@pytest.mark.parametrize("partition", ["[]", "[day]"])
def test_everything_else_goes_on(place, partition):
    """Partitions, on disk and in S3: undone, done again, merged, cleaned up, queried."""
    project, state = place
    lake = Input(project, "json", partition, state)

    def lines(first, count, value):
        return "".join(json.dumps({"id": n, "day": f"d{n % 3}", "v": value(n)}) + "\n"
                       for n in range(first, first + count))

    lake.run("a", lines(0, 30, int))
    lake.run("b", lines(30, 30, int))
    numbers = lake.values()
    assert lake.run("c", lines(60, 30, lambda n: f"t{n}"))["commits"] == 1
    wide = lake.values()
    assert wide == [str(n) for n in numbers] + [f"t{n}" for n in range(60, 90)]
    answer = project.tidemark("query", "SELECT v FROM in_t WHERE v IN ('7', 't61') ORDER BY v", "--json")
    assert answer.expect(0).json == [{"v": "7"}, {"v": "t61"}]

    # Undone, with the types of then.
    project.tidemark("bookmark", "rewind", "in.t", "--to-version", "2").expect(0)
    assert lake.types() == {"int64"} and lake.values() == numbers
    answer = project.tidemark("query", "SELECT sum(v) AS s FROM in_t", "--json").expect(0)
    assert int(answer.json[0]["s"]) == sum(numbers)
    lake.run()
    assert lake.values() == wide and lake.types() == {"string"}

    # The files of numbers are gone: what is undone then stays text.
    project.tidemark("compact").expect(0)
    project.tidemark("gc", "--grace", "0s").expect(0)
    assert lake.values() == wide
    project.tidemark("bookmark", "rewind", "in.t", "--to-version", "2").expect(0)
    assert lake.types() == {"string"} and lake.values() == [str(n) for n in numbers]
    lake.run()
    assert lake.values() == wide
    assert project.leftovers() == []
    project.tidemark("bookmark", "reset", "in.t").expect(0)
    (lake.folder / "c.log").unlink()
    lake.run()
    assert lake.types() == {"int64"} and lake.values() == numbers


@pytest.mark.parametrize("undo", [False, True], ids=["widening", "undoing it"])
def test_a_kill(place, tmp_path_factory, undo):
    project, state = place
    lake = Input(project, "json", "[day]", state)

    def lines(first, value):
        return "".join(json.dumps({"day": f"d{n % 2}", "v": value(n)}) + "\n" for n in range(first, first + 10))

    lake.run("a", lines(0, int))
    before = lake.values()
    lake.write("b", lines(10, str) + '{"day":"d0","v":"last"}\n')
    after = [str(n) for n in range(20)] + ["last"]
    command = ["run"]
    if undo:
        lake.run()
        command = ["bookmark", "rewind", "in.t", "--to-version", "1"]
    kills = Kills(project, tmp_path_factory, *command)
    for copy, where in kills:
        seen = copy.tidemark("query", "SELECT v FROM in_t", "--json").expect(0).json
        assert sorted(str(row["v"]) for row in seen) in (sorted(map(str, before)), sorted(after)), where
        copy.run()
        assert lake.values(project=copy) == after, where
        assert copy.leftovers() == [], where
        copy.tidemark("gc", "--grace", "0s").expect(0)
        assert lake.values(project=copy) == after, f"{where}: after clean-up"
        assert copy.leftovers(retired=True) == [], where
        assert copy.run()["in.t"]["status"] == "unchanged", where
    wanted = {"decide", "mark-published"} | (set() if undo else {"stage-file", "rewrite-file", "publish-file"})
    assert wanted <= kills.reached


API = """
sources:
  crm: {type: api, base_url: %s}
streams:
  crm.orders:
    request: {path: /orders, params: {since: "{from}", until: "{to}"}}
    records: $.data
    key: [id]
    paginate: {offset: offset, limit: 10, total: $.total}
    children: {lines: $.lines}
    bookmark: {by: updated_at, start: 2024-01-01T00:00:00Z, settle: 0s}
"""


def test_records_and_children_of_an_api(project):
    api = OrdersAPI()
    try:
        project.configure(API % api.url)
        api.add(0, 12)
        project.run()
        api.now = "2024-03-05T12:00:00Z"
        api.add(12, 30, "2024-03-02T00:{minute:02d}:{second:02d}Z")
        api.orders[-1]["total"] = "much"
        api.orders[-1]["lines"] = [{"line_no": "A-1", "sku": "s", "taxes": []}]
        report = project.run()["crm.orders"]
        assert (report["rows"], report["counts"]["columns_widened"]) == (30, 2)
        totals = dict(project.rows("crm_orders", "id", "total", everything=False))
        assert totals == {**{n: str(n / 4) for n in range(41)}, 41: "much"}
        lines = project.rows("crm_orders__lines", "line_no", everything=False)
        assert ("A-1",) in lines and ("1",) in lines
        assert len(lines) == sum(n % 4 for n in range(41)) + 1
        assert project.run()["crm.orders"]["rows"] == 0
    finally:
        api.close()


# What values of a column may be, and what each is in a column that inference made of them.
KINDS = {"int": lambda chance: chance.randrange(-10 ** 12, 10 ** 12), "double": lambda chance: chance.random() * 1e6 + 0.1,
         "bool": lambda chance: chance.random() < 0.5, "text": lambda chance: f'é "{chance.randrange(99)}" \n',
         "null": lambda chance: None, "object": lambda chance: {"x": chance.randrange(9)}}


def joined(types, values):
    """The types that a column has when further values come."""
    names = {"int": "int64", "float": "double", "bool": "bool", "str": "string", "dict": "struct"}
    for value in values:
        if value is None:
            continue
        kind = names[type(value).__name__]
        if types is None or types == kind:
            types = kind
        else:
            types = "double" if {types, kind} == {"int64", "double"} else "string"
    return types


def texts_of(value):
    """What a value may be in a column of text: numbers may have been doubles before."""
    if isinstance(value, bool):
        return {str(value).lower()}
    if isinstance(value, int):
        return {str(value), repr(float(value))}
    if isinstance(value, float):
        return {repr(value)}
    return {json.dumps(value, separators=(",", ":")) if isinstance(value, dict) else value}


@pytest.mark.parametrize("seed", range(6))
def test_random_types(project, seed):
    chance = random.Random(seed)
    lake = Input(project, "json", chance.choice(["[]", "[day]"]))
    values, types = {}, {}
    for run in range(6):
        files = {}
        for file in range(chance.randrange(1, 3)):
            name, rows = f"{run}{file}", []
            count = chance.choice([3, 50, 3000])
            for column in "uvw":
                kind, rare = chance.choice(list(KINDS)), chance.choice(list(KINDS))
                rows.append([KINDS[rare if chance.random() < 1 / count else kind](chance) for _ in range(count)])
                types[column] = joined(types.get(column), rows[-1])
            values[f"{name}.log"] = list(zip(*rows))
            files[name] = "".join(json.dumps(
                {"day": f"d{line % 2}", "u": row[0], "v": row[1], "w": row[2]}) + "\n"
                for line, row in enumerate(zip(*rows)))
        for name, text in files.items():
            lake.write(name, text)
        report = lake.run()
        assert report["rows"] == sum(text.count("\n") for text in files.values())
        if chance.random() < 0.3:
            project.tidemark("compact").expect(0)
        if chance.random() < 0.3:
            project.tidemark("gc", "--grace", "0s").expect(0)
        table = lake.table()
        found = sorted(table.to_pylist(), key=lambda row: (row["_file"], row["_line"]))
        expected = [(name, line + 1, row) for name in sorted(values) for line, row in enumerate(values[name])]
        assert [(row["_file"], row["_line"]) for row in found] == [row[:2] for row in expected]
        for row, (_, _, wanted) in zip(found, expected):
            for column, value in zip("uvw", wanted):
                seen = row.get(column)
                if types[column] == "string" and value is not None:
                    assert seen in texts_of(value), (seed, run, column, value, seen)
                else:
                    assert seen == value, (seed, run, column, value, seen)
        for column in "uvw":
            assert len(lake.types(column)) <= 1, (seed, run, column)


def test_engines_read_all_files(project, spark):  # noqa: F811
    """Spark, which converts nothing, and DuckDB by the first file's types, in both orders."""
    lake = Input(project, "json", "[day]")
    first = [{"day": "a", "v": 1, "w": 1, "s": {"x": 1}}, {"day": "b", "v": 2.5, "w": 2, "s": {"x": 2}}]
    then = [{"day": "a", "v": "text", "w": 2.5, "s": {"x": "y", "z": 1}}, {"day": "c", "v": "more"}]
    lake.run("a", "".join(json.dumps(row) + "\n" for row in first))
    lake.run("b", "".join(json.dumps(row) + "\n" for row in then))
    files = [str(file) for file in project.current_files("in_t")]
    schema = "v string, w double, s struct<x:string, z:bigint>"
    rows = {(row.v, row.w, row.s and row.s.x) for row in spark.read.schema(schema).parquet(*files).collect()}
    expected = {("1.0", 1.0, "1"), ("2.5", 2.0, "2"), ("text", 2.5, "y"), ("more", None, None)}
    assert rows == expected
    for order in (files, files[::-1]):
        found = duckdb.execute("SELECT v, w FROM read_parquet($1)", [order]).fetchall()
        assert set(found) == {row[:2] for row in expected}


def test_a_large_table_is_rewritten_within_the_memory(project):
    lake = Input(project, "csv")
    text = "a,b,c\n" + "".join(f"{n},{n * 7919 % 1000003}.5,{n * 104729 % 15485863}\n" for n in range(500_000))
    for number in range(4):
        lake.run(f"a{number}", text)
    lake.write("z", "a,b,c\nx,y,z\n")
    outcome = project.tidemark("run", "--json", timeout=300).expect(0)
    assert outcome.json["streams"][0]["counts"] == {"columns_widened": 3, "files_rewritten": 4}
    assert outcome.peak_rss_bytes < 128_000_000, outcome.peak_rss_bytes / 1e6
    found = duckdb.execute("SELECT count(*), sum(a::BIGINT), count(DISTINCT c) FROM read_parquet($1) WHERE a != 'x'",
                           [[str(file) for file in project.current_files("in_t")]]).fetchone()
    assert found[:2] == (2_000_000, 4 * sum(range(500_000)))


def test_the_last_page_of_a_long_window_brings_text(project):
    """Rows of the pages before are staged by then: the window is read again, and every id is there once."""
    api = OrdersAPI()
    try:
        api.page_size = 22_000
        api.orders = [{"id": n, "total": n, "updated_at": "2024-02-01T00:00:00Z"} for n in range(66_000)]
        api.orders[-1]["total"] = "much"
        project.configure((API % api.url).replace("limit: 10", "limit: 22000"))
        outcome = project.tidemark("run").expect(0, "total: read again")
        assert "columns widened" not in outcome.out  # nothing was there before
        table = project.table("crm_orders")
        assert sorted(table["id"].to_pylist()) == list(range(66_000))
        assert dict(zip(table["id"].to_pylist(), table["total"].to_pylist())) == {
            **{n: str(n) for n in range(65_999)}, 65_999: "much"}
    finally:
        api.close()
