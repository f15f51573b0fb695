"""Write the pair as ONNX files, with the class list and the manifest.

    python export.py --work work          the trained pair
    python export.py --untrained          random weights: same names and shapes

The graphs are built node by node, so that they hold the layers and nothing else: no
tracing artefacts, no stack traces. Weights are stored as float16 and cast to float32 by
the graph; `load_pair` rounds PyTorch's weights to the same numbers.
"""

import argparse
import hashlib
from pathlib import Path

import numpy
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from draw_classes import NAMES
from nets import (
    IMAGE_CONSTANT, LAYER_CONSTANT, LEAK, SEED_CHANNELS, TinyAlexNet, TinyDeepSim,
)  # fmt: skip
from primitives import SIZE
from settings import (
    CODE_SIZE, INPUT_MEAN, INPUT_STD, LAYERS, NATURAL_NORM, SATURATION_NORM, SATURATION_POWER, SEED,
)  # fmt: skip

OPSET = 17
IR_VERSION = 8
LICENCE = "MIT OR Apache-2.0"
ORIGIN = "trained by models/train on images drawn by the script"
UNTRAINED_ORIGIN = "random weights from models/train/export.py --untrained"
GENERATOR_NAME, CNN_NAME = "tiny-deepsim", "tiny-alexnet"


# ---- networks -------------------------------------------------------------------------


def round_weights(module):
    """Round all numbers of a network to what float16 can hold."""
    for values in (*module.parameters(), *module.buffers()):
        values.data = values.data.half().float()


def load_pair(work):
    """(generator, cnn) in evaluation mode with float16-rounded weights.

    `work` is the folder with pair.pt, or None for untrained networks.
    """
    torch.manual_seed(SEED)
    generator, cnn = TinyDeepSim(), TinyAlexNet()
    if work is not None:
        state = torch.load(work / "pair.pt", map_location="cpu")
        generator.load_state_dict(state["generator"])
        cnn.load_state_dict(state["cnn"])
    for module in (generator, cnn):
        round_weights(module)
        module.eval().requires_grad_(False)
    return generator, cnn


# ---- graphs ---------------------------------------------------------------------------


