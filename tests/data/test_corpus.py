import gzip
import itertools
import json
import re

import pytest

from kbert.data import corpus
from kbert.data.corpus import Unit, corpus_files, corpus_sentences, plan_units, read_sentences
from kbert.errors import InputError

TEXT = "A one. A two.\nA three.\n\nB one.\n \t\n\nC one.\nC two.\n"
DOCUMENTS = [["A one.", "A two.", "A three."], ["B one."], ["C one.", "C two."]]


@pytest.fixture
def write(tmp_path):
    """Writes a file of text or bytes, compressed if its name ends so, and gives its path."""

    def write_file(name: str, content: str | bytes) -> str:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        data = content.encode() if isinstance(content, str) else content
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        return str(path)

    return write_file


def documents_of(*units: Unit) -> list[list[str]]:
    found: dict[tuple[int, int], list[str]] = {}
    for number, unit in enumerate(units):
        for document, sentence in read_sentences(unit):
            found.setdefault((number, document), []).append(sentence)
    assert list(found) == sorted(found)
    return list(found.values())


def read(path: str, documents: str = "blank-line") -> list[list[str]]:
    return documents_of(*plan_units([path], documents, 1 << 30))


@pytest.mark.parametrize(
    "content",
    [
        TEXT,
        TEXT.removesuffix("\n"),
        "\n\n" + TEXT + "\n\n",
        TEXT.replace("\n", "\r\n"),
        "\ufeff" + TEXT,
        TEXT.replace(" \t\n", "\u3000\n"),
    ],
)
@pytest.mark.parametrize("name", ["a.txt", "a", "a.txt.gz", "a.gz"])
def test_blank_lines_separate_documents(write, name, content):
    assert read(write(name, content)) == DOCUMENTS


@pytest.mark.parametrize("name", ["a.txt", "a.txt.gz"])
def test_a_file_is_a_document(write, name):
    assert read(write(name, TEXT), "file") == [list(itertools.chain.from_iterable(DOCUMENTS))]


@pytest.mark.parametrize("documents", ["blank-line", "file"])
@pytest.mark.parametrize("name", ["a.jsonl", "a.JSONL", "a.jsonl.gz"])
def test_a_line_of_jsonl_is_a_document(write, name, documents):
    rows = [
        {"text": "A one. A two.\n\nA three."},
        {"id": 2, "text": "B one."},
        {"text": " "},
        {"text": "C one.\nC two."},
    ]
    content = "\n\n".join(json.dumps(row) for row in rows)
    assert read(write(name, content), documents) == DOCUMENTS


def test_a_folder_is_its_files_in_order(write, tmp_path):
    names = ["b.txt", "a/z.txt.gz", "a/b.jsonl", "a.txt"]
    for name in names:
        write(name, f'{{"text": "{name}"}}' if "json" in name else name)
    write("README.md", "no text")
    assert [str(path.relative_to(tmp_path)) for path in corpus_files([tmp_path])] == sorted(
        names, key=lambda n: n.split("/")
    )
    given = [tmp_path / "b.txt", tmp_path / "a", tmp_path / "README.md"]
    assert [path.name for path in corpus_files(given)] == ["b.txt", "b.jsonl", "z.txt.gz", "README.md"]
    assert list(corpus_sentences(corpus_files(given))) == ["b.txt", "a/b.jsonl", "a/z.txt.gz", "no text"]


@pytest.mark.parametrize("unit_bytes", [1, 2, 5, 13, 30, 1000])
@pytest.mark.parametrize(
    "content", [TEXT, TEXT.replace("\n", "\r\n"), "\n" + TEXT + "\n \n", "\ufeff" + TEXT, "A one.\n" * 9]
)
def test_units_together_are_the_corpus(write, content, unit_bytes):
    path = write("a.txt", content)
    units = plan_units([path], "blank-line", unit_bytes)
    assert [unit.start for unit in units] == [0, *(unit.end for unit in units[:-1])]
    assert units[-1].end == len(content.encode())
    assert documents_of(*units) == read(path)
    if unit_bytes == 1 and content == TEXT:
        assert [content[unit.start : unit.end] for unit in units] == [
            "A one. A two.\nA three.\n\n",
            "B one.\n \t\n",
            "\nC one.\nC two.\n",
        ]


@pytest.mark.parametrize("unit_bytes", [1, 20, 50, 1000])
def test_units_of_jsonl_are_lines(write, unit_bytes):
    path = write("a.jsonl", "".join(json.dumps({"text": f"{i}. X"}) + "\n" for i in range(9)))
    units = plan_units([path], "blank-line", unit_bytes)
    assert documents_of(*units) == read(path) == [[f"{i}.", "X"] for i in range(9)]
    assert len(units) == {1: 9, 20: 5, 50: 3, 1000: 1}[unit_bytes]


def test_units_have_one_size(write):
    path = write("a.txt", "word\n\n" * 1000)
    units = plan_units([path], "blank-line", 4000)
    assert [unit.end - unit.start for unit in units] == [3006, 2994]


@pytest.mark.parametrize(("name", "documents"), [("a.txt", "file"), ("a.txt.gz", "blank-line"), ("a.jsonl.gz", "file")])
def test_what_cannot_be_cut_is_one_unit(write, name, documents):
    (unit,) = plan_units([write(name, '{"text": "a"}\n\n' * 9)], documents, 1)
    assert unit.start == 0


