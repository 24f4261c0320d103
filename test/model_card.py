"""Reads the metadata of a model card as the hub's own library does. Argument: the card. Prints it as JSON."""
import json
import sys

from huggingface_hub import ModelCard

print(json.dumps(ModelCard.load(sys.argv[1]).data.to_dict()))
