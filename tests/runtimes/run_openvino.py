"""Runs a file on token ids in OpenVINO, as run_tflite.py does; an ONNX file's logits become probabilities."""

import json
import sys

import numpy as np
import openvino


def run(model, ids):
    feed = {}
    for value in model.inputs:
        name = value.get_any_name()
        row = np.asarray([ids], "int32" if value.get_element_type() == openvino.Type.i32 else "int64")
        length = value.get_partial_shape()[1]
        if length.is_static:
            row = np.pad(row, ((0, 0), (0, length.get_length() - len(ids))))
        if "mask" in name:
            row = (np.arange(row.shape[1])[None] < len(ids)).astype(row.dtype)
        elif "segment" in name or "type" in name:
            row = np.zeros_like(row)
        feed[name] = row
    (output,) = list(model(feed).values())[:1]
    if "logits" in model.outputs[0].get_names():
        output = np.exp(output - output.max())
        output = output / output.sum()
    return np.asarray(output[0], "float64").tolist()


def answer(path, rows):
    try:
        # By default it computes in bfloat16 on processors that have it.
        model = openvino.Core().compile_model(path, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    except RuntimeError as error:
        return {"error": str(error), "probabilities": []}
    return {"error": "", "probabilities": [run(model, row) for row in rows]}


print(json.dumps(answer(sys.argv[1], json.load(sys.stdin)["ids"])))
