import pytest

from kbert.data.sentences import split_sentences


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("no end", ["no end"]),
        ("  spaces \t around. ", ["spaces \t around."]),
        ("", []),
        (" \u3000 ", []),
        (
            "It cost 3.14 dollars at kbert.example.org/?q=1 today.",
            ["It cost 3.14 dollars at kbert.example.org/?q=1 today."],
        ),
        ("Fruit, e.g. the apple, i.e.  that one.", ["Fruit, e.g. the apple, i.e.  that one."]),
        ("Mr. Bennet slept.", ["Mr.", "Bennet slept."]),  # abbreviations are not known
        ("Wait... Really?! Yes.", ["Wait...", "Really?!", "Yes."]),
        ("“Why?” he asked. “Because.” She left.", ["“Why?” he asked.", "“Because.”", "She left."]),
        (
            'He said "no." Then (at last!) he "went." "Good."',
            ['He said "no."', 'Then (at last!) he "went."', '"Good."'],
        ),
        ("Tokenized , you see ! ? Yes .", ["Tokenized , you see ! ?", "Yes ."]),
        ("Stop! – he cried.", ["Stop! – he cried."]),
        ("„Ja.“ Sie ging.", ["„Ja.“", "Sie ging."]),
        ("Élan. Été.", ["Élan.", "Été."]),
        ("Élan. été.", ["Élan. été."]),
        ("我来了。你呢？好！", ["我来了。", "你呢？", "好！"]),
        ("他说：“好。”我走了。「是。」「不。」", ["他说：“好。”", "我走了。", "「是。」", "「不。」"]),
        ("圆周率是3.14。", ["圆周率是3.14。"]),
        ("यह एक वाक्य है। यह दूसरा है।", ["यह एक वाक्य है।", "यह दूसरा है।"]),
        ("هل أنت هنا؟ نعم.", ["هل أنت هنا؟", "نعم."]),
        ("ประโยคภาษาไทย ไม่มีจุด", ["ประโยคภาษาไทย ไม่มีจุด"]),  # Thai marks no end
    ],
)
def test_where_sentences_end(text, sentences):
    assert list(split_sentences(text)) == sentences


def test_nothing_but_white_space_is_lost(shared):
    for path in sorted((shared / "data" / "udhr2").glob("*.txt")):
        text = path.read_text("utf-8")
        joined = "".join("".join(sentence.split()) for line in text.split("\n") for sentence in split_sentences(line))
        assert joined == "".join(text.split()), path.name
