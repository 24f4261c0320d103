"""mlm/: loss and gradients of transformers' BertForMaskedLM, small, with weights wide enough that nothing is near zero by chance.

Run: python make_mlm.py   (torch, transformers, safetensors; CPU). Writes case.json (config, loss, accuracy), case.safetensors (inputs, labels with
-100 where nothing is asked, logits at the places asked for), model.safetensors (weights by the names that save_pretrained gives them) and
grads.safetensors.
"""
import json
import pathlib

import torch
from safetensors.torch import save_file
from transformers import BertConfig, BertForMaskedLM

folder = pathlib.Path(__file__).parent / "mlm"
folder.mkdir(exist_ok=True)
torch.set_num_threads(1)
torch.manual_seed(29)
sizes = dict(vocab_size=41, hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=24, max_position_embeddings=16,
             type_vocab_size=2, layer_norm_eps=1e-12)
model = BertForMaskedLM(BertConfig(**sizes, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0, attn_implementation="eager"))
with torch.no_grad():
    for name, parameter in model.named_parameters():
        noise = torch.randn_like(parameter) * 0.3
        parameter.copy_(noise + 1 if name.endswith("LayerNorm.weight") else noise)
model.eval()

lengths = [11, 7, 4]
ids = torch.randint(5, 41, (3, 11))
mask = torch.zeros(3, 11, dtype=torch.long)
types = torch.zeros(3, 11, dtype=torch.long)
labels = torch.full((3, 11), -100)
for row, length in enumerate(lengths):
    ids[row, 0], ids[row, length - 1], ids[row, length:], mask[row, :length] = 2, 3, 0, 1
types[0, 6:] = 1
asked = [(0, 2), (0, 3), (0, 9), (1, 1), (1, 4), (2, 2)]
for row, column in asked:
    labels[row, column] = ids[row, column]
    ids[row, column] = 4
ids[1, 4] = 17  # another token in its place, as a tenth of them has

with torch.no_grad():  # two of the places are told rightly
    likeliest = model(input_ids=ids, attention_mask=mask, token_type_ids=types).logits.argmax(-1)
for row, column in [asked[0], asked[3]]:
    labels[row, column] = likeliest[row, column]

out = model(input_ids=ids, attention_mask=mask, token_type_ids=types, labels=labels)
out.loss.backward()
told = out.logits[labels != -100].detach()
weights = {name: tensor.clone() for name, tensor in model.state_dict().items() if not name.startswith("cls.predictions.decoder.")}
gradients = {name: parameter.grad.clone() for name, parameter in model.named_parameters() if parameter.grad is not None}
assert set(gradients) == {name for name in weights if not name.endswith("position_ids")}, sorted(set(weights) ^ set(gradients))
save_file(weights, folder / "model.safetensors", {"format": "pt"})
save_file(gradients, folder / "grads.safetensors", {"format": "pt"})
save_file({"input_ids": ids, "attention_mask": mask, "token_type_ids": types, "labels": labels, "logits": told}, folder / "case.safetensors")
accuracy = (told.argmax(1) == labels[labels != -100]).float().mean().item()
(folder / "case.json").write_text(json.dumps({"config": sizes, "loss": out.loss.item(), "accuracy": accuracy}, indent=1) + "\n")
