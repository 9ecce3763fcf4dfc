#!/bin/sh
# Sends the events in a file to the intake, with curl and openssl.
#
#   INTAKE_URL=... INTAKE_SECRET=... sh send-events.sh events.json
#
# Tries again for as long as that helps: the id stays the same, time and signature are made anew.
set -eu

file="$1"
id="msg_$(openssl rand -hex 16)"
# The secret is base64, perhaps with whsec_ before it; openssl wants it in hexadecimal.
key="$(printf '%s' "${INTAKE_SECRET#whsec_}" | openssl base64 -d -A | od -An -v -tx1 | tr -d ' \n')"
answer="$(mktemp)"
trap 'rm -f "$answer"' EXIT

for wait in 1 2 4 8 0; do
  timestamp="$(date +%s)"
  signature="$({ printf '%s.%s.' "$id" "$timestamp"; cat "$file"; } |
    openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -binary | openssl base64 -A)"
  status="$(curl --silent --max-time 20 --output "$answer" --write-out '%{http_code}' \
    --header 'content-type: application/json' \
    --header "webhook-id: $id" \
    --header "webhook-timestamp: $timestamp" \
    --header "webhook-signature: v1,$signature" \
    --data-binary "@$file" "$INTAKE_URL")" || status=000
  case "$status" in
    202) cat "$answer" && exit 0 ;;
    # Our own request was taken, and its answer got lost on the way.
    409) cat "$answer" && grep -q '"already-taken"' "$answer" && exit 0 || exit 1 ;;
    000 | 429 | 5??) sleep "$wait" ;;
    *) cat "$answer" >&2 && exit 1 ;;
  esac
done
echo "The intake did not answer, or was too busy ($status). Keep the events and try later." >&2
exit 1
