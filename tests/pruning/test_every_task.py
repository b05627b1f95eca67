"""Every task's model is measured by its own loss, pruned, and opened again."""

import json

import keras
import numpy as np
import pytest

from kbert.backbone import BertBackbone
from kbert.checkpoints import open_checkpoint
from kbert.problems.kinds import make_problem, problem_class
from kbert.pruning.importance import gate_importance, mean_loss
from kbert.pruning.prune import open_task, prune_checkpoint
from kbert.tasks.kinds import task_of_problem

ANSWERS = [("the film was good", "was the film", "good"), ("a bad day", "a day", "bad")]
SQUAD = [
    {
        "context": text,
        "qas": [{"id": f"q{i}", "question": asked, "answers": [{"text": said, "answer_start": text.index(said)}]}],
    }
    for i, (text, asked, said) in enumerate(ANSWERS)
]
SLOTS = '{"text": "the good film", "intent": "praise", "slots": [[9, 13, "what"]]}\n'
SLOTS += '{"text": "a bad day", "intent": "scorn", "slots": [[6, 9, "what"]]}\n'
FILES = {
    "multi-label": ("a.tsv", "text\tlabels\nthe day\tgood\nthe film\tgood,bad\na meal\tbad\n"),
    "regression": ("a.tsv", "text\tscore\nthe film\t2\na day\t3\ngood\t1.5\n"),
    "token-classification": ("a.conll", "the O\ngood O\nfilm B-what\n\na O\nday B-what\n"),
    "intent-slots": ("a.jsonl", SLOTS),
    "question-answering": ("a.json", json.dumps({"data": [{"title": "t", "paragraphs": SQUAD}]})),
    "embedding": ("a.tsv", "text\ttext_b\tscore\nthe film\ta film\t1\nbad day\tthe song\t0\na cat\ta dog\t0.5\n"),
}


@pytest.mark.parametrize("task", FILES)
def test_a_task_is_pruned(tiny_config, tiny_tokenizer, tmp_path, task):
    name, content = FILES[task]
    (tmp_path / name).write_text(content, "utf-8")
    kind = problem_class(task)
    data = kind.read(tmp_path / name)
    keras.utils.set_random_seed(5)
    problem = make_problem(task, kind.labels_of(data), tiny_tokenizer, 16, kind.settings_of(data))
    model = task_of_problem(BertBackbone(tiny_config), problem)
    found = gate_importance(model, data, batch_size=2)
    for values in (found.heads, found.neurons):
        # Each layer has a say in the loss: no gradient got lost on its way.
        np.testing.assert_allclose((values**2).sum(axis=1), 1.0, rtol=1e-5)
    run = model.save_checkpoint(tmp_path / "run")
    result = prune_checkpoint(run, tmp_path / "out", data, keep_heads=0.5, keep_ffn=0.5)
    smaller = open_task(open_checkpoint(tmp_path / "out"))
    assert type(smaller) is type(model)
    assert smaller.problem.settings() == problem.settings()
    assert smaller.backbone.config == tiny_config.replace(num_heads=1, attention_dim=8, intermediate_dim=16)
    assert result.metric == problem.main_metric_of(data)
    assert result.metrics_before.keys() == result.metrics_after.keys()
    assert 0 < mean_loss(smaller, problem.encode_examples(data)) < 10
