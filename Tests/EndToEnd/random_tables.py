"""Random Arrow tables, and what their values come to when they are compared.

A value is compared as plain Python: integers and decimals as numbers, floats by their bits (any NaN
is the same), dates in days, times and timestamps in nanoseconds, lists, structs as dicts, maps as
lists of key and value.
"""

import base64
import json
import re
from datetime import date
from decimal import Decimal

import pyarrow as pa

EPOCH = date(1970, 1, 1).toordinal()
NANOSECONDS = {"s": 10**9, "ms": 10**6, "us": 1000, "ns": 1}
WORDS = ["", "a", "the same stem of many", "härbarge", "日本語", "🙂", "x\0y", "z" * 3000]

# What every writer and reader knows, and what only some do.
COMMON = [pa.bool_(), pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8(), pa.uint16(),
          pa.uint32(), pa.uint64(), pa.float32(), pa.float64(), pa.string(), pa.binary(),
          pa.date32(), pa.timestamp("us"), pa.timestamp("us", tz="UTC"), pa.timestamp("ns")]
DECIMALS = [pa.decimal128(5, 2), pa.decimal128(18, 0), pa.decimal128(25, 7), pa.decimal128(38, 10)]
ARROW_ONLY = [pa.float16(), pa.large_string(), pa.large_binary(), pa.binary(7), pa.time32("ms"),
              pa.time64("us"), pa.time64("ns"), pa.timestamp("ms"), pa.timestamp("s"),
              pa.dictionary(pa.int32(), pa.string()), pa.null()]


# Making

def random_type(random, leaves, depth, maps):
    if depth == 0 or random.random() < 0.6:
        return random.choice(leaves)
    inner = lambda name: pa.field(name, random_type(random, leaves, depth - 1, maps))  # noqa: E731
    kind = random.choice(["list", "struct", "map"] if maps else ["list", "struct"])
    if kind == "list":
        return pa.list_(inner("element"))
    if kind == "struct":
        return pa.struct([inner(f"f{i}") for i in range(random.randint(1, 3))])
    key = random.choice([kind for kind in (pa.string(), pa.int32(), pa.date32()) if kind in leaves])
    return pa.map_(key, inner("value").type)


def random_table(random, leaves, depth=3, maps=True, rows=None):
    rows = random.choice([0, 1, 10, 200, 700]) if rows is None else rows
    fields = [pa.field(f"c{i}", random_type(random, leaves, depth, maps))
              for i in range(random.randint(1, 6))]
    return pa.table([random_array(random, field.type, rows) for field in fields],
                    schema=pa.schema(fields))


def random_array(random, kind, count, nulls=None):
    share = random.choice([0, 0.1, 0.7, 1]) if nulls is None else nulls
    missing = [random.random() < share for _ in range(count)]
    mask = pa.array(missing, pa.bool_())
    if pa.types.is_null(kind):
        return pa.nulls(count)
    if pa.types.is_struct(kind):
        children = [random_array(random, kind.field(i).type, count) for i in range(kind.num_fields)]
        return pa.StructArray.from_arrays(children, fields=list(kind), mask=mask)
    if pa.types.is_list(kind) or pa.types.is_map(kind):
        offsets = [0]
        for _ in range(count):
            offsets.append(offsets[-1] + random.choice([0, 0, 1, 2, 5]))
        total = offsets[-1]
        marked = pa.array([None if gone else start for start, gone in zip(offsets, missing)]
                          + [total], pa.int32())
        if pa.types.is_list(kind):
            return pa.ListArray.from_arrays(
                marked, random_array(random, kind.value_type, total), type=kind)
        # A key of its own for every entry: some readers keep only the last of two.
        keys = [f"k{i}" for i in range(total)] if pa.types.is_string(kind.key_type) else range(total)
        return pa.MapArray.from_arrays(
            marked, pa.array(list(keys), pa.int32()).cast(kind.key_type)
            if not pa.types.is_string(kind.key_type) else pa.array(list(keys), pa.string()),
            random_array(random, kind.item_type, total), type=kind)
    if pa.types.is_dictionary(kind):
        return random_array(random, kind.value_type, count, share).dictionary_encode()
    palette = [random_value(random, kind) for _ in range(random.choice([1, 5, 400]))]
    values = [None if gone else random.choice(palette) for gone in missing]
    if pa.types.is_temporal(kind) and not pa.types.is_date(kind):
        return pa.array(values, pa.int32() if kind.bit_width == 32 else pa.int64()).cast(kind)
    if pa.types.is_date32(kind):
        return pa.array(values, pa.int32()).cast(kind)
    if pa.types.is_float16(kind):
        import numpy
        return pa.array([None if value is None else numpy.float16(value) for value in values], kind)
    return pa.array(values, kind)


