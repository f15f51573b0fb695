"""Steps, norms, alignment and ratios, against closed forms, SciPy and `actmax analyse`."""

import csv
import subprocess
import sysconfig
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

import actmax

COMMAND = str(Path(sysconfig.get_path("scripts")) / "actmax")


def noise(codes, rng=np.random.default_rng(5)):
    return rng.normal(size=len(codes))


def evolved(seed, scorer=lambda codes: codes[:, 0], **arguments):
    return actmax.evolve("cholesky-cmaes", dim=20, seed=seed, scorer=scorer, generations=12, **arguments)


def test_the_random_walk_of_the_theory():
    walk = actmax.random_walk(75, 74)
    assert walk.explained_variance_ratio.sum() == pytest.approx(1)
    np.testing.assert_allclose(walk.limit, 6 / (np.pi * np.arange(1, 75)) ** 2)
    np.testing.assert_allclose(actmax.random_walk(10**6, 5).explained_variance_ratio, walk.limit[:5], rtol=1e-5)
    for generations, components in ((1, 1), (5, 5), (5, 0), (5.5, 1)):
        with pytest.raises(ValueError, match="generations|components"):
            actmax.random_walk(generations, components)


def test_steps_of_right_angles():
    codes = np.array([[3.0, 0, 0], [0, 3, 0], [0, 0, 3], [2, 0, 0], [0, 0, 0]])
    steps = actmax.step_geometry(codes, [0, 0, 0, 1, 2])
    assert steps.within_angles[0] == pytest.approx(90) and steps.within_distances[0] == pytest.approx(np.sqrt(18))
    assert np.isnan(steps.within_angles[1:]).all()
    assert steps.across_angles[0] == pytest.approx(np.degrees(np.arccos(1 / np.sqrt(3)))) and np.isnan(steps.across_angles[1])
    assert steps._repr_svg_().startswith("<svg") and "Steps" in steps.plot("sphere-cma")


def test_steps_are_those_of_the_command(tmp_path):
    run = evolved(1, out=tmp_path / "run")
    subprocess.run([COMMAND, "analyse", tmp_path / "run", "--out", tmp_path / "analysis"], check=True, timeout=120)
    with open(tmp_path / "analysis" / "generations.csv") as file:
        rows = list(csv.DictReader(file))
    steps = actmax.step_geometry(run.codes, run.generations)
    (within,) = [name for name in rows[0] if name.startswith("angle_within")]
    expected = [float(row[within] or "nan") for row in rows]
    np.testing.assert_allclose(steps.within_angles, expected, rtol=1e-6)
    np.testing.assert_allclose(steps.across_angles, actmax.drift(run.generation_means).code_angles, rtol=1e-3)


@pytest.mark.parametrize(
    ("codes", "generations", "message"),
    [
        (np.zeros((4, 3)), [0, 0, 1], "4 codes have 3 generations"),
        (np.ones((3, 3)), [0, 2, 1], "must not fall"),
        (np.ones((3, 3)), [0, 0.5, 1], "whole numbers"),
        (np.full((3, 3), np.nan), [0, 0, 1], "not finite"),
        (np.ones(3), [0, 0, 1], r"\[n, N\], not \[3\]"),
    ],
)
def test_steps_that_are_none(codes, generations, message):
    with pytest.raises(ValueError, match=message):
        actmax.step_geometry(codes, generations)


def test_growth_against_noise_driven_runs():
    runs, controls = [evolved(seed) for seed in range(4)], [evolved(seed, noise) for seed in range(10, 13)]
    growth = actmax.norm_growth(runs, controls)
    norms = np.linalg.norm(runs[2].generation_means.astype(float), axis=1)
    np.testing.assert_allclose(growth.norms[2], norms)
    assert growth.final_norm[2] == pytest.approx(norms[-1])
    assert growth.r_squared[2] == pytest.approx(stats.linregress(np.arange(12), norms**2).rvalue ** 2)
    assert growth.final_spread[2] == pytest.approx(runs[2].last_codes.astype(float).std(axis=0, ddof=1).mean())
    test = stats.ttest_ind(growth.final_norm, growth.control.final_norm)
    assert growth.norm_contrast.t == pytest.approx(test.statistic) and growth.norm_contrast.t_p == pytest.approx(test.pvalue)
    ranks = stats.ranksums(growth.final_spread, growth.control.final_spread)
    assert growth.spread_contrast.rank_sum_p == pytest.approx(ranks.pvalue)
    assert "control" in growth.plot("cholesky-cmaes") and growth._repr_svg_().startswith("<svg")
    pair = actmax.norm_growth([(runs[0].generation_means, runs[0].last_codes)], controls[:1])
    assert pair.final_norm[0] == growth.final_norm[0] and pair.norm_contrast is None
    assert actmax.norm_growth(runs).control is None
    for bad in ([], [runs[0].last_codes], [(np.ones((2, 3)), np.ones((4, 3)))], [(np.ones((5, 3)), np.ones((1, 3)))]):
        with pytest.raises(ValueError):
            actmax.norm_growth(bad)


def metric(dim=40):
    axes = np.linalg.qr(np.random.default_rng(1).normal(size=(dim, dim)))[0]
    return np.logspace(0, -8, dim), axes


