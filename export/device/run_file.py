"""Runs an exported file on token ids. Stands alone: NumPy and the file's runtime are all that it needs.

    python run_file.py MODEL INPUTS.npz OUTPUTS.npy [--builtin-kernels]

INPUTS.npz holds `token_ids`, int32, the texts' ids one after another; `lengths`, int32 (texts,), how many belong to
each; `names`, the file's inputs (of a TFLite file in their order); and `roles`, what each of them takes: token_ids,
padding_mask or segment_ids. Each text is run by itself, at its own length, on one thread. OUTPUTS.npy becomes float32
(texts, width): the file's first output. After each text a line with the number of texts done is printed.
"""

import argparse

import numpy as np


def open_tflite(path, builtin_kernels):
    """A function from the values of a TFLite file's inputs, by name in their order, to its first output."""
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    kernels = OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES if builtin_kernels else OpResolverType.AUTO
    interpreter = Interpreter(path, num_threads=1, experimental_op_resolver_type=kernels)
    inputs, output = interpreter.get_input_details(), interpreter.get_output_details()[0]["index"]
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
        return interpreter.get_tensor(output)

    return run


def open_onnx(path):
    """The same for an ONNX file."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return lambda values: session.run(None, {name: value.astype("int64") for name, value in values.items()})[0]


def main():
    parser = argparse.ArgumentParser(description="Runs an exported file on token ids.")
    parser.add_argument("model")
    parser.add_argument("inputs")
    parser.add_argument("outputs")
    parser.add_argument("--builtin-kernels", action="store_true", help="TFLite's own kernels, without XNNPACK")
    given = parser.parse_args()
    texts = np.load(given.inputs)
    run = open_onnx(given.model) if given.model.endswith(".onnx") else open_tflite(given.model, given.builtin_kernels)
    outputs = []
    for token_ids in np.split(texts["token_ids"], np.cumsum(texts["lengths"])[:-1]):
        row = token_ids[None]
        values = {"token_ids": row, "padding_mask": np.ones_like(row), "segment_ids": np.zeros_like(row)}
        outputs.append(run({n: values[role] for n, role in zip(texts["names"], texts["roles"], strict=True)})[0])
        print(len(outputs), flush=True)
    np.save(given.outputs, np.asarray(outputs, "float32"))


if __name__ == "__main__":
    main()