class GraphBuilder:
    """Collects nodes and float16 weights; every method returns the name of its result."""

    def __init__(self):
        self.nodes, self.initializers = [], []

    def node(self, kind, inputs, name, **attributes):
        self.nodes.append(helper.make_node(kind, inputs, [name], name=f"{name}/{kind}", **attributes))
        return name

    def weight(self, values, name):
        """Store as float16, cast to float32 when the graph runs."""
        half = values.detach().half().contiguous().numpy()
        self.initializers.append(numpy_helper.from_array(half, f"{name}.half"))
        return self.node("Cast", [f"{name}.half"], name, to=TensorProto.FLOAT)

    def whole_numbers(self, values, name):
        self.initializers.append(helper.make_tensor(name, TensorProto.INT64, [len(values)], values))
        return name

    def layer(self, x, module, name, result):
        """A convolution, transposed convolution or fully connected layer."""
        inputs = [x, self.weight(module.weight, f"{name}.weight")]
        if module.bias is not None:
            inputs.append(self.weight(module.bias, f"{name}.bias"))
        if isinstance(module, nn.Linear):
            return self.node("Gemm", inputs, result, transB=1)
        kind = "ConvTranspose" if isinstance(module, nn.ConvTranspose2d) else "Conv"
        return self.node(
            kind, inputs, result, kernel_shape=module.kernel_size,
            strides=module.stride, pads=module.padding * 2,
        )  # fmt: skip

    def constant(self, value, name):
        """A number in float32."""
        self.initializers.append(helper.make_tensor(name, TensorProto.FLOAT, [], [value]))
        return name

    def mean_pool(self, x, result):
        """Mean over 3x3 places, every second one; places outside count as zeros."""
        sizes = dict(kernel_shape=[3, 3], strides=[2, 2], pads=[1] * 4)
        return self.node("AveragePool", [x], result, count_include_pad=1, **sizes)

    def divide_by_rms(self, x, energy, constant, name):
        """x / sqrt(energy + constant^2)."""
        square = self.constant(constant**2, f"{name}.constant")
        divisor = self.node("Sqrt", [self.node("Add", [energy, square], f"{name}.sum")], f"{name}.rms")
        return self.node("Div", [x, divisor], name)

    def mean_over_images(self, x, result):
        """Mean over all places and channels of each image; the same sums at every batch size."""
        return self.node("GlobalAveragePool", [x], result)

    def divide_by_image_rms(self, x, name):
        shape = self.whole_numbers([0, 1, 1, -1], f"{name}.shape")
        square = self.node("Reshape", [self.node("Mul", [x, x], f"{name}.square"), shape], f"{name}.row")
        energy = self.mean_over_images(square, f"{name}.energy")
        return self.divide_by_rms(x, energy, IMAGE_CONSTANT, name)

    def divide_by_local_rms(self, x, channels, name):
        """The mean over channels and 3x3 places is a convolution; places outside are zeros."""
        square = self.node("Mul", [x, x], f"{name}.square")
        values = numpy.full((1, channels, 3, 3), 1 / (9 * channels), numpy.float32)
        self.initializers.append(numpy_helper.from_array(values, f"{name}.window"))
        sizes = dict(kernel_shape=[3, 3], pads=[1] * 4)
        energy = self.node("Conv", [square, f"{name}.window"], f"{name}.energy", **sizes)
        return self.divide_by_rms(x, energy, LAYER_CONSTANT, name)

    def saturate(self, code, name):
        """code / (1 + (|code| / R)^p)^(1/p)."""
        rows = self.whole_numbers([-1, 1, 1, CODE_SIZE], f"{name}.row_shape")
        x = self.node("Reshape", [code, rows], f"{name}.row")
        x = self.mean_over_images(self.node("Mul", [x, x], f"{name}.square"), f"{name}.energy")
        x = self.node("Flatten", [x], f"{name}.column", axis=1)
        radius_square = self.constant(SATURATION_NORM**2 / CODE_SIZE, f"{name}.radius_square")
        ratio_square = self.node("Div", [x, radius_square], f"{name}.ratio_square")
        half_power = self.constant(SATURATION_POWER / 2, f"{name}.half_power")
        x = self.node("Pow", [ratio_square, half_power], f"{name}.power")
        x = self.node("Add", [x, self.constant(1, f"{name}.one")], f"{name}.sum")
        x = self.node("Pow", [x, self.constant(1 / SATURATION_POWER, f"{name}.root")], f"{name}.factor")
        return self.node("Div", [code, x], name)

    def model(self, name, graph_input, outputs):
        """The checked model; `graph_input` and `outputs` are pairs (name, shape)."""
        described = [
            helper.make_tensor_value_info(key, TensorProto.FLOAT, ["batch", *shape])
            for key, shape in (graph_input, *outputs)
        ]
        graph = helper.make_graph(self.nodes, name, described[:1], described[1:], self.initializers)
        opset = helper.make_opsetid("", OPSET)
        model = helper.make_model(
            graph, opset_imports=[opset], ir_version=IR_VERSION, producer_name="models/train"
        )
        model = onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True)
        onnx.checker.check_model(model, full_check=True)
        return model


def generator_model(generator):
    """ONNX model code -> image."""
    graph = GraphBuilder()
    x = graph.saturate("code", "saturated")
    for name, module in generator.named_children():
        if module is generator.deconv4:
            shape = graph.whole_numbers([-1, SEED_CHANNELS, 4, 4], "map_shape")
            x = graph.node("Reshape", [x, shape], "map")
        x = graph.layer(x, module, name, f"{name}.sum")
        if module is not generator.deconv1:
            x = graph.node("LeakyRelu", [x], name, alpha=LEAK)
    mean = graph.weight(generator.mean.view(1, 3, 1, 1), "mean")
    x = graph.node("Add", [x, mean], "unclipped")
    low, high = graph.constant(0, "low"), graph.constant(1, "high")
    graph.node("Clip", [x, low, high], "image")
    return graph.model(GENERATOR_NAME, ("code", [CODE_SIZE]), [("image", [3, SIZE, SIZE])])


