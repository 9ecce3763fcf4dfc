#!/usr/bin/env bash
# Ends what the start scripts beside this one have started.
set -euo pipefail

cd "$(dirname "$0")/../.."
for file in build/oracles/*/pid; do
  [ -f "$file" ] || continue
  # The number may be somebody else's by now.
  if ps -o args= -p "$(cat "$file")" | grep -Eq 'moto_server|DynamoDBLocal'; then kill "$(cat "$file")"; fi
  rm "$file"
done
