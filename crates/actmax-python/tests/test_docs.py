"""The blocks of the pages run, from top to bottom."""

import re
from pathlib import Path

import pytest

from actmax import _actmax

ROOT = Path(__file__).parents[3]
PAGES = ["docs/python.md", "crates/actmax-python/README.md"]


@pytest.mark.parametrize("page", PAGES)
def test_the_blocks_of_a_page_run(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"^```python\n(.*?)^```$", (ROOT / page).read_text(), flags=re.DOTALL | re.MULTILINE)
    assert blocks
    names: dict = {"__name__": page}
    for number, block in enumerate(blocks):
        exec(compile(block, f"{page}, block {number}", "exec"), names)
    if page == PAGES[0]:
        assert {path.name for path in tmp_path.iterdir()} >= {"eye.png", "trace.svg", "trajectory.svg", "runs"}
        assert len(blocks) == 6


@pytest.mark.parametrize("page", PAGES)
def test_a_page_names_the_runtime_that_is_fetched(page):
    assert f"ONNX Runtime {_actmax.runtime_version()} " in (ROOT / page).read_text()
