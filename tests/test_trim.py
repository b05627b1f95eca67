"""What `kbert.trim` promises: the same tokens and the same numbers for every text whose tokens were kept."""

import hashlib
import json
import random
import re

import keras
import numpy as np
import pytest

from kbert import BertBackbone, BertConfig, BertTokenizer, InputError, TextClassifier
from kbert.checkpoints import load_backbone, open_checkpoint
from kbert.checkpoints.huggingface import write_checkpoint
from kbert.pretrainer import BertPretrainer
from kbert.tokenizer import SPECIAL_TOKENS
from kbert.trim import CorpusFile, trim_vocabulary

VOCABULARIES = {"uncased": True, "cased": False, "chinese": True, "multilingual-cased": False}


@pytest.fixture
def corpus(tmp_path):
    """Uses all words of the tiny vocabulary but `bad` and `day`."""
    path = tmp_path / "corpus.txt"
    path.write_text("The good film was good.\nThe films!", "utf-8")
    return path


@pytest.fixture
def saved(tmp_path, tiny_tokenizer):
    """Writes a checkpoint that has nothing but a tokenizer and its table: row i is i, i."""

    def save(vocabulary, lowercase=True):
        tokenizer = BertTokenizer(vocabulary, lowercase=lowercase)
        size = tokenizer.vocabulary_size
        folder = tmp_path / f"table-{size}"
        folder.mkdir(exist_ok=True)
        config = BertConfig(vocabulary_size=size, hidden_dim=2, num_layers=1, num_heads=1, intermediate_dim=2)
        write_checkpoint(
            folder, config, {"embeddings.token": np.repeat(np.arange(size, dtype="float32")[:, None], 2, 1)}
        )
        tokenizer.save(folder)
        return folder

    return save


def vocabulary_of(folder):
    return BertTokenizer.from_directory(folder).vocabulary


def tokens_of(tokenizer, texts):
    return [encoding.tokens for encoding in tokenizer.encode_batch(texts)]


def write_lines(path, lines):
    path.write_text("\n\n".join(lines), "utf-8")
    return path


def test_what_stays_and_what_goes(tiny_checkpoint, tiny_tokenizer, corpus, tmp_path):
    result = trim_vocabulary(tiny_checkpoint, [corpus], tmp_path / "out")
    assert vocabulary_of(tmp_path / "out") == [t for t in tiny_tokenizer.vocabulary if t not in ("bad", "day")]
    assert (result.tokens_before, result.tokens_after) == (66, 64)
    # 16 numbers of 4 bytes a row
    assert (result.table_mb_before, result.table_mb_after) == pytest.approx((66 * 64e-6, 64 * 64e-6))
    assert (result.changed_texts, result.changed_tokens) == (0, 0)
    # the good film was good . | the film ##s !
    assert (result.corpus_texts, result.corpus_tokens) == (2, 10)
    before, after = (open_checkpoint(folder).weights for folder in (tiny_checkpoint, tmp_path / "out"))
    assert before.keys() == after.keys()
    for name, value in before.items():
        expected = np.delete(value, [58, 60], axis=0) if name == "embeddings.token" else value
        np.testing.assert_array_equal(after[name], expected)


def test_what_is_noted(saved_classifier, corpus, tmp_path):
    result = trim_vocabulary(saved_classifier, [corpus], tmp_path / "out", keep=["bad"], command="kbert trim")
    before, after = (json.loads((f / "kbert.json").read_text("utf-8")) for f in (saved_classifier, tmp_path / "out"))
    trimmed = after.pop("trimmed")
    assert after == before
    sha256 = hashlib.sha256(corpus.read_bytes()).hexdigest()
    assert result.files == (CorpusFile(file="corpus.txt", sha256=sha256, texts=2, tokens=10),)
    assert trimmed == {
        "from": 66,
        "to": 65,
        "min_count": 1,
        "kept_besides": 1,
        "corpus": [{"file": "corpus.txt", "sha256": sha256, "texts": 2, "tokens": 10}],
        "changed_texts": 0,
        "changed_tokens": 0,
        "command": "kbert trim",
    }
    trim_vocabulary(tmp_path / "out", [corpus], tmp_path / "again")
    again = json.loads((tmp_path / "again" / "kbert.json").read_text("utf-8"))["trimmed"]
    assert (again["from"], again["to"], again["before"]) == (65, 64, trimmed)


@pytest.fixture
def saved_classifier(tiny_classifier, tmp_path):
    return tiny_classifier.save_checkpoint(tmp_path / "classifier")


def test_a_classifier_gives_the_same_bits(saved_classifier, corpus, tmp_path):
    trim_vocabulary(saved_classifier, [corpus], tmp_path / "out")
    texts = ["the film was good.", "goods", "The zebra, a film!", ""]
    before, after = (TextClassifier.from_checkpoint(folder) for folder in (saved_classifier, tmp_path / "out"))
    np.testing.assert_array_equal(after.predict_proba(texts), before.predict_proba(texts))
    # and that the test can fail: a text whose token was dropped
    assert (after.predict_proba(["bad"]) != before.predict_proba(["bad"])).any()


