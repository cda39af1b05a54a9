"""Reads Parquet files with other engines and compares every value with what was written.

usage: readers.py FOLDER

For each NAME.json in the folder there is NAME.parquet. The JSON has:
  columns   {name: [values]}; integers "i:1", doubles as bits "f:3ff0000000000000", decimals
            "n:1.50", days "d:1", microseconds "t:1", texts "s:…", bytes "x:00ff", null, booleans,
            lists as arrays, structs as {"struct": {…}}, maps as {"map": [[key, value]…]}
  engines   which of pyarrow, duckdb, polars have to read it
  ranges    {leaf path: [least, greatest]} as the statistics have to bound them
  groups    rows of each row group
Prints a line a mismatch; the exit code is 1 if there is any.
"""

import datetime
import decimal
import json
import math
import pathlib
import struct
import sys
import uuid

import duckdb
import polars
import pyarrow
import pyarrow.parquet

EPOCH = datetime.datetime(1970, 1, 1)


def spelled(value):
    """A Python value in the form of the JSON."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return f"i:{value}"
    if isinstance(value, float):
        return "f:nan" if math.isnan(value) else "f:" + struct.pack(">d", value).hex()
    if isinstance(value, decimal.Decimal):
        return f"n:{value:f}"
    if isinstance(value, datetime.datetime):
        if value.tzinfo is not None:
            value = value.astimezone(datetime.timezone.utc).replace(tzinfo=None)
        return f"t:{(value - EPOCH) // datetime.timedelta(microseconds=1)}"
    if isinstance(value, datetime.date):
        return f"d:{(value - EPOCH.date()).days}"
    if isinstance(value, datetime.time):
        micros = ((value.hour * 60 + value.minute) * 60 + value.second) * 1_000_000
        return f"i:{micros + value.microsecond}"
    if isinstance(value, str):
        return "s:" + value
    if isinstance(value, bytes):
        return "x:" + value.hex()
    if isinstance(value, uuid.UUID):
        return "x:" + value.bytes.hex()
    if isinstance(value, (list, tuple)):
        return [spelled(item) for item in value]
    if isinstance(value, dict):
        return {"struct": {key: spelled(item) for key, item in value.items()}}
    return repr(value)


def same(expected, found):
    """Whether two spelled values agree; maps come as lists of pairs or of structs."""
    if isinstance(expected, dict) and "map" in expected:
        if not isinstance(found, list) or len(found) != len(expected["map"]):
            return False
        pairs = [
            [item["struct"]["key"], item["struct"]["value"]] if isinstance(item, dict) else item
            for item in found
        ]
        return same(expected["map"], pairs)
    if isinstance(expected, dict) and isinstance(found, dict):
        a, b = expected["struct"], found["struct"]
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(expected, list) and isinstance(found, list):
        return len(expected) == len(found) and all(map(same, expected, found))
    return expected == found


def with_pyarrow(path):
    # The file is read the way that looks at every page's checksum.
    return pyarrow.parquet.read_table(path, page_checksum_verification=True)


def with_duckdb(path):
    return duckdb.connect().sql(f"select * from read_parquet('{path}')").to_arrow_table()


def with_polars(path):
    return polars.read_parquet(path, glob=False).to_arrow()


ENGINES = {"pyarrow": with_pyarrow, "duckdb": with_duckdb, "polars": with_polars}


def column_values(table, name):
    column = table.column(name)
    if pyarrow.types.is_timestamp(column.type) and column.type.unit == "ns":
        return [None if v is None else f"i:{v}" for v in column.cast("int64").to_pylist()]
    if pyarrow.types.is_time(column.type) and column.type.unit == "ns":
        return [None if v is None else f"i:{v}" for v in column.cast("int64").to_pylist()]
    return [spelled(value) for value in column.to_pylist()]


def check_values(path, case):
    expected = case["columns"]
    for engine in case["engines"]:
        try:
            table = ENGINES[engine](path)
        except Exception as error:
            yield f"{engine}: {error}"
            continue
        if table.column_names != list(expected):
            yield f"{engine}: columns {table.column_names}"
            continue
        for name, values in expected.items():
            found = column_values(table, name)
            if len(found) != len(values):
                yield f"{engine}: {name} has {len(found)} values of {len(values)}"
                continue
            for row, (a, b) in enumerate(zip(values, found)):
                if not same(a, b):
                    yield f"{engine}: {name}[{row}] is {b}, written {a}"
                    break


def check_metadata(path, case):
    metadata = pyarrow.parquet.read_metadata(path)
    if metadata.created_by != "tidemark":
        yield f"created by {metadata.created_by}"
    groups = [metadata.row_group(i).num_rows for i in range(metadata.num_row_groups)]
    if "groups" in case and groups != case["groups"]:
        yield f"row groups of {groups}"
    for group in range(metadata.num_row_groups):
        for index in range(metadata.num_columns):
            column = metadata.row_group(group).column(index)
            if not column.has_offset_index:
                yield f"{column.path_in_schema} has no offset index"
            if column.path_in_schema not in case.get("ranges", {}):
                continue
            least, greatest = case["ranges"][column.path_in_schema]
            statistics = column.statistics
            if statistics is None or not statistics.has_min_max:
                if least is not None:
                    yield f"{column.path_in_schema} has no statistics"
            elif [spelled(statistics.min), spelled(statistics.max)] != [least, greatest]:
                yield (
                    f"{column.path_in_schema} ranges {statistics.min!r} … {statistics.max!r}, "
                    f"expected {least} … {greatest}"
                )


def main():
    cases = sorted(pathlib.Path(sys.argv[1]).glob("*.json"))
    faults = 0
    for case_path in cases:
        path = case_path.with_suffix(".parquet")
        case = json.loads(case_path.read_text())
        for fault in [*check_values(path, case), *check_metadata(path, case)]:
            print(f"{path.stem}: {fault}")
            faults += 1
    if not cases:
        print("no cases")
    return 1 if faults or not cases else 0


sys.exit(main())
