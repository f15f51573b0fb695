"""The command that the package brings."""

import subprocess
import sys
import sysconfig
from pathlib import Path

import actmax

SCRIPT = Path(sysconfig.get_path("scripts")) / "actmax"


def run(*arguments, program=(str(SCRIPT),)):
    return subprocess.run([*program, *arguments], capture_output=True, text=True, timeout=120)


def test_the_command_lists_the_optimizers_of_the_package():
    listed = run("optimizers").stdout
    assert all(f"\n{info.name}" in "\n" + listed for info in actmax.optimizers())
    assert run("optimizers", program=(sys.executable, "-m", "actmax")).stdout == listed


def test_help_and_errors_have_the_statuses_of_the_command():
    assert run("--help").returncode == 0
    assert run("evolve", "--nonsense").returncode == 2
    unknown = run("evolve", "--unit", "fc8:3", "--generator", "none")
    assert unknown.returncode == 2 and "error:" in unknown.stderr
