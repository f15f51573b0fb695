"""Runs the graphs of two ONNX files with PyTorch's operators, for timing beside ONNX Runtime.

    python models.py SPECIFICATION.json

The specification holds the manifest's entries of a generator and a CNN, `file` being a path. Every line of standard
input asks for one batch: {"part": "generator" | "cnn" | "pair", "layer": NAME, "batch": N, "threads": N,
"setting": "contiguous" | "channels_last"}; the answer is a line {"wall": s, "cpu": s, "values": [...]}, a number an
image: the score of the layer's first unit, or the mean of the image.
"""

import json
import platform
import sys
import time

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from onnx import numpy_helper


def pooled(x, a, pool, **options):
    pads = a.get("pads", [0, 0, 0, 0])
    if pads[:2] != pads[2:]:
        raise SystemExit(f"pads {pads} differ between the sides")
    return pool(x, a["kernel_shape"], a.get("strides", [1, 1]), pads[:2], ceil_mode=bool(a.get("ceil_mode", 0)), **options)


def convolved(x, w, b, a, convolution):
    pads = a.get("pads", [0, 0, 0, 0])
    if pads[:2] != pads[2:]:
        raise SystemExit(f"pads {pads} differ between the sides")
    return convolution(x, w, b, a.get("strides", [1, 1]), pads[:2], groups=a.get("group", 1))


def gemm(x, w, b, a):
    w = w if a.get("transB", 0) else w.t()
    return F.linear(x, w, b)


def reshaped(x, shape, a):
    sizes = [x.shape[i] if size == 0 else size for i, size in enumerate(shape.tolist())]
    return x.reshape(sizes)


OPERATORS = {
    "Add": lambda a, x, y: x + y,
    "AveragePool": lambda a, x: pooled(x, a, F.avg_pool2d, count_include_pad=bool(a.get("count_include_pad", 0))),
    "BatchNormalization": lambda a, x, w, b, m, v: F.batch_norm(x, m, v, w, b, eps=a.get("epsilon", 1e-5)),
    "Cast": lambda a, x: x.to({1: torch.float32, 10: torch.float16, 7: torch.int64}[a["to"]]),
    "Clip": lambda a, x, low=None, high=None: torch.clamp(x, low, high),
    "Concat": lambda a, *x: torch.cat(x, a["axis"]),
    "Conv": lambda a, x, w, b=None: convolved(x, w, b, a, F.conv2d),
    "ConvTranspose": lambda a, x, w, b=None: F.conv_transpose2d(x, w, b, a.get("strides", [1, 1]), a["pads"][:2]),
    "Div": lambda a, x, y: x / y,
    "Dropout": lambda a, x, *_: x,
    "Flatten": lambda a, x: x.flatten(a.get("axis", 1)),
    "Gemm": lambda a, x, w, b=None: gemm(x, w, b, a),
    "GlobalAveragePool": lambda a, x: x.mean((2, 3), keepdim=True),
    "Identity": lambda a, x: x,
    "LeakyRelu": lambda a, x: F.leaky_relu(x, a.get("alpha", 0.01)),
    "MaxPool": lambda a, x: pooled(x, a, F.max_pool2d),
    "Mul": lambda a, x, y: x * y,
    "Pow": lambda a, x, y: torch.pow(x, y),
    "Relu": lambda a, x: F.relu(x),
    "Reshape": lambda a, x, shape: reshaped(x, shape, a),
    "Sqrt": lambda a, x: torch.sqrt(x),
    "Sub": lambda a, x, y: x - y,
    "Tanh": lambda a, x: torch.tanh(x),
}


