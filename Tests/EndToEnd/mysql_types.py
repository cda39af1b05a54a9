"""The types of MySQL and MariaDB: how a column is declared, what it may hold, how the server itself
prints it, and what the lake must make of it.

The server prints every value as text (`printed`), the lake's value is brought to the same text
(`text`): nothing of Tidemark's own rules is needed to compare the two.
"""

import json
import string
import struct
from dataclasses import dataclass, field
from typing import Callable

import pyarrow as pa

MICROSECONDS = 1_000_000


@dataclass
class Kind:
    """A declared type."""

    name: str
    declared: str
    #: SQL literals that it can hold: its limits, zero, and what is easily got wrong.
    values: list
    arrow: pa.DataType
    #: The Parquet logical type, as pyarrow names it; None where there is none.
    logical: str | None
    #: The server's text of a column, as an expression over its name.
    printed: Callable
    #: The same text from the value that the lake holds.
    text: Callable
    #: A random SQL literal.
    random: Callable
    physical: str | None = None
    #: What the catalog says that the texts or numbers mean.
    meaning: str | None = None
    options: dict = field(default_factory=dict)


def cast(name):
    return f"CAST({name} AS CHAR CHARACTER SET utf8mb4)"


def quoted(text):
    return "x'" + text.encode().hex() + "'" if text else "''"


# Numbers

def integer(name, declared, low, high, arrow, logical=None):
    return Kind(
        name, declared, [str(low), str(high), "0", "1", str(high - 1), str(low + 1)], arrow, logical,
        lambda c: cast(f"{c} + 0"), str, lambda r: str(r.choice([low, high, 0, r.randint(low, high)])))


def integers():
    stored = {8: (pa.int8(), pa.int16()), 16: (pa.int16(), pa.int32()), 24: (pa.int32(), pa.int32()),
              32: (pa.int32(), pa.int64()), 64: (pa.int64(), pa.decimal128(20, 0))}
    logical = {pa.int8(): "Int(bitWidth=8, isSigned=true)", pa.int16(): "Int(bitWidth=16, isSigned=true)",
               pa.decimal128(20, 0): "Decimal(precision=20, scale=0)"}
    for word, bits in (("TINYINT", 8), ("SMALLINT", 16), ("MEDIUMINT", 24), ("INT", 32), ("BIGINT", 64)):
        signed, unsigned = stored[bits]
        yield integer(word.lower(), word, -2 ** (bits - 1), 2 ** (bits - 1) - 1, signed, logical.get(signed))
        yield integer(f"{word.lower()}_unsigned", f"{word} UNSIGNED", 0, 2 ** bits - 1, unsigned,
                      logical.get(unsigned))
        yield integer(f"{word.lower()}_zerofill", f"{word}(5) ZEROFILL", 0, 2 ** bits - 1, unsigned,
                      logical.get(unsigned))
    yield integer("boolean", "BOOLEAN", 0, 1, pa.int8(), logical[pa.int8()])
    yield integer("int_width", "INT(3)", -2 ** 31, 2 ** 31 - 1, pa.int32())


def year():
    return Kind("year", "YEAR", ["1901", "2155", "0", "1970", "2000"], pa.int32(), None, cast,
                lambda v: f"{v:04}", lambda r: str(r.randint(1901, 2155)))


