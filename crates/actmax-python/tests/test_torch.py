"""With the real PyTorch, in whatever interpreter of this machine has it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import actmax

PACKAGE = Path(actmax.__file__).parent


def interpreter_with_torch():
    """This one, or that of the system, for which distributions have packages of PyTorch for the CPU alone."""
    for python in (sys.executable, "/usr/bin/python3"):
        script = "import sys, torch, numpy; assert sys.version_info >= (3, 10)"
        if Path(python).exists() and subprocess.run([python, "-c", script], capture_output=True).returncode == 0:
            return python
    return None


PYTHON = interpreter_with_torch()


@pytest.mark.needs("torch", PYTHON)
def test_tensors(tmp_path):
    (tmp_path / "actmax").symlink_to(PACKAGE)
    script = Path(__file__).parent / "alone/tensors.py"
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run([PYTHON, script], env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    print(done.stdout)
