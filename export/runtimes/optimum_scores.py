"""Scores of a bundle by Optimum's model in transformers' pipeline. Settings as JSON in the first argument, texts as JSON on stdin."""
import json
import sys

from optimum.onnxruntime import ORTModelForSequenceClassification
from transformers import AutoTokenizer, pipeline

settings = json.loads(sys.argv[1])
texts = json.load(sys.stdin)
subfolder, _, file_name = settings["model"].rpartition("/")
model = ORTModelForSequenceClassification.from_pretrained(settings["folder"], subfolder=subfolder, file_name=file_name)
tokenizer = AutoTokenizer.from_pretrained(settings["folder"])
classify = pipeline("text-classification", model=model, tokenizer=tokenizer)
inputs = [{"text": text[0]} if len(text) == 1 else {"text": text[0], "text_pair": text[1]} for text in texts]
rows = []
for given in inputs:  # one at a time: a pipeline of pairs does not cut a batch to one length
    scores = {one["label"]: one["score"] for one in classify(given, top_k=None, truncation=True)}
    rows.append([scores[label] for label in settings["labels"]])
print(json.dumps(rows))
