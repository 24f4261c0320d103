"""Loads folders with transformers' auto classes and runs each on its inputs.json. Prints, by folder, the logits and what was missing or left over.

Arguments: masked=FOLDER or causal=FOLDER, any number of them.
"""
import json
import pathlib
import sys

import torch
from transformers import AutoModelForCausalLM, AutoModelForMaskedLM, AutoTokenizer


def load(how, folder):
    kind = {"masked": AutoModelForMaskedLM, "causal": AutoModelForCausalLM}[how]
    model, info = kind.from_pretrained(folder, output_loading_info=True, dtype=torch.float32)
    given = json.loads((folder / "inputs.json").read_text())
    tokens = AutoTokenizer.from_pretrained(folder)(given.pop("text"))["input_ids"]
    with torch.no_grad():
        logits = model.eval()(**{name: torch.tensor(values) for name, values in given.items()}).logits
    # Rotary positions are waves that transformers computes itself.
    missing = [str(name) for name in info["missing_keys"] if not str(name).endswith("embed_positions.weight")]
    return {
        "model": type(model).__name__,
        "logits": logits.flatten().tolist(),
        "tokens": tokens,
        "missing": missing,
        "unexpected": sorted(str(name) for name in info["unexpected_keys"]),
    }


print(json.dumps([load(how, pathlib.Path(folder)) for how, folder in (argument.split("=", 1) for argument in sys.argv[1:])]))
