"""What most people would write in Python: FastAPI around one ONNX Runtime session. `python server.py BUNDLE` prints its URL."""

import json
import socket
import sys
from pathlib import Path

import numpy
import onnxruntime
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel
from tokenizers import Tokenizer

bundle = Path(sys.argv[1])
labels = json.loads((bundle / "config.json").read_text())["id2label"]
settings = json.loads((bundle / "tokenizer_config.json").read_text())
tokenizer = Tokenizer.from_file(str(bundle / "tokenizer.json"))
tokenizer.no_padding()
tokenizer.enable_truncation(settings["model_max_length"])
session = onnxruntime.InferenceSession(str(bundle / "onnx" / "model.onnx"), providers=["CPUExecutionProvider"])
app = FastAPI()


class Body(BaseModel):
    text: str


@app.post("/classify")
def classify(body: Body):
    encoding = tokenizer.encode(body.text)
    feeds = {"input_ids": encoding.ids, "attention_mask": encoding.attention_mask, "token_type_ids": encoding.type_ids}
    (logits,) = session.run(["logits"], {name: numpy.array([values], dtype=numpy.int64) for name, values in feeds.items()})
    scores = numpy.exp(logits[0] - logits[0].max())
    scores /= scores.sum()
    return {"label": labels[str(int(scores.argmax()))], "score": float(scores.max())}


# With the protocol named, asyncio sets TCP_NODELAY; without, every answer waits for 40 ms.
listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
listening.bind(("127.0.0.1", 0))
listening.listen(2048)
print(f"http://127.0.0.1:{listening.getsockname()[1]}", flush=True)
uvicorn.Server(uvicorn.Config(app, log_level="error")).run(sockets=[listening])
