"""Every registered method behind ask and tell."""

import copy
import json
import pickle
import subprocess
import sys
import threading

import numpy as np
import pytest

import actmax

NAMES = [info.name for info in actmax.optimizers()]
OPTION_NAMES = {option.name for info in actmax.optimizers() for option in info.options}


def score(codes):
    """A smooth function whose best code is at 1, 2, 3, ..."""
    return -np.sum((codes - 1 - np.arange(codes.shape[1])) ** 2, axis=1)


def evolved(name, generations=5, **options):
    opt = actmax.Optimizer(name, dim=6, seed=3, **options)
    for _ in range(generations):
        opt.tell(score(opt.ask()))
    return opt


@pytest.mark.parametrize("name", NAMES)
def test_every_method_runs_and_goes_on_bit_for_bit(name):
    opt = evolved(name)
    assert (opt.name, opt.dim, opt.seed, opt.generation) == (name, 6, 3, 5)
    others = [pickle.loads(pickle.dumps(opt)), copy.copy(opt), copy.deepcopy(opt), actmax.Optimizer.from_state(opt.state())]
    for _ in range(3):
        codes = opt.ask()
        assert codes.dtype == np.float64 and codes.shape[1] == 6 and codes.flags.c_contiguous
        opt.tell(score(codes))
        for other in others:
            np.testing.assert_array_equal(other.ask(), codes)
            other.tell(score(codes))
            np.testing.assert_array_equal(other.recommend(), opt.recommend())
            assert other.state() == opt.state()


@pytest.mark.parametrize("name", NAMES)
def test_pickled_between_ask_and_tell(name):
    opt = evolved(name)
    codes = opt.ask()
    other = pickle.loads(pickle.dumps(opt))
    for each in (opt, other):
        each.tell(score(codes))
    np.testing.assert_array_equal(other.ask(), opt.ask())


def test_a_pickle_before_ask_still_refuses_scores():
    with pytest.raises(actmax.ActmaxError, match="tell without ask"):
        pickle.loads(pickle.dumps(evolved("genetic"))).tell(np.zeros(40))


def test_learns():
    opt = evolved("cholesky-cmaes", generations=100, init_sigma=2.0)
    code, best = opt.incumbent
    assert best == score(code[None])[0] > -1e-3
    np.testing.assert_allclose(opt.recommend(), 1 + np.arange(6), atol=0.1)
    assert opt.diagnostics()["sigma"] > 0


def test_losses():
    high, low = evolved("sphere-cma"), actmax.Optimizer("sphere-cma", dim=6, seed=3, maximize=False)
    for _ in range(5):
        low.tell(-score(low.ask()))
    np.testing.assert_array_equal(high.ask(), low.ask())
    assert low.incumbent[1] == -high.incumbent[1]


def test_single_precision_and_given_arrays():
    opt = evolved("sphere-cma")
    codes = opt.ask()
    single = opt.ask(dtype=np.float32)
    assert single.dtype == np.float32
    np.testing.assert_array_equal(single, codes.astype(np.float32))
    for out in (np.zeros((50, 6)), np.zeros((41, 6), order="F"), np.zeros((82, 12))[::2, ::2], np.zeros((41, 6), np.float32)):
        got = opt.ask(out=out)
        assert np.shares_memory(got, out) and got.shape == (41, 6)
        np.testing.assert_array_equal(got, codes.astype(out.dtype))


@pytest.mark.parametrize("dtype", ["int64", "codes", np.int8, complex])
def test_kinds_that_codes_do_not_have(dtype):
    with pytest.raises(ValueError, match="float64 or float32"):
        actmax.Optimizer("genetic", dim=6).ask(dtype=dtype)


def test_codes_and_scores_of_any_layout_and_type():
    def told(scores, codes=None):
        opt = evolved("cholesky-cmaes")
        opt.tell(scores(opt.ask()), codes and codes(opt.ask()))
        return opt.ask()

    expected = told(score)
    for scores in (
        lambda c: list(score(c)),
        lambda c: np.repeat(score(c), 2)[::2],
        lambda c: score(c).astype(object),
        lambda c: Tensor(score(c)),
        lambda c: Dlpack(score(c)),
    ):
        np.testing.assert_array_equal(told(scores), expected)
    for codes in (np.asfortranarray, lambda c: np.repeat(c, 2, axis=1)[:, ::2], lambda c: c[::-1][::-1]):
        np.testing.assert_array_equal(told(score, codes), expected)
    assert not np.array_equal(told(score, lambda c: c + 0.1), expected)
    as_integers = lambda c: np.argsort(np.argsort(score(c)))  # the method uses only the order
    np.testing.assert_array_equal(told(as_integers), expected)