def test_an_mlm_head_gives_the_same_bits(tiny_config, tiny_tokenizer, corpus, tmp_path):
    keras.utils.set_random_seed(7)
    model = BertPretrainer(BertBackbone(tiny_config), tiny_tokenizer, 16)
    for variable in model.trainable_variables:
        variable.assign(keras.random.normal(variable.shape, stddev=0.3))
    model.save_checkpoint(tmp_path / "run")
    trim_vocabulary(tmp_path / "run", [corpus], tmp_path / "out")
    small = BertPretrainer.from_checkpoint(tmp_path / "out")
    inputs = [_features(m.tokenizer, "the [MASK] was good") for m in (model, small)]
    before, after = (m(features) for m, features in zip((model, small), inputs, strict=True))
    kept = np.delete(np.asarray(before["mlm_logits"]), [58, 60], axis=-1)
    # Columns of a matrix product of another width may be summed in another order.
    np.testing.assert_allclose(np.asarray(after["mlm_logits"]), kept, atol=1e-6)
    np.testing.assert_array_equal(np.asarray(after["nsp_logits"]), np.asarray(before["nsp_logits"]))


def _features(tokenizer, text):
    encoding = tokenizer.encode(text)
    names = ("token_ids", "segment_ids", "padding_mask")
    return {name: np.array([getattr(encoding, name)], "int32") for name in names}


def test_random_texts_of_random_vocabularies(saved, tmp_path):
    """Short pieces of three letters: words have many spellings, so that a wrong one would show."""
    generator = random.Random(5)

    def words(number, most):
        return ["".join(generator.choices("abc", k=generator.randint(1, most))) for _ in range(number)]

    same = other = 0
    for _ in range(8):
        pieces = [*words(25, 4), *(f"##{word}" for word in words(25, 4)), *"abc", "##a", "##b", "##c"]
        folder = saved(list(dict.fromkeys([*SPECIAL_TOKENS, *pieces])))
        trim_vocabulary(folder, [write_lines(tmp_path / "c.txt", words(8, 8))], tmp_path / "out", overwrite=True)
        before, after = (BertTokenizer.from_directory(path) for path in (folder, tmp_path / "out"))
        kept = set(after.vocabulary)
        texts = words(300, 9)
        for old, new in zip(tokens_of(before, texts), tokens_of(after, texts), strict=True):
            assert (old == new) == (kept >= set(old))
            same, other = same + (old == new), other + (old != new)
    assert min(same, other) > 200


@pytest.mark.parametrize("name", VOCABULARIES)
def test_golden_texts(golden, shared, saved, tmp_path, name):
    rows = (golden / "tokenizer" / f"{name}.jsonl").read_text("utf-8").splitlines()
    texts = [json.loads(row)["text"] for row in rows]
    table = saved(shared / "data" / "vocabs" / f"bert-base-{name}.vocab.txt", VOCABULARIES[name])
    corpus = tmp_path / "corpus.jsonl"
    corpus.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts[::2]), "utf-8")
    result = trim_vocabulary(table, [corpus], tmp_path / "out")
    assert (result.changed_texts, result.changed_tokens) == (0, 0)
    assert result.tokens_after < result.tokens_before
    before, after = (BertTokenizer.from_directory(path) for path in (table, tmp_path / "out"))
    kept = set(after.vocabulary)
    old, new = tokens_of(before, texts), tokens_of(after, texts)
    assert [a == b for a, b in zip(old, new, strict=True)] == [kept >= set(tokens) for tokens in old]
    assert old[::2] == new[::2]
    assert old != new  # texts that were not in the corpus
    rows = open_checkpoint(tmp_path / "out").weights["embeddings.token"]
    assert [before.vocabulary[int(row)] for row in rows[:, 0]] == after.vocabulary


def test_a_word_of_the_corpus_stays_unknown(saved, tmp_path):
    """Without `ab` the word `abc`, whose c cannot be spelled, would become `a ##bc`."""
    vocabulary = [*SPECIAL_TOKENS, "a", "ab", "##bc", "##b", "x"]
    folder = saved(vocabulary)
    trim_vocabulary(folder, [write_lines(tmp_path / "c.txt", ["abc abbc"])], tmp_path / "out")
    assert vocabulary_of(tmp_path / "out") == vocabulary
    assert tokens_of(BertTokenizer(vocabulary), ["abc"])[0] == ["[CLS]", "[UNK]", "[SEP]"]
    trim_vocabulary(folder, [write_lines(tmp_path / "c.txt", ["abbc x"])], tmp_path / "out", overwrite=True)
    assert vocabulary_of(tmp_path / "out") == vocabulary
    # No word of this corpus needs `ab`, and the promise says nothing of unknown words of other texts.
    trim_vocabulary(folder, [write_lines(tmp_path / "c.txt", ["x xbc"])], tmp_path / "out", overwrite=True)
    assert vocabulary_of(tmp_path / "out") == [token for token in vocabulary if token != "ab"]
    small = BertTokenizer.from_directory(tmp_path / "out")
    assert tokens_of(small, ["abc"])[0] == ["[CLS]", "a", "##bc", "[SEP]"]


