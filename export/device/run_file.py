"""Runs an exported file on token ids. Stands alone: NumPy and the file's runtime are all that it needs.

    python run_file.py MODEL INPUTS.npz OUTPUTS.npz [--builtin-kernels]

INPUTS.npz holds `token_ids` and `segment_ids`, int32, the texts' ids one after another; `lengths`, int32 (texts,), how
many belong to each; `names`, the file's inputs (of a TFLite file in their order); and `roles`, what each of them takes:
token_ids, padding_mask or segment_ids. Each text is run by itself, at its own length, on one thread. OUTPUTS.npz
becomes an array `TEXT/OUTPUT` for each, both by number, outputs in the file's order, float32 without the batch axis.
After each text a line with the number of texts done is printed.
"""

import argparse

import numpy as np


def open_tflite(path, builtin_kernels):
    """A function from the values of a TFLite file's inputs, by name in their order, to its outputs."""
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    kernels = OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES if builtin_kernels else OpResolverType.AUTO
    interpreter = Interpreter(path, num_threads=1, experimental_op_resolver_type=kernels)
    inputs, outputs = interpreter.get_input_details(), interpreter.get_output_details()
    length = None

    def run(values):
        nonlocal length
        rows = list(values.values())
        if rows[0].shape[1] != length:
            length = rows[0].shape[1]
            for info in inputs:
                interpreter.resize_tensor_input(info["index"], [1, length])
            interpreter.allocate_tensors()
        for info, value in zip(inputs, rows, strict=True):
            interpreter.set_tensor(info["index"], value.astype(info["dtype"]))
        interpreter.invoke()
        return [interpreter.get_tensor(info["index"]) for info in outputs]

    return run


def open_onnx(path):
    """The same for an ONNX file."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return lambda values: session.run(None, {name: value.astype("int64") for name, value in values.items()})


def main():
    parser = argparse.ArgumentParser(description="Runs an exported file on token ids.")
    parser.add_argument("model")
    parser.add_argument("inputs")
    parser.add_argument("outputs")
    parser.add_argument("--builtin-kernels", action="store_true", help="TFLite's own kernels, without XNNPACK")
    given = parser.parse_args()
    texts = np.load(given.inputs)
    run = open_onnx(given.model) if given.model.endswith(".onnx") else open_tflite(given.model, given.builtin_kernels)
    ends = np.cumsum(texts["lengths"])[:-1]
    rows = zip(*(np.split(texts[name], ends) for name in ("token_ids", "segment_ids")), strict=True)
    outputs = {}
    for number, (token_ids, segment_ids) in enumerate(rows):
        values = {"token_ids": token_ids, "padding_mask": np.ones_like(token_ids), "segment_ids": segment_ids}
        found = run({n: values[role][None] for n, role in zip(texts["names"], texts["roles"], strict=True)})
        outputs |= {f"{number}/{place}": np.asarray(value[0], "float32") for place, value in enumerate(found)}
        print(number + 1, flush=True)
    np.savez(given.outputs, **outputs)


if __name__ == "__main__":
    main()
