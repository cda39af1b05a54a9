"""Tidemark's peers in reading a MySQL table into a Parquet file, each as a program of its own.

    python mysql_peers.py NAME          reads TPCH_URL's lineitem into the working folder

The peers come with `scripts/setup.sh bench`. Each is set up as its own guide says for speed, and
writes zstd.
"""

import importlib.util
import os
import sys
from urllib.parse import urlsplit

TABLE = "lineitem"


def connectorx():
    """connectorx reads into Arrow, pyarrow writes: the table is in memory in between."""
    import connectorx as reader
    import pyarrow.parquet
    table = reader.read_sql(os.environ["TPCH_URL"], f"SELECT * FROM {TABLE}", return_type="arrow")
    pyarrow.parquet.write_table(table, "lineitem.parquet", compression="zstd")


def duckdb_mysql():
    """DuckDB with its mysql extension."""
    import duckdb
    import duckdb_extension_mysql_scanner
    url = urlsplit(os.environ["TPCH_URL"])
    connection = duckdb.connect()
    folder = os.path.dirname(duckdb_extension_mysql_scanner.__file__)
    extension = f"{folder}/extensions/v{duckdb.__version__}/mysql_scanner.duckdb_extension"
    connection.execute(f"LOAD '{extension}'")
    connection.execute("SET preserve_insertion_order = false")
    connection.execute(
        f"ATTACH 'host={url.hostname} port={url.port} user={url.username} "
        f"password={url.password} database={url.path[1:]}' AS shop (TYPE mysql, READ_ONLY)")
    connection.execute(
        f"COPY (SELECT * FROM shop.{TABLE}) TO 'lineitem.parquet' (COMPRESSION zstd)")


def dlt():
    """dlt's sql_database source with its pyarrow backend, to Parquet files in a folder."""
    os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
    import dlt as library
    from dlt.sources.sql_database import sql_table
    url = os.environ["TPCH_URL"].replace("mysql://", "mysql+pymysql://")
    table = sql_table(credentials=url, table=TABLE, backend="pyarrow", chunk_size=100_000)
    pipeline = library.pipeline(
        "tpch", pipelines_dir="dlt", dataset_name="raw",
        destination=library.destinations.filesystem(f"file://{os.getcwd()}/lake"))
    pipeline.run(table, loader_file_format="parquet")


# What they are called, what runs them, and which modules they need.
PEERS = {
    "connectorx and pyarrow": (connectorx, ["connectorx", "pyarrow"]),
    "DuckDB's mysql extension": (duckdb_mysql, ["duckdb", "duckdb_extension_mysql_scanner"]),
    "dlt, pyarrow backend": (dlt, ["dlt", "sqlalchemy", "pymysql", "pyarrow"]),
}


def missing(name):
    """Those of a peer's modules that are not installed."""
    return [module for module in PEERS[name][1] if importlib.util.find_spec(module) is None]


if __name__ == "__main__":
    PEERS[sys.argv[1]][0]()
