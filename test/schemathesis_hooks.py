"""What Schemathesis does not know by itself.

Lines of JSON: sent as they are, read line by line; a part of a file (206) is nothing to be parsed. Headers that no operation declares: every
server takes them, and it expects a refusal where a declared header beside them is a number, because it reads that one as text.
"""

import json

import schemathesis


@schemathesis.serializer("application/x-ndjson")
def to_lines(_context, value):
    return value if isinstance(value, bytes) else str(value).encode()


@schemathesis.deserializer("application/x-ndjson")
def from_lines(_context, response):
    if response.status_code == 206:
        return None
    return [json.loads(line) for line in response.text.splitlines() if line]


@schemathesis.hook
def filter_case(_context, case):
    return "x-schemathesis-unknown-property" not in (case.headers or {})
