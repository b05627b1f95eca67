"""What Sentence Transformers writes beside a Hugging Face checkpoint: how a vector is made of the last layer."""

import json
from pathlib import Path
from typing import Any

from kbert.errors import InputError
from kbert.files import write_json

MODULES_FILE = "modules.json"
POOLING_FOLDER = "1_Pooling"
LENGTH_FILE = "sentence_bert_config.json"
# Its names for what `kbert.problems.embedding` calls pooling.
POOLING_MODES = {"mean": "pooling_mode_mean_tokens", "cls": "pooling_mode_cls_token"}
_OTHER_MODES = ("max_tokens", "mean_sqrt_len_tokens", "weightedmean_tokens", "lasttoken")
_KNOWN_MODULES = (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"])


def read_embedding_settings(folder: Path) -> dict[str, Any]:
    """`pooling` and `normalize`, and `max_length` where it is said; nothing where the folder has no `modules.json`.

    Raises:
        InputError: the vector is made in a way that kbert does not know; or a file is missing or no JSON.
    """
    if not (folder / MODULES_FILE).is_file():
        return {}
    modules = _read(folder / MODULES_FILE)
    try:
        kinds = [str(module["type"]).rpartition(".")[2] for module in modules]
        paths = [str(module["path"]) for module in modules]
    except (TypeError, KeyError):
        raise InputError(f"{folder / MODULES_FILE}: expected a list of modules with type and path") from None
    if kinds not in _KNOWN_MODULES:
        raise InputError(
            f"{folder / MODULES_FILE}: expected Transformer, Pooling and perhaps Normalize, got {', '.join(kinds)}: "
            "without the others its vectors would be different ones"
        )
    settings: dict[str, Any] = {"pooling": _pooling(folder / paths[1] / "config.json"), "normalize": len(kinds) == 3}
    if (folder / LENGTH_FILE).is_file():
        length = _read(folder / LENGTH_FILE).get("max_seq_length")
        settings |= {"max_length": length} if length else {}
    return settings


def write_embedding_settings(folder: Path, *, pooling: str, normalize: bool, max_length: int, hidden_dim: int) -> None:
    """The files by which Sentence Transformers loads a run and makes the same vectors."""
    modules = [("", "Transformer"), (POOLING_FOLDER, "Pooling")] + ([("2_Normalize", "Normalize")] if normalize else [])
    write_json(
        folder / MODULES_FILE,
        [
            {"idx": i, "name": str(i), "path": path, "type": f"sentence_transformers.models.{kind}"}
            for i, (path, kind) in enumerate(modules)
        ],
    )
    modes = {mode: ours == pooling for ours, mode in POOLING_MODES.items()}
    modes |= {f"pooling_mode_{mode}": False for mode in _OTHER_MODES[:2]}
    (folder / POOLING_FOLDER).mkdir()
    write_json(folder / POOLING_FOLDER / "config.json", {"word_embedding_dimension": hidden_dim, **modes})
    # The tokenizer's own file says whether it lower-cases.
    write_json(folder / LENGTH_FILE, {"max_seq_length": max_length, "do_lower_case": False})


def _pooling(path: Path) -> str:
    raw = _read(path)
    chosen = sorted(name for name, value in raw.items() if name.startswith("pooling_mode_") and value is True)
    found = next((ours for ours, theirs in POOLING_MODES.items() if chosen == [theirs]), None)
    if found is None:
        known = " or ".join(POOLING_MODES.values())
        raise InputError(f"{path}: expected {known} to be true, got {', '.join(chosen) or 'none'}")
    return found


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise InputError(f"{path}: expected a file of Sentence Transformers, found no such file") from None
    except ValueError as error:
        raise InputError(f"{path}: expected JSON, could not read it ({error})") from None
