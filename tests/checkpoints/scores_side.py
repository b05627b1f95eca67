"""What transformers makes of our sets of labels and of our scores, and checkpoints of its own for both.

It runs in a process of its own: transformers brings triton, and a process dies when triton's LLVM meets TensorFlow's.
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch
import transformers
from transformers import AutoModelForSequenceClassification, BertConfig, BertForSequenceClassification, BertTokenizer

THEIR_INPUTS = {"input_ids": "token_ids", "token_type_ids": "segment_ids", "attention_mask": "padding_mask"}


def main(folder: Path) -> None:
    with np.load(folder / "features.npz") as stored:
        inputs = {theirs: torch.from_numpy(stored[ours]).long() for theirs, ours in THEIR_INPUTS.items()}
        targets = {name: torch.from_numpy(stored[name]) for name in ("multi-label", "regression")}
    for task, values in targets.items():
        model = AutoModelForSequenceClassification.from_pretrained(folder / "ours" / task)
        save(folder / f"of-ours-{task}.npz", model, inputs, labels=values)
        facts = {"problem_type": model.config.problem_type, "id2label": model.config.id2label}
        (folder / f"of-ours-{task}.json").write_text(json.dumps(facts))
    tokenizer = BertTokenizer(str(folder / "vocab.txt"))
    sizes = {
        "vocab_size": len(tokenizer),
        "hidden_size": 16,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "intermediate_size": 32,
        "max_position_embeddings": 32,
    }
    torch.manual_seed(5)
    labels = {0: "card", 1: "lost", 2: "pin"}
    for name, config in {
        "multi-label": BertConfig(**sizes, id2label=labels, problem_type="multi_label_classification"),
        "regression": BertConfig(**sizes, num_labels=1, problem_type="regression"),
        "one-output": BertConfig(**sizes, num_labels=1),
    }.items():
        model = BertForSequenceClassification(config).eval()
        with torch.no_grad():
            model.classifier.weight.normal_()
        model.save_pretrained(folder / "theirs" / name)
        tokenizer.save_pretrained(folder / "theirs" / name)
        save(folder / f"of-theirs-{name}.npz", model, inputs)


def save(path: Path, model: torch.nn.Module, inputs: dict, **others: torch.Tensor) -> None:
    with torch.no_grad():
        outputs = model.eval()(**inputs, **others)
    np.savez(path, **{name: value.numpy() for name, value in outputs.items()})


if __name__ == "__main__":
    transformers.logging.set_verbosity_error()
    main(Path(sys.argv[1]))
