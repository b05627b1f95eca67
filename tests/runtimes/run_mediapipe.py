"""Runs a .tflite file on texts in MediaPipe's TextClassifier.

`python run_mediapipe.py FILE < REQUEST > ANSWER`; REQUEST is {"texts": […]}, ANSWER is {"error": "", "probabilities":
[{label: …}, …]}.
"""

import json
import sys

from mediapipe.tasks.python import BaseOptions, text


def answer(path, texts):
    options = text.TextClassifierOptions(base_options=BaseOptions(model_asset_path=path))
    try:
        with text.TextClassifier.create_from_options(options) as classifier:
            found = [classifier.classify(one).classifications[0].categories for one in texts]
    except (ValueError, RuntimeError) as error:
        return {"error": str(error), "probabilities": []}
    return {"error": "", "probabilities": [{c.category_name: c.score for c in one} for one in found]}


print(json.dumps(answer(sys.argv[1], json.load(sys.stdin)["texts"])))
