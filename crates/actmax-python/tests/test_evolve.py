"""Runs in a folder, of networks by name and of callables."""

import json
import os
import signal
import subprocess
import sys
import sysconfig
import threading
from pathlib import Path

import numpy as np
import pytest

import actmax

COMMAND = str(Path(sysconfig.get_path("scripts")) / "actmax")
FILES = {"journal.jsonl", "evolution.npz", "summary.json", "trace.svg"}
PICTURES = {"best.png", "final_mean.png", "progress.png"}


def likes_first(codes):
    return codes[:, 0].astype(float)


def names(folder):
    return {path.name for path in folder.iterdir() if not path.name.startswith(".")}


def test_names_give_the_folder_of_the_command(tmp_path):
    run = actmax.evolve(
        "cholesky-cmaes", unit="tiny-alexnet/fc8:eye", generations=4, noise=0.2, seed=7, init_sigma=2.0, out=tmp_path / "a"
    )
    arguments = "evolve --unit fc8:eye --optimizer cholesky-cmaes --option init_sigma=2 --generations 4 --noise 0.2 --seed 7"
    subprocess.run([COMMAND, *arguments.split(), "--quiet", "--out", tmp_path / "b"], check=True, timeout=300)
    assert names(tmp_path / "a") == names(tmp_path / "b") == FILES | PICTURES
    for name in PICTURES | {"trace.svg"}:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name
    headers = [json.loads((tmp_path / x / "journal.jsonl").read_text().splitlines()[0])["spec"] for x in "ab"]
    assert headers[0] == headers[1]
    other = actmax.load_run(tmp_path / "b")
    for array in ("codes", "scores", "clean_scores", "generations", "recommended", "next_codes", "best_code"):
        np.testing.assert_array_equal(getattr(run, array), getattr(other, array))
    assert run.finished and len(run.codes) == 1 + 3 * 40 and run.codes.dtype == np.float32
    assert not np.array_equal(run.scores, run.clean_scores)
    assert run.best_score == run.clean_scores.max()
    assert run.best_image.array.shape[2] == 3 and run.best_image.to_png().startswith(b"\x89PNG")
    assert run.plot()._repr_svg_().startswith("<svg")
    assert run._repr_svg_() == str(other.plot())
    assert "cholesky-cmaes" in repr(run) and run.diagnostics["sigma"].shape == (4,)


def test_a_callable_of_numpy_gives_the_scores_of_the_unit(tmp_path):
    opt = actmax.Optimizer("sphere-cma", dim=4096, seed=3)
    generator, unit = actmax.Generator("tiny-deepsim"), actmax.Unit("tiny-alexnet/fc8:3")
    by_name = actmax.evolve("sphere-cma", seed=3, unit="tiny-alexnet/fc8:3", generations=3, noise=0.1)
    with_parts = actmax.evolve(opt, generator=generator, scorer=unit, generations=3, noise=0.1, out=tmp_path / "parts")
    with_functions = actmax.evolve(
        opt, generator=lambda z: generator(z), scorer=lambda x: unit(x).tolist(), generations=3, noise=0.1
    )
    for run in (with_parts, with_functions):
        np.testing.assert_array_equal(run.codes, by_name.codes)
        np.testing.assert_array_equal(run.scores, by_name.scores)
        np.testing.assert_array_equal(run.best_image.array, by_name.best_image.array)
    assert names(tmp_path / "parts") == FILES | PICTURES
    assert opt.generation == 0 and by_name.folder is None


def test_the_loop_is_that_of_ask_and_tell():
    opt = actmax.Optimizer("cma", dim=12, seed=5)
    run = actmax.evolve(opt, scorer=likes_first, generations=6)
    codes = []
    for _ in range(6):
        codes.append(opt.ask())
        opt.tell(likes_first(codes[-1]))
    np.testing.assert_array_equal(run.codes, np.concatenate(codes).astype(np.float32))
    np.testing.assert_array_equal(run.recommended, opt.recommend().astype(np.float32))
    with pytest.raises(actmax.ActmaxError, match="no generator"):
        run.best_image
    assert "recorded" in run.plot()


