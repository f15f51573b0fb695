"""What users write first, in an environment that has NumPy and this package alone.

`.ci/empty-environment` runs it. It is no test of pytest, which is not installed there.
"""

import importlib.util
from pathlib import Path

import numpy as np

import actmax
from actmax.compat import CholeskyCMAES, ExperimentEvolution, ZOHA_Sphere_lr_euclid


def a_loop() -> None:
    """The optimizer between a generator and a neuron of NumPy."""
    to_image = np.random.default_rng(1).normal(size=(4096, 3 * 8 * 8)) / 64
    wanted = np.tanh(np.random.default_rng(2).normal(size=(1, 4096)) @ to_image)

    def generator(codes):
        return np.tanh(codes @ to_image)

    def neuron(images):
        return -np.square(images - wanted).sum(axis=1)

    opt = actmax.Optimizer("cholesky-cmaes", dim=4096, seed=7, init_sigma=2.0)
    first = None
    while opt.generation < 75:
        codes = opt.ask()
        assert codes.shape[1] == 4096 and codes.dtype == np.float64
        scores = neuron(generator(codes))
        first = scores.mean() if first is None else first
        scores[3:4] = np.nan
        opt.tell(scores)
    assert opt.incumbent[1] > 0.7 * first, (first, opt.incumbent[1])


def by_names() -> None:
    """A run of networks by name, and the folder of the command."""
    run = actmax.evolve("cholesky-cmaes", unit="tiny-alexnet/fc8:eye", generations=10, noise=0.2, seed=7, out="runs/a")
    assert run.codes.shape == (1 + 9 * 40, 4096) and run.scores.shape == run.clean_scores.shape
    assert run.best_image.array.ndim == 3 and run.plot().startswith("<svg")
    assert {"journal.jsonl", "evolution.npz", "summary.json", "best.png"} <= {path.name for path in Path("runs/a").iterdir()}
    np.testing.assert_array_equal(actmax.load_run("runs/a").codes, run.codes)


def published_names() -> None:
    """The published README's lines with one import changed, for each of its two optimizers."""
    cholesky = CholeskyCMAES(4096, population_size=40, init_sigma=2.0, Aupdate_freq=10, init_code=np.zeros([1, 4096]))
    sphere = ZOHA_Sphere_lr_euclid(4096, population_size=40, select_size=20, lr=1.5, sphere_norm=300)
    sphere.lr_schedule(n_gen=75, mode="exp", lim=(50, 7.33))
    for label, optim in (("cholesky", cholesky), ("sphere", sphere)):
        Exp = ExperimentEvolution(("tiny-alexnet", "fc8", 1), savedir=".", explabel=label, optimizer=optim)
        Exp.run(optim.get_init_pop())
        Exp.visualize_best()
        Exp.visualize_trajectory()
        Exp.save_last_gen()
        assert Exp.scores_all[-40:].mean() > Exp.scores_all[:40].mean()
        assert Path(f"Best_Img_{label}.png").read_bytes().startswith(b"\x89PNG")
        assert Path(f"Evolv_Traj_{label}.svg").read_text().startswith("<svg")
        with np.load(f"Evolution_codes_{label}.npz") as stored:
            assert stored["best_code"].shape == (1, 4096)


assert importlib.util.find_spec("matplotlib") is None, "matplotlib is installed: this environment is not empty"
for promise in (a_loop, by_names, published_names):
    promise()
    print(f"  {promise.__doc__}")