def test_rare_tokens_go_and_the_change_is_counted(saved, tmp_path):
    vocabulary = [*SPECIAL_TOKENS, *"abcd", "##a", "##b", "##c", "##d", "ab", "##cd", "abcd", "dd"]
    text = write_lines(tmp_path / "c.txt", ["abcd abcd ab", "dd a", "a"])
    result = trim_vocabulary(saved(vocabulary), [text], tmp_path / "out", min_count=2)
    assert vocabulary_of(tmp_path / "out") == [t for t in vocabulary if t not in ("ab", "##cd", "dd")]
    # `ab` of the first text and `dd` of the second became a ##b and d ##d; the third is as it was
    assert (result.corpus_texts, result.corpus_tokens) == (3, 6)
    assert (result.changed_texts, result.changed_tokens) == (2, 2)
    assert (result.changed_texts_percent, result.changed_tokens_percent) == (100 * 2 / 3, 100 * 2 / 6)


def test_data_files_and_their_columns(tiny_checkpoint, tmp_path):
    labelled = tmp_path / "labelled.tsv"
    labelled.write_text("sentence\tlabel\nthe good day\tbad\nthe\tbad\n", "utf-8")
    pairs = tmp_path / "pairs.csv"
    pairs.write_text("first,second\nthe good day,bad\n", "utf-8")
    lines = tmp_path / "pairs.jsonl"
    lines.write_text('{"first": "film", "second": "the"}\n', "utf-8")
    result = trim_vocabulary(tiny_checkpoint, [labelled], tmp_path / "out")
    assert [(file.file, file.texts, file.tokens) for file in result.files] == [("labelled.tsv", 2, 4)]
    assert {"bad", "day"} & set(vocabulary_of(tmp_path / "out")) == {"day"}
    both = trim_vocabulary(tiny_checkpoint, [pairs, lines], tmp_path / "both", text_columns=["first", "second"])
    assert [(file.texts, file.tokens) for file in both.files] == [(2, 4), (2, 2)]
    assert {"bad", "day", "film"} <= set(vocabulary_of(tmp_path / "both"))
    one = trim_vocabulary(tiny_checkpoint, [pairs], tmp_path / "one", text_columns=["first"])
    assert one.corpus_tokens == 3
    assert "bad" not in vocabulary_of(tmp_path / "one")


def test_google_checkpoints_are_converted(golden, corpus, tmp_path):
    source = golden / "tiny-bert-google"
    # A text file's words are all characters or among the 26 words of this vocabulary.
    result = trim_vocabulary(source, [corpus], tmp_path / "out")
    assert result.tokens_before == 1024 > result.tokens_after
    raw = json.loads((tmp_path / "out" / "config.json").read_text("utf-8"))
    assert (raw["architectures"], raw["vocab_size"]) == (["BertForPreTraining"], result.tokens_after)
    before, after = load_backbone(source), load_backbone(tmp_path / "out")
    texts = ["The films", "was"]
    for text in texts:
        features = [_features(open_checkpoint(f).tokenizer(), text) for f in (source, tmp_path / "out")]
        outputs = [np.asarray(m(f)["pooled_output"]) for m, f in zip((before, after), features, strict=True)]
        np.testing.assert_array_equal(*outputs)


@pytest.mark.parametrize(
    ("reference", "text", "options", "message"),
    [
        (None, "\n \n", {}, "corpus.txt: expected text whose tokens to keep, found none. Give other files"),
        (None, "a", {"min_count": 0}, "min_count must be at least 1. Received: 0"),
        (None, "a", {"keep": ["bad", "no"]}, "expected tokens of the vocabulary to keep, 'no' is none"),
        ("preset:tiny", "a", {}, "preset:tiny: expected a checkpoint with a vocabulary to trim, it has none"),
        ("nowhere", "a", {}, "nowhere: expected the folder of a checkpoint, found no such folder"),
    ],
)
def test_errors_put_nothing_in_place(tiny_checkpoint, corpus, tmp_path, reference, text, options, message):
    corpus.write_text(text, "utf-8")
    with pytest.raises(InputError, match=re.escape(message)):
        trim_vocabulary(reference or tiny_checkpoint, [corpus], tmp_path / "out", **options)
    assert not (tmp_path / "out").exists()


def test_outputs_that_are_there(tiny_checkpoint, corpus, tmp_path):
    with pytest.raises(InputError, match="the output folder holds something already"):
        trim_vocabulary(tiny_checkpoint, [corpus], tiny_checkpoint)
    with pytest.raises(InputError, match="the output is the checkpoint itself. Choose another folder"):
        trim_vocabulary(tiny_checkpoint, [corpus], tiny_checkpoint, overwrite=True)
    assert len(vocabulary_of(tiny_checkpoint)) == 66


def test_a_checkpoint_without_a_tokenizer(tiny_checkpoint, corpus, tmp_path):
    for name in ("vocab.txt", "tokenizer.json"):
        (tiny_checkpoint / name).unlink()
    with pytest.raises(InputError, match=r"expected tokenizer.json or vocab.txt, found neither"):
        trim_vocabulary(tiny_checkpoint, [corpus], tmp_path / "out")