def test_losses_and_initial_codes():
    start = np.full((1, 8), 3.0)
    run = actmax.evolve("cholesky-cmaes", dim=8, maximize=False, init_codes=start, scorer=likes_first, generations=30)
    assert run.codes[0, 0] == 3 and run.best_score == run.clean_scores.min() < -5
    opt = actmax.Optimizer("cholesky-cmaes", dim=8, maximize=False, init_codes=start)
    np.testing.assert_array_equal(actmax.evolve(opt, scorer=likes_first, generations=30).codes, run.codes)


def test_initial_codes_by_name():
    start = np.random.default_rng(1).normal(size=(5, 4096)) * 3
    run = actmax.evolve("genetic", unit="tiny-alexnet/fc8:3", init_codes=start, generations=1)
    np.testing.assert_array_equal(run.codes, start.astype(np.float32))


def failing(after, error):
    calls = []

    def scorer(codes):
        calls.append(len(codes))
        if len(calls) > after:
            raise error
        return likes_first(codes)

    return scorer


def test_a_callable_that_raises_loses_nothing(tmp_path):
    whole = actmax.evolve("genetic", dim=6, scorer=failing(9, None), generations=6)
    out = tmp_path / "run"
    error = ZeroDivisionError("the rig is off")
    with pytest.raises(ZeroDivisionError, match="the rig is off") as caught:
        actmax.evolve("genetic", dim=6, scorer=failing(3, error), generations=6, out=out)
    assert caught.value is error and any(entry.name == "scorer" for entry in caught.traceback)
    half = actmax.load_run(out)
    assert not half.finished and half.summary["generations_done"] == 3
    np.testing.assert_array_equal(half.codes, whole.codes[:120])
    assert names(out) == FILES
    run = actmax.evolve("genetic", dim=6, scorer=failing(9, None), generations=6, out=out, resume=True)
    assert run.finished
    np.testing.assert_array_equal(run.codes, whole.codes)
    with pytest.raises(ZeroDivisionError):
        actmax.evolve("genetic", dim=6, scorer=failing(0, error), out=tmp_path / "none")
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("scorer", "message"),
    [
        (lambda codes: codes[:-1, 0], "generation 0: the objective returned 39 scores for 40 codes"),
        (lambda codes: codes, r"scores must have shape \[n\]"),
        (lambda codes: None, "scores must"),
        (lambda codes: codes[:, 0] * np.nan, "NaN for all 40 codes of generation 0"),
        (7, "must be a callable"),
    ],
)
def test_scores_that_do_not_fit(scorer, message):
    with pytest.raises(ValueError, match=message):
        actmax.evolve("genetic", dim=6, scorer=scorer, generations=2)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "give one of them"),
        ({"scorer": likes_first, "unit": "tiny-alexnet/fc8:3"}, "give one of them"),
        ({"scorer": likes_first}, "length of the codes is not known"),
        ({"scorer": likes_first, "dim": 6, "noise": -1.0}, "noise level -1"),
        ({"scorer": likes_first, "dim": 6, "noise": float("nan")}, "noise level nan"),
        ({"scorer": likes_first, "dim": 6, "noise": "much"}, "noise must be a number, not 'much'"),
        ({"scorer": likes_first, "dim": 6, "generations": 2.5}, "whole number"),
        ({"scorer": likes_first, "dim": 6, "keep_codes": "some"}, "'some'"),
        ({"scorer": likes_first, "dim": 6, "resume": True}, "resume needs out"),
        ({"scorer": likes_first, "dim": 6, "sigma": 1}, "no option 'sigma'"),
        ({"scorer": likes_first, "dim": 6, "generator": 3}, "name or a callable"),
        ({"unit": "tiny-alexnet/fc8:3", "dim": 6}, "dim=6.*4096"),
        ({"unit": "tiny-alexnet/fc8:3", "generator": "tiny-deepsin"}, "tiny-deepsim"),
        ({"unit": "tiny-alexnet/fc8:300"}, "300"),
    ],
)
def test_arguments_that_do_not_fit(arguments, message):
    with pytest.raises(ValueError, match=message):
        actmax.evolve("sphere-cma", **arguments)


def test_an_optimizer_with_a_past_or_other_settings():
    opt = actmax.Optimizer("genetic", dim=6)
    with pytest.raises(ValueError, match="leave it out"):
        actmax.evolve(opt, scorer=likes_first, seed=3)
    opt.tell(likes_first(opt.ask()))
    with pytest.raises(ValueError, match="1 generations behind it"):
        actmax.evolve(opt, scorer=likes_first)


