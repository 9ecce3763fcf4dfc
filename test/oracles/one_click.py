"""Unsubscribes as a mail client does, from a mail a running twin delivered, knowing nothing but the standards.

    python3 one_click.py http://127.0.0.1:4580 http://127.0.0.1:4581

Takes the addresses out of the mail's own headers (RFC 2369, RFC 8058). Opening the page and tampering with the address
must change nothing; one POST must stop the next promotional mail to that mailbox, whichever customer it belongs to, and
an event that repeats the old consent must not bring it back. Events go out by the AWS command line; what is stored is
read by plain requests of DynamoDB's protocol, because waiting for rest means reading it dozens of times.
"""

import base64
import hashlib
import hmac
import http.client
import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from datetime import datetime, timedelta, timezone
from email import message_from_bytes
from email.policy import default
from pathlib import PurePosixPath
from urllib.parse import urlsplit

PATIENCE_SECONDS = 60
"""For what takes a second on a quiet machine."""

QUIET_SECONDS = 10
"""Whatever has not changed for so long rests: on a busy machine one event is handled seconds after another."""

AUTHORIZATION = "AWS4-HMAC-SHA256 Credential=any/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0"
"""A twin lets its owner in under any key, and looks at no signature of theirs."""

AWS_ENVIRONMENT = {"AWS_ACCESS_KEY_ID": "any", "AWS_SECRET_ACCESS_KEY": "any", "AWS_DEFAULT_REGION": "us-east-1", "AWS_PAGER": ""}
ONE_CLICK = "List-Unsubscribe=One-Click"
FORM = "application/x-www-form-urlencoded"
MULTIPART = (
    "multipart/form-data; boundary=b",
    '--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b--\r\n',
)


def expect(holds: bool, what: str) -> None:
    if not holds:
        raise SystemExit(f"WRONG: {what}")
    print(f"  {what}")


def eventually(read, holds, what: str):
    """Reads until it holds: what follows from an event takes its time."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        value = read()
        if holds(value):
            return value
        if time.monotonic() > deadline:
            raise SystemExit(f"WRONG: not within {PATIENCE_SECONDS} seconds: {what}; it is {value!r}")
        time.sleep(0.5)


class Shop:
    """The deployment in the twin, as its owner reaches it: by the AWS command line, and by DynamoDB's own protocol."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        [self.table] = [each for each in self.aws("dynamodb", "list-tables")["TableNames"] if each.endswith("-customers")]
        named = [each["Name"] for each in self.aws("secretsmanager", "list-secrets")["SecretList"]]
        [secret] = [name for name in named if name.endswith("-addresses")]
        self.key = self.aws("secretsmanager", "get-secret-value", "--secret-id", secret)["SecretString"]

    def aws(self, *words: str):
        command = ["aws", "--endpoint-url", self.endpoint, "--output", "json", *words]
        out = subprocess.run(command, env={**os.environ, **AWS_ENVIRONMENT}, capture_output=True, text=True, check=False)
        if out.returncode != 0:
            raise SystemExit(f"{' '.join(words)}: {out.stderr}")
        return json.loads(out.stdout or "{}")

    def emit(self, detail_type: str, event_id: str, at: datetime, data: dict) -> None:
        detail = {"metadata": {"id": event_id, "version": 1, "occurredAt": at.isoformat()}, "data": data}
        entry = {"EventBusName": "customers", "Source": "my.shop", "DetailType": detail_type, "Detail": json.dumps(detail)}
        assert self.aws("events", "put-events", "--entries", json.dumps([entry]))["FailedEntryCount"] == 0

    def item(self, pk: str, sk: str):
        wanted = {"TableName": self.table, "ConsistentRead": True, "Key": {"pk": {"S": pk}, "sk": {"S": sk}}}
        headers = {
            "Authorization": AUTHORIZATION,
            "Content-Type": "application/x-amz-json-1.0",
            "X-Amz-Target": "DynamoDB_20120810.GetItem",
        }
        asked = urllib.request.Request(self.endpoint, data=json.dumps(wanted).encode(), headers=headers)
        with urllib.request.urlopen(asked) as response:
            return json.load(response).get("Item")

    def profile(self, customer: str):
        return self.item(f"CUSTOMER#{customer}", "PROFILE")

    def address(self, address: str):
        """What is stored of a mailbox: under a keyed hash, so that nobody can read it off the table."""
        digest = hmac.digest(self.key.encode(), address.encode(), hashlib.sha256)
        return self.item(f"ADDRESS#{base64.urlsafe_b64encode(digest).decode()[:16]}", "ADDRESS")

    def message(self, customer: str, step: str):
        """How the message of this step ended."""
        item = self.item(f"CUSTOMER#{customer}", f"MESSAGE#1/{step}/1")
        return json.loads(item["entry"]["S"]) if item else None


