"""PyTorch's side of `npm run bench:train`: one training step each time a line arrives; answers with its milliseconds.

Arguments: layers width heads intermediate vocabulary batch tokens. Needs torch and transformers. fp32, eager, torch's default threads.
"""
import sys, time
import torch
from transformers import BertConfig, BertModel

layers, width, heads, intermediate, vocabulary, batch, tokens = map(int, sys.argv[1:8])
torch.manual_seed(1)
config = BertConfig(vocab_size=vocabulary, hidden_size=width, num_hidden_layers=layers, num_attention_heads=heads, intermediate_size=intermediate,
                    hidden_dropout_prob=0., attention_probs_dropout_prob=0.)
bert, head = BertModel(config, add_pooling_layer=False), torch.nn.Linear(width, 2)
weights = list(bert.parameters()) + list(head.parameters())
optimizer = torch.optim.AdamW([dict(params=[p for p in weights if p.dim() > 1], weight_decay=.01), dict(params=[p for p in weights if p.dim() <= 1], weight_decay=0.)], lr=1e-4)
average = [p.detach().clone() for p in weights]
ids, labels = torch.randint(5, vocabulary, (batch, tokens)), torch.randint(0, 2, (batch,))
mask = torch.ones_like(ids)

def step():
    states = bert(input_ids=ids, attention_mask=mask).last_hidden_state
    m = mask.unsqueeze(-1).float()
    loss = torch.nn.functional.cross_entropy(head((states * m).sum(1) / m.sum(1)), labels)
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(weights, 1.)
    optimizer.step()
    with torch.no_grad():
        torch._foreach_lerp_(average, [p.detach() for p in weights], .001)
    return loss.item()

print(f"ready {torch.__version__} threads {torch.get_num_threads()}", flush=True)
for _ in sys.stdin:
    start = time.perf_counter()
    step()
    print((time.perf_counter() - start) * 1000, flush=True)
