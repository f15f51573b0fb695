"""The client of online sessions, against a session that is served."""

import os
import subprocess
import sysconfig
import time
from pathlib import Path

import numpy as np
import pytest

import actmax

COMMAND = str(Path(sysconfig.get_path("scripts")) / "actmax")
CONFIG = """
[session]
seed = 1
images = "stimuli"
scores = "scores"

[[thread]]
name = "it"
generator = "tiny-deepsim"
optimizer = "sphere-cma"
generations = 3
target = { channel = 0 }

[thread.options]
population_size = 5
"""


@pytest.fixture
def served(tmp_path):
    (tmp_path / "session.toml").write_text(CONFIG)
    folder = tmp_path / "monkey1"
    subprocess.run([COMMAND, "session", "new", folder, "--config", tmp_path / "session.toml"], check=True, timeout=120)
    with open(tmp_path / "log", "w") as log:
        running = subprocess.Popen([COMMAND, "session", "run", folder, "--http", "0"], stdout=log, stderr=log)
    for _ in range(600):
        if (folder / "http-token").exists() and (folder / "http-url").exists():
            break
        assert running.poll() is None, (tmp_path / "log").read_text()
        time.sleep(0.1)
    yield folder, running
    running.kill()
    running.wait()


def test_a_session_from_first_to_last_block(served):
    folder, running = served
    session = actmax.Session.open(folder)
    numbers, receipt = [], None
    for block in session.blocks():
        numbers.append(block.number)
        pixels = [image.array for image in block]
        assert all(p.dtype == np.uint8 and p.ndim == 3 and p.shape[2] == 3 for p in pixels)
        assert all(image.role == "evolved" and image.thread == 0 and image.shows == 1 for image in block)
        receipt = block.send([float(p.mean()) for p in pixels])
        assert receipt.accepted == len(block) and not receipt.missing and not receipt.late and not receipt.unknown
    assert len(numbers) == 3 and receipt.next is None
    assert running.wait(timeout=60) == 0


def test_what_is_refused(served):
    folder, _ = served
    session = actmax.Session.open(folder)
    block = session.block(wait=4)
    assert session.block(after=block.number) is None and "images" in repr(block)
    assert session.status()["phase"] == "open"
    with pytest.raises(ValueError, match=f"2 responses.*{len(block)} images"):
        block.send([1.0, 2.0])
    with pytest.raises(ValueError, match="values"):
        block.send(["high"] * len(block))
    with pytest.raises(actmax.SessionError) as caught:
        actmax.Session(session.url, "wrong").status()
    assert caught.value.status == 401
    with pytest.raises(actmax.SessionError) as caught:
        session._call("/v1/images/none.png")
    assert caught.value.status == 404
    # In parts, with missing numbers; the same key counts once.
    rows = [{"name": image.name, "values": [1.0]} for image in block]
    first = session.send(block.number, rows[:2], key="a")
    assert first.accepted == 2 and len(first.missing) == len(block) - 2
    assert session.send(block.number, rows[:2], key="a").missing == first.missing
    assert session.send(block.number, [{"name": "other.png", "values": [1.0]}]).unknown == ("other.png",)


def test_no_session():
    with pytest.raises(actmax.SessionError, match="--http 0"):
        actmax.Session.open("/nowhere")
    with pytest.raises(ValueError, match="begins with http"):
        actmax.Session("localhost:1", "token")
    session = actmax.Session("http://127.0.0.1:9", "token")
    with pytest.raises(actmax.SessionError, match="no session answers") as caught:
        session.status()
    assert caught.value.status is None
