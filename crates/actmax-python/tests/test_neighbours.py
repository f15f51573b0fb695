"""Our methods in nevergrad and in Optuna, with the real packages."""

import pickle
import subprocess
import sys

import nevergrad as ng
import numpy as np
import optuna
import pytest

import actmax

# One process stands for several workers here; a loss that is no number is warned of once.
pytestmark = [
    pytest.mark.filterwarnings("ignore::nevergrad.common.errors.InefficientSettingsWarning"),
    pytest.mark.filterwarnings("ignore::nevergrad.common.errors.LossTooLargeWarning"),
]
optuna.logging.set_verbosity(optuna.logging.WARNING)
NAMES = actmax.nevergrad.register()


def bowl(x):
    """Its bottom is on the sphere of standard normal codes, where methods on a sphere find it too."""
    return float(np.sum((np.asarray(x) - 1) ** 2))


@pytest.mark.parametrize("name", NAMES)
def test_every_method_minimizes_in_nevergrad(name):
    optimizer = ng.optimizers.registry[name](parametrization=ng.p.Array(shape=(5,)), budget=600)
    optimizer.parametrization.random_state.seed(3)
    # XDream's gradients step by the size of the loss.
    slope = 1e-2 if name in ("ActmaxXdreamFdgd", "ActmaxXdreamNes") else 1.0
    recommendation = optimizer.minimize(lambda x: slope * bowl(x))
    assert recommendation.value.shape == (5,) and optimizer.num_tell == 600
    assert bowl(recommendation.value) < 4.5, "the middle of the space has 5"


def test_names():
    assert len(NAMES) == len(actmax.optimizers()) and "ActmaxCholeskyCmaes" in NAMES
    assert actmax.nevergrad.register() == NAMES
    assert repr(ng.optimizers.registry["ActmaxSphereCma"]) == "ActmaxSphereCma"


def found(name, budget=800, workers=1, seed=1, **options):
    make = actmax.nevergrad.configured(name, **options)
    optimizer = make(parametrization=10, budget=budget, num_workers=workers)
    optimizer.parametrization.random_state.seed(seed)
    return optimizer, bowl(optimizer.minimize(bowl).value)


def test_a_cma_es_converges_alone_and_in_parallel():
    for workers in (1, 30):
        optimizer, loss = found("cma", workers=workers)
        assert loss < 0.02
        assert optimizer._spread.optimizer.population_size == max(10, workers)
    assert found("cma", seed=1)[1] == found("cma", seed=1)[1] != found("cma", seed=2)[1]


def test_options_and_scale():
    optimizer, _ = found("cma", population_size=16, norm=0.1, budget=16)
    codes = np.array(list(optimizer.archive.keys_as_arrays()))
    assert optimizer._spread.optimizer.population_size == 16
    assert 0.03 < np.sqrt((codes**2).sum(axis=1).mean()) < 0.3
    with pytest.raises(ValueError, match="no option 'sigma'"):
        actmax.nevergrad.configured("cma", sigma=1)
    with pytest.raises(ValueError, match="unknown optimizer"):
        actmax.nevergrad.configured("cmas")


def test_parametrizations_and_pickles(tmp_path):
    space = ng.p.Instrumentation(ng.p.Scalar(lower=-2, upper=2), kind=ng.p.Choice(["a", "b"]), rate=ng.p.Log(lower=1e-4, upper=1))
    optimizer = ng.optimizers.registry["ActmaxCma"](space, budget=200, num_workers=3)

    def loss(x, kind, rate):
        return (x - 1) ** 2 + (kind == "b") + (np.log10(rate) + 2) ** 2

    for _ in range(40):
        candidate = optimizer.ask()
        optimizer.tell(candidate, loss(*candidate.args, **candidate.kwargs))
    optimizer.dump(tmp_path / "optimizer.pkl")
    other = type(optimizer).load(tmp_path / "optimizer.pkl")
    assert other._spread.generation == optimizer._spread.generation > 0
    np.testing.assert_array_equal(other._spread.codes, optimizer._spread.codes)
    best = other.minimize(loss)
    assert loss(*best.args, **best.kwargs) < 1.5


def test_losses_that_are_none_and_strangers():
    optimizer = ng.optimizers.registry["ActmaxCma"](4, budget=400, num_workers=2)
    for step in range(100):
        candidate = optimizer.ask()
        optimizer.tell(candidate, np.nan if step % 7 == 3 else bowl(candidate.value))
    assert optimizer._spread.generation > 5
    with pytest.raises(ng.errors.TellNotAskedNotSupportedError):
        optimizer.tell(optimizer.parametrization.spawn_child(new_value=np.ones(4)), 1.0)


def numbers_of(trial, count=4):
    return [trial.suggest_float(f"x{index}", -2, 2) for index in range(count)]


