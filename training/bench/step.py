"""PyTorch's side of `npm run bench:train`: one training step each time a line arrives; answers with its milliseconds.

Arguments: eager or compile, then layers width heads intermediate vocabulary batch tokens. Needs torch and transformers; compile a C++ compiler
too. fp32, torch's default threads. The first line says that it is ready, or why not.
"""
import sys, time
import torch
from transformers import BertConfig, BertModel

mode = sys.argv[1]
layers, width, heads, intermediate, vocabulary, batch, tokens = map(int, sys.argv[2:9])
torch.manual_seed(1)
config = BertConfig(vocab_size=vocabulary, hidden_size=width, num_hidden_layers=layers, num_attention_heads=heads, intermediate_size=intermediate,
                    hidden_dropout_prob=0., attention_probs_dropout_prob=0.)
bert, head = BertModel(config, add_pooling_layer=False), torch.nn.Linear(width, 2)
weights = list(bert.parameters()) + list(head.parameters())
optimizer = torch.optim.AdamW([dict(params=[p for p in weights if p.dim() > 1], weight_decay=.01), dict(params=[p for p in weights if p.dim() <= 1], weight_decay=0.)], lr=1e-4)
average = [p.detach().clone() for p in weights]
ids, labels = torch.randint(5, vocabulary, (batch, tokens)), torch.randint(0, 2, (batch,))
mask = torch.ones_like(ids)

def forward():
    states = bert(input_ids=ids, attention_mask=mask).last_hidden_state
    m = mask.unsqueeze(-1).float()
    return torch.nn.functional.cross_entropy(head((states * m).sum(1) / m.sum(1)), labels)

measure = torch.compile(forward) if mode == 'compile' else forward

def step():
    loss = measure()
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(weights, 1.)
    optimizer.step()
    with torch.no_grad():
        torch._foreach_lerp_(average, [p.detach() for p in weights], .001)
    return loss.item()

try:
    step()
    print(f"ready {torch.__version__} {mode}, {torch.get_num_threads()} threads", flush=True)
except Exception as error:
    print(f"cannot: {str(error).splitlines()[0][:200]}", flush=True)
    sys.exit(1)
for _ in sys.stdin:
    start = time.perf_counter()
    step()
    print((time.perf_counter() - start) * 1000, flush=True)
