"""What `make` would install, on a machine that has nothing yet."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.skipif(shutil.which("make") is None, reason="no make here")
@pytest.mark.parametrize(("given", "installed"), [([], "dev"), (["EXTRAS=dev,interop"], "dev,interop")])
def test_lint_installs_its_tools(tmp_path, given, installed):
    command = ["make", "--dry-run", "lint", f"VENV={tmp_path / 'venv'}", *given]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True)
    assert [line.split()[-1] for line in done.stdout.splitlines() if "--editable" in line] == [f"'.[{installed}]'"]
