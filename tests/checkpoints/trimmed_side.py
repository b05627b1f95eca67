"""What transformers makes of checkpoints and their trimmed copies, for test_trimmed.py; in a process of its own."""

import json
import sys
from pathlib import Path

import numpy as np
import torch
import transformers

INPUTS = ("input_ids", "token_type_ids", "attention_mask")


def main(folder: Path) -> None:
    texts = json.loads((folder / "texts.json").read_text("utf-8"))
    for trimmed in sorted((folder / "trimmed").iterdir()):
        (architecture,) = json.loads((trimmed / "config.json").read_text("utf-8"))["architectures"]
        for kind in ("original", "trimmed"):
            source = folder / kind / trimmed.name
            model, info = getattr(transformers, architecture).from_pretrained(source, output_loading_info=True)
            tokenizer = transformers.AutoTokenizer.from_pretrained(source)
            encoded = tokenizer(texts, padding=True, return_tensors="pt")
            with torch.no_grad():
                outputs = model.eval()(**{name: encoded[name] for name in INPUTS})
            arrays = {name: value.numpy() for name, value in outputs.items()}
            np.savez(folder / f"{kind}-{trimmed.name}.npz", **arrays)
            facts = {
                "tokens": [tokenizer.convert_ids_to_tokens(row) for row in encoded["input_ids"]],
                "missing": sorted(info["missing_keys"]),
                "vocab_size": [model.config.vocab_size, len(tokenizer)],
                "pad": [model.config.pad_token_id, tokenizer.pad_token_id],
            }
            (folder / f"{kind}-{trimmed.name}.json").write_text(json.dumps(facts), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
