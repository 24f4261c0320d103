"""Lines of JSON, which Schemathesis does not know by itself: sent as they are, read line by line."""

import json

import schemathesis


@schemathesis.serializer("application/x-ndjson")
def to_lines(_context, value):
    return value if isinstance(value, bytes) else str(value).encode()


@schemathesis.deserializer("application/x-ndjson")
def from_lines(_context, response):
    return [json.loads(line) for line in response.text.splitlines() if line]
