#!/usr/bin/env bash
# Puts the DuckDB program beside the tidemark binary, where `tidemark query` looks for it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

folder=$(.build/venv/bin/python -c '
import importlib.util
print(importlib.util.find_spec("duckdb_cli").submodule_search_locations[0])')
ln -sfn "$(realpath "$folder/duckdb")" .build/release/duckdb
