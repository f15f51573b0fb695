"""Networks by name."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

import actmax
from actmax import _actmax


@pytest.fixture(scope="module")
def generator():
    return actmax.Generator("tiny-deepsim", threads=1)


@pytest.fixture(scope="module")
def eye():
    return actmax.Unit("tiny-alexnet/fc8:eye", generator="tiny-deepsim", threads=1)


@pytest.fixture(scope="module")
def codes(generator):
    return np.random.default_rng(1).normal(size=(3, generator.dim)) * 5


def test_images_and_scores(generator, eye, codes):
    images = generator.generate(codes)
    height, width = generator.image_size
    assert images.shape == (3, 3, height, width) and images.dtype == np.float32
    assert images.min() >= 0 and images.max() <= 1 and images.std() > 0.01
    scores = eye.score(images)
    assert scores.shape == (3,) and len(set(scores)) == 3
    np.testing.assert_array_equal(eye.evaluate(codes), scores)
    np.testing.assert_array_equal(eye.evaluate(codes.astype(np.float32)), scores)
    np.testing.assert_array_equal(eye.score(np.asfortranarray(images)), scores)
    np.testing.assert_array_equal(generator(np.asfortranarray(codes)), images)


def test_weighted_units(codes, generator):
    both = actmax.Unit(["tiny-alexnet/fc8:3=0.25", "tiny-alexnet/fc8:4"])
    images = generator(codes)
    parts = [actmax.Unit(f"tiny-alexnet/fc8:{channel}").score(images) for channel in (3, 4)]
    np.testing.assert_allclose(both.score(images), 0.25 * parts[0] + parts[1], rtol=1e-6)


def test_what_there_is():
    table = {model.name: model for model in actmax.models()}
    assert table["tiny-deepsim"].code_length == 4096 and table["tiny-deepsim"].kind == "generator"
    assert table["tiny-alexnet"].present and table["tiny-alexnet"].image_size
    assert "models fetch" in table["deepsim-fc6"].how or table["deepsim-fc6"].present
    layer = {layer.name: layer for layer in actmax.layers("tiny-alexnet")}["fc8"]
    assert "eye" in layer.channels and len(layer.channels) == layer.shape[0]
    assert "tiny-alexnet" in actmax.models()._repr_html_() and "tiny-alexnet" in repr(actmax.models())


def test_repr(generator, eye):
    assert "4096 numbers" in repr(generator)
    assert repr(eye).startswith("<actmax.Unit tiny-alexnet/fc8:")


def test_threads_share_a_network(generator, codes):
    expected, found = generator(codes), {}

    def work(number):
        found[number] = generator(codes)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    for images in found.values():
        np.testing.assert_array_equal(images, expected)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: actmax.Generator("tiny-deepsin"), "tiny-deepsim"),
        (lambda: actmax.Generator("tiny-alexnet"), "tiny-alexnet"),
        (lambda: actmax.Generator(7), "is a text"),
        (lambda: actmax.Generator("tiny-deepsim", device="tpu"), "'tpu' is no device"),
        (lambda: actmax.Generator("tiny-deepsim", threads=0), "threads is 0"),
        (lambda: actmax.Unit("fc8:3"), "CNN/LAYER"),
        (lambda: actmax.Unit("tiny-alexnet/fc8:300"), "300"),
        (lambda: actmax.Unit("tiny-alexnet/fc9:3"), "fc8"),
        (lambda: actmax.Unit(["tiny-alexnet/fc8:3", "other/fc8:3"]), "of one CNN"),
        (lambda: actmax.Unit([]), "CNN/LAYER"),
        (lambda: actmax.Unit("tiny-alexnet/fc8:3").evaluate(np.zeros((1, 4096))), "needs a generator"),
        (lambda: actmax.layers("tiny-vgg"), "tiny-alexnet"),
    ],
)
def test_what_is_not_there(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_arrays_that_do_not_fit(generator, eye):
    for codes in (np.zeros((2, 10)), np.zeros(4096), np.zeros((0, 0)), "codes"):
        with pytest.raises(ValueError, match="codes|numbers"):
            generator(codes)
    for wrong, words in ((np.nan, "nan"), (np.inf, "inf"), (1e300, "1e\\+300")):
        codes = np.zeros((3, 4096))
        codes[1, 7] = wrong
        for network in (generator, eye.evaluate):
            with pytest.raises(ValueError, match=f"number 7 of code 1 is {words}"):
                network(codes)
    assert generator(np.zeros((0, 4096))).shape[0] == 0
    for images in (np.zeros((1, 4, 8, 8)), np.zeros((3, 8, 8)), np.zeros((1, 3, 0, 8)), [[["a"]]]):
        with pytest.raises(ValueError, match="images"):
            eye.score(images)


def test_a_forked_process_says_so():
    script = """
import os, actmax, numpy as np
generator = actmax.Generator("tiny-deepsim", threads=2)
generator(np.zeros((1, 4096)))
child = os.fork()
if child == 0:
    try:
        generator(np.zeros((1, 4096)))
    except actmax.ActmaxError as error:
        os._exit(0 if "forked" in str(error) else 2)
    os._exit(1)
assert os.waitpid(child, 0)[1] == 0
generator(np.zeros((1, 4096)))
"""
    subprocess.run([sys.executable, "-W", "ignore", "-c", script], check=True, timeout=120)


def test_the_library_of_an_installed_package_is_taken(generator, tmp_path):
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "actmax"
    own = os.environ.get("ORT_DYLIB_PATH")
    cached = cache.glob(f"onnxruntime-{_actmax.runtime_version()}/libonnxruntime*")
    library = Path(own) if own else next(path for path in cached if path.suffix != ".verified")
    capi = tmp_path / "onnxruntime" / "capi"
    capi.mkdir(parents=True)
    (capi.parent / "__init__.py").write_text("raise ImportError('it need not be imported')")
    (capi / f"libonnxruntime.so.{_actmax.runtime_version()}").symlink_to(library.resolve())
    script = "import actmax, os; actmax.Generator('tiny-deepsim'); print(os.environ['ORT_DYLIB_PATH'])"
    environment = {key: value for key, value in os.environ.items() if key != "ORT_DYLIB_PATH"}
    # Nothing can be fetched: the home is empty, and pip finds no index.
    environment |= {"PYTHONPATH": str(tmp_path), "HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path), "PIP_NO_INDEX": "1"}
    found = subprocess.run([sys.executable, "-c", script], check=True, timeout=120, env=environment, capture_output=True)
    assert str(capi) in found.stdout.decode()
