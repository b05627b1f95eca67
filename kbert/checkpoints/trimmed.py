"""A checkpoint's files with fewer tokens: what has a row or an id for each token is written anew, the rest as it is."""

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kbert.checkpoints.checkpoint import Checkpoint
from kbert.checkpoints.huggingface import HF_CONFIG, TOKEN_ROWS, write_checkpoint
from kbert.checkpoints.huggingface_files import read_files, write_files
from kbert.errors import InputError
from kbert.files import write_json
from kbert.tokenizer import BertTokenizer

# What else belongs to a checkpoint and says nothing of ids: of kbert's runs, of sentence-transformers, and licences.
OTHER_FILES = (
    "curves.png",
    "metrics.jsonl",
    "labels.txt",
    "modules.json",
    "sentence_bert_config.json",
    "config_sentence_transformers.json",
    "LICENSE*",
    "NOTICE*",
)
TOKENIZER_FILES = ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json")


def fixed_tokens(folder: Path, vocabulary: Sequence[str]) -> set[str]:
    """The tokens that a checkpoint's files name by themselves: added ones, and those whose ids stand in a config.

    Raises:
        InputError: an added token is not in the vocabulary, or a file is no JSON object.
    """
    added = {entry["content"] for entry in _json(folder / "tokenizer.json").get("added_tokens", [])}
    decoder = _json(folder / "tokenizer_config.json").get("added_tokens_decoder", {})
    added |= {entry["content"] for entry in decoder.values()} | set(_json(folder / "added_tokens.json"))
    unknown = sorted(added.difference(vocabulary))
    if unknown:
        raise InputError(
            f"{folder}: expected the tokens added to the tokenizer to be in its vocabulary, {unknown[0]!r} is not"
        )
    configs = [_json(folder / name) for name in ("config.json", "generation_config.json")]
    ids = {number for raw in configs for value in _token_ids(raw).values() for number in _numbers(value)}
    return added | {vocabulary[number] for number in ids if 0 <= number < len(vocabulary)}


def write_trimmed(folder: Path, checkpoint: Checkpoint, tokenizer: BertTokenizer, kept: np.ndarray) -> BertTokenizer:
    """Writes a checkpoint with fewer tokens into an existing folder, and gives its tokenizer.

    A checkpoint in Hugging Face's format keeps every field of `config.json`, every tensor with its type of number, and
    every setting of its tokenizer. One in another format is written as `write_checkpoint` does.

    Args:
        folder: where to.
        checkpoint: has a `folder`.
        tokenizer: the checkpoint's.
        kept: the ids of the tokens that stay, ascending; position i is the new id of `kept[i]`.

    Raises:
        InputError: a tensor that should have one row a token has another number of them.
    """
    source = checkpoint.folder
    assert source is not None
    small = BertTokenizer(
        [tokenizer.vocabulary[index] for index in kept],
        lowercase=tokenizer.lowercase,
        strip_accents=tokenizer.strip_accents,
        split_chinese=tokenizer.split_chinese,
    )
    # What the checkpoint has of these files replaces them below, with the settings that ours do not know.
    small.save(folder, max_length=checkpoint.config.max_sequence_length)
    if not (source / "config.json").is_file():
        _write_converted(folder, checkpoint, kept)
        return small
    new_ids = {int(old): new for new, old in enumerate(kept)}
    raw, tensors = read_files(source)
    raw = {**_with_new_ids(raw, new_ids), HF_CONFIG["vocabulary_size"]: len(kept)}
    write_files(folder, raw, {name: _rows(name, tensors[name], kept, checkpoint) for name in tensors})
    if (source / "generation_config.json").is_file():
        write_json(folder / "generation_config.json", _with_new_ids(_json(source / "generation_config.json"), new_ids))
    _write_tokenizer_files(source, folder, small)
    _copy_others(source, folder)
    return small


def _write_converted(folder: Path, checkpoint: Checkpoint, kept: np.ndarray) -> None:
    per_token = ("embeddings.token", "mlm.bias")
    weights = {name: value[kept] if name in per_token else value for name, value in checkpoint.weights.items()}
    architecture = "BertModel"
    if "mlm.bias" in weights:
        architecture = "BertForPreTraining" if "nsp.dense.kernel" in weights else "BertForMaskedLM"
    config = checkpoint.config.replace(vocabulary_size=len(kept))
    write_checkpoint(folder, config, weights, architecture=architecture)


