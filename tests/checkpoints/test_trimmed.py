"""The files of a trimmed checkpoint: nothing is lost, ids follow their tokens, transformers gives the same bits."""

import json
import os
import pathlib
import shutil
import subprocess
import sys

import ml_dtypes
import numpy as np
import pytest
import tokenizers
from safetensors.numpy import load_file, save_file

from kbert.checkpoints import open_checkpoint
from kbert.checkpoints.trimmed import fixed_tokens, write_trimmed
from kbert.errors import InputError
from kbert.tokenizer import BertTokenizer

SCRIPT = pathlib.Path(__file__).parent / "trimmed_side.py"
TASKS = ("tiny-bert", "tiny-bert-classifier", "tiny-bert-tagger", "tiny-bert-qa")
GONE = ("from", "with", "her")


def trim(source, folder, gone):
    """Writes a copy of `source` without some tokens."""
    checkpoint = open_checkpoint(source)
    tokenizer = checkpoint.tokenizer()
    kept = np.array([index for index, token in enumerate(tokenizer.vocabulary) if token not in gone])
    folder.mkdir(parents=True)
    write_trimmed(folder, checkpoint, tokenizer, kept)
    return kept


@pytest.fixture(scope="module")
def exchange(optional, golden, tmp_path_factory):
    """The golden checkpoints, their trimmed copies, and what transformers makes of both."""
    optional("torch")
    optional("transformers")
    folder = tmp_path_factory.mktemp("trimmed")
    for name in TASKS:
        # With tokenizer files as kbert writes them: transformers takes a lone vocab.txt in another way.
        shutil.copytree(golden / name, folder / "original" / name)
        BertTokenizer.from_directory(golden / name).save(folder / "original" / name)
        trim(folder / "original" / name, folder / "trimmed" / name, GONE)
    texts = ["she was in that, and you?", "Ünïted 字 as it is!", "", "on for his"]
    (folder / "texts.json").write_text(json.dumps(texts), "utf-8")
    done = subprocess.run(
        [sys.executable, str(SCRIPT), str(folder)],
        env=os.environ | {"HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return folder


@pytest.mark.parametrize("name", TASKS)
def test_transformers_gives_the_same_bits(exchange, name):
    before, after = (json.loads((exchange / f"{k}-{name}.json").read_text("utf-8")) for k in ("original", "trimmed"))
    assert before["tokens"] == after["tokens"]
    assert before["missing"] == after["missing"] == []
    assert (before["vocab_size"], after["vocab_size"]) == ([1024, 1024], [1021, 1021])
    assert after["pad"] == [0, 0]
    with (
        np.load(exchange / f"original-{name}.npz") as old,
        np.load(exchange / f"trimmed-{name}.npz") as new,
    ):
        assert set(old) == set(new)
        for output in old:
            expected = old[output]
            if output == "prediction_logits":
                vocabulary = BertTokenizer.from_directory(exchange / "original" / name).vocabulary
                expected = np.delete(expected, [vocabulary.index(token) for token in GONE], axis=-1)
                # Columns of a matrix product of another width may be summed in another order.
                np.testing.assert_allclose(new[output], expected, atol=1e-5)
            else:
                np.testing.assert_array_equal(new[output], expected)


@pytest.fixture
def rich_checkpoint(tmp_path):
    """A checkpoint with everything that can hold an id: [PAD] is not 0, `bad` (3) goes, so all behind it move."""
    folder = tmp_path / "rich"
    folder.mkdir()
    vocabulary = ["[UNK]", "[CLS]", "a", "bad", "[PAD]", "[SEP]", "[MASK]", "[ENT]", "##s"]
    tokenizer = BertTokenizer(vocabulary)
    tokenizer.save(folder)
    library = tokenizer.library_tokenizer()
    library.add_tokens([tokenizers.AddedToken("[ENT]", normalized=False)])
    library.enable_padding(pad_id=4, pad_token="[PAD]")
    library.enable_truncation(7)
    library.save(str(folder / "tokenizer.json"))
    settings = json.loads((folder / "tokenizer_config.json").read_text("utf-8"))
    settings |= {"model_max_length": 7, "added_tokens_decoder": {"7": {"content": "[ENT]", "special": False}}}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings), "utf-8")
    (folder / "added_tokens.json").write_text('{"[ENT]": 7}', "utf-8")
    config = {"hidden_size": 2, "num_hidden_layers": 1, "num_attention_heads": 1, "intermediate_size": 2}
    config |= {"model_type": "bert", "vocab_size": 9, "architectures": ["Mine"], "mine": {"deep": [1, None]}}
    config |= {"pad_token_id": 4, "eos_token_id": [5, 6], "bos_token_id": None, "tie_word_embeddings": False}
    (folder / "config.json").write_text(json.dumps(config), "utf-8")
    (folder / "generation_config.json").write_text('{"pad_token_id": 4, "max_length": 4}', "utf-8")
    rows = np.arange(18).reshape(9, 2)
    tensors = {
        "bert.embeddings.word_embeddings.weight": rows.astype(ml_dtypes.bfloat16),
        "bert.embeddings.position_ids": np.arange(9),
        "cls.predictions.bias": np.arange(9, dtype="float16"),
        "cls.predictions.decoder.weight": rows.astype("float32") + 100,
        "cls.predictions.decoder.bias": np.arange(9, dtype="float32"),
        "mine.weight": np.ones((9, 9), "float32"),
        "mine.mask": np.array([True, False]),
    }
    save_file(tensors, folder / "model.safetensors")
    (folder / "modules.json").write_text('[{"path": ""}, {"path": "1_Pooling"}]', "utf-8")
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text("{}", "utf-8")
    (folder / "LICENSE").write_text("free", "utf-8")
    return folder