def test_empty_files_have_no_unit(write):
    assert plan_units([write("a.txt", "")], "blank-line", 10) == []


@pytest.mark.parametrize("piece", [1, 2, 3, 7, 24])
def test_long_lines_are_read_in_pieces(write, monkeypatch, piece):
    """Where the pieces end makes no difference as long as a sentence is shorter than a piece."""
    text = "Süß ist es. Größer als 3.14 auch! 我来了。\nZwei.\n\nDrei. \u00a0 Vier und fünf"
    path = write("a.txt", text)
    whole = read(path)
    monkeypatch.setattr(corpus, "PIECE_BYTES", piece)
    pieces = read(path)
    words = [[word for sentence in document for word in sentence.split()] for document in pieces]
    if piece == 24:
        assert pieces == whole
    else:  # endless sentences are cut
        assert ["".join(found) for found in words] == ["".join("".join(d).split()) for d in whole]


def test_an_endless_sentence_is_cut_between_words(write, monkeypatch):
    monkeypatch.setattr(corpus, "PIECE_BYTES", 100)
    words = [f"word{number}" for number in range(500)]
    (document,) = read(write("a.txt", " ".join(words)))
    assert " ".join(document).split() == words
    assert all(len(sentence) <= 200 for sentence in document)


BAD = {
    "missing file": ("a.txt", None, "a.txt: expected a file of text, found no such file"),
    "not UTF-8": (
        "a.txt",
        b"good\n\ncaf\xe9 noir",
        "a.txt:3: expected UTF-8, byte 0xe9 is not. Save the file as UTF-8",
    ),
    "cut in a character": ("a.txt", b"good\ncaf\xc3", "a.txt:2: expected UTF-8, byte 0xc3 is not"),
    "UTF-16": ("a.txt", "text".encode("utf-16"), "a.txt:1: expected UTF-8, byte 0xff is not"),
    "NUL": ("a.txt", b"good\na\0b", "a.txt:2: expected UTF-8 text, found a NUL byte"),
    "no JSON": ("a.jsonl", b'{"text": "a"}\n\n{"text"\n', "a.jsonl:3: expected a JSON object, could not read it"),
    "no object": ("a.jsonl", b"[1]\n", "a.jsonl:1: expected a JSON object, got list"),
    "no text": ("a.jsonl", b'{"body": "a", "id": 1}\n', "a.jsonl:1: expected the field 'text', got 'body', 'id'"),
    "nothing": ("a.jsonl", b"{}\n", "a.jsonl:1: expected the field 'text', got none"),
    "text no string": ("a.jsonl", b'{"text": 5}\n', "a.jsonl:1: expected a string in 'text', got int"),
    "half a surrogate": ("a.jsonl", b'{"text": "\\ud83d"}\n', "a.jsonl:1: expected Unicode text in 'text'"),
    "compressed, not UTF-8": ("a.txt.gz", b"good\ncaf\xe9", "a.txt.gz:2: expected UTF-8, byte 0xe9 is not"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_files_are_named_with_the_line(write, tmp_path, case):
    name, content, message = BAD[case]
    path = str(tmp_path / name) if content is None else write(name, content)
    with pytest.raises(InputError, match=rf"{re.escape(message)}[^\n]*$"):
        read(path)


def test_lines_are_counted_from_the_file_not_from_the_unit(write):
    path = write("a.txt", b"one\n\n" * 20 + b"caf\xe9\n")
    units = plan_units([path], "blank-line", 10)
    assert len(units) > 5
    with pytest.raises(InputError, match=r"a\.txt:41: expected UTF-8"):
        list(read_sentences(units[-1]))


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda data: data[:-10], "expected gzip data, it is damaged"),
        (lambda data: data[:20] + b"\0\0\0\0" + data[24:], "expected gzip data, it is damaged"),
        (lambda data: b"plain text", "expected gzip data, it is damaged (Not a gzipped file"),
    ],
)
def test_damaged_gzip(write, tmp_path, damage, message):
    path = write("a.txt.gz", "".join(f"line {number}\n" for number in range(1000)))
    data = (tmp_path / "a.txt.gz").read_bytes()
    (tmp_path / "a.txt.gz").write_bytes(damage(data))
    with pytest.raises(InputError, match=rf"a\.txt\.gz:\d+: {re.escape(message)}"):
        read(path)


def test_inputs_that_are_not_there(tmp_path):
    with pytest.raises(InputError, match=r"nowhere: expected a file or folder of text, found none$"):
        corpus_files([tmp_path / "nowhere"])
    with pytest.raises(InputError, match=r"expected files called \*\.txt, \*\.jsonl, \*\.gz in it, found none$"):
        corpus_files([tmp_path])


def test_settings_out_of_range(write):
    path = write("a.txt", TEXT)
    with pytest.raises(InputError, match=r"^documents must be one of blank-line, file\. Received: chapter$"):
        plan_units([path], "chapter", 10)
    with pytest.raises(InputError, match=r"^unit_bytes must be at least 1\. Received: 0$"):
        plan_units([path], "file", 0)
