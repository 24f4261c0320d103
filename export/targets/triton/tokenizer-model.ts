/** @file The model of Triton's Python backend that cuts texts into tokens: `1/model.py`, beside its tokenizer.json. */

export const tokenizerModel = `"""Texts to token ids, for the Python backend of Triton. Wants the package tokenizers (pip install tokenizers)."""
import json
import pathlib

import numpy as np
import triton_python_backend_utils as pb_utils
from tokenizers import Tokenizer

SOURCES = {"input_ids": "ids", "attention_mask": "attention_mask", "token_type_ids": "type_ids"}


class TritonPythonModel:
    def initialize(self, args):
        config = json.loads(args["model_config"])
        given = {key: entry["string_value"] for key, entry in config["parameters"].items()}
        self.outputs = [output["name"] for output in config["output"]]
        self.pad_id = int(given["pad_id"])
        self.max_tokens = int(given["max_tokens"])
        folder = pathlib.Path(args["model_repository"]) / args["model_version"]
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(self.max_tokens)

    def execute(self, requests):
        return [self.answer(request) for request in requests]

    def answer(self, request):
        texts = self.strings(request, "text")
        pairs = self.strings(request, "pair")
        try:
            encoded = self.tokenizer.encode_batch(texts if pairs is None else list(zip(texts, pairs)))
        except Exception as error:
            return pb_utils.InferenceResponse(error=pb_utils.TritonError(f"tokenizer: {error}"))
        length = self.padded(max(len(one.ids) for one in encoded))
        tensors = []
        for name in self.outputs:
            rows = np.full((len(encoded), length), self.pad_id if name == "input_ids" else 0, dtype=np.int64)
            for row, one in zip(rows, encoded):
                row[: len(one.ids)] = getattr(one, SOURCES[name])
            tensors.append(pb_utils.Tensor(name, rows))
        return pb_utils.InferenceResponse(output_tensors=tensors)

    def padded(self, length):
        """The next power of two: Triton batches requests of one shape only, and padding changes no answer."""
        return min(self.max_tokens, max(8, 1 << (length - 1).bit_length()))

    @staticmethod
    def strings(request, name):
        tensor = pb_utils.get_input_tensor_by_name(request, name)
        if tensor is None:
            return None
        return [value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value) for value in tensor.as_numpy().flatten()]
`;
