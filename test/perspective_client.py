"""Asks a server by Google's own client, as it comes. argv: URL of the server, text; prints one JSON object."""

import json
import sys

from googleapiclient import discovery
from googleapiclient.errors import HttpError

url, text = sys.argv[1], sys.argv[2]
client = discovery.build(
    "commentanalyzer",
    "v1alpha1",
    developerKey="unused",
    discoveryServiceUrl=f"{url}/$discovery/rest?version=v1alpha1",
    static_discovery=False,
)


def refused(method, body):
    try:
        method(body=body).execute()
    except HttpError as error:
        return {"status": error.status_code, "reason": error.reason}
    raise SystemExit("the request was answered")


comments = client.comments()
asked = {"comment": {"text": text}, "requestedAttributes": {"TOXICITY": {}}, "languages": ["en"], "clientToken": "story-17"}
print(
    json.dumps(
        {
            "analyzed": comments.analyze(body=asked).execute(),
            "unknown": refused(comments.analyze, {**asked, "requestedAttributes": {"SPAM": {}}}),
            "suggested": refused(
                comments.suggestscore,
                {"comment": {"text": text}, "attributeScores": {"TOXICITY": {"summaryScore": {"value": 0.9}}}},
            ),
        }
    )
)