def random_value(random, kind):
    if pa.types.is_boolean(kind):
        return random.random() < 0.5
    if pa.types.is_integer(kind):
        least = -(2 ** (kind.bit_width - 1)) if pa.types.is_signed_integer(kind) else 0
        greatest = least + 2**kind.bit_width - 1
        return random.choice([least, greatest, 0, 1, random.randint(least, greatest)])
    if pa.types.is_float16(kind):
        return random.choice([float("nan"), float("inf"), -0.0, 65504.0, random.randint(-500, 500) / 8])
    if pa.types.is_floating(kind):
        large = 3.4e38 if kind.bit_width == 32 else 1.7e308
        return random.choice([float("nan"), float("inf"), float("-inf"), -0.0, 0.0, large, -large,
                              1e-40, random.uniform(-1e6, 1e6)])
    if pa.types.is_decimal(kind):
        end = 10**kind.precision - 1
        number = random.choice([0, 1, -1, end, -end, random.randint(-end, end)])
        return Decimal(number).scaleb(-kind.scale, None) if kind.precision < 28 else \
            Decimal((int(number < 0), tuple(map(int, str(abs(number)))), -kind.scale))
    if pa.types.is_date32(kind):
        # Years 1 to 9999, days before the Gregorian calendar among them.
        return random.choice([-719162, 2932896, -141428, -141427, 0, random.randint(-200000, 80000)])
    if pa.types.is_time(kind):
        return random.choice([0, 86_400 * 10**9 // NANOSECONDS[kind.unit] - 1,
                              random.randint(0, 86_399) * (10**9 // NANOSECONDS[kind.unit]) + 7])
    if pa.types.is_timestamp(kind):
        if kind.unit == "ns":
            return random.choice([0, -1, 2**63 - 1, -(2**63) + 1, random.randint(-(2**62), 2**62)])
        second = 10**9 // NANOSECONDS[kind.unit]
        return random.choice([0, -1, -62135596800 * second, 253402300800 * second - 1,
                              random.randint(-(10**10), 10**10) * second + random.randint(0, second - 1)])
    if pa.types.is_fixed_size_binary(kind):
        return random.choice([bytes(kind.byte_width), b"\xff" * kind.byte_width,
                              random.randbytes(kind.byte_width)])
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return random.choice(WORDS + [str(random.random())])
    return random.choice([word.encode() for word in WORDS] + [b"\xff\xc3\x00", random.randbytes(9)])


# Comparing

def plain_table(table):
    """Lists of plain values by the names of columns."""
    return {name: plain(table.column(name).combine_chunks()) for name in table.column_names}


def plain(array):
    if isinstance(array, pa.ChunkedArray):
        array = pa.concat_arrays(array.chunks) if array.num_chunks else pa.array([], array.type)
    kind = array.type
    if isinstance(array, pa.ExtensionArray):
        return plain(array.storage)
    if pa.types.is_dictionary(kind):
        return plain(array.dictionary_decode())
    valid = array.is_valid().to_pylist()
    if pa.types.is_struct(kind):
        children = [plain(array.field(i)) for i in range(kind.num_fields)]
        names = [kind.field(i).name for i in range(kind.num_fields)]
        return [dict(zip(names, values)) if ok else None
                for ok, values in zip(valid, zip(*children))]
    if pa.types.is_map(kind) or pa.types.is_list(kind) or pa.types.is_large_list(kind):
        if pa.types.is_map(kind):
            entries = [{"key": key, "value": value}
                       for key, value in zip(plain(array.keys), plain(array.items))]
        else:
            entries = plain(array.values)
        offsets = array.offsets.to_pylist()
        return [entries[offsets[row]:offsets[row + 1]] if ok else None
                for row, ok in enumerate(valid)]
    if pa.types.is_date32(kind):
        return array.cast(pa.int32()).to_pylist()
    if pa.types.is_time32(kind):
        return [value and value * NANOSECONDS[kind.unit] for value in array.cast(pa.int32()).to_pylist()]
    if pa.types.is_temporal(kind):
        return [value and value * NANOSECONDS[kind.unit] for value in array.cast(pa.int64()).to_pylist()]
    if pa.types.is_floating(kind):
        return [plain_float(value) for value in array.to_pylist()]
    return array.to_pylist()


def plain_float(value):
    return value if value is None else repr(float(value))


def plain_json(value, kind):
    """A value that `cat` printed, by the Arrow type that it was."""
    if value is None:
        return None
    if pa.types.is_dictionary(kind):
        return plain_json(value, kind.value_type)
    if pa.types.is_struct(kind):
        assert list(value) == [kind.field(i).name for i in range(kind.num_fields)], value
        return {field.name: plain_json(value[field.name], field.type) for field in kind}
    if pa.types.is_map(kind):
        return [{"key": plain_json(entry["key"], kind.key_type),
                 "value": plain_json(entry["value"], kind.item_type)} for entry in value]
    if pa.types.is_list(kind):
        return [plain_json(element, kind.value_type) for element in value]
    if pa.types.is_floating(kind):
        return plain_float({"Infinity": "inf", "-Infinity": "-inf"}.get(value, value))
    if pa.types.is_decimal(kind):
        assert isinstance(value, str), value
        return Decimal(value)
    if pa.types.is_date32(kind):
        return days(value)
    if pa.types.is_time(kind):
        return clock(value)
    if pa.types.is_timestamp(kind):
        assert value.endswith("Z") == (kind.tz is not None), value
        day, time = value.removesuffix("Z").split("T")
        return days(day) * 86_400 * 10**9 + clock(time)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return value
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
        return base64.b64decode(value, validate=True)
    return value


def days(text):
    year, month, day = map(int, text.rsplit("-", 2))
    return date(year, month, day).toordinal() - EPOCH


def clock(text):
    hour, minute, second, fraction = re.fullmatch(r"(\d\d):(\d\d):(\d\d)(?:\.(\d+))?", text).groups()
    seconds = int(hour) * 3600 + int(minute) * 60 + int(second)
    return seconds * 10**9 + int((fraction or "").ljust(9, "0"))


def printed(output, schema):
    """Lists of plain values out of what `cat` printed."""
    rows = [json.loads(line) for line in output.splitlines()]
    return {field.name: [plain_json(row[field.name], field.type) for row in rows] for field in schema}


# What the lake profile stores

def lake_type(kind):
    if pa.types.is_dictionary(kind):
        return lake_type(kind.value_type)
    if pa.types.is_struct(kind):
        return pa.struct([pa.field(field.name, lake_type(field.type)) for field in kind])
    if pa.types.is_map(kind):
        return pa.map_(lake_type(kind.key_type), lake_type(kind.item_type))
    if pa.types.is_list(kind):
        return pa.list_(pa.field("element", lake_type(kind.value_type)))
    wider = {pa.uint8(): pa.int16(), pa.uint16(): pa.int32(), pa.uint32(): pa.int64(),
             pa.uint64(): pa.decimal128(20, 0), pa.float16(): pa.float32()}
    if pa.types.is_time(kind):
        return pa.int64()
    if pa.types.is_timestamp(kind) and kind.unit == "ns":
        return pa.timestamp("us", tz=kind.tz)
    if pa.types.is_fixed_size_binary(kind) and not pa.types.is_decimal(kind):
        return pa.binary()
    return wider.get(kind, kind)


def lake_value(value, kind):
    """What the lake profile makes of a plain value."""
    if value is None:
        return None
    if pa.types.is_struct(kind):
        return {field.name: lake_value(value[field.name], field.type) for field in kind}
    if pa.types.is_map(kind):
        return [{"key": lake_value(entry["key"], kind.key_type),
                 "value": lake_value(entry["value"], kind.item_type)} for entry in value]
    if pa.types.is_list(kind):
        return [lake_value(element, kind.value_type) for element in value]
    if pa.types.is_time(kind):
        return value // 1000
    if pa.types.is_timestamp(kind) and kind.unit == "ns":
        return value // 1000 * 1000
    return value


def difference(expected, found):
    """The first place where two tables of plain values differ, in words; None where none does."""
    if list(expected) != list(found):
        return f"columns {list(found)}, expected {list(expected)}"
    for name, values in expected.items():
        if len(values) != len(found[name]):
            return f"{name}: {len(found[name])} rows, expected {len(values)}"
        for row, (left, right) in enumerate(zip(values, found[name])):
            if left != right:
                return f"{name}, row {row}: {str(right)[:400]}, expected {str(left)[:400]}"
    return None
