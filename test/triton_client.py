"""Asks a server by NVIDIA's own client, as it comes. argv: host:port, JSON list of texts; prints one JSON object."""

import json
import sys

import numpy as np
import tritonclient.http as triton

address, texts = sys.argv[1], json.loads(sys.argv[2])
client = triton.InferenceServerClient(url=address)


def ask(binary, outputs=None, model="sample", version=""):
    data = np.array([text.encode() for text in texts], dtype=np.object_)
    tensor = triton.InferInput("text", [len(texts)], "BYTES")
    tensor.set_data_from_numpy(data, binary_data=binary)
    return client.infer(model, [tensor], model_version=version, outputs=outputs, request_id="story-17")


def read(result):
    labels = [label.decode() if isinstance(label, bytes) else label for label in result.as_numpy("label").tolist()]
    return {"id": result.get_response()["id"], "labels": labels, "scores": result.as_numpy("scores").tolist()}


def refused(call):
    try:
        call()
    except triton.InferenceServerException as error:
        return {"status": error.status(), "message": error.message()}
    raise SystemExit("the request was answered")


plain = [triton.InferRequestedOutput(name, binary_data=False) for name in ("label", "scores")]
top = [triton.InferRequestedOutput("scores", class_count=1)]
print(
    json.dumps(
        {
            "live": client.is_server_live(),
            "ready": client.is_server_ready(),
            "modelReady": client.is_model_ready("sample", "v1"),
            "unknownReady": client.is_model_ready("smaple"),
            "server": client.get_server_metadata(),
            "model": client.get_model_metadata("sample"),
            "binary": read(ask(True)),
            "json": read(ask(False, plain)),
            "mixed": read(ask(True, plain, version="v1")),
            "top": [label.decode() for label in ask(True, top).as_numpy("scores").flatten().tolist()],
            "unknownModel": refused(lambda: ask(True, model="smaple")),
            "config": refused(lambda: client.get_model_config("sample")),
            "compressed": refused(
                lambda: client.infer("sample", [triton.InferInput("text", [1], "BYTES").set_data_from_numpy(np.array([b"a"], dtype=np.object_))], request_compression_algorithm="gzip")
            ),
        }
    )
)