def request(method: str, url: str, content: tuple[str, str] | None = None):
    """One request without cookies; a redirect is an answer like any other."""
    target = urlsplit(url)
    secure = target.scheme == "https"
    connection = (http.client.HTTPSConnection if secure else http.client.HTTPConnection)(target.netloc, timeout=30)
    headers = {"Content-Type": content[0]} if content else {}
    connection.request(method, target.path, content[1] if content else None, headers)
    response = connection.getresponse()
    body = response.read().decode()
    connection.close()
    return response, body


def tampered(url: str) -> dict[str, str]:
    """Addresses a stranger might try: another life or customer under the old signature, another signature, none."""
    path = PurePosixPath(urlsplit(url).path)
    payload, _, signature = path.name.partition(".")
    fields = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
    other = base64.urlsafe_b64encode(fields[:-1] + bytes([fields[-1] ^ 1])).rstrip(b"=").decode()
    swapped = ("B" if signature[0] == "A" else "A") + signature[1:]
    bare = url[: -len(path.name)]
    return {
        "other content": f"{bare}{other}.{signature}",
        "another signature": f"{bare}{payload}.{swapped}",
        "no signature": bare + payload,
        "another page's address": f"{url.rsplit('/', 2)[0]}/p/{path.name}",
    }


def said(stored: tuple[dict, dict]) -> tuple[dict, dict]:
    """What is stored, but for when it was said last: that goes on with the minute in which it is said again."""
    facts, document = json.loads(stored[0]["S"]), json.loads(stored[1]["document"]["S"])
    facts["choices"] = [choice for _at, _by, choice in facts["choices"]]
    document["optOut"] = sorted(document["optOut"])
    return facts, document


