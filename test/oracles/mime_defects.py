"""Reads delivered messages with Python's e-mail parser and prints every defect.

    python3 mime_defects.py DIRECTORY

Checks each .eml file below DIRECTORY. Exits 1 when there is a defect, or nothing to check.
"""

import re
import sys
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from urllib.parse import urlsplit

SINGLE = (
    *("From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Reply-To"),
    *("List-Unsubscribe", "List-Unsubscribe-Post"),
)


def defects_of_unsubscribing(message: EmailMessage) -> list[str]:
    """RFC 8058 wants an https address and exactly this second header; RFC 2369 wants angle brackets and commas."""
    addresses = re.fullmatch(r"<([^<>\s]+)>,\s*<([^<>\s]+)>", str(message["List-Unsubscribe"] or ""))
    if addresses is None:
        return ["List-Unsubscribe is not two addresses in angle brackets"]
    page, mail = map(urlsplit, addresses.groups())
    found = []
    # The local twin's pages never leave the machine; everywhere else only https is encrypted on its way.
    if page.scheme != "https" and (page.scheme, page.hostname) != ("http", "127.0.0.1"):
        found.append(f"List-Unsubscribe leads to {page.scheme}://{page.hostname} first, not to https")
    if mail.scheme != "mailto" or "@" not in mail.path:
        found.append("List-Unsubscribe has no mailto as its second address")
    if message["List-Unsubscribe-Post"] != "List-Unsubscribe=One-Click":
        found.append(f"List-Unsubscribe-Post is {message['List-Unsubscribe-Post']!r}")
    return found


def defects_of(raw: bytes) -> list[str]:
    found = []
    if re.search(rb"(?<!\r)\n|\r(?!\n)", raw):
        found.append("a line that does not end in CRLF")
    if any(len(line) > 998 for line in raw.split(b"\r\n")):
        found.append("a line of more than 998 bytes")
    if any(byte > 127 for byte in raw.partition(b"\r\n\r\n")[0]):
        found.append("a header that is not ASCII")

    message = message_from_bytes(raw, policy=default)
    assert isinstance(message, EmailMessage)
    for part in message.walk():
        where = part.get_content_type()
        found += [f"{where}: {type(defect).__name__} {defect}" for defect in part.defects]
        for name, value in part.items():
            found += [f"{where}: {name}: {defect}" for defect in getattr(value, "defects", ())]

    for name in SINGLE:
        if len(message.get_all(name, [])) != 1:
            found.append(f"{name}: expected once, found {len(message.get_all(name, []))} times")
    found += defects_of_unsubscribing(message)

    if message.get_content_type() != "multipart/alternative":
        return [*found, f"is {message.get_content_type()}, not multipart/alternative"]
    parts = list(message.iter_parts())
    if [part.get_content_type() for part in parts] != ["text/plain", "text/html"]:
        return [*found, "the parts are not text/plain, then text/html"]
    for part in parts:
        content = part.get_content()
        if not content.strip():
            found.append(f"{part.get_content_type()} is empty")
        for sign in ("{{", "{%", "undefined", "\ufffd"):
            if sign in content:
                found.append(f"{part.get_content_type()} holds {sign!r}")
    return found


def main(directory: str) -> int:
    files = sorted(Path(directory).rglob("*.eml"))
    if not files:
        print(f"{directory}: no .eml file")
        return 1
    defective = 0
    for file in files:
        for defect in defects_of(file.read_bytes()):
            defective += 1
            print(f"{file}: {defect}")
    print(f"{len(files)} messages, {defective} defects")
    return 1 if defective else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
