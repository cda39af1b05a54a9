"""The tables that Parquet is measured with, made once and kept."""

import random
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

SEED = 7


def tool(name):
    """A program of the Python environment that this runs in."""
    return str(Path(sys.executable).with_name(name))


def lineitem(file, scale):
    """TPC-H lineitem: six million rows at scale 1."""
    folder = file.parent / "tpch"
    subprocess.run([tool("tpchgen-cli"), "parquet", "-s", str(scale), "--tables=lineitem",
                    f"--output-dir={folder}"], check=True, capture_output=True)
    found = next(folder.rglob("lineitem*.parquet"))
    table = pq.read_table(found)
    # Views of texts, if the generator writes that type, as plain texts: all engines have those.
    names = table.schema.names
    for index, field in enumerate(table.schema):
        if field.type in (pa.string_view(), pa.large_string()):
            table = table.set_column(index, names[index], table[index].cast(pa.string()))
    found.unlink()
    return table


def chunks(total, size=100_000):
    for start in range(0, total, size):
        yield start, min(size, total - start)


def sparse(file, scale):
    """A hundred columns, of which a row has few."""
    generator = random.Random(SEED)
    rows, batches = int(500_000 * scale), []
    for start, count in chunks(rows):
        columns = {"id": pa.array(range(start, start + count), pa.int64())}
        for number in range(99):
            share = (0.5, 0.1, 0.01)[number % 3]
            present = [generator.random() < share for _ in range(count)]
            kind = number % 4
            if kind == 0:
                values, type_ = [generator.randrange(1000) if p else None for p in present], pa.int32()
            elif kind == 1:
                values, type_ = [generator.random() if p else None for p in present], pa.float64()
            elif kind == 2:
                values, type_ = [f"value {generator.randrange(200)}" if p else None
                                 for p in present], pa.string()
            else:
                values, type_ = [generator.randrange(2**50) if p else None
                                 for p in present], pa.timestamp("us", "UTC")
            columns[f"c{number}"] = pa.array(values, type_)
        batches.append(pa.table(columns))
    return pa.concat_tables(batches).combine_chunks()


def strings(file, scale):
    """Texts that hardly repeat: identifiers, addresses, words."""
    generator = random.Random(SEED)
    words = [f"{generator.getrandbits(40):x}" for _ in range(20_000)]
    rows, batches = int(2_000_000 * scale), []
    for _, count in chunks(rows):
        key = [f"{generator.getrandbits(128):032x}" for _ in range(count)]
        batches.append(pa.table({
            "key": pa.array([f"{k[:8]}-{k[8:12]}-{k[12:16]}-{k[16:20]}-{k[20:]}" for k in key]),
            "url": pa.array([f"https://example.com/{generator.choice(words)}/item/"
                             f"{generator.randrange(10**9)}?ref={generator.choice(words)}"
                             for _ in range(count)]),
            "mail": pa.array([f"{generator.choice(words)}.{generator.randrange(10**5)}@example.org"
                              for _ in range(count)]),
            "note": pa.array([" ".join(generator.choices(words, k=generator.randrange(1, 8)))
                              for _ in range(count)]),
        }))
    return pa.concat_tables(batches).combine_chunks()


def nested(file, scale):
    """Orders with a struct, a list of texts and a list of structs."""
    generator = random.Random(SEED)
    rows, batches = int(500_000 * scale), []
    item = pa.struct([("sku", pa.string()), ("quantity", pa.int32()), ("price", pa.float64())])
    type_ = {
        "id": pa.int64(),
        "customer": pa.struct([("name", pa.string()), ("city", pa.string()), ("age", pa.int32())]),
        "tags": pa.list_(pa.string()), "items": pa.list_(item),
    }
    for start, count in chunks(rows):
        columns = {
            "id": range(start, start + count),
            "customer": [None if generator.random() < 0.05 else
                         {"name": f"name {generator.randrange(50_000)}",
                          "city": f"city {generator.randrange(300)}",
                          "age": generator.randrange(18, 90)} for _ in range(count)],
            "tags": [None if generator.random() < 0.2 else
                     [f"tag{generator.randrange(40)}" for _ in range(generator.randrange(5))]
                     for _ in range(count)],
            "items": [[{"sku": f"sku-{generator.randrange(100_000)}",
                        "quantity": generator.randrange(1, 20),
                        "price": generator.randrange(100, 99_999) / 100}
                       for _ in range(generator.randrange(6))] for _ in range(count)],
        }
        batches.append(pa.table({name: pa.array(columns[name], type_[name]) for name in type_}))
    return pa.concat_tables(batches).combine_chunks()


def wide(file, scale):
    """Ten thousand columns of a hundred rows: what a footer costs."""
    return pa.table({f"c{number}": pa.array(range(number, number + 100), pa.int64())
                     for number in range(10_000)})


TABLES = {"lineitem": lineitem, "sparse": sparse, "strings": strings, "nested": nested}


def file_of(name, scale, folder):
    """The table's file, made where it is not there yet."""
    file = Path(folder) / f"{name}-{scale:g}.parquet"
    if not file.exists():
        print(f"making {file.name}", file=sys.stderr, flush=True)
        folder.mkdir(parents=True, exist_ok=True)
        table = {**TABLES, "wide": wide}[name](file, scale)
        partial = file.with_suffix(".partial")
        # Everything in one group and plain: what the engines load says nothing of how they write.
        pq.write_table(table, partial, compression="zstd", store_schema=False)
        partial.rename(file)
    return file
