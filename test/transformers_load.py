"""Loads a folder with transformers and runs it on inputs.json. Prints hidden states, logits and what was missing or left over as JSON."""
import json
import pathlib
import sys

import torch
from transformers import BertForSequenceClassification, BertModel

folder = pathlib.Path(sys.argv[1])
inputs = {name: torch.tensor(values) for name, values in json.loads((folder / "inputs.json").read_text()).items()}
encoder, encoder_info = BertModel.from_pretrained(folder, output_loading_info=True, add_pooling_layer=False)
classifier, classifier_info = BertForSequenceClassification.from_pretrained(folder, output_loading_info=True)
with torch.no_grad():
    hidden = encoder.eval()(**inputs).last_hidden_state
    logits = classifier.eval()(**inputs).logits
names = lambda info, kind: sorted(str(name) for name in info[kind])
print(json.dumps({
    "hidden": hidden.flatten().tolist(),
    "logits": logits.flatten().tolist(),
    "encoderMissing": names(encoder_info, "missing_keys"),
    "classifierMissing": names(classifier_info, "missing_keys"),
    "classifierUnexpected": names(classifier_info, "unexpected_keys"),
    "labels": classifier.config.id2label,
}))