def bits(count):
    top = 2 ** count - 1
    wide = count == 64
    return Kind(
        f"bit_{count}", f"BIT({count})", ["0", str(top), "1", str(top // 2), str(top // 3)],
        pa.decimal128(20, 0) if wide else pa.int64(), "Decimal(precision=20, scale=0)" if wide else None,
        lambda c: f"CONV(HEX({c}), 16, 10)", str, lambda r: str(r.choice([0, top, r.randint(0, top)])))


def decimal(precision, scale, suffix=""):
    def number(digits):
        digits = digits.rjust(scale + 1, "0")
        return f"{digits[:-scale]}.{digits[-scale:]}" if scale else digits

    top = number("9" * precision)
    signed = not suffix
    exact = precision <= 38

    def text(value):
        if not exact:
            return value
        whole = format(value, "f")
        if suffix == " ZEROFILL":  # the server pads it
            whole = whole.rjust(precision + (1 if scale else 0) + (1 if scale == precision else 0), "0")
        return whole

    def random(r):
        digits = "".join(r.choice(string.digits) for _ in range(r.randint(1, precision)))
        return ("-" if signed and r.random() < 0.5 else "") + number(digits)

    return Kind(
        f"decimal_{precision}_{scale}{suffix.strip().lower()}", f"DECIMAL({precision},{scale}){suffix}",
        [top, "0", number("1"), number("1" + "0" * (precision - 1)), *(["-" + top, "-" + number("1")] if signed else [])],
        pa.decimal128(precision, scale) if exact else pa.string(),
        f"Decimal(precision={precision}, scale={scale})" if exact else "String", cast, text, random)


def decimals():
    for precision, scale in ((1, 0), (1, 1), (5, 0), (9, 2), (9, 9), (10, 0), (18, 6), (18, 18), (19, 0),
                             (20, 10), (38, 0), (38, 19), (38, 38), (39, 0), (39, 38), (65, 0), (65, 30),
                             (65, 38)):
        yield decimal(precision, scale)
    yield from (decimal(10, 2, " UNSIGNED"), decimal(38, 5, " UNSIGNED"), decimal(12, 4, " ZEROFILL"),
                decimal(38, 0, " ZEROFILL"), decimal(40, 3, " UNSIGNED"))


def floats():
    single = ["0", "1", "-1", "3.4028234e38", "-3.4028234e38", "1.17549436e-38", "1e-45", "16777216",
              "8388609", "0.1", "3.14159274"]
    double = ["0", "1", "-1", "1.7976931348623157e308", "-1.7976931348623157e308",
              "2.2250738585072014e-308", "5e-324", "9007199254740993", "0.1", "123456789.123456789"]

    def same(value):
        return repr(float(value) + 0.0)

    def any_float(r, form):
        while True:
            value = struct.unpack(form, r.randbytes(struct.calcsize(form)))[0]
            if value == value and abs(value) != float("inf"):
                return repr(value)

    # FLOAT prints six digits; as DOUBLE it prints all that it holds.
    as_double = lambda c: cast(f"({c} + 0e0)")  # noqa: E731
    yield Kind("float", "FLOAT", single, pa.float32(), None, as_double, same, lambda r: any_float(r, "<f"))
    yield Kind("float_unsigned", "FLOAT UNSIGNED", [v for v in single if v[0] != "-"], pa.float32(), None,
               as_double, same, lambda r: any_float(r, "<f").lstrip("-"))
    yield Kind("float_digits", "FLOAT(7,3)", ["0", "9999.999", "-9999.999", "0.001"], pa.float32(), None,
               as_double, same, lambda r: f"{r.uniform(-9999, 9999):.3f}")
    yield Kind("double", "DOUBLE", double, pa.float64(), None, as_double, same, lambda r: any_float(r, "<d"))
    yield Kind("double_unsigned", "DOUBLE UNSIGNED", [v for v in double if v[0] != "-"], pa.float64(),
               None, as_double, same, lambda r: any_float(r, "<d").lstrip("-"))
    yield Kind("double_digits", "DOUBLE(15,4)", ["0", "99999999999.9999", "-0.0001"], pa.float64(), None,
               as_double, same, lambda r: f"{r.uniform(-1e6, 1e6):.4f}")


# Times

def clock(microseconds, digits, hours=2):
    sign = "-" if microseconds < 0 else ""
    seconds, rest = divmod(abs(microseconds), MICROSECONDS)
    text = f"{sign}{seconds // 3600:0{hours}}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return text + (f".{rest:06}"[:digits + 1] if digits else "")


def day(days):
    """A date of the proleptic calendar, year 0 too: Hinnant's civil_from_days."""
    z = days + 719468
    era, of_era = divmod(z, 146097)
    year = (of_era - of_era // 1460 + of_era // 36524 - of_era // 146096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    month = (5 * of_year + 2) // 153
    d = of_year - (153 * month + 2) // 5 + 1
    m = month + 3 if month < 10 else month - 9
    return f"{year + era * 400 + (m <= 2):04}-{m:02}-{d:02}"


def moment(microseconds, digits):
    days, rest = divmod(microseconds, 86400 * MICROSECONDS)
    return f"{day(days)} {clock(rest, digits)}"


def random_day(r):
    return f"{r.randint(1, 9999):04}-{r.randint(1, 12):02}-{r.randint(1, 28):02}"


def random_clock(r, digits, hours=23):
    return clock(r.randint(0, (hours * 3600 + 3599) * MICROSECONDS + 999_999), digits)


def stamp(zone, logical):
    return (f"Timestamp(isAdjustedToUTC={logical}, timeUnit=microseconds, "
            "is_from_converted_type=false, force_set_converted_type=false)", pa.timestamp("us", tz=zone))


def times():
    yield Kind("date", "DATE", ["'1000-01-01'", "'9999-12-31'", "'0001-01-01'", "'2024-02-29'", "'1969-12-31'",
                                "'0000-01-01'", "'1582-10-10'"],
               pa.date32(), "Date", cast, day, lambda r: f"'{random_day(r)}'")
    for digits in (0, 1, 3, 6):
        fraction = "." + "9" * digits if digits else ""
        local, local_type = stamp(None, "false")
        yield Kind(f"datetime_{digits}", f"DATETIME({digits})",
                   ["'1000-01-01 00:00:00'", f"'9999-12-31 23:59:59{fraction}'", f"'1969-12-31 23:59:59{fraction}'",
                    "'0001-01-01 00:00:00'", "'2024-03-31 02:30:00'", f"'2024-02-29 12:00:00{fraction}'"],
                   local_type, local, cast, lambda v, digits=digits: moment(v, digits),
                   lambda r, digits=digits: f"'{random_day(r)} {random_clock(r, digits)}'")
        utc, utc_type = stamp("UTC", "true")
        yield Kind(f"timestamp_{digits}", f"TIMESTAMP({digits})",
                   ["'1970-01-01 00:00:01'", f"'2038-01-19 03:14:07{fraction}'", f"'2024-10-27 00:59:59{fraction}'"],
                   utc_type, utc, cast, lambda v, digits=digits: moment(v, digits),
                   lambda r, digits=digits: f"'{r.randint(1971, 2037)}-{r.randint(1, 12):02}-"
                                            f"{r.randint(1, 28):02} {random_clock(r, digits)}'")
        yield Kind(f"time_{digits}", f"TIME({digits})",
                   ["'-838:59:59'", "'838:59:59'", f"'-838:59:58{fraction}'", "'00:00:00'", "'24:00:00'",
                    f"'23:59:59{fraction}'", f"'-00:00:00{fraction}'", "'-00:00:01'", "'100:00:00'"],
                   pa.int64(), None, cast, lambda v, digits=digits: clock(v, digits),
                   lambda r, digits=digits: f"'{r.choice(['', '-'])}{random_clock(r, digits, 837)}'",
                   meaning="time(us)")


# Texts and bytes

def utf8(name):
    return f"HEX(CONVERT({name} USING utf8mb4))"


def hexed(value):
    return value.encode().hex().upper()


WORDS = ["", "a", "Grüße €", "日本語", "😀 emoji", "it's \\ \"quoted\"", "tab\tand\nline", "x\0y", "é" * 20]


def text_kind(name, declared, longest, words=WORDS):
    values = [quoted(word) for word in words] + [quoted("e" * longest), quoted("ß" * (longest // 2))]
    return Kind(name, declared, values, pa.string(), "String", utf8, hexed,
                lambda r: quoted("".join(r.choice("abc öß€日😀'\\\"\n") for _ in range(r.randint(0, 20))).rstrip()))


def texts():
    trimmed = [word for word in WORDS if word == word.rstrip()]
    yield text_kind("char", "CHAR(40)", 40, trimmed)
    yield text_kind("char_255", "CHAR(255)", 255, trimmed)
    yield text_kind("varchar", "VARCHAR(300)", 300)
    yield text_kind("varchar_compressed", "VARCHAR(300) COMPRESSED", 300)
    yield text_kind("tinytext", "TINYTEXT", 250)
    yield text_kind("text", "TEXT", 65535)
    yield text_kind("mediumtext", "MEDIUMTEXT", 70_000)
    yield text_kind("longtext", "LONGTEXT", 300_000)
    yield Kind("enum", "ENUM('','a','b ö','日本','it''s')", ["''", "'a'", "'b ö'", "'日本'", "'it''s'"],
               pa.string(), "String", utf8, hexed, lambda r: r.choice(["''", "'a'", "'b ö'", "'日本'"]))
    yield Kind("set", "SET('x','ü','日本','z')", ["''", "'x'", "'x,ü,日本,z'", "'ü,z'"], pa.string(), "String",
               utf8, hexed, lambda r: "'" + ",".join(w for w in ("x", "ü", "日本", "z") if r.random() < 0.5) + "'")


def bytes_kind(name, declared, longest):
    values = ["''", "x'00'", "x'FF'", "x'C3'", "x'000102'", f"REPEAT(x'F0', {longest})"]
    return Kind(name, declared, values, pa.binary(), None, lambda c: f"HEX({c})", lambda v: v.hex().upper(),
                lambda r: f"x'{r.randbytes(r.randint(0, min(20, longest))).hex()}'")


def binaries():
    yield bytes_kind("binary", "BINARY(20)", 20)
    yield bytes_kind("binary_255", "BINARY(255)", 255)
    yield bytes_kind("varbinary", "VARBINARY(300)", 300)
    yield bytes_kind("tinyblob", "TINYBLOB", 255)
    yield bytes_kind("blob", "BLOB", 65535)
    yield bytes_kind("blob_compressed", "BLOB COMPRESSED", 1000)
    yield bytes_kind("mediumblob", "MEDIUMBLOB", 70_000)
    yield bytes_kind("longblob", "LONGBLOB", 300_000)


# The rest

SHAPES = {
    "geometry": "POINT(1 2)", "point": "POINT(-1.5 1e300)", "linestring": "LINESTRING(0 0,1 1,2 0)",
    "polygon": "POLYGON((0 0,4 0,4 4,0 0),(1 1,2 1,2 2,1 1))", "multipoint": "MULTIPOINT(0 0,1 1)",
    "multilinestring": "MULTILINESTRING((0 0,1 1),(2 2,3 3))",
    "multipolygon": "MULTIPOLYGON(((0 0,1 0,1 1,0 0)))",
    "geometrycollection": "GEOMETRYCOLLECTION(POINT(1 1),LINESTRING(0 0,1 1))",
}


def geometries():
    for name, shape in SHAPES.items():
        values = [f"ST_GeomFromText('{shape}')", f"ST_GeomFromText('{shape}', 4326)"]
        yield Kind(name, name.upper(), values, pa.binary(), None, lambda c: f"HEX(ST_AsBinary({c}))",
                   lambda v: v.hex().upper(), lambda r, values=values: r.choice(values))


def random_json(r):
    value = r.choice([None, True, 1.5, "ü\n\"", [1, [2]], {"a": {"b": []}}, {}, 10 ** 20])
    return quoted(json.dumps(value, ensure_ascii=r.random() < 0.5))


def address(r):
    return ".".join(str(r.randint(0, 255)) for _ in range(4))


def others():
    documents = ["{}", "[]", "null", '"text"', '{"a": [1, "ü", null]}', '{"b":1,"a":2}', "1.10", '"\\u00fc"']
    yield Kind("json", "JSON", [quoted(d) for d in documents], pa.string(), "String", utf8, hexed, random_json,
               meaning="json")
    yield Kind("inet4", "INET4", ["'0.0.0.0'", "'255.255.255.255'", "'192.168.0.1'"], pa.string(), "String",
               cast, str, lambda r: f"'{address(r)}'")
    yield Kind("inet6", "INET6", ["'::'", "'::1'", "'2001:db8::1'", "'::ffff:192.168.0.1'",
                                  "'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'"],
               pa.string(), "String", cast, str, lambda r: f"'::ffff:{address(r)}'")
    yield Kind("uuid", "UUID", ["'00000000-0000-0000-0000-000000000000'",
                                "'ffffffff-ffff-ffff-ffff-ffffffffffff'",
                                "'6ccd780c-baba-1026-9564-5b8c656024db'"],
               pa.string(), "String", cast, str,
               lambda r: "'{}-{}-{}-{}-{}'".format(*(r.randbytes(n).hex() for n in (4, 2, 2, 2, 6))))


KINDS = [*integers(), year(), *(bits(n) for n in (1, 7, 8, 31, 32, 63, 64)), *decimals(), *floats(), *times(),
         *texts(), *binaries(), *geometries(), *others()]


def comparable(column):
    """A column's values as `Kind.text` takes them: times as plain numbers."""
    if pa.types.is_timestamp(column.type):
        return column.cast(pa.int64()).to_pylist()
    if pa.types.is_date(column.type):
        return column.cast(pa.int32()).to_pylist()
    return column.to_pylist()
