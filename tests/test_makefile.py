"""What `make` would install, on a machine that has nothing yet."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.skipif(shutil.which("make") is None, reason="no make here")
@pytest.mark.parametrize(("given", "installed"), [([], "dev"), (["EXTRAS=dev,interop"], "dev,interop")])
def test_lint_installs_its_tools(tmp_path, given, installed):
    command = ["make", "--dry-run", "lint", f"VENV={tmp_path / 'venv'}", *given]
    # The make that runs the tests hands its own variables down.
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("MAKE") and name != "EXTRAS"
    }
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True, env=environment)
    assert [line.split()[-1] for line in done.stdout.splitlines() if "--editable" in line] == [f"'.[{installed}]'"]
