#!/usr/bin/env bash
# Starts moto's server (a Python program that emulates AWS) in the background and prints its endpoint on standard output.
# Where it cannot be had: one line on standard error that begins with SKIPPED, nothing on standard output, and success,
# because an oracle is a bonus.
#
#   export MOTO_ENDPOINT="$(test/oracles/start-moto.sh)"
#   npx vitest run test/contracts
#   test/oracles/stop.sh
#
# PORT chooses the port; without it, any free one is taken.
set -euo pipefail

READY_SECONDS=30

cd "$(dirname "$0")/../.."
home='build/oracles/moto'

skip() {
  echo "SKIPPED: moto, because $1" >&2
  exit 0
}

command -v moto_server >/dev/null || skip 'there is no moto_server on the path'
moto_server --help >/dev/null 2>&1 || skip 'moto_server does not run (pip install "moto[server]")'

mkdir -p "$home"
port="${PORT:-$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })')}"
endpoint="http://127.0.0.1:$port"
moto_server -H 127.0.0.1 -p "$port" >"$home/server.log" 2>&1 </dev/null &
server=$!
echo "$server" >"$home/pid"

for _ in $(seq $((READY_SECONDS * 5))); do
  kill -0 "$server" 2>/dev/null || skip "it ended at once (see $home/server.log)"
  if curl --silent --fail --output /dev/null --max-time 1 "$endpoint/moto-api/"; then
    echo "$endpoint"
    exit 0
  fi
  sleep 0.2
done
kill "$server" 2>/dev/null || true
skip "it did not answer within $READY_SECONDS seconds (see $home/server.log)"
