"""Sends the events in a file to the intake. Python 3.9 or newer, without dependencies.

    INTAKE_URL=... INTAKE_SECRET=... python3 send-events.py events.json
"""

import base64
import hashlib
import hmac
import http.client
import json
import os
import sys
import time
import urllib.error
import urllib.request
import uuid


def sign(secret: str, request_id: str, timestamp: int, body: bytes) -> str:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    content = f"{request_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()


def parsed(text: bytes) -> dict:
    """What AWS itself answers may be plain text."""
    try:
        answer = json.loads(text)
    except ValueError:
        answer = None
    return answer if isinstance(answer, dict) else {"message": text.decode(errors="replace")}


def seconds(retry_after: "str | None") -> int:
    """How long the intake asks us to wait; a date, which it never sends, counts for nothing."""
    return int(retry_after) if retry_after and retry_after.isdecimal() and len(retry_after) < 4 else 0


def post(url: str, secret: str, request_id: str, body: bytes) -> "tuple[int, dict, int]":
    """Status, answer and the seconds to wait; status 0 when there was no answer."""
    timestamp = int(time.time())
    headers = {
        "content-type": "application/json",
        "webhook-id": request_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": sign(secret, request_id, timestamp, body),
    }
    try:
        try:
            with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=20) as response:
                return response.status, parsed(response.read()), 0
        except urllib.error.HTTPError as error:
            return error.code, parsed(error.read()), seconds(error.headers.get("retry-after"))
    except (OSError, http.client.HTTPException) as error:  # no connection, no answer in time, half an answer
        return 0, {"error": str(error)}, 0


def send(url: str, secret: str, body: bytes) -> dict:
    """Tries again for as long as that helps: the id stays the same, time and signature are made anew."""
    request_id = f"msg_{uuid.uuid4().hex}"
    # Seconds between two tries, at least; the intake may ask for more.
    for wait in (1, 2, 4, 8, 16, 30, None):
        status, answer, asked = post(url, secret, request_id, body)
        # already-taken: it was our own request, and its answer got lost on the way.
        if status == 202 or answer.get("error") == "already-taken":
            return answer
        if status != 0 and status != 429 and status < 500:
            raise SystemExit(json.dumps(answer, indent=2))
        if wait is not None:
            time.sleep(max(wait, asked))
    raise SystemExit(f"The intake did not answer, or was too busy ({status}). Keep the events and try later.")


if __name__ == "__main__":
    url, secret = os.environ.get("INTAKE_URL"), os.environ.get("INTAKE_SECRET")
    if len(sys.argv) != 2 or not url or not secret:
        print("usage: INTAKE_URL=... INTAKE_SECRET=... python3 send-events.py FILE", file=sys.stderr)
        sys.exit(2)
    try:
        with open(sys.argv[1], "rb") as file:
            events = file.read()
    except OSError as error:
        raise SystemExit(f"{sys.argv[1]} cannot be read: {error.strerror}")
    print(json.dumps(send(url, secret, events)))
