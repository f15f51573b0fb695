"""Analyses, against closed forms and against `actmax analyse`."""

import json
import subprocess
import sysconfig
from pathlib import Path

import numpy as np
import pytest

import actmax

COMMAND = str(Path(sysconfig.get_path("scripts")) / "actmax")


def test_a_random_walk_has_the_cosines_of_the_theory():
    walk = np.cumsum(np.random.default_rng(1).normal(size=(60, 3000)), axis=0)
    pca = actmax.trajectory_pca(walk, 4)
    assert pca.projections.shape == (60, 4)
    np.testing.assert_allclose(pca.explained_variance_ratio, pca.random_walk, atol=0.02)
    assert (pca.r_squared_fixed > 0.95).all() and (pca.r_squared_free > 0.95).all()
    np.testing.assert_allclose(pca.periods, [0.5, 1, 1.5, 2], atol=0.1)
    centred = walk - walk.mean(axis=0)
    variances = np.linalg.svd(centred, compute_uv=False) ** 2
    np.testing.assert_allclose(pca.explained_variance_ratio, (variances / variances.sum())[:4], rtol=1e-9)
    assert pca.plot()._repr_svg_().startswith("<svg") and pca._repr_svg_() == pca.plot("")


def test_drift_of_right_angles():
    steps = actmax.drift(np.tril(np.ones((5, 4)), -1))
    assert steps.squared_growth == pytest.approx(1) and steps.r_squared == pytest.approx(1)
    np.testing.assert_allclose(steps.squared_norms, [0, 1, 2, 3, 4])
    np.testing.assert_allclose(steps.step_lengths, 1)
    np.testing.assert_allclose(steps.step_angles, 90)
    assert np.isnan(steps.code_angles[0]) and steps.code_angles[1] == pytest.approx(45)


def test_the_numbers_are_those_of_the_command(tmp_path):
    run = actmax.evolve("cholesky-cmaes", dim=30, scorer=lambda z: z[:, 0], generations=12, out=tmp_path / "run")
    subprocess.run([COMMAND, "analyse", tmp_path / "run", "--out", tmp_path / "analysis"], check=True, timeout=120)
    (words,) = json.loads((tmp_path / "analysis" / "analysis.json").read_text())
    pca, steps = actmax.trajectory_pca(run.generation_means), actmax.drift(run.generation_means)
    for k, component in enumerate(words["components"]):
        for name in ("explained_variance_ratio", "random_walk", "periods", "r_squared_free", "r_squared_fixed"):
            assert getattr(pca, name)[k] == pytest.approx(component[name], rel=1e-9), (k, name)
    assert steps.squared_growth == pytest.approx(words["norm"]["squared_growth"], rel=1e-9)
    assert steps.step_lengths.mean() == pytest.approx(words["steps"]["length"], rel=1e-9)


@pytest.mark.parametrize("trajectory", [np.zeros((2, 5)), np.zeros(5), np.full((9, 5), np.nan), "walk", np.zeros((5, 0))])
def test_trajectories_that_are_none(trajectory):
    for analysis in (actmax.trajectory_pca, actmax.drift):
        with pytest.raises(ValueError):
            analysis(trajectory)
    with pytest.raises(ValueError, match="components"):
        actmax.trajectory_pca(np.random.default_rng(1).normal(size=(6, 5)), 6)


CAMPAIGN = """
generations = 2
repeats = 2
noise = [0.0, 0.2]
optimizers = ["genetic"]

[[network]]
generator = "tiny-deepsim"
cnn = "tiny-alexnet"
layers = ["fc8"]
channels = [3]
"""


def test_a_campaign(tmp_path):
    config = tmp_path / "small.toml"
    config.write_text(CAMPAIGN)
    subprocess.run([COMMAND, "campaign", "run", config, "--out", tmp_path / "c"], check=True, timeout=300)
    campaign = actmax.load_campaign(tmp_path / "c")
    assert len(campaign) == 4 and len(campaign.table()) == 4
    run = campaign[0]
    assert run.finished and len(run.scores) == 80 and run.best_score == run.clean_scores.max()
    assert run.best_image.array.shape[2] == 3
    assert {record["repeat"] for record in campaign.records} == {0, 1}
    with pytest.raises(ValueError, match="campaign"):
        actmax.load_campaign(tmp_path)
