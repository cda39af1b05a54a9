"""Compares rows that were printed as JSON Lines with what pyarrow reads, value by value.

Arguments: the corpus folder, and a folder of `<number>.jsonl` files with a `manifest.json` that
says which file of the corpus each is of. Where the corpus has a `<name>_expect.csv`, rows are
compared with that too. Prints what differs; how many files were compared on the last line.
"""

import base64
import csv
import json
import math
import os
import sys

import numpy
import pyarrow as pa
import pyarrow.parquet as pq

CORPUS, FOLDER = sys.argv[1:3]


def moment(ticks, unit, is_utc):
    per_second = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[unit]
    seconds, rest = divmod(ticks, per_second)
    text = str(numpy.datetime64(seconds, "s"))
    if rest:
        digits = len(str(per_second)) - 1
        text += "." + f"{rest:0{digits}d}".rstrip("0")
    return text + ("Z" if is_utc else "")


def clock(ticks, unit):
    per_second = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[unit]
    seconds, rest = divmod(ticks, per_second)
    digits = 9 if unit == "ns" else 6
    rest = rest * 10**digits // per_second
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{rest:0{digits}d}"


def floating(value):
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return float(value)


def plain(scalar):
    """A pyarrow scalar as the JSON of a row spells it."""
    kind = scalar.type
    if isinstance(kind, pa.BaseExtensionType):
        return plain(scalar.value)
    if not scalar.is_valid:
        return None
    if pa.types.is_timestamp(kind):
        return moment(scalar.value, kind.unit, kind.tz is not None)
    if pa.types.is_time(kind):
        return clock(scalar.value, kind.unit)
    if pa.types.is_date(kind):
        return scalar.as_py().isoformat()
    if pa.types.is_decimal(kind):
        return f"{scalar.as_py():.{kind.scale}f}"
    if pa.types.is_floating(kind):
        return floating(float(scalar.as_py()))
    if pa.types.is_map(kind):
        return [{"key": plain(k), "value": plain(v)} for k, v in pairs(scalar)]
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return [plain(item) for item in scalar.values]
    if pa.types.is_struct(kind):
        return {field.name: plain(scalar[i]) for i, field in enumerate(kind)}
    value = scalar.as_py()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value


def pairs(scalar):
    entries = scalar.values
    return zip(entries.field(0), entries.field(1))


def differing(expected, found):
    if isinstance(expected, float) and isinstance(found, (int, float)):
        return float(found) != expected
    if isinstance(expected, list) and isinstance(found, list):
        return len(expected) != len(found) or any(map(differing, expected, found))
    if isinstance(expected, dict) and isinstance(found, dict):
        return expected.keys() != found.keys() or any(
            differing(expected[k], found[k]) for k in expected
        )
    return expected != found


def compare_csv(path, lines):
    name = os.path.join(CORPUS, path.removesuffix(".parquet") + "_expect.csv")
    if not os.path.exists(name):
        return
    with open(name, newline="") as file:
        rows = list(csv.reader(file))
    if len(rows) - 1 != len(lines):
        print(f"{path}: {len(lines)} rows, the expectation has {len(rows) - 1}")
        return
    for number, (row, line) in enumerate(zip(rows[1:], lines)):
        cells = ["" if v is None else str(v) for v in line.values()]
        if cells != row:
            print(f"{path}, row {number}: {cells}, the expectation has {row}")
            return


def compare(path, lines):
    table = pq.read_table(os.path.join(CORPUS, path), page_checksum_verification=False)
    if table.num_rows != len(lines):
        print(f"{path}: {len(lines)} rows, pyarrow has {table.num_rows}")
        return
    for name, column in zip(table.column_names, table.columns):
        for number, scalar in enumerate(column):
            expected, found = plain(scalar), lines[number].get(name)
            if differing(expected, found):
                print(f"{path}, column {name}, row {number}: {found!r}, pyarrow has {expected!r}")
                return


count = 0
with open(os.path.join(FOLDER, "manifest.json")) as file:
    manifest = json.load(file)
for number, path in manifest.items():
    with open(os.path.join(FOLDER, number + ".jsonl")) as file:
        lines = [json.loads(line) for line in file]
    compare_csv(path, lines)
    compare(path, lines)
    count += 1
print(count)
