#!/bin/sh
# Sends the events in a file to the intake, with curl and openssl.
#
#   INTAKE_URL=... INTAKE_SECRET=... sh send-events.sh events.json
#
# Tries again for as long as that helps: the id stays the same, time and signature are made anew.
set -eu

if [ $# -ne 1 ] || [ -z "${INTAKE_URL:-}" ] || [ -z "${INTAKE_SECRET:-}" ]; then
  echo "usage: INTAKE_URL=... INTAKE_SECRET=... sh send-events.sh FILE" >&2
  exit 2
fi
file="$1"
if [ ! -f "$file" ] || [ ! -r "$file" ]; then
  echo "$file cannot be read" >&2
  exit 1
fi

sha256() {
  openssl dgst -sha256 -binary
}

hexadecimal() {
  od -An -v -tx1 | tr -d '\n'
}

# What openssl has for HMAC takes the key from its command line, where everybody on the machine can read it. So the two
# hashes that HMAC consists of are made here: the key never leaves the shell, whose printf is its own.
# $1: what each byte of the key, filled up to 64 with zeros, is combined with. Written as octal escapes.
padded() {
  for byte in $key 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 \
    00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00; do
    bytes=$((bytes + 1))
    if [ "$bytes" -le 64 ]; then printf '\\0%03o' "$((0x$byte ^ $1))"; fi
  done
}

# The secret is base64, perhaps with whsec_ before it.
key="$(printf '%s' "${INTAKE_SECRET#whsec_}" | openssl base64 -d -A | hexadecimal)"
bytes=0
if [ "$(printf '%s' "$key" | wc -w)" -gt 64 ]; then
  key="$(printf '%s' "${INTAKE_SECRET#whsec_}" | openssl base64 -d -A | sha256 | hexadecimal)"
fi
inner="$(padded 0x36)"
outer="$(padded 0x5c)"

id="msg_$(openssl rand -hex 16)"
answer="$(mktemp)"
headers="$(mktemp)"
trap 'rm -f "$answer" "$headers"' EXIT

# Seconds between two tries, at least; the intake may ask for more.
for wait in 1 2 4 8 16 30 0; do
  timestamp="$(date +%s)"
  signature="$({
    printf '%b' "$outer"
    { printf '%b' "$inner"; printf '%s.%s.' "$id" "$timestamp"; cat "$file"; } | sha256
  } | sha256 | openssl base64 -A)"
  status="$(curl --silent --max-time 20 --output "$answer" --dump-header "$headers" --write-out '%{http_code}' \
    --header 'content-type: application/json' \
    --header "webhook-id: $id" \
    --header "webhook-timestamp: $timestamp" \
    --header "webhook-signature: v1,$signature" \
    --data-binary "@$file" "$INTAKE_URL")" || status=000
  case "$status" in
    202) cat "$answer" && exit 0 ;;
    # Our own request was taken, and its answer got lost on the way.
    409) cat "$answer" && grep -q '"already-taken"' "$answer" && exit 0 || exit 1 ;;
    000 | 429 | 5??) ;;
    *) cat "$answer" >&2 && exit 1 ;;
  esac
  if [ "$wait" -eq 0 ]; then break; fi
  asked="$(tr -d '\r' <"$headers" | sed -n 's/^[Rr]etry-[Aa]fter: *\([0-9]\{1,3\}\) *$/\1/p' | tail -n 1)"
  if [ "${asked:-0}" -gt "$wait" ]; then sleep "$asked"; else sleep "$wait"; fi
done
echo "The intake did not answer, or was too busy ($status). Keep the events and try later." >&2
exit 1
