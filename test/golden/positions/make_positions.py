"""Golden values for BERT with rotary positions (RoFormer, from transformers) and with relative ones (NEZHA, written out below in PyTorch).

Run: python make_positions.py   (torch, transformers, safetensors; CPU). Rewrites the files beside this one: for `rotary` and `relative` each
*_model (weights, named as RoFormer's and NEZHA's files name them), *_case (ids, mask, types, labels; hidden states, logits), *_grads
(d loss / d weight); case.json holds sizes and losses. One text is longer than NEZHA's furthest distance, 64.
"""
import json
import math
import pathlib

import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import nn
from transformers import RoFormerConfig, RoFormerModel

folder = pathlib.Path(__file__).parent
torch.set_num_threads(1)
vocabulary, width, layers, heads, intermediate, types, labels = 50, 16, 2, 2, 24, 2, 3


def relative_vectors(tokens, depth, furthest=64):
    """[tokens, tokens, depth]: sines in the even places, cosines in the odd ones, of the clipped distance j - i counted from 0."""
    frequency = torch.exp(torch.arange(0, depth, 2).float() * (-math.log(10000.0) / depth))
    angle = torch.arange(2 * furthest + 1).float()[:, None] * frequency
    table = torch.stack([angle.sin(), angle.cos()], -1).flatten(1)
    place = torch.arange(tokens)
    return table[(place[None, :] - place[:, None]).clamp(-furthest, furthest) + furthest]


class SelfAttention(nn.Module):
    def __init__(self):
        super().__init__()
        self.query, self.key, self.value = (nn.Linear(width, width) for _ in range(3))

    def forward(self, x, mask):
        q, k, v = (f(x).unflatten(-1, (heads, -1)).transpose(1, 2) for f in (self.query, self.key, self.value))
        r = relative_vectors(x.shape[1], width // heads)
        scores = (torch.einsum("bhid,bhjd->bhij", q, k) + torch.einsum("bhid,ijd->bhij", q, r)) / math.sqrt(width // heads)
        p = scores.masked_fill(mask[:, None, None] == 0, float("-inf")).softmax(-1)
        return (torch.einsum("bhij,bhjd->bihd", p, v) + torch.einsum("bhij,ijd->bihd", p, r)).flatten(2)


class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        closed = lambda inputs: nn.ModuleDict({"dense": nn.Linear(inputs, width), "LayerNorm": nn.LayerNorm(width, 1e-12)})
        self.attention = nn.ModuleDict({"self": SelfAttention(), "output": closed(width)})
        self.intermediate = nn.ModuleDict({"dense": nn.Linear(width, intermediate)})
        self.output = closed(intermediate)

    def forward(self, x, mask):
        close = lambda part, y, x: part["LayerNorm"](part["dense"](y) + x)
        x = close(self.attention["output"], self.attention["self"](x, mask), x)
        return close(self.output, F.gelu(self.intermediate["dense"](x)), x)


class Nezha(nn.Module):
    def __init__(self):
        super().__init__()
        parts = {"word_embeddings": nn.Embedding(vocabulary, width), "token_type_embeddings": nn.Embedding(types, width)}
        self.embeddings = nn.ModuleDict({**parts, "LayerNorm": nn.LayerNorm(width, 1e-12)})
        self.encoder = nn.ModuleDict({"layer": nn.ModuleList([Layer() for _ in range(layers)])})

    def forward(self, input_ids, attention_mask, token_type_ids):
        e = self.embeddings
        x = e["LayerNorm"](e["word_embeddings"](input_ids) + e["token_type_embeddings"](token_type_ids))
        for layer in self.encoder["layer"]:
            x = layer(x, attention_mask)
        return x


def roformer():
    config = RoFormerConfig(vocab_size=vocabulary, embedding_size=width, hidden_size=width, num_hidden_layers=layers, num_attention_heads=heads,
                            intermediate_size=intermediate, max_position_embeddings=200, type_vocab_size=types, hidden_act="gelu",
                            hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0, rotary_value=False)
    model = RoFormerModel(config)
    return model, lambda **inputs: model(**inputs).last_hidden_state


def make(name, model, run):
    head = nn.Linear(width, labels)
    with torch.no_grad():
        for key, p in [*model.named_parameters(), *head.named_parameters()]:
            if "embed_positions" not in key:
                p.normal_(1 if key.endswith("LayerNorm.weight") else 0, 0.3 if p.dim() > 1 else 0.1)
    lengths = [90, 12, 5]
    mask = (torch.arange(90)[None] < torch.tensor(lengths)[:, None]).long()
    ids = torch.randint(5, vocabulary, mask.shape) * mask
    kinds = (torch.arange(90)[None] >= 6).long() * mask
    y = torch.tensor([0, 2, 1])
    h = run(input_ids=ids, attention_mask=mask, token_type_ids=kinds)
    weights = mask[..., None].float()
    logits = head((h * weights).sum(1) / weights.sum(1))
    loss = F.cross_entropy(logits, y)
    loss.backward()
    named = lambda of: {**{k: of(p) for k, p in model.named_parameters() if "embed_positions" not in k},
                        **{f"classifier.{k}": of(p) for k, p in head.named_parameters()}}
    gradients = {k: g for k, g in named(lambda p: p.grad).items() if g is not None}
    case = dict(input_ids=ids, attention_mask=mask, token_type_ids=kinds, labels=y, last_hidden_state=h, logits=logits)
    for part, tensors in (("model", named(lambda p: p)), ("case", case), ("grads", gradients)):
        save_file({k: t.detach().contiguous().clone() for k, t in tensors.items()}, folder / f"{name}_{part}.safetensors")
    return loss.item()


losses = {}
torch.manual_seed(21)
losses["rotary"] = make("rotary", *roformer())
nezha = Nezha()
losses["relative"] = make("relative", nezha, nezha)
sizes = dict(vocabularySize=vocabulary, width=width, layers=layers, heads=heads, intermediate=intermediate, typeVocabulary=types)
(folder / "case.json").write_text(json.dumps(dict(sizes=sizes, losses=losses, loss_is="cross entropy (mean) of a linear head over the mean of the tokens"), indent=1))