def layer_shapes(cnn):
    """Shape of each layer's output without the batch dimension, in order."""
    activations = cnn(torch.zeros(1, 3, SIZE, SIZE))
    return [(name, list(activations[name].shape[1:])) for name in LAYERS]


def cnn_model(cnn):
    """ONNX model normalised image -> all layers."""
    graph = GraphBuilder()
    x = graph.divide_by_image_rms("image", "norm0")
    for name in LAYERS:
        if name == "fc6":
            x = graph.mean_pool(x, "pool5")
            x = graph.node("Flatten", [x], "flat", axis=1)
        if name == "fc8":
            x = graph.layer(x, cnn.fc8, name, name)
            continue
        x = graph.layer(x, getattr(cnn, name), name, f"{name}.sum")
        x = graph.node("Relu", [x], name)
        if name in ("conv1", "conv2"):
            x = graph.mean_pool(x, name.replace("conv", "pool"))
            x = graph.divide_by_local_rms(x, getattr(cnn, name).out_channels, name.replace("conv", "norm"))
    return graph.model(CNN_NAME, ("image", [3, SIZE, SIZE]), layer_shapes(cnn))


# ---- files ----------------------------------------------------------------------------


def manifest_entry(name, kind, path, fields):
    """One [[model]] table; `fields` are lines between the file and the licence."""
    content = path.read_bytes()
    lines = [
        "[[model]]",
        f'name = "{name}"',
        f'kind = "{kind}"',
        f'file = "{path.name}"',
        f'sha256 = "{hashlib.sha256(content).hexdigest()}"',
        f"bytes = {len(content)}",
        *fields,
        f'licence = "{LICENCE}"',
    ]
    return lines


def write_manifest(folder, shapes, origin):
    generator = manifest_entry(GENERATOR_NAME, "generator", folder / f"{GENERATOR_NAME}.onnx", [
        'input = "code"',
        'output = "image"',
        f"latent_dim = {CODE_SIZE}",
        f"image_size = [{SIZE}, {SIZE}]        # height, width",
        "value_range = [0.0, 1.0]     # of the image tensor",
        f"natural_norm = {NATURAL_NORM}         # norm of codes of natural images",
        f'origin = "{origin}"',
    ])  # fmt: skip
    cnn = manifest_entry(CNN_NAME, "cnn", folder / f"{CNN_NAME}.onnx", [
        'input = "image"',
        f"input_size = [{SIZE}, {SIZE}]",
        "value_range = [0.0, 1.0]     # pixel range the mean and std refer to",
        f"mean = {list(INPUT_MEAN)}",
        f"std = {list(INPUT_STD)}",
        'classes = "classes.txt"',
        f'origin = "{origin}"',
    ])  # fmt: skip
    layers = [f'  {{ name = "{name}", shape = {shape} }},' for name, shape in shapes]
    lines = [*generator, "", *cnn, "layers = [", *layers, "]"]
    (folder / "manifest.toml").write_text("\n".join(lines) + "\n")


def export(folder, work):
    """Write both ONNX files, classes.txt and manifest.toml into `folder`."""
    generator, cnn = load_pair(work)
    models = ((GENERATOR_NAME, generator_model(generator)), (CNN_NAME, cnn_model(cnn)))
    for name, model in models:
        path = folder / f"{name}.onnx"
        onnx.save(model, path)
        print(f"{path.name}: {path.stat().st_size} bytes", flush=True)
    (folder / "classes.txt").write_text("\n".join(NAMES) + "\n")
    write_manifest(folder, layer_shapes(cnn), ORIGIN if work else UNTRAINED_ORIGIN)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--work", type=Path, help="folder with pair.pt")
    source.add_argument("--untrained", action="store_true", help="export random weights")
    models = Path(__file__).resolve().parent.parent
    parser.add_argument("--out", type=Path, default=models, help="default: models/")
    options = parser.parse_args()
    export(options.out, options.work)


if __name__ == "__main__":
    main()
