"""A file of any content, for the readers."""

import pytest


@pytest.fixture
def write(tmp_path):
    """Writes a file of text or bytes and gives its path."""

    def write_file(name: str, content: str | bytes) -> str:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return str(path)

    return write_file
