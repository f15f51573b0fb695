"""The scale of the search, and models of one's own."""

import json
import pickle
import subprocess
import sysconfig
from pathlib import Path

import numpy as np
import pytest

import actmax

COMMAND = str(Path(sysconfig.get_path("scripts")) / "actmax")
FOREIGN = Path(__file__).parents[2] / "gen-models/tests/fixtures/foreign"


def spec_of(folder):
    return json.loads((folder / "journal.jsonl").read_text().splitlines()[0])["spec"]



@pytest.mark.parametrize("name", ["sphere-cma", "open-es", "genetic", "random-search"])
def test_the_first_codes_have_the_norm(name):
    norms = []
    for norm in (3.0, 300.0):
        opt = actmax.Optimizer(name, dim=500, seed=1, norm=norm)
        norms.append(np.sqrt(np.square(opt.ask()).sum(axis=1).mean()))
        other = pickle.loads(pickle.dumps(opt))
        np.testing.assert_array_equal(other.ask(), opt.ask())
    assert norms == pytest.approx([3.0, 300.0], rel=0.1)


@pytest.mark.parametrize("name", ["genetic", "cholesky-cmaes"])
@pytest.mark.parametrize("norm", ["natural", 12.5])
def test_the_norm_is_that_of_the_command(name, norm, tmp_path):
    run = actmax.evolve(name, unit="tiny-alexnet/fc8:3", norm=norm, generations=2, out=tmp_path / "a")
    arguments = f"evolve --unit fc8:3 --optimizer {name} --norm {norm} --generations 2 --quiet --out"
    subprocess.run([COMMAND, *arguments.split(), tmp_path / "b"], check=True, timeout=120)
    assert spec_of(tmp_path / "a") == spec_of(tmp_path / "b")
    generator = actmax.Generator("tiny-deepsim")
    number = generator.code_norm if norm == "natural" else norm
    by_parts = actmax.evolve(name, generator=generator, scorer=actmax.Unit("tiny-alexnet/fc8:3"), norm=norm, generations=2)
    opt = actmax.Optimizer(name, dim=4096, norm=number)
    with_optimizer = actmax.evolve(opt, generator="tiny-deepsim", unit="tiny-alexnet/fc8:3", generations=2)
    restored = actmax.Optimizer.from_state(opt.state())
    for other in (by_parts, with_optimizer, actmax.evolve(restored, unit="tiny-alexnet/fc8:3", generations=2)):
        np.testing.assert_allclose(other.codes, run.codes, rtol=1e-6)
    assert {model.name: model.code_norm for model in actmax.models()}["tiny-deepsim"] == generator.code_norm


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"norm": -1.0}, "norm"),
        ({"norm": "large"}, "norm must be a number, not 'large'"),
        ({"norm": float("nan")}, "norm"),
        ({"norm": "natural"}, "needs a generator"),
        ({"optimizer": actmax.Optimizer("genetic", dim=6), "norm": 3.0}, "its own norm: leave it out"),
    ],
)
def test_norms_that_are_none(arguments, message):
    arguments = {"optimizer": "genetic", **({} if "optimizer" in arguments else {"dim": 6}), **arguments}
    with pytest.raises(ValueError, match=message):
        actmax.evolve(scorer=lambda codes: codes[:, 0], **arguments)


def test_models_of_ones_own(tmp_path):
    folder = tmp_path / "models"
    added = actmax.add_model(FOREIGN / "g-tanh.onnx", name="mine", licence="none", folder=folder)
    assert added.model.name == "mine" and added.model.kind == "generator" and added.model.licence == "none"
    assert "mine is a generator" in repr(added) and "registered" in added.report
    generator = actmax.Generator("mine", folder=folder)
    images = generator(np.random.default_rng(1).normal(size=(3, generator.dim)))
    assert images.shape == (3, 3, *generator.image_size) and 0 <= images.min() < images.max() <= 1
    cnn = actmax.add_model(FOREIGN / "opset9.onnx", mean=[0.4, 0.5, np.float64(0.6)], std=1, folder=folder)
    (layer, *_) = (layer for layer in actmax.layers(cnn.model.name, folder=folder) if layer.targetable)
    unit = actmax.Unit(f"{cnn.model.name}/{layer.name}:0", folder=folder)
    assert np.isfinite(unit(images)).all()
    run = actmax.evolve("genetic", generator="mine", unit=f"{cnn.model.name}/{layer.name}:0", generations=2, models=folder)
    assert run.finished
    # Other pixels, other answers.
    actmax.add_model(FOREIGN / "opset9.onnx", range=(0, 255), replace=True, folder=folder)
    assert not np.array_equal(actmax.Unit(f"{cnn.model.name}/{layer.name}:0", folder=folder)(images), unit(images))
    with pytest.raises(ValueError, match="mine"):
        actmax.add_model(FOREIGN / "g-tanh.onnx", name="mine", folder=folder)
    with pytest.raises(actmax.ActmaxError, match="NoSuchOperator"):
        actmax.add_model(FOREIGN / "bad-operator.onnx", folder=folder)
    with pytest.raises((ValueError, actmax.ActmaxError), match="nowhere.onnx"):
        actmax.add_model(tmp_path / "nowhere.onnx", folder=folder)
    with pytest.raises(ValueError, match="kind"):
        actmax.add_model(FOREIGN / "g-tanh.onnx", kind="brain", folder=folder)
    actmax.remove_model("mine", folder=folder)
    assert "mine" not in {model.name for model in actmax.models(folder=folder)}
    with pytest.raises((ValueError, actmax.ActmaxError), match="mine"):
        actmax.remove_model("mine", folder=folder)