class Network:
    """A graph, cut at an output; what depends on constants alone is computed once."""

    def __init__(self, path, entry, output, last):
        graph = onnx.load(path).graph
        nodes, needed = [], {output}
        for node in reversed(graph.node):
            if needed & set(node.output):
                needed |= set(node.input)
                nodes.append(node)
        values = {t.name: torch.from_numpy(np.array(numpy_helper.to_array(t))) for t in graph.initializer if t.name in needed}
        self.entry, self.output, self.steps = entry, output, []
        for node in reversed(nodes):
            attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
            if node.op_type == "Constant":
                values[node.output[0]] = torch.from_numpy(np.array(numpy_helper.to_array(attributes["value"])))
                continue
            run = OPERATORS.get(node.op_type) or sys.exit(f"operator {node.op_type} is not written here")
            if all(name in values for name in node.input if name):
                values[node.output[0]] = run(attributes, *(values[name] for name in node.input))
            else:
                self.steps.append((run, attributes, list(node.input), node.output[0]))
        read = {name for step in self.steps for name in step[2]}
        self.values = {name: value for name, value in values.items() if name in read}
        if last:
            self.values = {k: v.to(memory_format=torch.channels_last) if v.dim() == 4 else v for k, v in self.values.items()}
        self.last = last

    def __call__(self, x):
        if self.last and x.dim() == 4:
            x = x.to(memory_format=torch.channels_last)
        values = dict(self.values)
        values[self.entry] = x
        for run, attributes, inputs, output in self.steps:
            values[output] = run(attributes, *(values[name] if name else None for name in inputs))
        return values[self.output]


def codes(count, dim, norm):
    k, i = np.meshgrid(np.arange(count), np.arange(dim), indexing="ij")
    return torch.from_numpy((norm * np.sqrt(2 / dim) * np.cos(0.37 * (k + 1) * (i + 1))).astype(np.float32))


def waves(count, height, width):
    n, c, y, x = np.meshgrid(np.arange(count), np.arange(3), np.arange(height), np.arange(width), indexing="ij")
    return torch.from_numpy((0.5 + 0.45 * np.sin(0.05 * x + 0.03 * y * (1 + n) + 2 * c)).astype(np.float32))


class Pair:
    def __init__(self, specification):
        self.generator, self.cnn = specification["generator"], specification["cnn"]
        self.networks = {}

    def network(self, key, *arguments):
        if key not in self.networks:
            self.networks[key] = Network(*arguments)
        return self.networks[key]

    def render(self, z, last):
        g = self.generator
        low, high = g["value_range"]
        network = self.network(("generator", last), g["file"], g["input"], g["output"], last)
        return torch.clamp((network(z) - low) / (high - low), 0, 1)

    def answer(self, images, layer, last):
        c = self.cnn
        low, high = c["value_range"]
        if list(images.shape[2:]) != c["input_size"]:
            corners = c["resize"] == "align-corners"
            images = F.interpolate(images, c["input_size"], mode="bilinear", align_corners=corners)
        mean, std = (torch.tensor(c[key]).reshape(1, 3, 1, 1) for key in ("mean", "std"))
        images = (images - (mean - low) / (high - low)) / (std / (high - low))
        out = self.network((layer, last), c["file"], c["input"], layer, last)(images)
        return out[:, 0, out.shape[2] // 2, out.shape[3] // 2] if out.dim() == 4 else out[:, 0]

    def batch(self, request):
        torch.set_num_threads(request["threads"])
        last = request["setting"] == "channels_last"
        n, g = request["batch"], self.generator
        z = codes(n, g["latent_dim"], g.get("natural_norm") or g["latent_dim"] ** 0.5)
        images = waves(n, *g["image_size"]) if request["part"] == "cnn" else None
        parts = {
            "generator": lambda: self.render(z, last).contiguous(),
            "cnn": lambda: self.answer(images, request["layer"], last),
            "pair": lambda: self.answer(self.render(z, last), request["layer"], last),
        }
        with torch.inference_mode():
            wall, cpu = time.perf_counter(), time.process_time()
            values = parts[request["part"]]()
            wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        if values.dim() == 4:
            values = values.double().mean((1, 2, 3))
        return {"wall": wall, "cpu": cpu, "values": values.tolist()}


def main():
    with open(sys.argv[1]) as file:
        pair = Pair(json.load(file))
    versions = {"torch": torch.__version__, "onnx": onnx.__version__, "python": platform.python_version()}
    print(json.dumps(versions), flush=True)
    for line in sys.stdin:
        print(json.dumps(pair.batch(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
