#!/usr/bin/env python3
"""Holds the generated JSON Schemas against a validator that shares no code with them (Python's jsonschema).

Where jsonschema cannot be had: one line on standard error that begins with SKIPPED, and success, because an oracle is a
bonus. Every schema must be valid JSON Schema 2020-12, accept its own example, and refuse the example without any one of
its required fields; the shop's playbook must satisfy the playbook's schema.
"""

import copy
import json
import pathlib
import sys

try:
    from jsonschema import Draft202012Validator
except ImportError as missing:
    print(f"SKIPPED: JSON Schema validator, because {missing}", file=sys.stderr)
    sys.exit(0)

PROJECT = pathlib.Path(__file__).resolve().parents[2]
findings = []


def read(path):
    return json.loads((PROJECT / path).read_text(encoding="utf-8"))


def validator(path):
    schema = read(path)
    Draft202012Validator.check_schema(schema)
    return schema, Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


def expect_valid(path, subject, instance, checked):
    findings.extend(f"{path}: {subject}: {error.json_path}: {error.message}" for error in checked.iter_errors(instance))


def required_paths(schema, path=()):
    for name in schema.get("required", []):
        yield (*path, name)
        yield from required_paths(schema["properties"][name], (*path, name))


schemas = sorted(path.relative_to(PROJECT) for path in (PROJECT / "docs/events").glob("*.schema.json"))
if not schemas:
    findings.append("docs/events holds no schema")
for path in schemas:
    schema, checked = validator(path)
    [example] = schema["examples"]
    expect_valid(path, "example", example, checked)
    for field in required_paths(schema):
        broken = copy.deepcopy(example)
        parent = broken
        for name in field[:-1]:
            parent = parent[name]
        del parent[field[-1]]
        if checked.is_valid(broken):
            findings.append(f"{path}: an example without {'.'.join(field)} is valid")

_, checked = validator("shared/content/playbook.schema.json")
expect_valid("shared/content/playbook.schema.json", "playbook", read("shared/content/playbook.json"), checked)
if checked.is_valid({**read("shared/content/playbook.json"), "quitHours": {}}):
    findings.append("shared/content/playbook.schema.json: a misspelt field is valid")

for finding in findings:
    print(finding, file=sys.stderr)
print(f"{len(schemas)} event schemas and the playbook's: {len(findings)} findings")
sys.exit(1 if findings else 0)
