"""Streams of Parquet take the same memory whatever the size of the file."""

import os
import subprocess

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from project import binary

ROWS = 400_000


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A file, and one of four times the rows."""
    folder = tmp_path_factory.mktemp("sizes")
    paths = []
    for times in (1, 4):
        path = folder / f"{times}.parquet"
        kinds = pa.schema([("id", pa.int64()), ("text", pa.string()), ("price", pa.float64()),
                           ("tags", pa.list_(pa.string()))])
        with pq.ParquetWriter(path, kinds) as writer:
            for start in range(0, ROWS * times, 50_000):
                rows = range(start, start + 50_000)
                writer.write_table(pa.table(
                    [list(rows), [f"text {row * 7919 % 1_000_003}" for row in rows],
                     [row / 3 for row in rows], [[f"t{row % 50}", "x"] for row in rows]],
                    schema=kinds))
        paths.append(path)
    return paths


def peak(*words):
    """The most memory, in bytes, that the program took."""
    with open(os.devnull, "wb") as nothing:
        process = subprocess.Popen([binary(), "parquet", *map(str, words)], stdout=nothing,
                                   stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, words
    return usage.ru_maxrss * 1024


@pytest.mark.parametrize("words", [
    ("rewrite", "--memory", "64MB", "--threads", "1", "--row-group-rows", "100000"),
    ("rewrite", "--memory", "64MB", "--threads", "1", "--row-group-rows", "100000", "--profile",
     "max", "--sort", "text"),
    ("cat",), ("verify",)], ids=["rewrite", "sort", "cat", "verify"])
def test_four_times_the_data_take_the_same_memory(files, tmp_path, words):
    target = [tmp_path / "out.parquet"] if words[0] == "rewrite" else []
    small, large = (peak(words[0], path, *target, *words[1:]) for path in files)
    assert large < small * 1.25 + 8_000_000, f"{small / 1e6:.0f} MB, then {large / 1e6:.0f} MB"
