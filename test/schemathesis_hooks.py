"""Lines of JSON, which Schemathesis does not know by itself: sent as they are, read line by line. A part of a file (206) is nothing to be parsed."""

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
