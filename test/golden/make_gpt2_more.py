"""What make_golden.py leaves out of gpt2/.

Run: python make_gpt2_more.py   (torch, transformers, safetensors; CPU). Draws the golden model again from its seed, holds every weight that is
in gpt2/model.safetensors to it, and writes beside it: c_attn_bias.safetensors, two tensors whose names end like those of a buffer and so were
taken for one; decoding.json, what `generate` writes with end tokens, length penalties and batches of prompts.
"""
import json
import pathlib

import torch
from safetensors.torch import load_file, save_file
from transformers import GPT2Config, GPT2LMHeadModel

from make_golden import widen

folder = pathlib.Path(__file__).parent / "gpt2"
torch.set_num_threads(1)
torch.manual_seed(13)
model = GPT2LMHeadModel(GPT2Config(**json.loads((folder / "case.json").read_text())["config"]))
widen(model, 0.3)
weights = model.state_dict()
for name, tensor in load_file(folder / "model.safetensors").items():
    assert torch.equal(weights[name], tensor), name
biases = {name: tensor.clone() for name, tensor in weights.items() if name.endswith("c_attn.bias")}
save_file(biases, folder / "c_attn_bias.safetensors", {"format": "pt"})

prompts = [[1, 17, 42, 8], [1, 30], [55, 5, 6, 7, 8, 9]]
ends = [2, 9, 16, 32, 43, 45, 65, 68]
model.eval()


def written(prompt, end, arguments):
    ids = torch.tensor([prompt])
    out = model.generate(ids, attention_mask=torch.ones_like(ids), pad_token_id=0, eos_token_id=end, do_sample=False, max_new_tokens=14, **arguments)
    return out[0].tolist()


cases = []
for end in ends:
    cases += [(end, {}), (end, dict(no_repeat_ngram_size=3))]
    for beams, penalty, early in [(2, 1.0, False), (3, 0.0, False), (4, 2.0, False), (3, -1.0, False), (3, 1.0, True)]:
        cases.append((end, dict(num_beams=beams, length_penalty=penalty, early_stopping=early, no_repeat_ngram_size=2)))
answers = [dict(end=end, **arguments, written=[written(prompt, end, arguments) for prompt in prompts]) for end, arguments in cases]
lines = ",\n".join(json.dumps(answer) for answer in answers)
(folder / "decoding.json").write_text(f'{{"prompts": {json.dumps(prompts)}, "max_new_tokens": 14, "cases": [\n{lines}\n]}}\n')
