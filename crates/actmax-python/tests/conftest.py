"""What tests need that a machine may lack: they say so, and none is skipped in silence.

`ACTMAX_PYTHON_REQUIRE` lists what must be there, divided by commas; a test whose need is in it fails where the thing is missing.
"""

import os

import pytest


def pytest_configure(config):
    config.addinivalue_line("markers", "needs(name, found): runs where `found` is not None; else it is skipped, or fails if required")


def pytest_runtest_setup(item):
    for mark in item.iter_markers("needs"):
        name, found = mark.args
        if found is not None:
            continue
        if name in os.environ.get("ACTMAX_PYTHON_REQUIRE", "").split(","):
            pytest.fail(f"{name} is required by ACTMAX_PYTHON_REQUIRE, and not there", pytrace=False)
        pytest.skip(f"needs {name}")
