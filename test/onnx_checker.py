"""The reference checker over every .onnx file of a folder. Prints {file: what is wrong, or null} as JSON. Needs the package onnx."""
import json
import pathlib
import sys

import onnx


def check(path):
    try:
        model = onnx.load(path)
        onnx.checker.check_model(model, full_check=True)
        onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return None


print(json.dumps({path.name: check(path) for path in sorted(pathlib.Path(sys.argv[1]).glob("*.onnx"))}))
