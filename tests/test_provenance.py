import hashlib

from kbert.data import LabelledTexts, Triplets
from kbert.provenance import fingerprint


def test_what_tells_data_apart():
    data = LabelledTexts(path="some/a.tsv", texts=["a film", "no"], labels=["good", "bad"], line_numbers=[2, 3])
    # As it always was: a run that an older version began goes on.
    digest = hashlib.sha256(b"6:a film4:good2:no3:bad").hexdigest()
    assert fingerprint(data) == {"file": "a.tsv", "rows": 2, "sha256": digest}


def test_any_data_set():
    data = Triplets(path="b.tsv", anchors=["a"], positives=["b"], negatives=None, line_numbers=[1])
    digest = hashlib.sha256(b"triplet 2 1:a1:b").hexdigest()
    assert fingerprint(data) == {"file": "b.tsv", "rows": 1, "sha256": digest}
