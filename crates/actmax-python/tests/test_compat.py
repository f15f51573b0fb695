"""The published classes, step by step against recordings of the originals.

The recordings hold the codes and scores of each step. The methods draw random numbers of their own, so what is compared is all
that a step computes before it draws: means, base points, conserved codes, step sizes where they follow from them.
"""

import json
from pathlib import Path

import numpy as np
import pytest

import actmax
from actmax.compat import CholeskyCMAES, ExperimentEvolution, Genetic, ZOHA_Sphere_lr_euclid, pycma_optimizer

TRACES = Path(__file__).parents[2] / "optim-core/tests/fixtures/traces"


def recording(name):
    words = json.loads((TRACES / f"{name}.json").read_text())
    steps = words["generations"]
    codes = [np.array(step["codes"]) for step in steps]
    scores = [np.array([np.nan if s is None else s for s in step["scores"]]) for step in steps]
    return words, codes, scores, [step["state_after"] for step in steps]


def close(found, recorded):
    np.testing.assert_allclose(np.ravel(found), np.ravel(recorded), rtol=1e-9, atol=1e-9)


CHOLESKY = [
    "cholesky_cmaes_autofreq_minimize_N6",
    "cholesky_cmaes_freq2_N20",
    "cholesky_cmaes_freq2_N6",
    "cholesky_cmaes_noinit_c1big_N6",
    "cholesky_cmaes_zeroinit_N20",
    "cholesky_cmaes_zeroinit_N6",
]


@pytest.mark.parametrize("name", CHOLESKY)
def test_cholesky_cmaes_step_by_step(name):
    words, codes, scores, states = recording(name)
    arguments = dict(words["params"])
    arguments.pop("maximize", None)
    rates = arguments.pop("optim_params", None) or {}
    optim = CholeskyCMAES(
        words["N"],
        population_size=words["population_size"],
        init_code=words["init_code"],
        maximize=words.get("maximize", True),
        optim_params=rates,
        **arguments,
    )
    init = optim.get_init_pop()
    if words["init_code"] is None:
        assert init is None
    else:
        close(init, codes[0])
    for step, (told, values, state) in enumerate(zip(codes, scores, states)):
        new = optim.step_simple(values, told)
        assert new.shape == (words["population_size"], words["N"]) and optim.istep == step + 1
        close(optim.xmean, state["xmean"])
        if step == 0:
            close(optim.sigma, state["sigma"])


SPHERE = [
    "sphere_cma_exp_N20",
    "sphere_cma_exp_N6",
    "sphere_cma_inv_N20",
    "sphere_cma_inv_N6",
    "sphere_cma_lin_N20",
    "sphere_cma_lin_N6",
    "sphere_cma_rankbasis_minimize_N6",
    "sphere_cma_rawweights_N6",
]


@pytest.mark.parametrize("name", SPHERE)
def test_sphere_cma_step_by_step(name):
    words, codes, scores, states = recording(name)
    arguments = dict(words["params"])
    schedule = {"n_gen": arguments.pop("n_gen"), "mode": arguments.pop("schedule_mode"), "lim": arguments.pop("lim")}
    optim = ZOHA_Sphere_lr_euclid(words["N"], population_size=words["population_size"], **arguments)
    with pytest.raises(ValueError, match="lr_schedule"):
        optim.get_init_pop()
    optim.lr_schedule(**schedule)
    close(np.linalg.norm(optim.get_init_pop(), axis=1) / arguments["sphere_norm"], np.ones(words["population_size"]))
    angles = words["constants"]["mulist"]
    for step, (told, values) in enumerate(zip(codes, scores)):
        new = optim.step_simple(values, told)
        base = states[step]["xnew"] if "xnew" in states[step] else codes[step + 1][0]
        close(new[0], base)
        close(optim.xnew, base)
        assert new.shape == (words["population_size"] + 1, words["N"])
        close(np.linalg.norm(new, axis=1) / arguments["sphere_norm"], np.ones(len(new)))
        # A sample's angle is the norm of its tangent vector: the schedule's angle times that of N - 1 normals.
        angle = np.arccos(np.clip(new[1:] @ new[0] / arguments["sphere_norm"] ** 2, -1, 1))
        assert 0 < angle.max() <= max(np.pi, 6 * angles[min(step, len(angles) - 1)] * np.sqrt(words["N"]))


@pytest.mark.parametrize("name", ["genetic_default_N20", "genetic_default_N6", "genetic_sharp_N6"])
def test_genetic_step_by_step(name):
    words, codes, scores, _ = recording(name)
    optim = Genetic(words["N"], population_size=words["population_size"], **words["params"])
    conserved, inherited = words["params"]["n_conserve"], []
    for step, (told, values) in enumerate(zip(codes, scores)):
        new = optim.step_simple(values, told)
        assert new.shape == told.shape
        if step + 1 < len(codes):
            np.testing.assert_array_equal(new[:conserved], codes[step + 1][:conserved])
        inherited.append((new[conserved:, None, :] == told[None, :, :]).any(axis=1).mean())
    # Genes that did not mutate are a parent's.
    assert abs(np.mean(inherited) - (1 - words["params"]["mutation_rate"])) < 0.1


