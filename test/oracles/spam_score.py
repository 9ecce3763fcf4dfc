"""Has SpamAssassin judge mails by its local rules and prints each one's score and the rules it hit.

    python3 spam_score.py DIRECTORY

Reads every .eml file below DIRECTORY. Exits 1 when a mail scores LIMIT points or more, or when there is none. What SES
and a receiving server add on the way (Return-Path, Received, Message-ID) is added first: SpamAssassin judges mail as it
arrives. Its network tests are off, and so is the Bayes filter, which knows nothing before somebody has trained it; what
a DKIM signature, the sending address or the history of a domain is worth is therefore not in the score.
"""

import base64
import re
import subprocess
import sys
import tempfile
from email.utils import formatdate
from pathlib import Path

LIMIT = 2.0
PATIENCE_SECONDS = 600

SETTINGS = ("use_bayes 0", "use_txrep 0", "report_safe 0", "required_score 5")
"""Whatever the machine's own configuration says."""

GTUBE = b"XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
"""The text that every spam filter takes for spam: without it nobody knows whether the rules see what our mails say."""

VERDICT = re.compile(rb"^X-Spam-Status: \w+, score=(-?[\d.]+) required=[\d.]+\s+tests=(\S*(?:\s+[A-Z]\S*)*)\s+autolearn", re.M)


def delivered(raw: bytes, number: int) -> bytes:
    """The message as a receiving server has it, with the hops that brought it there."""
    head, _, body = raw.partition(b"\r\n\r\n")
    kept = re.sub(rb"(?im)^(?:message-id|date):.*(?:\r\n[ \t].*)*\r\n", b"", head + b"\r\n")
    name = f"0100018f{number:08x}-1b2c3d4e-5f60-4a7b-8c9d-0e1f2a3b4c5d-000000"
    now = formatdate()
    hops = (
        f"Return-Path: <{name}@mail.shop.example.com>\r\n"
        "Received: from a8-50.smtp-out.amazonses.com (a8-50.smtp-out.amazonses.com [54.240.8.50])\r\n"
        "\tby mx.example.net (Postfix) with ESMTPS id 4XyZ0a1b2c3d\r\n"
        f"\tfor <anna@example.com>; {now}\r\n"
    )
    ours = f"Message-ID: <{name}@eu-central-1.amazonses.com>\r\nDate: {now}\r\n"
    return hops.encode() + kept + ours.encode() + b"\r\n" + body


def spam(raw: bytes) -> bytes:
    """The same message with the test text at the end of its text part."""
    head, encoding, body = raw.partition(b"base64\r\n\r\n")
    text, boundary, rest = body.partition(b"\r\n----")
    infected = base64.encodebytes(base64.b64decode(text) + b"\r\n" + GTUBE + b"\r\n").replace(b"\n", b"\r\n")
    return head + encoding + infected.rstrip() + boundary + rest


def judge(mails: list[bytes]) -> list[tuple[float, str]]:
    """Score and rules of each mail, in one run of SpamAssassin: starting it takes longer than judging."""
    with tempfile.TemporaryDirectory() as home:
        paths = []
        for number, raw in enumerate(mails):
            path = Path(home, f"{number:04}.eml")
            path.write_bytes(delivered(raw, number))
            paths.append(str(path))
        command = ["spamassassin", "--local", "--test-mode", f"--prefspath={home}/user_prefs"]
        command += [f"--cf={setting}" for setting in SETTINGS]
        run = subprocess.run(
            [*command, *paths], env={"HOME": home, "PATH": "/usr/bin:/bin:/usr/local/bin"},
            capture_output=True, timeout=PATIENCE_SECONDS, check=False,
        )
    verdicts = [(float(score), b" ".join(rules.split()).decode()) for score, rules in VERDICT.findall(run.stdout)]
    if run.returncode != 0 or len(verdicts) != len(mails):
        raise SystemExit(f"spamassassin judged {len(verdicts)} of {len(mails)} mails: {run.stderr.decode()}")
    return verdicts


def main(directory: str) -> int:
    files = sorted(Path(directory).rglob("*.eml"))
    if not files:
        print(f"{directory}: no .eml file")
        return 1
    version = subprocess.run(["spamassassin", "--version"], capture_output=True, text=True, check=True).stdout
    print(version.splitlines()[0], "with local rules")
    mails = [file.read_bytes() for file in files]
    *verdicts, (control, rules) = judge([*mails, spam(mails[0])])
    if "GTUBE" not in rules:
        print(f"the test text inside a mail scored {control} ({rules}): SpamAssassin does not read the mails")
        return 1
    width = max(len(file.stem) for file in files)
    for file, (score, rules) in zip(files, verdicts):
        print(f"{file.stem:{width}}  {score:4.1f}  {rules}{'  TOO HIGH' if score >= LIMIT else ''}")
    high = sum(score >= LIMIT for score, _ in verdicts)
    print(f"{len(files)} mails, the highest {max(score for score, _ in verdicts)}, {high} with {LIMIT} points or more")
    return 1 if high else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
