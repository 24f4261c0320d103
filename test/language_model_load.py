"""Loads a folder with transformers' auto classes and runs it on inputs.json. Prints the logits, and what was missing or left over, as JSON."""
import json
import pathlib
import sys

import torch
from transformers import AutoModelForCausalLM, AutoModelForMaskedLM, AutoTokenizer

folder = pathlib.Path(sys.argv[1])
kind = {"masked": AutoModelForMaskedLM, "causal": AutoModelForCausalLM}[sys.argv[2]]
model, info = kind.from_pretrained(folder, output_loading_info=True, dtype=torch.float32)
text = "bakers vote on bridges"
tokens = AutoTokenizer.from_pretrained(folder)(text)["input_ids"]
inputs = {name: torch.tensor(values) for name, values in json.loads((folder / "inputs.json").read_text()).items()}
with torch.no_grad():
    logits = model.eval()(**inputs).logits
print(json.dumps({
    "model": type(model).__name__,
    "logits": logits.flatten().tolist(),
    "tokens": tokens,
    "missing": sorted(str(name) for name in info["missing_keys"]),
    "unexpected": sorted(str(name) for name in info["unexpected_keys"]),
}))