# pycma shortens codes that are not its own and lie far out; the recorded ones are its own. Where none lies that far, all steps agree.
PYCMA = [("pycma_full_N6", 12), ("pycma_diagonal_N20", 12), ("pycma_full_N20", 2)]


@pytest.mark.parametrize(("name", "steps"), PYCMA)
def test_pycma_step_by_step(name, steps):
    words = json.loads((TRACES / f"{name}.json").read_text())
    inopts = {"popsize": words["population_size"], "CMA_diagonal": "diagonal" in name}
    optim = pycma_optimizer(words["N"], words["params"]["sigma0"], inopts=inopts)
    for recorded in words["generations"][:steps]:
        optim.step_simple(-np.array(recorded["losses"]), np.array(recorded["codes"]))
        close(optim.optimizer.recommend(), recorded["state_after"]["mean"])
        close(optim.optimizer.diagnostics()["sigma"], recorded["state_after"]["sigma"])


@pytest.mark.parametrize("diagonal", [False, True])
def test_pycma_is_the_method(diagonal):
    optim = pycma_optimizer(12, 2.0, inopts={"CMA_diagonal": diagonal, "popsize": 10}, random_seed=4)
    opt = actmax.Optimizer("diagonal-cma" if diagonal else "cma", dim=12, seed=4, sigma0=2.0, population_size=10)
    codes = optim.get_init_pop()
    for _ in range(5):
        np.testing.assert_array_equal(codes, opt.ask())
        opt.tell(codes[:, 0])
        codes = optim.step_simple(codes[:, 0], codes)
    assert pycma_optimizer(4096, 2.0).get_init_pop().shape == (28, 4096)
    with pytest.raises(ValueError, match="tolfun"):
        pycma_optimizer(12, 2.0, inopts={"tolfun": 1})
    assert abs(pycma_optimizer(12, 1e-9, x0=[3.0] * 12).get_init_pop() - 3).max() < 1e-6


def test_the_published_defaults():
    assert CholeskyCMAES(4096).lambda_ == 40
    assert CholeskyCMAES(256).lambda_ == 28
    optim = Genetic(6, 40, 0.25, 0.75, 2)
    assert optim.optimizer.options["parental_skew"] == 0.5 and optim.optimizer.options["n_conserve"] == 0
    assert optim._init_population.shape == (40, 6)
    with pytest.raises(ValueError, match="init_sigma"):
        CholeskyCMAES(6, init_sigma=-1)
    sphere = ZOHA_Sphere_lr_euclid(6)
    sphere.lr_schedule(n_gen=75, mode="exp", lim=(50, 7.33))
    codes = sphere.get_init_pop()
    sphere.step_simple(codes[:, 0], codes)
    with pytest.raises(ValueError, match="before the first step"):
        sphere.lr_schedule()


def test_the_lines_of_the_published_readme(tmp_path):
    optim = CholeskyCMAES(4096, population_size=40, init_sigma=2.0, Aupdate_freq=10, init_code=np.zeros([1, 4096]))
    Exp = ExperimentEvolution(
        ("tiny-alexnet", "fc8", 1), max_step=6, savedir=tmp_path, explabel="alexnet_fc8_1", optimizer=optim
    )
    Exp.run(optim.get_init_pop())
    picture, figure = Exp.visualize_best(), Exp.visualize_trajectory()
    Exp.save_last_gen()
    assert Exp.codes_all.shape == (201, 4096) and Exp.scores_all.shape == (201,) and Exp.generations.max() == 5
    assert (tmp_path / "Best_Img_alexnet_fc8_1.png").read_bytes() == picture.to_png()
    assert (tmp_path / "Evolv_Traj_alexnet_fc8_1.svg").read_text() == figure
    stored = np.load(tmp_path / "Evolution_codes_alexnet_fc8_1.npz")
    assert stored["best_score"] == Exp.scores_all.max() and stored["lastgen_codes"].shape == (1, 4096)
    # The command's loop comes to the same.
    options = {"seed": 0, "population_size": 40, "init_sigma": 2.0, "Aupdate_freq": 10}
    run = actmax.evolve(
        "cholesky-cmaes", unit="tiny-alexnet/fc8:1", generations=6, init_codes=np.zeros([1, 4096]), **options
    )
    np.testing.assert_array_equal(run.codes, Exp.codes_all.astype(np.float32))
    np.testing.assert_array_equal(run.scores, Exp.scores_all)


def test_published_networks_say_how_they_are_fetched():
    with pytest.raises(ValueError, match="actmax models fetch"):
        ExperimentEvolution(("alexnet", ".classifier.Linear6", 1))
    with pytest.raises(ValueError, match="model_unit"):
        ExperimentEvolution(("tiny-alexnet", "fc8"))
