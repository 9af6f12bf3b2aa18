#!/usr/bin/env bash
# Builds everything, runs every test, and ends with one line: N passed, N failed, N skipped.
# Arguments go to dotnet test, for example: ./test.sh --filter Samples
# docs/reliability.md has the commands for long trials, such as: SEGMENT_LIVES=20000 ./test.sh --filter Whatever_happens_in_a_life
# ./test.sh --pairs 10000000 compares so many pairs of a random rule and a random contact between all engines, and runs nothing else.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
export DOTNET_CLI_UI_LANGUAGE=en DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
if [ "${1:-}" = --pairs ]; then
  export SEGMENT_PAIRS=${2:?--pairs needs a number}
  shift 2
  set -- --filter Three_engines_give_one_answer --logger "console;verbosity=detailed" "$@"
fi

dotnet build SegmentEngine.sln -c Release || { echo "0 passed, 0 failed, 0 skipped (the build failed)"; exit 1; }

log=$(mktemp)
trap 'rm -f "$log"' EXIT
# One project after the other: some tests measure time, and would measure their neighbours.
dotnet test SegmentEngine.sln -c Release --no-build -m:1 "$@" 2>&1 | tee "$log"
ended=$?

# Each project closes with "Passed!  - Failed:     0, Passed:    10, Skipped:     0, Total: …".
read -r passed failed skipped < <(sed -nE 's/^.*- Failed: +([0-9]+), Passed: +([0-9]+), Skipped: +([0-9]+), Total: .*$/\2 \1 \3/p' "$log" \
  | awk '{ passed += $1; failed += $2; skipped += $3 } END { print passed + 0, failed + 0, skipped + 0 }')
if [ "$ended" -ne 0 ] && [ "$failed" -eq 0 ]; then
  echo "a test run ended early; its output is above"
fi
if [ "$passed" -eq 0 ]; then
  ended=1
fi
echo "$passed passed, $failed failed, $skipped skipped"
exit "$ended"
