#!/usr/bin/env bash
# Runs every test: the packages' own, then the whole program against real servers.
# Ends with a non-zero code when any of them fails or cannot run.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

export TIDEMARK_BIN=$PWD/.build/release/tidemark
export TIDEMARK_DUCKDB=$PWD/.build/release/duckdb
export TIDEMARK_TEST_PYTHON=$PWD/.build/venv/bin/python
export PATH=$PATH:/usr/sbin

# A test that hangs is ended with the stacks of all its threads, which say where.
unit_minutes=${UNIT_TEST_MINUTES:-30}
(
  trap 'kill $! 2>/dev/null' EXIT
  sleep $((unit_minutes * 60)) &
  wait $! || exit
  echo "unit tests: still running after $unit_minutes minutes; ended, with their stacks" >&2
  pkill -ABRT -f "^$PWD/.build/.*PackageTests"
) &
watchdog=$!
SWIFT_BACKTRACE=enable=yes,threads=all,interactive=no,color=no stdbuf -oL swift test
unit=$?
kill "$watchdog" 2>/dev/null

"$TIDEMARK_TEST_PYTHON" -m pytest -c Tests/pytest.ini Tests/Architecture Tests/EndToEnd
whole=$?

echo
[[ $unit -eq 0 ]] && echo "unit tests: passed" || echo "unit tests: FAILED (exit code $unit)"
[[ $whole -eq 0 ]] && echo "end-to-end tests: passed" || echo "end-to-end tests: FAILED (exit code $whole)"
[[ $unit -eq 0 && $whole -eq 0 ]]