def read(path):
    return json.loads(path.read_text("utf-8"))


def test_ids_follow_their_tokens_and_the_rest_stays(rich_checkpoint, tmp_path):
    out = tmp_path / "out"
    assert trim(rich_checkpoint, out, ["bad"]).tolist() == [0, 1, 2, 4, 5, 6, 7, 8]
    raw = read(rich_checkpoint / "config.json")
    assert read(out / "config.json") == {**raw, "vocab_size": 8, "pad_token_id": 3, "eos_token_id": [4, 5]}
    assert read(out / "generation_config.json") == {"pad_token_id": 3, "max_length": 4}
    assert read(out / "added_tokens.json") == {"[ENT]": 6}
    settings = read(rich_checkpoint / "tokenizer_config.json")
    decoder = {"6": {"content": "[ENT]", "special": False}}
    assert read(out / "tokenizer_config.json") == {**settings, "added_tokens_decoder": decoder}
    assert (out / "LICENSE").read_text("utf-8") == "free"
    assert (out / "1_Pooling" / "config.json").is_file()
    before, after = (tokenizers.Tokenizer.from_file(str(f / "tokenizer.json")) for f in (rich_checkpoint, out))
    texts = ["as [ENT]a", "a"]
    for old, new in zip(before.encode_batch(texts), after.encode_batch(texts), strict=True):
        assert old.tokens == new.tokens
        assert [after.token_to_id(token) for token in new.tokens] == new.ids
    assert after.padding == {**before.padding, "pad_id": 3}
    assert after.truncation == before.truncation


def test_rows_of_tokens_go_in_every_type_of_number(rich_checkpoint, tmp_path):
    trim(rich_checkpoint, tmp_path / "out", ["bad"])
    before, after = (load_file(folder / "model.safetensors") for folder in (rich_checkpoint, tmp_path / "out"))
    assert before.keys() == after.keys()
    for name, value in before.items():
        expected = value if "mine" in name or "position_ids" in name else np.delete(value, 3, axis=0)
        assert after[name].dtype == value.dtype
        np.testing.assert_array_equal(after[name], expected)


def test_tokens_that_the_files_name(rich_checkpoint):
    vocabulary = BertTokenizer.from_directory(rich_checkpoint).vocabulary
    named = {"[UNK]", "[CLS]", "[PAD]", "[SEP]", "[MASK]", "[ENT]"}
    assert fixed_tokens(rich_checkpoint, vocabulary) == named
    (rich_checkpoint / "config.json").write_text('{"bos_token_id": 3, "eos_token_id": 99}', "utf-8")
    assert fixed_tokens(rich_checkpoint, vocabulary) == {*named, "bad"}
    (rich_checkpoint / "added_tokens.json").write_text('{"[NEW]": 9}', "utf-8")
    with pytest.raises(InputError, match=r"to be in its vocabulary, '\[NEW\]' is not"):
        fixed_tokens(rich_checkpoint, vocabulary)


def test_a_head_with_another_number_of_rows(rich_checkpoint, tmp_path):
    tensors = load_file(rich_checkpoint / "model.safetensors")
    save_file({**tensors, "cls.predictions.bias": np.zeros(8)}, rich_checkpoint / "model.safetensors")
    with pytest.raises(InputError, match=r"tensor cls.predictions.bias: expected 9 rows, one a token, got 8"):
        trim(rich_checkpoint, tmp_path / "out", ["bad"])


def test_pytorch_files_become_safetensors(optional, rich_checkpoint, tmp_path):
    torch = optional("torch")
    tensors = load_file(rich_checkpoint / "model.safetensors")
    state = {
        name: torch.tensor(value.astype("float32") if "mask" not in name else value) for name, value in tensors.items()
    }
    torch.save(state, rich_checkpoint / "pytorch_model.bin")
    (rich_checkpoint / "model.safetensors").unlink()
    trim(rich_checkpoint, tmp_path / "out", ["bad"])
    after = load_file(tmp_path / "out" / "model.safetensors")
    assert after["bert.embeddings.word_embeddings.weight"].tolist()[3] == [8, 9]
    assert after["mine.mask"].tolist() == [True, False]
    assert not (tmp_path / "out" / "pytorch_model.bin").exists()
