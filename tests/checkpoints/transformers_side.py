"""What transformers makes of our checkpoints, and checkpoints of its own with their answers, for test_transformers.py.

It runs in a process of its own: transformers brings triton, and a process dies when triton's LLVM meets TensorFlow's.
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch
import transformers
from transformers import (
    AutoModel,
    AutoModelForMaskedLM,
    AutoModelForPreTraining,
    AutoModelForQuestionAnswering,
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
    AutoTokenizer,
    BertConfig,
    BertForMaskedLM,
    BertForPreTraining,
    BertForQuestionAnswering,
    BertForSequenceClassification,
    BertForTokenClassification,
    BertModel,
    BertTokenizer,
)

AUTO_CLASSES = {
    "BertModel": AutoModel,
    "BertForMaskedLM": AutoModelForMaskedLM,
    "BertForPreTraining": AutoModelForPreTraining,
    "BertForQuestionAnswering": AutoModelForQuestionAnswering,
    "BertForSequenceClassification": AutoModelForSequenceClassification,
    "BertForTokenClassification": AutoModelForTokenClassification,
}
THEIR_INPUTS = {"input_ids": "token_ids", "token_type_ids": "segment_ids", "attention_mask": "padding_mask"}


def main(folder: Path) -> None:
    with np.load(folder / "features.npz") as stored:
        inputs = {theirs: torch.from_numpy(stored[ours]).long() for theirs, ours in THEIR_INPUTS.items()}
    texts = json.loads((folder / "texts.json").read_text("utf-8"))
    (folder / "answers").mkdir()
    for checkpoint in sorted((folder / "from_kbert").iterdir()):
        (architecture,) = json.loads((checkpoint / "config.json").read_text("utf-8"))["architectures"]
        read(checkpoint, architecture, folder / "answers" / checkpoint.name, inputs, texts)
    for architecture in ("BertModel", "BertForMaskedLM"):
        answer = folder / "answers" / f"pretraining-as-{architecture}"
        read(folder / "from_kbert" / "pretraining-gelu-learned", architecture, answer, inputs, texts)
    write(folder / "from_transformers", folder / "answers", inputs, folder / "vocab.txt", texts)


def read(checkpoint: Path, architecture: str, answer: Path, inputs: dict, texts: list[str]) -> None:
    model, info = AUTO_CLASSES[architecture].from_pretrained(checkpoint, output_loading_info=True)
    save_outputs(answer, model, inputs)
    facts = {
        "class": type(model).__name__,
        "loading": {key: sorted(info[key]) for key in ("missing_keys", "unexpected_keys", "mismatched_keys")},
        "id2label": model.config.id2label,
        "ids": AutoTokenizer.from_pretrained(checkpoint)(texts)["input_ids"],
    }
    answer.with_suffix(".json").write_text(json.dumps(facts))


def write(folder: Path, answers: Path, inputs: dict, vocabulary: Path, texts: list[str]) -> None:
    tokenizer = BertTokenizer(str(vocabulary))
    (answers / "ids.json").write_text(json.dumps(tokenizer(texts)["input_ids"]))
    sizes = {
        "vocab_size": len(tokenizer),
        "hidden_size": 16,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "intermediate_size": 32,
        "max_position_embeddings": 32,
    }
    labels = {0: "no", 1: "yes", 2: "maybe"}
    torch.manual_seed(5)
    models = {
        "encoder": BertModel(BertConfig(**sizes, hidden_act="gelu_new")),
        "pretraining": BertForPreTraining(BertConfig(**sizes, hidden_act="relu")),
        "masked-lm": BertForMaskedLM(BertConfig(**sizes)),
        "untied": BertForMaskedLM(BertConfig(**sizes, tie_word_embeddings=False)),
        "classifier": BertForSequenceClassification(BertConfig(**sizes, id2label=labels)),
        "tagger": BertForTokenClassification(BertConfig(**sizes)),
        "answers": BertForQuestionAnswering(BertConfig(**sizes)),
    }
    for name, model in models.items():
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.add_(torch.randn_like(parameter) * 0.3)
        model.eval()
        model.save_pretrained(folder / name)
        tokenizer.save_pretrained(folder / name)
        save_outputs(answers / name, model, inputs)

    pickled = folder / "pickled"
    models["classifier"].config.save_pretrained(pickled)
    tokenizer.save_pretrained(pickled)
    torch.save(models["classifier"].state_dict(), pickled / "pytorch_model.bin")


def save_outputs(answer: Path, model: torch.nn.Module, inputs: dict) -> None:
    with torch.no_grad():
        outputs = model(**inputs)
    np.savez(answer.with_suffix(".npz"), **{name: value.numpy() for name, value in outputs.items()})


if __name__ == "__main__":
    transformers.logging.set_verbosity_error()
    main(Path(sys.argv[1]))
