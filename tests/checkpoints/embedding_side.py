"""The vectors that a run's files ask for, made with transformers alone, for test_sentence_transformers.py.

It does what Sentence Transformers does with `modules.json`: the model, the pooling that 1_Pooling/config.json names,
and the length 1. It runs in a process of its own, as transformers_side.py does.
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch
from transformers import AutoModel, AutoTokenizer


def main(folder: Path) -> None:
    texts = json.loads((folder / "texts.json").read_text("utf-8"))
    for run in sorted((folder / "runs").iterdir()):
        np.save(folder / f"{run.name}.npy", vectors(run, texts))


def vectors(run: Path, texts: list[str]) -> np.ndarray:
    modules = json.loads((run / "modules.json").read_text("utf-8"))
    length = json.loads((run / "sentence_bert_config.json").read_text("utf-8"))["max_seq_length"]
    inputs = AutoTokenizer.from_pretrained(run)(
        texts, padding=True, truncation=True, max_length=length, return_tensors="pt"
    )
    model, info = AutoModel.from_pretrained(run, output_loading_info=True)
    assert not any(info[key] for key in ("missing_keys", "unexpected_keys", "mismatched_keys")), info
    with torch.no_grad():
        hidden = model.eval()(**inputs).last_hidden_state
    found = None
    for module in modules[1:]:
        kind = module["type"].rpartition(".")[2]
        if kind == "Pooling":
            config = json.loads((run / module["path"] / "config.json").read_text("utf-8"))
            mask = inputs["attention_mask"][..., None].float()
            mean = (hidden * mask).sum(1) / mask.sum(1)
            found = mean if config["pooling_mode_mean_tokens"] else hidden[:, 0]
        elif kind == "Normalize":
            found = torch.nn.functional.normalize(found, dim=1)
    return found.numpy()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