def _rows(name: str, tensor: np.ndarray, kept: np.ndarray, checkpoint: Checkpoint) -> np.ndarray:
    if not name.endswith(TOKEN_ROWS):
        return tensor
    if len(tensor) != checkpoint.config.vocabulary_size:
        raise InputError(
            f"{checkpoint.source}: tensor {name}: expected {checkpoint.config.vocabulary_size} rows, one a token, "
            f"got {len(tensor)}"
        )
    return tensor[kept]


def _write_tokenizer_files(source: Path, folder: Path, small: BertTokenizer) -> None:
    """The tokenizer's files as the checkpoint has them, with the vocabulary and the ids of `small`."""
    ids = {token: index for index, token in enumerate(small.vocabulary)}
    for name in TOKENIZER_FILES:
        if not (source / name).is_file():
            continue
        state = _json(source / name)
        if name == "tokenizer.json":
            state = _tokenizer_state(state, ids)
        elif name == "added_tokens.json":
            state = {token: ids[token] for token in state}
        elif "added_tokens_decoder" in state:
            decoder = {str(ids[entry["content"]]): entry for entry in state["added_tokens_decoder"].values()}
            state = {**state, "added_tokens_decoder": decoder}
        write_json(folder / name, state)


def _tokenizer_state(state: dict[str, Any], ids: Mapping[str, int]) -> dict[str, Any]:
    """A `tokenizer.json` with another vocabulary. Ids stand in four places, always beside their token."""
    state = {**state, "model": {**state["model"], "vocab": dict(ids)}}
    state["added_tokens"] = [{**entry, "id": ids[entry["content"]]} for entry in state.get("added_tokens") or []]
    processor = state.get("post_processor")
    if processor and processor["type"] == "TemplateProcessing":
        special = {
            key: {**entry, "ids": [ids[token] for token in entry["tokens"]]}
            for key, entry in processor["special_tokens"].items()
        }
        state["post_processor"] = {**processor, "special_tokens": special}
    elif processor and processor["type"] == "BertProcessing":
        pairs = {key: [processor[key][0], ids[processor[key][0]]] for key in ("sep", "cls")}
        state["post_processor"] = {**processor, **pairs}
    padding = state.get("padding")
    if padding:
        state["padding"] = {**padding, "pad_id": ids[padding["pad_token"]]}
    return state


def _copy_others(source: Path, folder: Path) -> None:
    for pattern in OTHER_FILES:
        for path in source.glob(pattern):
            if path.is_file():
                shutil.copyfile(path, folder / path.name)
    if (source / "modules.json").is_file():
        # Of sentence-transformers: pooling and dense layers behind the encoder have folders of their own.
        for module in json.loads((source / "modules.json").read_text("utf-8")):
            inside = Path(module["path"]).name
            if inside and (source / inside).is_dir():
                shutil.copytree(source / inside, folder / inside)


def _with_new_ids(raw: Mapping[str, Any], new_ids: Mapping[int, int]) -> dict[str, Any]:
    """A config whose fields of token ids, such as `pad_token_id`, follow their tokens."""
    changed = {
        name: [new_ids.get(number, number) for number in value]
        if isinstance(value, list)
        else new_ids.get(value, value)
        for name, value in _token_ids(raw).items()
    }
    return {**raw, **changed}


def _token_ids(raw: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in raw.items() if name.endswith("token_id") and _numbers(value)}


def _numbers(value: Any) -> list[int]:
    """The whole numbers of a field that holds one, several, or none."""
    return [number for number in (value if isinstance(value, list) else [value]) if isinstance(number, int)]


def _json(path: Path) -> dict[str, Any]:
    """The object in a file; an empty one where there is no file."""
    if not path.is_file():
        return {}
    try:
        content = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise InputError(f"{path}: expected JSON, could not read it ({error})") from None
    if not isinstance(content, dict):
        raise InputError(f"{path}: expected a JSON object, got {type(content).__name__}")
    return content
