#!/usr/bin/env bash
# Runs every test: the packages' own, then the whole program against real servers.
# Ends with a non-zero code when any of them fails or cannot run.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

export TIDEMARK_BIN=$PWD/.build/release/tidemark
export TIDEMARK_DUCKDB=$PWD/.build/release/duckdb
export TIDEMARK_TEST_PYTHON=$PWD/.build/venv/bin/python
export PATH=$PATH:/usr/sbin

swift test
unit=$?

"$TIDEMARK_TEST_PYTHON" -m pytest -c Tests/pytest.ini Tests/Architecture Tests/EndToEnd
whole=$?

echo
[[ $unit -eq 0 ]] && echo "unit tests: passed" || echo "unit tests: FAILED (exit code $unit)"
[[ $whole -eq 0 ]] && echo "end-to-end tests: passed" || echo "end-to-end tests: FAILED (exit code $whole)"
[[ $unit -eq 0 && $whole -eq 0 ]]
