"""Looks at a Triton model repository as Triton does. Arguments: the repository, the name of the bundle's model, texts as JSON.

Every config.pbtxt is parsed with Triton's own schema; the tokenizer's model.py is run with a stand-in for the interface that Triton's Python backend
gives it; the model is run with onnxruntime. Prints {"configs", "logits", "tokens"} as JSON.
"""
import importlib.util
import json
import pathlib
import sys
import types

import numpy as np
import onnxruntime
from google.protobuf import json_format, text_format
from tritonclient.grpc import model_config_pb2

repository, name, texts = pathlib.Path(sys.argv[1]), sys.argv[2], json.loads(sys.argv[3])
configs = {path.parent.name: text_format.Parse(path.read_text(), model_config_pb2.ModelConfig()) for path in repository.glob("*/config.pbtxt")}
as_json = {key: json_format.MessageToDict(config, preserving_proto_field_name=True) for key, config in configs.items()}


class Tensor:
    def __init__(self, name, array):
        self._name, self._array = name, array

    def name(self):
        return self._name

    def as_numpy(self):
        return self._array


class Response:
    def __init__(self, output_tensors=(), error=None):
        self.output_tensors, self.error = output_tensors, error


backend = types.ModuleType("triton_python_backend_utils")
backend.Tensor, backend.InferenceResponse, backend.TritonError = Tensor, Response, Exception
backend.get_input_tensor_by_name = lambda request, wanted: next((tensor for tensor in request if tensor.name() == wanted), None)
sys.modules["triton_python_backend_utils"] = backend

folder = repository / f"{name}_tokenizer"
spec = importlib.util.spec_from_file_location("model", folder / "1" / "model.py")
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
model = module.TritonPythonModel()
model.initialize({"model_config": json.dumps(as_json[f"{name}_tokenizer"]), "model_repository": str(folder), "model_version": "1"})
session = onnxruntime.InferenceSession(str(repository / name / "1" / "model.onnx"))


def request(batch):
    column = lambda at: np.array([[text[at].encode()] for text in batch], dtype=object)
    return [Tensor("text", column(0)), *([Tensor("pair", column(1))] if len(batch[0]) > 1 else [])]


logits, tokens = [], []
for response in model.execute([request(batch) for batch in texts]):
    feeds = {tensor.name(): tensor.as_numpy() for tensor in response.output_tensors}
    tokens.append(feeds["input_ids"].shape[1])
    logits += session.run(["logits"], feeds)[0].tolist()
print(json.dumps({"configs": as_json, "logits": logits, "tokens": tokens}))
