#!/usr/bin/env bash
# What the README shows, done by the ordinary AWS command line against a running twin: a registration and a purchase
# become a customer and a welcome mail, a malformed event becomes a refused one; and what an operator does by hand: read
# and rotate a secret, look at the quota, stop the account's sending and let it go on.
#
#   test/oracles/command-line.sh http://127.0.0.1:4580 http://127.0.0.1:4581
set -euo pipefail
endpoint="$1" pages="$2"

export AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any AWS_DEFAULT_REGION=us-east-1 AWS_PAGER=
errors="$(mktemp)"
trap 'rm -f "$errors"' EXIT
run() { aws --endpoint-url "$endpoint" --output json "$@"; }

id="cli-$(date +%s)"
now="$(date -u +%Y-%m-%dT%H:%M:%SZ)"
put() {
  run events put-events --entries "$(python3 - "$@" <<'PY'
import json, sys
detail_type, event_id, at, data = sys.argv[1:]
detail = {"metadata": {"id": event_id, "version": 1, "occurredAt": at}, "data": json.loads(data)}
print(json.dumps([{"EventBusName": "customers", "Source": "my.shop", "DetailType": detail_type, "Detail": json.dumps(detail)}]))
PY
  )"
}

put 'Customer Registered' "$id-r" "$now" "{\"customerId\": \"$id\", \"email\": \"$id@example.com\", \"name\": \"Kim Lee\",
  \"consent\": {\"marketing\": \"opt_in\", \"source\": \"signup form\", \"at\": \"$now\"}}" | grep -q '"FailedEntryCount": 0'
put 'Purchase Completed' "$id-p" "$now" "{\"customerId\": \"$id\", \"orderId\": \"$id-1\", \"total\": 42.5, \"currency\": \"EUR\"}" >/dev/null
put 'Purchase Completed' "$id-x" "$now" "{\"customerId\": \"$id\", \"orderId\": \"$id-2\", \"total\": -1, \"currency\": \"EUR\"}" >/dev/null

for attempt in $(seq 20); do
  mails="$(curl --silent --fail "$pages/mailbox.json?to=$id@example.com")"
  case "$mails" in *'"welcome"'*) break ;; esac
  [ "$attempt" -lt 20 ] || { echo "no welcome mail within 20 seconds: $mails"; exit 1; }
  sleep 1
done

table="$(run dynamodb list-tables | python3 -c 'import json, sys; print(next(each for each in json.load(sys.stdin)["TableNames"] if each.endswith("-customers")))')"
run dynamodb get-item --table-name "$table" --key "{\"pk\": {\"S\": \"CUSTOMER#$id\"}, \"sk\": {\"S\": \"PROFILE\"}}" |
  python3 -c 'import json, sys; stage = json.load(sys.stdin)["Item"]["stage"]["S"]; print("stage:", stage); sys.exit(stage != "new")'
run dynamodb query --table-name "$table" --key-condition-expression 'pk = :pk' \
  --expression-attribute-values "{\":pk\": {\"S\": \"CUSTOMER#$id\"}}" |
  python3 -c 'import json, sys; count = json.load(sys.stdin)["Count"]; print("items:", count); sys.exit(count < 4)'

queues="$(run sqs list-queues)"
dead="$(echo "$queues" | python3 -c 'import json, sys; print([url for url in json.load(sys.stdin)["QueueUrls"] if url.endswith("record-dead")][0])')"
run sqs get-queue-attributes --queue-url "$dead" --attribute-names All |
  python3 -c 'import json, sys; count = int(json.load(sys.stdin)["Attributes"]["ApproximateNumberOfMessages"]); print("refused:", count); sys.exit(count < 1)'
refused="$(curl --silent --fail "$pages/refused")"
case "$refused" in *"$id"*) ;; *) echo 'the refused event is not on the page' && exit 1 ;; esac
echo 'welcomed, recorded, and the malformed event refused with its field'

field() { python3 -c 'import json, sys; value = json.load(sys.stdin)[sys.argv[1]]; print(json.dumps(value).strip("\""))' "$1"; }
secret() { run secretsmanager get-secret-value --secret-id "$links" --version-stage "$1" | field SecretString; }

links="$(run secretsmanager list-secrets |
  python3 -c 'import json, sys; print([each["Name"] for each in json.load(sys.stdin)["SecretList"] if each["Name"].endswith("-links")][0])')"
old="$(secret AWSCURRENT)"
[ "${#old}" -ge 32 ] || { echo "the secret of the links has ${#old} characters"; exit 1; }
arn="$(run secretsmanager get-secret-value --secret-id "$links" | field ARN)"
[ "$(run secretsmanager get-secret-value --secret-id "$arn" | field SecretString)" = "$old" ]
new="$(python3 -c 'import secrets; print(secrets.token_urlsafe(32))')"
run secretsmanager put-secret-value --secret-id "$links" --secret-string "$new" >/dev/null
[ "$(secret AWSCURRENT)" = "$new" ]
[ "$(secret AWSPREVIOUS)" = "$old" ]
if run secretsmanager get-secret-value --secret-id no-such-secret 2>"$errors"; then echo 'a secret nobody made'; exit 1; fi
grep -q ResourceNotFoundException "$errors"
echo 'the key of the links read by name and by ARN, and rotated'

run ses get-send-quota |
  python3 -c 'import json, sys; quota = json.load(sys.stdin); print("quota:", quota); sys.exit(not 0 < quota["SentLast24Hours"] < quota["Max24HourSend"])'
# Stopped for a moment only, and last: whoever the shop mails meanwhile is deferred by minutes.
run ses update-account-sending-enabled --no-enabled
enabled="$(run ses get-account-sending-enabled | field Enabled)"
run ses update-account-sending-enabled --enabled
[ "$enabled" = false ]
[ "$(run ses get-account-sending-enabled | field Enabled)" = true ]
echo "the account's sending stopped and resumed"
