"""Compares a table of the lake, as three independent readers see it, with MySQL, value by value."""

from datetime import timezone

import duckdb
import polars
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq


def from_mysql(connection, query, schema):
    """What MySQL holds, as Arrow columns of the lake's types; a value that does not fit is an error."""
    with connection.cursor() as cursor:
        cursor.execute(query)
        columns = list(zip(*cursor.fetchall())) or [()] * len(cursor.description)
        names = [column[0] for column in cursor.description]
    arrays = []
    for name, values in zip(names, columns):
        kind = schema.field(name).type
        if pa.types.is_timestamp(kind) and kind.tz:
            values = [value and value.replace(tzinfo=timezone.utc) for value in values]
        arrays.append(pa.array(values, type=kind))
    return pa.table(dict(zip(names, arrays)))


def with_pyarrow(files):
    return pa.concat_tables([pq.ParquetFile(file).read() for file in files],
                            promote_options="permissive")


def with_duckdb(files):
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    answer = connection.execute("SELECT * FROM read_parquet($1, union_by_name = true)",
                                [[str(file) for file in files]])
    return answer.to_arrow_table() if hasattr(answer, "to_arrow_table") else answer.arrow()


def with_polars(files):
    return polars.read_parquet([str(file) for file in files]).to_arrow()


READERS = {"pyarrow": with_pyarrow, "duckdb": with_duckdb, "polars": with_polars}


def same_shape(table, like):
    """The table with the types and column order of the other; a lossy change is an error."""
    columns = []
    for field in like.schema:
        column = table.column(field.name)
        if pa.types.is_dictionary(column.type):
            column = column.cast(column.type.value_type)
        columns.append(column.cast(field.type, safe=True).combine_chunks())
    return pa.table(columns, schema=pa.schema([(f.name, f.type) for f in like.schema]))


def differences(expected, found, key):
    """At most ten places where the tables differ, in words; none where they are equal."""
    found = same_shape(found, expected)
    order = [(name, "ascending") for name in key]
    expected, found = expected.sort_by(order), found.sort_by(order)
    if len(expected) != len(found):
        return [f"{len(found)} rows, expected {len(expected)}"]
    wrong = []
    for name in expected.column_names:
        left, right = expected.column(name), found.column(name)
        if left.equals(right):
            continue
        equal = pc.fill_null(pc.equal(left, right), False)
        both_null = pc.and_(pc.is_null(left), pc.is_null(right))
        for row in pc.indices_nonzero(pc.invert(pc.or_(equal, both_null))).to_pylist()[:10]:
            place = tuple(expected.column(part)[row].as_py() for part in key)
            wrong.append(f"{name} of {place}: {right[row].as_py()!r}, expected {left[row].as_py()!r}")
    return wrong[:10]
