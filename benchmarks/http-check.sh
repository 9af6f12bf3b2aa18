#!/usr/bin/env bash
# Requests per second of a membership check, and of a gate over 100 actions and 100 instructions, with key and scope, against an empty endpoint of the same server in the same run.
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

# 100 of each beside the demo's own, which are left out; each is for the members of two segments, so that some are kept and most are withheld with the reason.
segments=($(curl -sf -H "$authorization" "$address/contacts/segments?limit=50" | grep -oE '"id":"[0-9a-f-]{36}"' | cut -d'"' -f4))
make() { curl -sf -H "$authorization" -H "Content-Type: application/json" "$address/$1" -d "$2" | cut -d'"' -f4; }
actions=() instructions=()
for i in $(seq 0 99); do
  restricted="\"restricted_to_segments\":[\"${segments[i % ${#segments[@]}]}\",\"${segments[(i * 7 + 3) % ${#segments[@]}]}\"]"
  actions+=("\"$(make actions "{\"name\":\"action_$i\",\"description\":\"What a tool does for a customer, in a sentence.\",$restricted}")\"")
  instructions+=("\"$(make training "{\"title\":\"instruction $i\",\"content\":\"What the agent is to say to a customer in this case, in a sentence or two; and what it must never say to anybody.\",$restricted}")\"")
done
cat >"$folder/resolve.lua" <<LUA
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{"contact_id":"$contact"}'
LUA
for each in $(curl -sf -H "$authorization" "$address/actions" | grep -oE '"id":"[0-9a-f-]{36}"' | cut -d'"' -f4); do
  [[ " ${actions[*]} " == *"$each"* ]] || curl -sf -X DELETE -H "$authorization" "$address/actions/$each" >/dev/null
done
for each in $(curl -sf -H "$authorization" "$address/training" | grep -oE '"id":"[0-9a-f-]{36}"' | cut -d'"' -f4); do
  [[ " ${instructions[*]} " == *"$each"* ]] || curl -sf -X DELETE -H "$authorization" "$address/training/$each" >/dev/null
done
sleep 1
resolved=$(curl -sf -H "$authorization" -H "Content-Type: application/json" "$address/gating/resolve" -d "{\"contact_id\":\"$contact\"}")

measure() { wrk -t1 -c"$connections" -d"${seconds}s" -H "$authorization" "$@" | awk '/Non-2xx/ { bad = 1 } /Requests\/sec/ { print bad ? "failed" : $2 }'; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'; }

echo "| round | empty endpoint, requests/s | check, requests/s | ratio | gate, requests/s | ratio |"
echo "|---|---|---|---|---|---|"
for round in $(seq 1 "$rounds"); do
  empty=$(measure "$address/health/live")
  check=$(measure "$address/contacts/segments/$segment/contacts/$contact")
  gate=$(measure -s "$folder/resolve.lua" "$address/gating/resolve")
  echo "| $round | $empty | $check | $(ratio "$check" "$empty") | $gate | $(ratio "$gate" "$empty") |"
done
echo
echo "The gate keeps $(grep -o '"created_at"' <<<"$resolved" | wc -l) of 200 items and answers with $(wc -c <<<"$resolved") bytes."
echo
echo "$(nproc) cores, $(grep -m1 'model name' /proc/cpuinfo | cut -d: -f2 | xargs), $connections connections, $seconds s each, load generator on the same machine"