class Tensor:
    """What PyTorch's tensors answer to."""

    def __init__(self, values):
        self.values = values

    def detach(self):
        return Tensor(self.values)

    cpu = detach

    def numpy(self):
        return self.values


class Dlpack:
    """An array of a library that has only the exchange protocol."""

    def __init__(self, values):
        self.values = values

    def __dlpack__(self, **how):
        return self.values.__dlpack__(**how)

    def __dlpack_device__(self):
        return self.values.__dlpack_device__()


def test_missing_trials():
    opt = evolved("genetic")
    values = score(opt.ask()).tolist()
    values[3] = None
    opt.tell(values)
    assert opt.generation == 6 and np.isfinite(opt.ask()).all()


def test_iteration_ends_with_the_run():
    opt = actmax.Optimizer("sphere-cma", dim=6, generations=4)
    seen = []
    for codes in opt:
        seen.append(len(codes))
        opt.tell(score(codes))
    assert seen == [40, 41, 41, 41] and opt.generation == 4
    with pytest.raises(actmax.ActmaxError, match="generation 0 has no scores"):
        list(actmax.Optimizer("sphere-cma", dim=6))


def test_initial_codes():
    opt = actmax.Optimizer("cholesky-cmaes", dim=6, init_codes=np.full((1, 6), 0.5))
    assert np.linalg.norm(opt.ask().mean(axis=0) - 0.5) < 5
    start = np.random.default_rng(1).normal(size=(30, 6))
    np.testing.assert_array_equal(actmax.Optimizer("genetic", dim=6, init_codes=start).ask(), start)


def test_the_length_of_a_schedule():
    short, long = (actmax.Optimizer("sphere-cma", dim=6, generations=n) for n in (10, 1000))
    assert short.options != long.options


def test_options_are_those_of_the_table():
    opt = actmax.Optimizer("cholesky-cmaes", dim=6, population_size=np.int64(12), init_sigma=np.float32(2.5))
    assert opt.options["population_size"] == 12 == opt.population_size and opt.options["init_sigma"] == 2.5
    assert {option.name for option in actmax.optimizers()["cholesky-cmaes"].options} == set(opt.options)
    assert not OPTION_NAMES & {"self", "name", "dim", "seed", "generations", "maximize", "init_codes"}


def test_the_table():
    table = actmax.optimizers()
    assert len(table) > 20 and table["CholeskyCMAES"] is table["cholesky-cmaes"]
    assert repr(table).count("\n") == len(table) - 1
    assert table._repr_html_().count("<tr>") == len(table) + 1
    json.dumps([option.default for option in table["sphere-cma"].options])


def test_repr():
    assert repr(evolved("sphere-cma")) == "<actmax.Optimizer 'sphere-cma', dim=6, seed=3, generation 5>"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": "cholesky"}, "unknown optimizer 'cholesky'.*cholesky-cmaes"),
        ({"name": 3}, "is a text"),
        ({"dim": 0}, "dim is 0"),
        ({"dim": -4}, "dim is -4"),
        ({"dim": 2.5}, "dim must be a whole number"),
        ({"dim": 2**47}, "140737488355328"),
        ({"seed": -1}, "seed is -1"),
        ({"seed": 2**64}, "seed is 18446744073709551616"),
        ({"generations": 0}, "generations is 0"),
        ({"sigma": 1.0}, "no option 'sigma'.*init_sigma"),
        ({"init_sigma": "large"}, "init_sigma.*large"),
        ({"init_sigma": -1.0}, "init_sigma"),
        ({"init_sigma": float("nan")}, "options must be"),
        ({"init_sigma": object()}, "options must be"),
        ({"population_size": 1 << 40}, "population_size"),
        ({"init_codes": np.zeros(6)}, r"\[n, N\], not \[6\]"),
        ({"init_codes": np.zeros((1, 5))}, "5"),
        ({"init_codes": np.full((1, 6), np.nan)}, "not finite"),
        ({"init_codes": np.zeros((1, 0))}, "no numbers"),
    ],
)
def test_what_cannot_be_built(arguments, message):
    with pytest.raises(ValueError, match=message):
        actmax.Optimizer(**{"name": "cholesky-cmaes", "dim": 6, **arguments})


