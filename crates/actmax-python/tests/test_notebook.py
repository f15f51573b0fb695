"""The tutorial runs from top to bottom, in a folder of its own."""

import re
import time
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOK = Path(__file__).parents[1] / "notebooks/tutorial.ipynb"


def outputs(notebook):
    return [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
def test_the_tutorial_runs(tmp_path):
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    assert not outputs(notebook), "the notebook is kept without its results"
    begun = time.monotonic()
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    print(f"the tutorial took {time.monotonic() - begun:.0f} s")
    shown = [kind for output in outputs(notebook) for kind in output.get("data", {})]
    assert shown.count("image/svg+xml") == 8 and shown.count("image/png") == 8
    text = "".join(output.text for output in outputs(notebook) if output.output_type == "stream" and output.name == "stdout")
    assert "12 finished runs" in text
    fitted = [float(number) for number in re.search(r"R² of cosines \[(.*?)\]", text).group(1).split()]
    assert min(fitted[:3]) > 0.98
    cholesky, sphere = map(float, re.search(r"CholeskyCMAES (.*?), SphereCMA (.*)", text).groups())
    assert min(cholesky, sphere) > 10, "the best drawing of an eye scores 6.9"
    assert not [output for output in outputs(notebook) if output.output_type == "error"]