def test_folders_that_hold_something(tmp_path):
    actmax.evolve("genetic", dim=6, scorer=likes_first, generations=2, out=tmp_path / "run")
    with pytest.raises(ValueError, match="already holds a run"):
        actmax.evolve("genetic", dim=6, scorer=likes_first, generations=2, out=tmp_path / "run")
    with pytest.raises(ValueError, match="dim"):
        actmax.evolve("genetic", dim=7, scorer=likes_first, generations=2, out=tmp_path / "run", resume=True)
    run = actmax.evolve("genetic", dim=7, scorer=likes_first, generations=2, out=tmp_path / "run", overwrite=True)
    assert run.codes.shape == (80, 7)
    with pytest.raises(ValueError, match="no file"):
        actmax.load_run(tmp_path / "other")


def test_kept_codes():
    run = actmax.evolve("genetic", dim=6, scorer=likes_first, generations=3, keep_codes="last")
    assert run.codes is None and run.last_codes.shape == (40, 6) and len(run.scores) == 120


@pytest.fixture
def interrupts():
    """Ctrl-C as a terminal gives it: whoever starts the tests in the background has it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interrupts")
def test_interrupted_after_the_generation_in_flight(tmp_path):
    def scorer(codes):
        scorer.calls += 1
        if scorer.calls == 3:
            os.kill(os.getpid(), signal.SIGINT)
        return likes_first(codes)

    scorer.calls = 0
    with pytest.raises(KeyboardInterrupt, match="stopped after 3 of 8 generations.*resume=True") as caught:
        actmax.evolve("genetic", dim=6, scorer=scorer, generations=8, out=tmp_path / "run")
    assert scorer.calls == 3 and caught.value.run.summary["outcome"] == "interrupted"
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert names(tmp_path / "run") == FILES
    run = actmax.evolve("genetic", dim=6, scorer=scorer, generations=8, out=tmp_path / "run", resume=True)
    assert run.finished and scorer.calls == 8


@pytest.mark.usefixtures("interrupts")
def test_names_are_interrupted_too(tmp_path):
    timer = threading.Timer(3.0, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt) as caught:
        actmax.evolve(unit="tiny-alexnet/fc8:eye", generations=5000, keep_codes="none", out=tmp_path / "run")
    assert 0 < caught.value.run.summary["generations_done"] < 5000


def test_ctrl_c_ends_the_command_with_everything_written(tmp_path):
    arguments = ["evolve", "--unit", "fc8:eye", "--generations", "400", "--keep-codes", "none", "--out", tmp_path / "run"]
    with subprocess.Popen([COMMAND, *arguments], stderr=subprocess.PIPE, text=True) as running:
        for line in running.stderr:
            if "best" in line:
                break
        running.send_signal(signal.SIGINT)
        running.stderr.read()
        assert running.wait(timeout=60) == 130
    assert not actmax.load_run(tmp_path / "run").finished


def test_other_threads_run_meanwhile():
    seen = []
    with_ticks = threading.Event()

    def tick():
        while not with_ticks.wait(0.005):
            seen.append(1)

    thread = threading.Thread(target=tick)
    thread.start()
    actmax.evolve(unit="tiny-alexnet/fc8:eye", generations=5)
    with_ticks.set()
    thread.join()
    assert len(seen) > 10


def test_a_run_in_a_thread_of_its_own():
    results = []
    thread = threading.Thread(target=lambda: results.append(actmax.evolve("genetic", dim=6, scorer=likes_first, generations=2)))
    thread.start()
    thread.join()
    assert results[0].finished


def test_a_runs_codes_are_held_once():
    """The most memory of a process grows with the codes of its run, by no more than half of them beside."""
    script = """
import resource, sys, actmax
run = actmax.evolve("random-search", dim=4096, scorer=lambda codes: codes[:, 0], generations=int(sys.argv[1]))
print(run.codes.nbytes, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
"""
    sizes = []
    for generations in ("10", "160"):
        done = subprocess.run([sys.executable, "-c", script, generations], check=True, capture_output=True, timeout=120)
        sizes.append([int(word) for word in done.stdout.split()])
    (few, low), (many, high) = sizes
    assert many - few == 150 * 40 * 4096 * 4 and high - low < 1.5 * (many - few)


def test_nothing_but_numpy_is_imported():
    script = "import sys, actmax; assert not {'torch', 'pandas', 'matplotlib'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", script], check=True)