def test_codes_along_visible_axes_align():
    eigenvalues, axes = metric()
    rng = np.random.default_rng(2)
    codes = (rng.normal(size=(30, 40)) * eigenvalues**0.25) @ axes.T
    driven = rng.normal(size=(20, 40))
    found = actmax.alignment(codes, eigenvalues, axes, noise_driven=driven, shuffles=20)
    np.testing.assert_allclose(found.evolved, np.abs(codes @ axes).mean(axis=0))
    assert found.cutoff == (eigenvalues > 1e-6).sum()
    visible, logarithms = found.evolved[: found.cutoff], np.log10(eigenvalues[: found.cutoff])
    expected = stats.pearsonr(visible, logarithms)
    assert (found.pearson.r, found.pearson.p) == pytest.approx((expected.statistic, expected.pvalue)) and found.pearson.r > 0.8
    assert found.spearman.r == pytest.approx(stats.spearmanr(visible, logarithms).statistic)
    assert found.before.statistic == stats.ks_2samp(visible, found.shuffled[: found.cutoff]).statistic
    assert found.after.statistic == stats.ks_2samp(found.evolved[found.cutoff :], found.shuffled[found.cutoff :]).statistic
    assert abs(found.noise_driven_pearson) < 0.7 and abs(found.shuffled_pearson) < 0.7
    singular = np.linalg.svd(codes, compute_uv=False)
    np.testing.assert_allclose(found.singular_values, singular / np.linalg.norm(singular), atol=1e-7)
    threshold = np.quantile(found.shuffled_singular_values**2, 0.99)
    assert found.shuffled_singular_values.shape == (20, 30)
    assert found.axes_beyond_shuffles == (singular**2 / (singular**2).sum() > threshold).sum() > 0
    assert found._repr_svg_().startswith("<svg")
    again = actmax.alignment(codes, eigenvalues, axes, noise_driven=driven, shuffles=20)
    np.testing.assert_array_equal(again.shuffled, found.shuffled)
    other = actmax.alignment(codes, eigenvalues, axes, shuffles=20, seed=1, cutoff=40)
    assert other.noise_driven is None and other.after is None and not np.array_equal(other.shuffled, found.shuffled)
    assert other.plot().startswith("<svg")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"eigenvalues": np.ones(3)}, "3 eigenvalues"),
        ({"eigenvalues": np.arange(40.0)}, "must fall"),
        ({"codes": np.ones((5, 39))}, "39 and 40"),
        ({"cutoff": 41}, "cutoff is 41"),
        ({"cutoff": 2}, "before the cut-off 2"),
        ({"shuffles": 0}, "shuffles is 0"),
        ({"codes": np.full((5, 40), np.nan)}, "not finite"),
    ],
)
def test_codes_that_have_no_alignment(change, message):
    eigenvalues, axes = metric()
    arguments = {"codes": np.random.default_rng(1).normal(size=(5, 40)), "eigenvalues": eigenvalues, "eigenvectors": axes}
    with pytest.raises(ValueError, match=message):
        actmax.alignment(**{**arguments, **change})


def test_ratios_with_intervals_over_units():
    rng = np.random.default_rng(3)
    units = np.repeat([f"it{n}" for n in range(10)], 4)
    level = np.repeat(rng.uniform(1, 3, size=10), 4)
    scores = {"sphere-cma": 2 * level + rng.normal(size=40) / 10, "genetic": level + rng.normal(size=40) / 10, "mine": level}
    table = actmax.ratios(scores, units)
    assert table.names == ("sphere-cma", "genetic", "mine") and table.units == 10
    assert table.ratio[0, 1] == pytest.approx(scores["sphere-cma"].mean() / scores["genetic"].mean())
    assert table.low[0, 1] < table.ratio[0, 1] < table.high[0, 1] and table.low[0, 1] < 2 < table.high[0, 1]
    assert np.isnan(np.diag(table.ratio)).all()
    means = [scores[name].reshape(10, 4).mean(axis=1) for name in table.names]
    assert table.p_values[0, 1] == pytest.approx(stats.ttest_rel(means[0], means[1]).pvalue)
    np.testing.assert_array_equal(actmax.ratios(scores, units).low, table.low)
    assert not np.array_equal(actmax.ratios(scores, units, seed=1).low, table.low)
    narrow = actmax.ratios(scores, units, coverage=0.5)
    assert narrow.high[0, 1] - narrow.low[0, 1] < table.high[0, 1] - table.low[0, 1]
    assert table.plot().startswith("<svg") and table._repr_html_().count("<tr>") == 4
    same = actmax.ratios({"a": level, "b": level}, units)
    assert same.ratio[0, 1] == same.low[0, 1] == same.high[0, 1] == 1 and np.isnan(same.p_values[0, 1])


@pytest.mark.parametrize(
    ("scores", "units", "message"),
    [
        ({"a": [1.0, 2.0]}, [0, 1], "two optimizers or more"),
        ({"a": [1.0, 2.0], "b": [1.0]}, [0, 1], "different numbers"),
        ({"a": [1.0, 2.0], "b": [1.0, 3.0]}, [0], "2 runs have 1 units"),
        ({"a": [1.0, 2.0], "b": [1.0, 3.0]}, [0, 0], "at least 2"),
        ({"a": [1.0, 2.0], "b": [1.0, np.nan]}, [0, 1], "not finite"),
        ({"a": [1.0, 2.0], "b": [0.0, 0.0]}, [0, 1], "do not vary"),
        ({"a": [1.0, 2.0], "b": [1.0, 3.0]}, 3, "units"),
    ],
)
def test_scores_that_have_no_ratios(scores, units, message):
    with pytest.raises(ValueError, match=message):
        actmax.ratios(scores, units)
