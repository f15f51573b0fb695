"""The metric of a generator, against NumPy's singular values of a Jacobian made of its images."""

import numpy as np
import pytest

import actmax


@pytest.fixture(scope="module")
def generator():
    return actmax.Generator("tiny-deepsim", threads=1)


@pytest.fixture(scope="module")
def code(generator):
    code = np.random.default_rng(4).normal(size=generator.dim)
    return code * 200 / np.linalg.norm(code)


def pooled(images):
    """Means of 4 x 4 squares of each colour, `[n, 48]`."""
    n, colours, height, width = images.shape
    return images.reshape(n, colours, 4, height // 4, 4, width // 4).mean(axis=(3, 5)).reshape(n, -1)


def test_axes_are_singular_vectors_of_the_jacobian(generator, code):
    calls = []

    def features(images):
        calls.append(len(images))
        return pooled(images)

    metric = generator.metric(code, axes=20, step=2.0, features=features)
    steps = np.eye(generator.dim) * 2.0
    difference = pooled(generator.generate(code + steps)).astype(float) - pooled(generator.generate(code[None]))
    _, singular, axes = np.linalg.svd(difference.T / 2, full_matrices=False)
    assert sum(calls) == generator.dim + 1 and metric.step == 2.0
    np.testing.assert_allclose(metric.eigenvalues, singular[:20] ** 2, rtol=1e-5)
    cosines = np.abs(np.sum(metric.eigenvectors * axes[:20].T, axis=0))
    np.testing.assert_allclose(cosines, 1, atol=1e-3)
    assert metric.trace == pytest.approx((singular**2).sum(), rel=1e-5)
    assert metric.participation_ratio == pytest.approx((singular**2).sum() ** 2 / (singular**4).sum(), rel=1e-4)
    assert metric._repr_svg_().startswith("<svg") and "tiny-deepsim at 1 code" in repr(metric)
    found = metric.alignment(np.random.default_rng(5).normal(size=(6, generator.dim)), shuffles=5)
    assert found.evolved.shape == (20,)


def test_directions_hold_a_part_and_codes_are_averaged(generator, code):
    one, other = generator.metric(code, directions=30), generator.metric(-code, directions=30)
    both = generator.metric(np.stack([code, -code]), directions=30)
    assert one.eigenvectors.shape == (generator.dim, 30) and one.step == pytest.approx(generator.code_norm / 100)
    np.testing.assert_allclose(one.eigenvectors.T @ one.eigenvectors, np.eye(30), atol=1e-9)
    assert both.trace == pytest.approx((one.trace + other.trace) / 2)
    central = generator.metric(code, directions=30, difference="central")
    assert central.trace == pytest.approx(one.trace, rel=0.02) and central.trace != one.trace
    assert generator.metric(code, directions=30, seed=1).trace != one.trace
    np.testing.assert_array_equal(generator.metric(code, directions=30).eigenvalues, one.eigenvalues)


def raises(error):
    def features(images):
        raise error

    return features


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"codes": np.ones(3)}, "3 numbers, the generator takes 4096"),
        ({"codes": np.full(4096, np.nan)}, "not finite"),
        ({"codes": np.empty((0, 4096))}, "one code or more"),
        ({"directions": 0}, "directions is 0"),
        ({"directions": 5000}, "directions is 5000"),
        ({"step": 0.0}, "step 0 cannot be taken"),
        ({"difference": "backward"}, "'forward' or 'central'"),
        ({"features": 3}, "callable"),
        ({"features": lambda images: images}, r"shape \[n, P\]"),
        ({"features": lambda images: np.full((len(images), 2), np.inf)}, "not finite"),
        ({"features": lambda images: np.zeros((1, 3)), "directions": 3}, "every code must give the same number"),
        ({"features": raises(ValueError("of mine"))}, "of mine"),
    ],
)
def test_what_cannot_be_measured(generator, code, arguments, message):
    with pytest.raises(ValueError, match=message):
        generator.metric(**{"codes": code, "directions": 5, **arguments})


def test_an_interrupt_ends_it(generator, code):
    with pytest.raises(KeyboardInterrupt):
        generator.metric(code, features=raises(KeyboardInterrupt()))
