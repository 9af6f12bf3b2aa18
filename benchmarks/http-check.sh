#!/usr/bin/env bash
# Requests per second of a membership check with key and scope, against an empty endpoint of the same server in the same run.
# Needs wrk (Debian: apt-get install wrk) and curl. Prints a table; benchmarks/results/http-check.md holds the last one that was committed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
command -v wrk >/dev/null || { echo "wrk is missing: apt-get install wrk" >&2; exit 1; }

seconds=${SECONDS_EACH:-10}
rounds=${ROUNDS:-3}
connections=${CONNECTIONS:-32}
folder=$(mktemp -d)
address=http://127.0.0.1:5219
dotnet build -c Release src/SegmentEngine.Server >/dev/null
dotnet artifacts/bin/SegmentEngine.Server/release/SegmentEngine.Server.dll demo --database "$folder/demo.db" --urls "$address" --RequestsPerSecond 10000000 --RequestsAtOnce 10000000 >"$folder/log" 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; rm -rf "$folder"' EXIT
until grep -q "Is this contact" "$folder/log"; do
  kill -0 "$server" || { cat "$folder/log" >&2; exit 1; }
  sleep 1
done
sleep 3

key=$(grep -oE 'sk_[A-Za-z0-9_-]+' "$folder/log" | head -n 1)
authorization="Authorization: Bearer $key"
member=$(grep -oE 'http[^ "]*/contacts/segments/[0-9a-f-]+/contacts/[^ "]+' "$folder/log" | head -n 1)
answer=$(curl -sf -H "$authorization" "$member")
segment=$(grep -oE '"segment_id":"[^"]+' <<<"$answer" | cut -d'"' -f4)
contact=$(grep -oE '"contact_id":"[^"]+' <<<"$answer" | cut -d'"' -f4)

measure() { wrk -t1 -c"$connections" -d"${seconds}s" -H "$authorization" "$1" | awk '/Non-2xx/ { bad = 1 } /Requests\/sec/ { print bad ? "failed" : $2 }'; }

echo "| round | empty endpoint, requests/s | check, requests/s | ratio |"
echo "|---|---|---|---|"
for round in $(seq 1 "$rounds"); do
  empty=$(measure "$address/health/live")
  check=$(measure "$address/contacts/segments/$segment/contacts/$contact")
  echo "| $round | $empty | $check | $(awk -v a="$check" -v b="$empty" 'BEGIN { printf "%.2f", a / b }') |"
done
echo
echo "$(nproc) cores, $(grep -m1 'model name' /proc/cpuinfo | cut -d: -f2 | xargs), $connections connections, $seconds s each, load generator on the same machine"
