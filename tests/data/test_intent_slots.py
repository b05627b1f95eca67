import re

import pytest

from kbert.data import read_intent_slots
from kbert.errors import InputError

PLAY = '{"text": "play it ", "intent": "Play", "slots": [[5, 7, "what"]]}'
STOP = '{"text": "stop", "intent": "Stop", "slots": []}'


def test_intents_and_slots(write):
    path = write("a.jsonl", b"\xef\xbb\xbf" + f"{PLAY}\r\n{STOP}\r\n".encode())
    data = read_intent_slots(path)
    assert data.inputs == ["play it ", "stop"]  # the blank at the end stays
    assert data.words == [[(0, 4), (5, 7)], [(0, 4)]]
    assert data.tags == [["O", "B-what"], ["O"]]
    assert (data.intents, data.line_numbers, data.scheme) == (["Play", "Stop"], [1, 2], "BIO")
    assert (data.label_set(), data.intent_set()) == (["O", "B-what", "I-what"], ["Play", "Stop"])
    assert data.intent_ids(["Stop", "Play"]) == [1, 0]
    assert data.describe() == "2 texts, 2 intents; 1 slots of 1 kinds"
    assert list(data.fingerprint_rows())[1] == "intent 4:Stoptags 1 3:BIO4:stop1:01:41:O"
    with pytest.raises(InputError, match=f"^{re.escape(path)}:2: label 'Stop' is unknown to the model"):
        data.intent_ids(["Play"])


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.jsonl", f'{STOP}\n{{"text": "a", "slots": []}}', ":2: expected the field 'intent', got text, slots"),
        ("a.jsonl", '{"text": "a", "intent": " ", "slots": []}', ":1: expected an intent in 'intent', it is empty"),
        ("a.jsonl", '{"text": "a", "intent": "x"}', ":1: expected the field 'text' with one of entities, spans, slots"),
        ("a.jsonl", f"{STOP}\n{PLAY.replace('7', '9')}", ":2: span 5 to 9 ('it ') must be 0 <= start < end <= 8"),
        ("a.tsv", "text\tintent\n", ": expected a file called *.jsonl"),
    ],
)
def test_bad_files(write, name, content, message):
    path = write(name, content)
    with pytest.raises(InputError, match=f"^{re.escape(path + message)}"):
        read_intent_slots(path)


def test_snips(shared):
    data = read_intent_slots(shared / "data" / "snips" / "valid.jsonl")
    assert (len(data), len(data.intent_set()), len(data.label_counts())) == (700, 7, 39)
    assert [data.texts[0][start:end] for start, end, _ in data.spans(0)] == ["track", "my", "Classical Relaxations"]
    # Line 230 has "one pmnear Vatican": two slots without a space between them.
    text = data.texts[229]
    assert [text[start:end] for start, end, _ in data.spans(229)][-3:] == ["one pm", "near", "Vatican"]
    assert len(data.warnings) == 1
    assert "valid.jsonl:345: 1 span begins or ends outside of words" in data.warnings[0]
