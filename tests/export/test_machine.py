"""What a report says of the machine."""

import os
import pathlib

from kbert.export.machine import machine


def test_this_machine_is_named():
    found = machine()
    assert set(found) == {"processor", "cores", "system"}
    assert found["cores"] == os.cpu_count()
    assert found["processor"]
    assert found["system"].split()


def test_the_first_name_that_the_kernel_gives(monkeypatch):
    monkeypatch.setattr(pathlib.Path, "is_file", lambda self: True)
    lines = "processor\t: 0\nmodel name\t: Abacus 3: the fast one\nprocessor\t: 1\nmodel name\t: other\n"
    monkeypatch.setattr(pathlib.Path, "read_text", lambda self, encoding=None: lines)
    assert machine()["processor"] == "Abacus 3: the fast one"


def test_a_kernel_that_names_none(monkeypatch):
    monkeypatch.setattr(pathlib.Path, "is_file", lambda self: False)
    assert machine()["processor"]