@pytest.mark.parametrize(
    ("scores", "codes", "message"),
    [
        (np.zeros(41), None, "41 scores were told for 40 codes"),
        (np.zeros((40, 1)), None, r"shape \[n\], not \[40, 1\]"),
        (1.0, None, r"not \[\]"),
        (np.full(40, np.nan), None, "all 40 scores are NaN"),
        (np.zeros(40, complex), None, "complex128"),
        (["high"] * 40, None, "scores must be"),
        ([object()] * 40, None, "scores must be"),
        ([[1.0], [1.0, 2.0]], None, "scores must be"),
        (np.zeros(40), np.zeros((40, 5)), "5 components"),
        (np.zeros(40), np.zeros((39, 6)), "39 codes were told, 40"),
        (np.zeros(40), np.full((40, 6), np.nan), "not finite"),
        (np.zeros(40), np.zeros(6), r"\[n, N\], not \[6\]"),
        (np.zeros(40), np.zeros((40, 0)), "no numbers"),
    ],
)
def test_what_is_refused_changes_nothing(scores, codes, message):
    opt = evolved("cholesky-cmaes")
    opt.ask()
    before = opt.state()
    with pytest.raises(ValueError, match=message):
        opt.tell(scores, codes)
    assert opt.state() == before
    opt.tell(score(opt.ask()))


def test_tell_before_ask():
    with pytest.raises(actmax.ActmaxError, match="tell without ask"):
        actmax.Optimizer("genetic", dim=6).tell(np.zeros(40))
    opt = evolved("genetic")
    opt.tell(score(opt.ask()))
    with pytest.raises(actmax.ActmaxError, match="tell without ask"):
        opt.tell(np.zeros(40))


@pytest.mark.parametrize(
    "out",
    [np.zeros((39, 6)), np.zeros((41, 5)), np.zeros(6), np.zeros((41, 6), int), [[0.0]], None],
)
def test_arrays_that_cannot_be_written_into(out):
    opt = evolved("sphere-cma")
    if out is None:
        out = np.zeros((41, 6))
        out.flags.writeable = False
    with pytest.raises(ValueError, match="out"):
        opt.ask(out=out)


def test_states_that_are_none():
    state = evolved("genetic").state()
    for text in ("", "actmax-ask-tell-1:AAAA", state[:-8], state.replace("tell-1", "tell-9"), state[:40] + "A" + state[41:]):
        with pytest.raises(ValueError):
            actmax.Optimizer.from_state(text)
    with pytest.raises(ValueError, match="is a text"):
        actmax.Optimizer.from_state(b"")


def test_other_threads_run_while_a_method_works():
    """A method that takes long holds neither the interpreter nor another method."""
    def work(seed):
        opt = actmax.Optimizer("cma", dim=300, seed=seed)
        for _ in range(5):
            opt.tell(score(opt.ask()))
        results[seed] = opt.ask()

    results = {}
    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    alone = dict(results)
    work(2)
    np.testing.assert_array_equal(results[2], alone[2])


def test_after_a_fork():
    script = """
import os, actmax, numpy as np
opt = actmax.Optimizer("cma", dim=300)
opt.tell(opt.ask()[:, 0])
child = os.fork()
codes = opt.ask()
opt.tell(codes[:, 0])
if child == 0:
    os._exit(int(codes[0, 0] != codes[0, 0]))
assert os.waitpid(child, 0)[1] == 0
"""
    subprocess.run([sys.executable, "-W", "ignore", "-c", script], check=True, timeout=60)


def test_a_second_interpreter_is_refused_with_words():
    script = """
import sys
try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters
import actmax
other = interpreters.create()
try:
    failure = interpreters.run_string(other, "import actmax")
except interpreters.RunFailedError as error:
    failure = error
assert "ImportError" in repr(failure) or "ImportError" in str(failure), failure
"""
    subprocess.run([sys.executable, "-W", "ignore", "-c", script], check=True, timeout=60)
