"""Small classifiers with random weights as Hugging Face saves them, and what transformers answers with them.

Run: python make_classifiers.py   (torch, transformers, tokenizers, safetensors; CPU). Rewrites the folders beside it: in each a whole model
(config.json, weights, tokenizer), case.json (texts, their ids and logits, the loss) and grads.safetensors (d loss / d weight). The weights of
distilbert are stored as float16, those of roberta in shards; what is answered is answered with the weights as stored.
"""
import json
import pathlib
import shutil
import tempfile

import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import (AutoConfig, AutoModelForSequenceClassification, AutoTokenizer, BertConfig, DistilBertConfig, RobertaConfig)

here = pathlib.Path(__file__).parent
torch.set_num_threads(1)
words = [
    "The council voted to repair the old bridge before winter.",
    "You will not believe what this baker puts into her bread",
    "Nobody asked for your opinion, go home.",
    "Trains to the harbour are late again; the office says rain is to blame.",
    "WIN a holiday now!!! Click here",
    "naïve café owners won't repaint their doors",
]
texts = [*words, "rain", "bridge bridge bridge " * 12, "", ["The bridge is closed.", "Until when is the bridge closed?"], ["home", "harbour"]]
labels = ["fine", "rude", "spam"]
targets = [i % len(labels) for i in range(len(texts))]
common = dict(num_labels=len(labels), id2label=dict(enumerate(labels)), label2id={name: i for i, name in enumerate(labels)})
sizes = dict(hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=24)


def word_piece(folder, model_class):
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.train_from_iterator(words, trainers.WordPieceTrainer(vocab_size=180, special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"], show_progress=False))
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    tokenizer.decoder = decoders.WordPiece()
    vocabulary = sorted(tokenizer.get_vocab(), key=tokenizer.get_vocab().get)
    (folder / "vocab.txt").write_text("\n".join(vocabulary) + "\n")
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text(json.dumps(dict(tokenizer_class=model_class, do_lower_case=True, model_max_length=32)))
    return len(vocabulary)


def byte_level(folder, model_class):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    tokenizer.train_from_iterator(words, trainers.BpeTrainer(vocab_size=330, special_tokens=special, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), trim_offsets=True, add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.model.save(str(folder))
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text(json.dumps(dict(tokenizer_class=model_class, model_max_length=32)))
    return tokenizer.get_vocab_size()


def make(name, config_of, tokenizer_of, tokenizer_class, dtype=torch.float32, **saving):
    folder = here / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    config = config_of(tokenizer_of(folder, tokenizer_class))
    model = AutoModelForSequenceClassification.from_config(config)
    with torch.no_grad():
        for key, p in model.named_parameters():
            p.normal_(1 if "norm.weight" in key.lower() else 0, 0.25 if p.dim() > 1 else 0.1)
    with tempfile.TemporaryDirectory() as saved:
        model.to(dtype).save_pretrained(saved, **saving)
        for file in pathlib.Path(saved).iterdir():
            shutil.copyfile(file, folder / file.name)
    model = AutoModelForSequenceClassification.from_pretrained(folder, dtype=torch.float32)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    encoded = [tokenizer(*([t] if isinstance(t, str) else t), truncation=True, max_length=32) for t in texts]
    padded = tokenizer.pad({key: [e[key] for e in encoded] for key in encoded[0]}, return_tensors="pt")
    if name != "bert":
        padded.pop("token_type_ids", None)
    model.eval()
    logits = model(**padded).logits
    loss = F.cross_entropy(logits, torch.tensor(targets))
    loss.backward()
    save_file({key: p.grad.contiguous() for key, p in model.named_parameters() if p.grad is not None}, folder / "grads.safetensors")
    case = dict(texts=texts, labels=labels, targets=targets, ids=[e["input_ids"] for e in encoded], logits=logits.tolist(), loss=loss.item(),
                loss_is="cross entropy (mean) over all texts in one padded batch")
    (folder / "case.json").write_text(json.dumps(case, indent=1, ensure_ascii=False))


torch.manual_seed(31)
make("bert", lambda v: BertConfig(vocab_size=v, max_position_embeddings=40, **sizes, **common), word_piece, "BertTokenizer")
make("distilbert", lambda v: DistilBertConfig(vocab_size=v, max_position_embeddings=40, dim=16, n_layers=2, n_heads=2, hidden_dim=24, **common),
     word_piece, "DistilBertTokenizer", dtype=torch.float16)
make("roberta", lambda v: RobertaConfig(vocab_size=v, max_position_embeddings=42, type_vocab_size=1, layer_norm_eps=1e-5, pad_token_id=1, bos_token_id=0, eos_token_id=2, **sizes, **common),
     byte_level, "RobertaTokenizer", max_shard_size="20KB")
