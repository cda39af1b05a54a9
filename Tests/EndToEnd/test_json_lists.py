"""Arrays of JSON as lists: from log files and APIs into tables that engines read as lists."""

import json
import math
import random

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from test_api_bodies import configure, orders, query, stream  # noqa: F401 - a fixture

LOGS = """
sources:
  app: {{type: logs, path: '{folder}/*.log', close_after: 0s}}
streams:
  app.events: {{parse: json{more}}}
"""


@pytest.fixture
def app(project):
    """A project that reads a folder of logs."""
    folder = project.folder / "logs"
    folder.mkdir()

    class App:
        def configure(self, more=""):
            project.configure(LOGS.format(folder=folder, more=more))
            return self

        def log(self, name, rows):
            (folder / name).write_text("".join(
                (row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows))

        def run(self, code=0):
            return project.run(code=code)["app.events"]

    return App().configure()


# What a column should hold, by the rules of docs/log-formats.md, written down simply.

def widest(values):
    """The type that values are found to have: a name, ['list', of], {'field': type}; None where none has one."""
    values = [value for value in values if value is not None]
    kinds = {type(value) for value in values}
    if kinds == {list}:
        element = widest([item for value in values for item in value])
        return element and ["list", element]
    if kinds == {dict}:
        names = list(dict.fromkeys(name for value in values for name in value))
        fields = {name: widest([value.get(name) for value in values]) for name in names}
        return {name: kind for name, kind in fields.items() if kind} or None
    if kinds <= {int, float} and kinds:
        return "double" if float in kinds else "bigint"
    return {frozenset(): None, frozenset({bool}): "boolean"}.get(frozenset(kinds), "string")


def compact(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def stored(value, kind):
    """The value as a column of that type holds it."""
    if value is None:
        return None
    if isinstance(kind, list):
        return [stored(item, kind[1]) for item in value]
    if isinstance(kind, dict):
        return {name: stored(value.get(name), inner) for name, inner in kind.items()}
    if kind == "string":
        return value if isinstance(value, str) else compact(value)
    return float(value) if kind == "double" else value


def arrow(kind):
    if isinstance(kind, list):
        return pa.list_(arrow(kind[1]))
    if isinstance(kind, dict):
        return pa.struct([(name, arrow(inner)) for name, inner in kind.items()])
    return {"bigint": pa.int64(), "double": pa.float64(), "boolean": pa.bool_(), "string": pa.string()}[kind]


def glue(kind):
    if isinstance(kind, list):
        return f"array<{glue(kind[1])}>"
    if isinstance(kind, dict):
        return "struct<" + ",".join(f"{name}:{glue(inner)}" for name, inner in kind.items()) + ">"
    return kind


def plain(kind):
    """An Arrow type with the names of lists' elements left out."""
    if pa.types.is_list(kind):
        return pa.list_(plain(kind.value_type))
    if pa.types.is_struct(kind):
        return pa.struct([(field.name, plain(field.type)) for field in kind])
    return kind


def random_shape(dice, depth):
    kind = dice.choice(["bool", "int", "float", "text", "mixed", "list", "list", "dict"])
    if kind == "list" and depth:
        return ["list", random_shape(dice, depth - 1)]
    if kind == "dict" and depth:
        return {f"f{number}": random_shape(dice, depth - 1) for number in range(dice.randint(1, 3))}
    return kind if kind not in ("list", "dict") else "int"


def random_value(dice, shape):
    if dice.random() < 0.15:
        return None
    if isinstance(shape, list):
        return [random_value(dice, shape[1]) for _ in range(dice.choice([0, 1, 1, 2, 3, 9]))]
    if isinstance(shape, dict):
        return {name: random_value(dice, inner) for name, inner in shape.items() if dice.random() < 0.8}
    return {"bool": lambda: dice.random() < 0.5, "int": lambda: dice.randint(-2 ** 63, 2 ** 63 - 1),
            "float": lambda: dice.choice([dice.randint(0, 9), dice.random(), 1e300, -0.5]),
            "text": lambda: dice.choice(["", "x", "Zoë \"\\ 🎈", "a\nb"]),
            "mixed": lambda: dice.choice([1, True, "x", "", [1, None], {"a": 1}])}[shape]()


@pytest.mark.parametrize("seed", range(12))
def test_random_arrays_are_what_pyarrow_and_duckdb_read(project, app, seed):
    dice = random.Random(seed)
    shapes = {f"c{number}": ["list", random_shape(dice, 3)] for number in range(4)}
    rows = [{"id": number, **{name: random_value(dice, shape) for name, shape in shapes.items()}}
            for number in range(dice.choice([1, 40, 3000]))]
    app.log("a.log", rows)
    assert app.run()["rows"] == len(rows)
    kinds = {name: kind for name in shapes if (kind := widest([row[name] for row in rows]))}
    [file] = project.files("app_events")
    table = pq.read_table(file)
    assert {name: plain(table.schema.field(name).type) for name in table.column_names if name in shapes} == {
        name: arrow(kind) for name, kind in kinds.items()}
    expected = {name: [stored(row[name], kind) for row in rows] for name, kind in kinds.items()}
    for name in kinds:
        assert table[name].to_pylist() == expected[name], (seed, name)
    with duckdb.connect() as connection:
        found = connection.execute(f"FROM read_parquet('{file}') ORDER BY id")
        names = [column[0] for column in found.description]
        found = dict(zip(names, zip(*found.fetchall())))
    for name in kinds:
        assert list(found[name]) == expected[name], (seed, name)
    columns = project.tidemark("catalog", "show", "app_events", "--json").expect(0).json["StorageDescriptor"]["Columns"]
    assert {column["Name"]: column["Type"] for column in columns if column["Name"] in shapes} == {
        name: glue(kind) for name, kind in kinds.items()}


def test_lists_widen_from_run_to_run_and_are_compacted(project, app):
    app.configure(", partition: [kind]")
    parts = [
        [{"id": 1, "kind": "a", "n": [1, None], "o": [{"x": 1}], "e": []}, {"id": 2, "kind": "b", "n": []}],
        [{"id": 3, "kind": "a", "n": [0.5], "o": [{"x": 2.5, "y": ["t"]}, None], "e": []}, {"id": 4, "kind": "a"}],
        [{"id": 5, "kind": "b", "n": None, "o": [{"z": {"w": [True]}}], "e": [[7]]}, {"id": 6, "kind": "a", "o": []}],
    ]
    for number, part in enumerate(parts):
        app.log(f"{number}.log", part)
        assert app.run()["rows"] == len(part)
    shown = project.tidemark("catalog", "show", "app_events", "--json").expect(0).json["StorageDescriptor"]["Columns"]
    types = {column["Name"]: column["Type"] for column in shown}
    assert types["n"] == "array<double>" and types["e"] == "array<array<bigint>>"
    assert types["o"] == "array<struct<x:double,y:array<string>,z:struct<w:array<boolean>>>>"

    def empty(x=None, y=None, z=None):
        return {"x": x, "y": y, "z": z}
    # Empty arrays alone make no column: before it was there, its values are null.
    expected = {
        1: ([1.0, None], [empty(x=1.0)], None), 2: ([], None, None),
        3: ([0.5], [empty(x=2.5, y=["t"]), None], None), 4: (None, None, None),
        5: (None, [empty(z={"w": [True]})], [[7]]), 6: (None, [], None)}
    sql = "SELECT id, n, o, e FROM app_events ORDER BY id"

    def found():
        return {row["id"]: (row["n"], row["o"], row["e"]) for row in project.tidemark("query", "--json", sql).json}
    assert found() == expected
    assert query(project, "SELECT sum(len(n))::BIGINT, max(o[1].x) FROM app_events") == [(3, 2.5)]
    files = project.current_files("app_events")
    project.tidemark("compact", "app_events").expect(0)
    assert len(project.current_files("app_events")) < len(files)
    assert found() == expected
    table = project.table("app_events", everything=False)
    assert {row["id"]: (row["n"], row["o"], row["e"]) for row in table.to_pylist()} == expected


def test_a_table_with_arrays_as_text_stays_one(project, app):
    """As tables were before arrays became lists."""
    app.configure(", arrays: json")
    app.log("1.log", [{"id": 1, "t": ["a"], "s": {"l": [1]}}])
    app.run()
    app.configure()
    app.log("2.log", [{"id": 2, "t": ["b", None], "s": {"l": []}, "new": [2]}])
    assert app.run()["rows"] == 1
    assert query(project, "SELECT id, t::VARCHAR, s.l::VARCHAR, new FROM app_events ORDER BY id") == [
        (1, '["a"]', "[1]", None), (2, '["b",null]', "[]", [2])]


def test_declared_lists(project, app):
    app.configure(", columns: {tags: array<string>, items: 'array<struct<sku:string,qty:int>>', raw: json}")
    app.log("a.log", [{"tags": ["a", 1], "items": [{"sku": "s", "qty": "7", "more": 1}], "raw": [1, {"a": 2}]},
                      {"tags": "a"}, {"items": [{"qty": 1.5}]}, {"tags": None, "items": []}])
    assert app.run()["rows"] == 2
    table = project.table("app_events")
    assert table.select(["tags", "items", "raw"]).to_pylist() == [
        {"tags": ["a", "1"], "items": [{"sku": "s", "qty": 7}], "raw": '[1,{"a":2}]'},
        {"tags": None, "items": [], "raw": None}]
    assert plain(table.schema.field("items").type) == pa.list_(
        pa.struct([("sku", pa.string()), ("qty", pa.int32())]))
    rejects = project.rows("app_events__rejects", "_line", "reason")
    assert [line for line, _ in rejects] == [2, 3]
    assert "'tags' is no array<string>" in rejects[0][1]
    app.configure(", columns: {tags: array<wood>}")
    project.tidemark("check").expect(2, "no known type", "array<")


def test_hostile_arrays_cost_their_line(project, app):
    deep = "[" * 100_000
    sparse = '{"d":[{' + ",".join(f'"k{n}":1' for n in range(200)) + "}" + ",{}" * 300_000 + "]}"
    long = '{"c":[' + ",".join(["7"] * 1_000_000) + "]}"
    app.log("a.log", ['{"c":[1]}', f'{{"c":{deep}', f'{{"c":{deep}{"]" * 100_000}}}', sparse, '{"c":[1,', '{"c":[2]}',
                      long])
    outcome = project.tidemark("run", "--json").expect(0)
    assert [row["c"] for row in project.table("app_events").to_pylist()] == [[1], [2], [7] * 1_000_000]
    assert [line for line, in project.rows("app_events__rejects", "_line")] == [2, 3, 4, 5]
    assert outcome.peak_rss_bytes <= 256 << 20


def test_what_parse_shows(project, app):
    path = project.folder / "one.json"
    path.write_text('{"tags":["a","b"],"items":[{"sku":"s","qty":1},{"sku":null}]}\n{"tags":[]}\n["x"]\n')
    found = project.tidemark("parse", "--as", "json", str(path), "--json").expect(0).json
    assert found["schema"] == [{"name": "tags", "type": "array<string>"},
                               {"name": "items", "type": "array<struct<sku:string,qty:bigint>>"}]
    assert found["sample"] == [
        {"_line": 1, "tags": ["a", "b"], "items": [{"sku": "s", "qty": 1}, {"sku": None, "qty": None}]},
        {"_line": 2, "tags": [], "items": None}]
    assert [reject["line"] for reject in found["rejects"]] == [3]
    told = project.tidemark("parse", "--as", "json", str(path)).expect(0).out
    assert '["a","b"]' in told and "array<struct<sku:string,qty:bigint>>" in told and "[]" in told
    declared = project.tidemark("parse", "--as", "json", str(path), "--json", "--arrays", "json", "--columns",
                                "items=array<struct<sku:string,qty:int>>,n=decimal(4,2)").expect(0).json
    assert [column["type"] for column in declared["schema"]] == [
        "array<struct<sku:string,qty:int>>", "decimal(4,2)", "json"]
    project.tidemark("parse", "--as", "json", str(path), "--arrays", "text").expect(2, "lists or json")


def test_api_records_have_lists(project, orders):  # noqa: F811
    orders.add(1, 12)
    configure(project, orders, stream("orders", "    records: $.data\n"), stream("json", "    arrays: json\n"))
    assert project.run()["crm.orders"]["rows"] == 12
    assert query(project, "SELECT id, len(lines), lines[3].taxes[1].rate FROM crm_orders WHERE id IN (3, 4) ORDER BY 1"
                 ) == [(3, 3, 10), (4, 0, None)]
    [file] = project.files("crm_orders")
    lines = {row["id"]: row["lines"] for row in pq.read_table(file).to_pylist()}
    for order in orders.orders:
        assert lines[order["id"]] == order["lines"]
    orders.now = "2024-03-02T12:00:00Z"
    orders.orders.append({"id": 99, "updated_at": "2024-03-02T00:00:00Z", "lines": [{"line_no": 1.5, "gift": True}]})
    assert project.run()["crm.orders"]["rows"] == 1
    assert query(project, "SELECT lines FROM crm_orders WHERE id = 99") == [
        ([{"line_no": 1.5, "sku": None, "taxes": None, "gift": True}],)]
    assert math.isclose(query(project, "SELECT max(lines[1].line_no) FROM crm_orders")[0][0], 1.5)