def main(endpoint: str, pages: str) -> None:
    shop = Shop(endpoint)
    run = f"one-click-{int(time.time())}"
    reader, double, other = (f"{run}-{name}" for name in ("reader", "double", "other"))
    mailbox = f"{run}@example.com"
    start = datetime.now(timezone.utc)
    consent = {"marketing": "opt_in", "source": "signup form", "at": (start - timedelta(hours=1)).isoformat()}

    def register(customer: str, address: str) -> None:
        data = {"customerId": customer, "email": address, "name": "Kim Lee", "consent": consent}
        shop.emit("Customer Registered", f"{customer}-r", datetime.now(timezone.utc), data)

    def buy(customer: str, number: int) -> None:
        data = {"customerId": customer, "orderId": f"{customer}-{number}", "total": 42.5, "currency": "EUR"}
        shop.emit("Purchase Completed", f"{customer}-p{number}", datetime.now(timezone.utc), data)

    def mails(address: str) -> list[dict]:
        with urllib.request.urlopen(f"{pages}/mailbox.json?to={address}") as response:
            return json.load(response)

    def stored():
        """What is known of customer and mailbox, but for the timers, which go on whatever is said."""
        profile = shop.profile(reader)
        return profile and profile["facts"], shop.address(mailbox)

    def resting():
        """What is stored once nothing moves any more."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        before, since = stored(), time.monotonic()
        while time.monotonic() < since + QUIET_SECONDS:
            assert time.monotonic() < deadline, "what is stored keeps changing"
            time.sleep(0.5)
            now = stored()
            if now != before:
                before, since = now, time.monotonic()
        return before

    register(reader, mailbox)
    buy(reader, 1)
    [mail] = eventually(lambda: mails(mailbox), lambda found: len(found) == 1, "the reader's first mail")
    with urllib.request.urlopen(f"{pages}/mailbox/{mail['id']}.eml") as response:
        message = message_from_bytes(response.read(), policy=default)
    [header] = message.get_all("List-Unsubscribe")
    url = next(each for each in re.findall(r"<([^<>\s]+)>", header) if not each.startswith("mailto:"))
    print(f"{mail['programme']}/{mail['step']} to {mailbox}")
    expect(message["List-Unsubscribe-Post"] == ONE_CLICK, "the mail offers one click")
    before = resting()
    expect(all(before), "customer and mailbox are stored")

    print("looking changes nothing")
    for method in ("GET", "HEAD", "GET"):
        response, body = request(method, url)
        expect(response.status == 200 and response.headers.get_content_type() == "text/html", f"{method}: a page")
        expect(("<form" in body and "<button" in body) == (method == "GET"), f"{method}: {'a button' if body else 'no body'}")
        expect("Set-Cookie" not in response.headers, f"{method}: no cookie")
    expect(resting() == before, "nothing has changed")

    print("tampering changes nothing")
    for name, address in tampered(url).items():
        for method, content in (("GET", None), ("POST", (FORM, ONE_CLICK))):
            response, body = request(method, address, content)
            friendly = 400 <= response.status < 500 and "<h1>" in body and "mailto:" in body
            expect(friendly, f"{method} with {name}: {response.status}, a page that says whom to ask")
    expect(resting() == before, "nothing has changed")

    print("one click")
    register(double, mailbox.upper().replace("EXAMPLE.COM", "example.com"))
    eventually(lambda: shop.profile(double), bool, "the second customer id is known")
    for name, content in (("as a form", (FORM, ONE_CLICK)), ("as a form, again", (FORM, ONE_CLICK)), ("in multipart, again", MULTIPART)):
        response, body = request("POST", url, content)
        expect(response.status == 200 and "Location" not in response.headers, f"{name}: 200, no redirect")
        expect("Set-Cookie" not in response.headers and "<h1>" in body, f"{name}: no cookie, a page")
        if name == "as a form":
            expect(shop.address(mailbox) != before[1], "the mailbox is marked before the answer comes")
            eventually(lambda: shop.profile(reader), lambda profile: '"off"' in profile["facts"]["S"], "the journal says so")
            after = resting()
    expect(said(resting()) == said(after), "saying it again changes nothing")

    print("the next mail")
    old = {"customerId": reader, "consent": consent}
    shop.emit("Profile Updated", f"{reader}-u", datetime.now(timezone.utc), old)
    shop.emit("Profile Updated", f"{double}-u", datetime.now(timezone.utc), {**old, "customerId": double})
    register(other, f"{other}@example.com")
    buy(double, 1)
    buy(other, 1)
    welcome = "onboarding/welcome"
    sent = eventually(lambda: shop.message(other, welcome), bool, "how the welcome of somebody else ended")
    expect(sent["outcome"] == "sent", "somebody else is welcomed")
    ended = eventually(lambda: shop.message(double, welcome), bool, "how the welcome of the second customer id ended")
    expect((ended["outcome"], ended.get("reason")) == ("withheld", "unsubscribed"), "withheld: unsubscribed, for the second customer id")
    expect('"off"' in shop.profile(reader)["facts"]["S"], "an update with the old consent has not undone it")
    expect(len(mails(mailbox)) == 1, "the mailbox has the one mail from before")
    with urllib.request.urlopen(f"{pages}/customers/{double}") as response:
        expect("unsubscribed" in response.read().decode().lower(), "the page of the second customer id says why")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
