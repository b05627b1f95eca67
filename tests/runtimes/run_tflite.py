"""Runs a .tflite file on token ids: `python run_tflite.py FILE < REQUEST > ANSWER`, with any TFLite interpreter.

REQUEST is {"ids": [[…], …]}; ANSWER is {"error": "", "probabilities": [[…], …]}. Inputs are told apart by name.
"""

import json
import sys

import numpy as np

try:
    from tflite_runtime.interpreter import Interpreter
except ImportError:
    from ai_edge_litert.interpreter import Interpreter


def run(interpreter, ids):
    details = interpreter.get_input_details()
    for detail in details:
        length = detail["shape_signature"][-1]
        interpreter.resize_tensor_input(detail["index"], [1, len(ids) if length < 0 else length])
    interpreter.allocate_tensors()
    for detail in interpreter.get_input_details():
        row = np.zeros(detail["shape"], detail["dtype"])
        if "mask" in detail["name"]:
            row[0, : len(ids)] = 1
        elif "segment" not in detail["name"]:
            row[0, : len(ids)] = ids
        interpreter.set_tensor(detail["index"], row)
    interpreter.invoke()
    return interpreter.get_tensor(interpreter.get_output_details()[0]["index"])[0].tolist()


def answer(path, rows):
    try:
        interpreter = Interpreter(path)
        return {"error": "", "probabilities": [run(interpreter, row) for row in rows]}
    except (ValueError, RuntimeError) as error:
        return {"error": str(error), "probabilities": []}


print(json.dumps(answer(sys.argv[1], json.load(sys.stdin)["ids"])))
