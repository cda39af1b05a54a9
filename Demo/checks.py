"""Compares the lake with the sources, value by value, without Tidemark's help."""

import csv
import gzip

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from airline import data_file


def lake_table(lake, name):
    """A table as any other program finds it: all files below its folder, hidden ones aside."""
    folder = lake / "raw" / name
    files = [path for path in sorted(folder.rglob("*.parquet"))
             if not any(part[0] in "._" for part in path.relative_to(folder).parts)]
    return pa.concat_tables([pq.ParquetFile(path).read() for path in files],
                            promote_options="permissive")


def flights_match(lake, exports):
    """Every version of every flight once, every value equal to what MySQL wrote; how many."""
    found = lake_table(lake, "airline_flights")
    plain = {field.name: pa.timestamp("us") if pa.types.is_timestamp(field.type) else field.type
             for field in found.schema}
    pieces = [pyarrow.csv.read_csv(
        path, pyarrow.csv.ReadOptions(column_names=found.column_names),
        pyarrow.csv.ParseOptions(delimiter="\t", quote_char=False),
        pyarrow.csv.ConvertOptions(column_types=plain, null_values=["\\N"], strings_can_be_null=True))
        for path in exports if path.stat().st_size > 0]
    expected = pa.concat_tables(pieces).cast(found.schema)
    order = [("id", "ascending"), ("updated_at", "ascending")]
    found, expected = found.sort_by(order), expected.sort_by(order)
    must(len(found) == len(expected), f"{len(found)} flights in the lake, {len(expected)} in MySQL")
    for name in found.column_names:
        must(found.column(name).equals(expected.column(name)), f"flights differ in '{name}'")
    return len(found)


def weather_matches(lake, until):
    """Every hour of weather at every airport once, as the data file has it; how many."""
    with open(data_file("weather.csv")) as file:
        expected = sorted((row["time_hour"], row["origin"], number(row["temp"]), number(row["wind_speed"]))
                          for row in csv.DictReader(file) if row["time_hour"] < until)
    table = lake_table(lake, "weather_hourly")
    times = table.column("time_hour")
    if pa.types.is_timestamp(times.type):
        times = pc.strftime(times, "%Y-%m-%dT%H:%M:%SZ")
        times = pc.replace_substring_regex(times, r"\.0+Z", "Z")
    wind = [value["speed"] for value in table.column("wind").to_pylist()]
    found = sorted(zip(times.to_pylist(), table.column("origin").to_pylist(),
                       table.column("temp").to_pylist(), wind), key=lambda row: row[:2])
    expected.sort(key=lambda row: row[:2])
    must(len(found) == len(expected), f"{len(found)} observations in the lake, {len(expected)} served")
    must(found == expected, "observations differ")
    return len(found)


def log_lines_match(lake, logs):
    """Every line of the access log once, whatever file it is in by now; how many."""
    lines = []
    for path in logs.glob("access.log*"):
        opened = gzip.open(path, "rt") if path.suffix == ".gz" else open(path)
        with opened as file:
            lines += [line.split('"')[1] for line in file]
    table = lake_table(lake, "web_access")
    found = [" ".join(parts) for parts in zip(*(table.column(name).to_pylist()
                                                for name in ("method", "path", "protocol")))]
    must(sorted(found) == sorted(lines), f"{len(found)} log lines in the lake, {len(lines)} in the log")
    return len(found)


def number(text):
    return None if text == "NA" else float(text)


def must(holds, otherwise):
    if not holds:
        raise RuntimeError(f"the lake does not match its sources: {otherwise}")