def study_of(sampler, **arguments):
    return optuna.create_study(sampler=sampler, **arguments)


@pytest.mark.parametrize("name", ["cma", "sphere-cma", "genetic", "cholesky-cmaes", "ng-de"])
def test_optuna_finds_the_bottom_of_a_bowl(name):
    study = study_of(actmax.optuna.ActmaxSampler(name, seed=2))
    study.optimize(lambda trial: bowl(numbers_of(trial)), n_trials=250)
    alone = study_of(optuna.samplers.RandomSampler(seed=2))
    alone.optimize(lambda trial: bowl(numbers_of(trial)), n_trials=20)
    assert study.best_value < alone.best_value
    if name == "cma":
        assert study.best_value < 0.02


def test_maximizing_with_all_kinds_of_parameters():
    def score(trial):
        x, n = trial.suggest_float("x", 1e-4, 1e2, log=True), trial.suggest_int("n", 0, 40, step=5)
        kind, fixed = trial.suggest_categorical("kind", ["a", "b"]), trial.suggest_float("fixed", 3, 3)
        return -abs(np.log10(x)) - abs(n - 20) / 10 - (kind == "b") - fixed

    study = study_of(actmax.optuna.ActmaxSampler(seed=4), direction="maximize")
    study.optimize(score, n_trials=150)
    assert study.best_value > -3.4 and study.best_params["n"] == 20 and study.best_params["kind"] == "a"
    assert all(1e-4 <= trial.params["x"] <= 1e2 and trial.params["n"] % 5 == 0 for trial in study.trials)


def optimized(storage, trials, sampler=None):
    sampler = sampler or actmax.optuna.ActmaxSampler(seed=5)
    study = study_of(sampler, storage=storage, study_name="one", load_if_exists=True)
    study.optimize(lambda trial: bowl(numbers_of(trial)), n_trials=trials)
    return study


def test_a_study_goes_on_in_another_sampler():
    whole, parts = optuna.storages.InMemoryStorage(), optuna.storages.InMemoryStorage()
    expected = [trial.params for trial in optimized(whole, 60).trials]
    optimized(parts, 25, sampler := actmax.optuna.ActmaxSampler(seed=5))
    optimized(parts, 10, pickle.loads(pickle.dumps(sampler)))
    found = [trial.params for trial in optimized(parts, 25).trials]
    assert found == expected


def test_parallel_trials_and_failures():
    failed = []

    def objective(trial):
        x = numbers_of(trial)
        if trial.number % 9 == 4:
            failed.append(trial.number)
            raise RuntimeError("no answer")
        if trial.number % 10 == 5:
            raise optuna.TrialPruned
        return bowl(x)

    study = study_of(actmax.optuna.ActmaxSampler(seed=6))
    study.optimize(objective, n_trials=300, n_jobs=4, catch=(RuntimeError,))
    assert len(failed) > 20 and study.best_value < 0.02


def test_fixed_values_are_not_mistaken_for_codes():
    study = study_of(actmax.optuna.ActmaxSampler(seed=7))
    for number in range(40):
        if number % 3 == 1:
            study.enqueue_trial({"x0": 1.5})
        study.optimize(lambda trial: bowl(numbers_of(trial)), n_trials=1)
    study.optimize(lambda trial: bowl(numbers_of(trial)), n_trials=150)
    assert study.best_value < 0.01


def test_what_the_sampler_refuses():
    with pytest.raises(ValueError, match="unknown optimizer"):
        actmax.optuna.ActmaxSampler("cmas")
    with pytest.raises(ValueError, match="no option 'sigma'"):
        actmax.optuna.ActmaxSampler("cma", sigma=1)
    study = study_of(actmax.optuna.ActmaxSampler())
    with pytest.raises(ValueError, match="201 numbers.*200 at most.*actmax.Optimizer"):
        study.optimize(lambda trial: bowl(numbers_of(trial, 201)), n_trials=2)
    study_of(actmax.optuna.ActmaxSampler()).optimize(lambda trial: bowl(numbers_of(trial, 200)), n_trials=2)
    both = study_of(actmax.optuna.ActmaxSampler(), directions=["minimize", "minimize"])
    with pytest.raises(ValueError, match="multi-objective"):
        both.optimize(lambda trial: (bowl(numbers_of(trial)), 1.0), n_trials=2)


@pytest.mark.parametrize("package", ["nevergrad", "optuna"])
def test_without_the_package(package):
    script = f"""
import sys, actmax
sys.modules["{package}"] = None
try:
    actmax.{package}
except ImportError as error:
    assert "pip install {package}" in str(error), error
else:
    raise AssertionError("there was no error")
"""
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
    with pytest.raises(AttributeError):
        actmax.nothing_of_this_name
