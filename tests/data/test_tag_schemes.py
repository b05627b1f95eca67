import random
import re

import pytest
from seqeval.metrics.sequence_labeling import get_entities

from kbert.data.tag_schemes import bio_spans, to_bio
from kbert.errors import InputError


def read(*sentences: str):
    return to_bio([sentence.split() for sentence in sentences])


@pytest.mark.parametrize(
    ("found", "sentences", "bio"),
    [
        ("BIO", ["O B-A I-A B-A O B-B"], ["O B-A I-A B-A O B-B"]),
        ("BIO", ["O O", "O"], ["O O", "O"]),
        ("BIO", ["B-creative-work I-creative-work"], ["B-creative-work I-creative-work"]),
        # B- only between neighbours of one label, which BIO would mark everywhere.
        ("IOB1", ["I-A I-A B-A I-B O", "I-B"], ["B-A I-A B-A B-B O", "B-B"]),
        ("BIOES", ["B-A I-A E-A S-B S-B O B-B E-B"], ["B-A I-A I-A B-B B-B O B-B I-B"]),
        ("BIOES", ["O S-A"], ["O B-A"]),
        ("BILOU", ["B-A I-A L-A U-B U-B O B-B L-B"], ["B-A I-A I-A B-B B-B O B-B I-B"]),
    ],
)
def test_schemes_become_bio(found, sentences, bio):
    schemed = read(*sentences)
    assert [" ".join(tags) for tags in schemed.tags] == bio
    assert (schemed.scheme, schemed.found, schemed.faults) == ("BIO", found, [])


@pytest.mark.parametrize(
    ("found", "sentences", "bio", "faults"),
    [
        ("BIO", ["B-A O I-A", "I-B I-A"], ["B-A O B-A", "B-B B-A"], [(0, 2), (1, 0), (1, 1)]),
        ("BIOES", ["E-A O I-A E-A", "S-A"], ["B-A O B-A I-A", "B-A"], [(0, 0), (0, 2)]),
        ("BIOES", ["B-A O", "S-A E-A", "B-A I-A"], ["B-A O", "B-A B-A", "B-A I-A"], [(0, 1), (1, 1), (2, 1)]),
        ("BIOES", ["B-A B-B E-B", "E-B S-A"], ["B-A B-B I-B", "B-B B-A"], [(0, 1), (1, 0)]),
        ("BIOES", ["B-A S-A", "I-A"], ["B-A B-A", "B-A"], [(0, 1), (1, 0)]),
        ("BILOU", ["B-A I-B L-B", "U-A L-A"], ["B-A B-B I-B", "B-A B-A"], [(0, 1), (1, 1)]),
    ],
)
def test_what_breaks_a_scheme_is_repaired(found, sentences, bio, faults):
    schemed = read(*sentences)
    assert [" ".join(tags) for tags in schemed.tags] == bio
    assert (schemed.found, schemed.faults) == (found, faults)


def test_tags_without_prefixes_stay():
    schemed = read("NOUN VERB O", "PRP$ -LRB-")
    assert schemed.tags == [["NOUN", "VERB", "O"], ["PRP$", "-LRB-"]]
    assert (schemed.scheme, schemed.found, schemed.faults) == ("none", "none", [])


@pytest.mark.parametrize(
    ("sentences", "message"),
    [
        (["O", "O X-LOC"], "sentence 2, word 2: tag 'X-LOC' belongs to no known scheme. Expected O with B-LABEL and"),
        (["B-A b-A"], "sentence 1, word 2: tag 'b-A' does not go with 'B-A'. Expected O with"),
        (["B-A NOUN"], "sentence 1, word 2: tag 'NOUN' does not go with 'B-A'"),
        (["NOUN B-A"], "sentence 1, word 2: tag 'B-A' does not go with 'NOUN'"),
        (["S-A L-A"], "sentence 1, word 2: tag 'L-A' does not go with 'S-A'"),
        (["B-"], "sentence 1, word 1: tag 'B-' names no label"),
        (["O B I"], "sentence 1, word 2: tag 'B' names no label"),
    ],
)
def test_unknown_schemes(sentences, message):
    with pytest.raises(InputError, match=f"^{re.escape(message)}"):
        read(*sentences)


@pytest.mark.parametrize(
    ("tags", "spans"),
    [
        ("", []),
        ("O O", []),
        ("B-A", [(0, 1, "A")]),
        ("B-A I-A B-A O B-B I-B I-B", [(0, 2, "A"), (2, 3, "A"), (4, 7, "B")]),
        ("B-a-b I-a-b", [(0, 2, "a-b")]),
        ("I-A I-B", [(0, 1, "A"), (1, 2, "B")]),
    ],
)
def test_spans(tags, spans):
    assert bio_spans(tags.split()) == spans


def random_tags(source: random.Random) -> list[str]:
    return source.choices(["O", "B-A", "I-A", "B-B", "I-B"], k=source.randrange(9))


def test_spans_are_those_of_seqeval():
    source = random.Random(5)
    for _ in range(2000):
        given = random_tags(source)
        valid = to_bio([given, ["B-A"]]).tags[0]
        spans = [(label, first, last - 1) for first, last, label in bio_spans(valid)]
        assert spans == get_entities(valid)
        # The repair finds what conlleval and seqeval find in the faulty sequence.
        assert spans == get_entities(given)
