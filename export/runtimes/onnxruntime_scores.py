"""Scores of a bundle by plain onnxruntime and tokenizers. Settings as JSON in the first argument, texts as JSON on stdin."""
import json
import sys

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

settings = json.loads(sys.argv[1])
texts = json.load(sys.stdin)
folder = settings["folder"]
config = json.load(open(f"{folder}/tokenizer_config.json", encoding="utf-8"))
tokenizer = Tokenizer.from_file(f"{folder}/tokenizer.json")
tokenizer.enable_truncation(settings["maxTokens"])
pad = config.get("pad_token", "[PAD]")
tokenizer.enable_padding(pad_id=tokenizer.token_to_id(pad) or 0, pad_token=pad)
session = onnxruntime.InferenceSession(f"{folder}/{settings['model']}", providers=["CPUExecutionProvider"])
wanted = [given.name for given in session.get_inputs()]


def activated(logits):
    if settings["activation"] == "softmax":
        e = np.exp(logits - logits.max(-1, keepdims=True))
        return e / e.sum(-1, keepdims=True)
    return 1 / (1 + np.exp(-logits)) if settings["activation"] == "sigmoid" else logits


rows = []
for start in range(0, len(texts), 16):
    encoded = tokenizer.encode_batch([text[0] if len(text) == 1 else tuple(text) for text in texts[start : start + 16]])
    columns = {"input_ids": "ids", "attention_mask": "attention_mask", "token_type_ids": "type_ids"}
    feeds = {name: np.array([getattr(e, columns[name]) for e in encoded], dtype=np.int64) for name in wanted}
    rows += activated(session.run(["logits"], feeds)[0].astype(np.float64)).tolist()
print(json.dumps(rows))
