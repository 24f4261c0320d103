"""Python's side of `npm run bench:finetune`: transformers' Trainer as its documentation uses it, on the same texts.

One argument, a JSON file: model, train, val (JSON lines of text and label), labels, epochs, batchSize, maxTokens, learningRate, seed, frozen (lower
layers that are not trained, with the embeddings), grouped (batches of like length), out. Writes {logits, truth} of val after each epoch to
`out`/epochs.jsonl: in an order of its own, as Trainer groups what it evaluates as well. Needs torch, transformers and accelerate. Defaults but for what the JSON says: AdamW, linear schedule, batches padded to their
longest text, an evaluation and a checkpoint each epoch, torch's default threads.
"""
import json, sys
from dataclasses import fields
from pathlib import Path
from transformers import AutoModelForSequenceClassification, AutoTokenizer, DataCollatorWithPadding, Trainer, TrainingArguments, set_seed

asked = json.loads(Path(sys.argv[1]).read_text())
out, labels = Path(asked["out"]), asked["labels"]
set_seed(asked["seed"])
tokenizer = AutoTokenizer.from_pretrained(asked["model"])


def read(path):
    rows = [json.loads(line) for line in Path(path).read_text().split("\n") if line]
    encoded = tokenizer([row["text"] for row in rows], truncation=True, max_length=asked["maxTokens"])
    return [{**{key: encoded[key][i] for key in encoded}, "labels": labels.index(row["label"])} for i, row in enumerate(rows)]


model = AutoModelForSequenceClassification.from_pretrained(asked["model"], num_labels=len(labels))
frozen = ["embeddings."] + [f"encoder.layer.{i}." for i in range(asked["frozen"])] if asked["frozen"] else []
for name, parameter in model.named_parameters():
    parameter.requires_grad = not any(part in name for part in frozen)

known = {field.name for field in fields(TrainingArguments)}
by_length = {"train_sampling_strategy": "group_by_length"} if "train_sampling_strategy" in known else {"group_by_length": True}
arguments = TrainingArguments(
    output_dir=str(out / "trainer"), num_train_epochs=asked["epochs"], learning_rate=asked["learningRate"], seed=asked["seed"],
    per_device_train_batch_size=asked["batchSize"], per_device_eval_batch_size=asked["batchSize"], eval_strategy="epoch", save_strategy="epoch",
    report_to="none", disable_tqdm=True, use_cpu=True, **(by_length if asked["grouped"] else {}))


def keep(prediction):
    with open(out / "epochs.jsonl", "a") as file:
        print(json.dumps({"logits": prediction.predictions.tolist(), "truth": [labels[i] for i in prediction.label_ids.tolist()]}), file=file)
    return {}


Trainer(model=model, args=arguments, train_dataset=read(asked["train"]), eval_dataset=read(asked["val"]), processing_class=tokenizer,
        data_collator=DataCollatorWithPadding(tokenizer), compute_metrics=keep).train()
