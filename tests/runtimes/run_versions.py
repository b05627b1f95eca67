"""Which versions of operators a TFLite interpreter registers: `python run_versions.py FOLDER`, a file each.

Prints {file name: ""} where it is registered, else the interpreter's error. Nothing is run.
"""

import json
import pathlib
import sys

try:
    from tflite_runtime.interpreter import Interpreter
except ImportError:
    from ai_edge_litert.interpreter import Interpreter


def ask(path):
    try:
        Interpreter(str(path))
    except (ValueError, RuntimeError) as error:
        return str(error)
    return ""


print(json.dumps({path.name: ask(path) for path in pathlib.Path(sys.argv[1]).iterdir()}))
