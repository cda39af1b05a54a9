#!/usr/bin/env bash
# Runs every test: the packages' own, then the whole program against real servers.
# Ends with a non-zero code when any of them fails or cannot run.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

export TIDEMARK_BIN=$PWD/.build/release/tidemark
export TIDEMARK_DUCKDB=$PWD/.build/release/duckdb
export TIDEMARK_TEST_PYTHON=$PWD/.build/venv/bin/python
export PATH=$PATH:/usr/sbin

# The packages' tests. A test that hangs is ended with the stacks of all its threads, which say
# where; so is a process that does not end when its tests have, which then keep what they said.
unit_tests() {
  local bundle log=.build/unit-tests.log code watchdog
  swift build --build-tests || return
  bundle=$(swift build --show-bin-path)/tidemarkPackageTests.xctest
  : >"$log"
  watch_tests "$bundle" "$log" &
  watchdog=$!
  SWIFT_BACKTRACE=enable=yes,threads=all,interactive=no,color=no \
    stdbuf -oL "$bundle" --testing-library swift-testing 2>&1 | tee "$log"
  code=${PIPESTATUS[0]}
  kill "$watchdog" 2>/dev/null
  # Aborted or killed by the watchdog.
  if [[ $code -eq 134 || $code -eq 137 ]] && grep -q "Test run with .* passed" "$log"; then code=0; fi
  return "$code"
}

watch_tests() {
  local bundle=$1 log=$2 seconds=0 ended=0
  trap 'kill "$!" 2>/dev/null; exit' TERM
  while ((seconds < 60 * ${UNIT_TEST_MINUTES:-30} && ended < 60)); do
    sleep 5 &
    wait $!
    seconds=$((seconds + 5))
    if grep -q "Test run with" "$log"; then ended=$((ended + 5)); fi
  done
  echo "unit tests: the process goes on after $seconds seconds ($ended since its last test ended);" \
    "aborted, with its stacks" >&2
  pkill -ABRT -f "^$bundle"
  sleep 300 &
  wait $!
  pkill -KILL -f "^$bundle"
}

unit_tests
unit=$?

"$TIDEMARK_TEST_PYTHON" -m pytest -c Tests/pytest.ini Tests/Architecture Tests/EndToEnd
whole=$?

echo
[[ $unit -eq 0 ]] && echo "unit tests: passed" || echo "unit tests: FAILED (exit code $unit)"
[[ $whole -eq 0 ]] && echo "end-to-end tests: passed" || echo "end-to-end tests: FAILED (exit code $whole)"
[[ $unit -eq 0 && $whole -eq 0 ]]
