"""Whatever reads the lake agrees with MySQL on every value of the airline's tables."""

import pyarrow as pa
import pytest
from airline import Airline
from project import Project
from readers import READERS, differences, from_mysql, with_pyarrow

KEYS = {"flights": ["id", "updated_at"], "planes": ["tailnum"], "airports": ["faa"],
        "airlines": ["carrier"]}

TYPES = {
    "flights": {
        "id": pa.int64(), "year": pa.int32(), "month": pa.int16(), "dep_delay": pa.int16(),
        "carrier": pa.string(), "time_hour": pa.timestamp("us"),
        "updated_at": pa.timestamp("us", tz="UTC")},
    "planes": {"year": pa.int32(), "speed": pa.int32(), "engine": pa.string()},
    "airports": {"lat": pa.decimal128(10, 7), "dst": pa.string(), "tzone": pa.string()},
    "airlines": {"carrier": pa.string(), "name": pa.string()},
}


@pytest.fixture(scope="module")
def airline(server, tmp_path_factory):
    airline = Airline(server)
    airline.open()
    airline.pass_time("2013-12-05 05:00:02")
    project = Project(tmp_path_factory.mktemp("airline"), {"AIRLINE_URL": server.url("airline")})
    project.configure("""
sources:
  airline: {type: mysql, url_env: AIRLINE_URL}
streams:
  airline.*: {bookmark: {by: updated_at}}
""")
    project.run(timeout=300)
    airline.pass_time("2013-12-06 05:00:02")
    project.run(timeout=300)
    yield project, server
    server.execute("DROP DATABASE airline")
    server.execute("DROP DATABASE year_2013")
    server.set_clock(None)


@pytest.fixture(scope="module")
def expected(airline):
    project, server = airline
    tables = {}
    with server.connect("airline") as connection:
        for table in KEYS:
            schema = with_pyarrow(project.files(f"airline_{table}")[:1]).schema
            tables[table] = from_mysql(
                connection, f"SELECT * FROM {table} WHERE updated_at < '2013-12-06 05:00:00'", schema)
    return tables


@pytest.mark.parametrize("table", KEYS)
@pytest.mark.parametrize("reader", READERS)
def test_reader_agrees_with_mysql(airline, expected, reader, table):
    project, _ = airline
    found = READERS[reader](project.files(f"airline_{table}"))
    assert len(expected[table]) > 10
    assert differences(expected[table], found, KEYS[table]) == []


@pytest.mark.parametrize("table", KEYS)
def test_columns_are_the_sources_in_its_order_and_types(airline, expected, table):
    project, _ = airline
    found = with_pyarrow(project.files(f"airline_{table}"))
    assert found.column_names == expected[table].column_names
    for name, kind in TYPES[table].items():
        assert found.schema.field(name).type == kind, name


def test_the_embedded_engine_agrees(airline, expected):
    project, _ = airline
    answer = project.tidemark("query", "--format", "json", """
        SELECT count(*) AS n, sum(distance) AS miles, count(dep_time) AS left_at_all
        FROM airline_flights""").expect(0).json[0]
    flights = expected["flights"]
    assert answer["n"] == len(flights)
    assert int(answer["miles"]) == sum(flights.column("distance").to_pylist())
    assert answer["left_at_all"] == len(flights) - flights.column("dep_time").null_count
