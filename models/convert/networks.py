"""The published networks in PyTorch, for checking the conversion; `width` divides all channels but RGB.

Layer names and orders are those of the published checkpoints: of Dosovitskiy and Brox's generators as ported
for the benchmarks of Wang and Ponce, and of torchvision's AlexNet and ResNet50.
"""

from collections import OrderedDict

import torch
from torch import nn

SLOPE = 0.3
RGB_MEAN = torch.tensor([123.0, 117.0, 104.0]).reshape(1, 3, 1, 1)


class Generator(nn.Module):
    """Codes [n, N] to images [n, 3, H, W], RGB in 0..1."""

    def __init__(self, name, width=1):
        super().__init__()
        self.code = tuple(CODES[name])
        self.code = (self.code[0] // width, *self.code[1:])
        modules = []
        channels = self.code[0]
        for layer, kind, out, *window in LAYERS[name]:
            out = out if out == 3 else out // width
            if kind == "linear":
                modules.append((layer, nn.Linear(channels, out)))
            elif kind == "conv":
                modules.append((layer, nn.Conv2d(channels, out, *window)))
            else:
                if layer == "deconv5" and name in ("fc6", "fc7", "fc8"):
                    channels //= 16
                    modules.append(("reshape", nn.Unflatten(1, (channels, 4, 4))))
                modules.append((layer, nn.ConvTranspose2d(channels, out, *window)))
            if out != 3 and not (layer == "deconv1" and name in ("norm1", "norm2")):
                modules.append((f"relu_{layer}", nn.LeakyReLU(SLOPE)))
            channels = out
        self.tanh = name in ("conv3", "conv4", "norm1", "norm2")
        self.layers = nn.Sequential(OrderedDict(modules))

    def forward(self, codes):
        raw = self.layers(codes.reshape(-1, *self.code))
        if self.tanh:
            raw = 255.0 * torch.tanh(raw)
        return torch.clamp(raw[:, [2, 1, 0]] + RGB_MEAN, 0, 255) / 255

    def published_state_dict(self):
        return self.layers.state_dict()


def double(layer, out):
    return (layer, "transposed", out, 4, 2, 1)


def same(layer, out):
    return (layer, "conv", out, 3, 1, 1)


def same_transposed(layer, out):
    return (layer, "transposed", out, 3, 1, 1)


ABOVE = [
    double("deconv5", 256), same_transposed("conv5_1", 512), double("deconv4", 256),
    same_transposed("conv4_1", 256), double("deconv3", 128), same_transposed("conv3_1", 128),
    double("deconv2", 64), double("deconv1", 32), double("deconv0", 3),
]
FC = [("defc7", "linear", 4096), ("defc6", "linear", 4096), ("defc5", "linear", 4096)] + ABOVE
CONV = [
    ("Rconv6", "conv", 384, 3, 1, 0), ("Rconv7", "conv", 512, 3, 1, 0), ("Rconv8", "conv", 512, 2, 1, 0),
    double("deconv5", 256), same_transposed("conv5_1", 256), double("deconv4", 128),
    same_transposed("conv4_1", 128), double("deconv3", 128), same_transposed("conv3_1", 128),
    double("deconv2", 64), same("conv2_1", 32), double("deconv1", 16), same("conv1_1", 3),
]
NORM = [
    same("Rconv7", 128), same("Rconv8", 128), double("deconv4", 128), same("conv4_1", 128),
    double("deconv3", 64), same("conv3_1", 64), double("deconv2", 32), same("conv2_1", 32),
    double("deconv1", 16), same("conv1_1", 3),
]
LAYERS = {
    "fc6": FC, "fc7": FC, "fc8": FC, "conv4": CONV, "conv3": CONV,
    "pool5": [same("Rconv6", 512), same("Rconv7", 512), ("Rconv8", "conv", 512, 3, 1, 0)] + ABOVE,
    "norm2": [("Rconv6", "conv", 256, 3, 1, 2)] + NORM,
    "norm1": [("Rconv6", "conv", 128, 3, 2, 2)] + NORM,
}
CODES = {
    "fc6": [4096], "fc7": [4096], "fc8": [1000], "pool5": [256, 6, 6], "conv4": [384, 13, 13],
    "conv3": [384, 13, 13], "norm2": [256, 13, 13], "norm1": [96, 27, 27],
}


class AlexNet(nn.Module):
    """Normalised images [n, 3, H, W] to logits."""

    def __init__(self, width=1):
        super().__init__()
        c = [n // width for n in (64, 192, 384, 256, 256)]
        fc, classes = 4096 // width, 1000 // width
        self.features = nn.Sequential(
            nn.Conv2d(3, c[0], 11, 4, 2), nn.ReLU(), nn.MaxPool2d(3, 2),
            nn.Conv2d(c[0], c[1], 5, padding=2), nn.ReLU(), nn.MaxPool2d(3, 2),
            nn.Conv2d(c[1], c[2], 3, padding=1), nn.ReLU(),
            nn.Conv2d(c[2], c[3], 3, padding=1), nn.ReLU(),
            nn.Conv2d(c[3], c[4], 3, padding=1), nn.ReLU(), nn.MaxPool2d(3, 2),
        )
        self.avgpool = nn.AdaptiveAvgPool2d((6, 6))
        self.classifier = nn.Sequential(
            nn.Dropout(), nn.Linear(c[4] * 36, fc), nn.ReLU(),
            nn.Dropout(), nn.Linear(fc, fc), nn.ReLU(), nn.Linear(fc, classes),
        )

    def forward(self, x):
        return self.classifier(torch.flatten(self.avgpool(self.features(x)), 1))


class Bottleneck(nn.Module):
    def __init__(self, inner, channels, stride, downsample):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(inner, channels, 1, bias=False), nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.conv3, self.bn3 = nn.Conv2d(channels, 4 * channels, 1, bias=False), nn.BatchNorm2d(4 * channels)
        self.relu = nn.ReLU()
        if downsample:
            convolution = nn.Conv2d(inner, 4 * channels, 1, stride, bias=False)
            self.downsample = nn.Sequential(convolution, nn.BatchNorm2d(4 * channels))
        else:
            self.downsample = nn.Identity()

    def forward(self, x):
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.relu(self.bn2(self.conv2(y)))
        return self.relu(self.bn3(self.conv3(y)) + self.downsample(x))


class ResNet50(nn.Module):
    """Normalised images [n, 3, H, W] to logits."""

    def __init__(self, width=1):
        super().__init__()
        channels = 64 // width
        self.conv1 = nn.Conv2d(3, channels, 7, 2, 3, bias=False)
        self.bn1, self.relu = nn.BatchNorm2d(channels), nn.ReLU()
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        inner = channels
        for stage, (blocks, stride) in enumerate([(3, 1), (4, 2), (6, 2), (3, 2)], 1):
            layer = []
            for number in range(blocks):
                layer.append(Bottleneck(inner, channels, stride if number == 0 else 1, number == 0))
                inner = 4 * channels
            setattr(self, f"layer{stage}", nn.Sequential(*layer))
            channels *= 2
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.fc = nn.Linear(inner, 1000 // width)

    def forward(self, x):
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(torch.flatten(self.avgpool(x), 1))


def randomise(network, seed):
    """Weights and statistics under which activations neither vanish nor explode."""
    generator = torch.Generator().manual_seed(seed)

    def normal(shape):
        return torch.randn(shape, generator=generator)

    with torch.no_grad():
        for module in network.modules():
            if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d, nn.Linear)):
                fan = module.weight[0].numel()
                if isinstance(module, nn.ConvTranspose2d):
                    fan = module.in_channels * module.weight[0, 0].numel() / module.stride[0] ** 2
                module.weight.copy_(normal(module.weight.shape) * (1.8 / fan) ** 0.5)
                if module.bias is not None:
                    module.bias.copy_(0.1 * normal(module.bias.shape))
            elif isinstance(module, nn.BatchNorm2d):
                module.weight.copy_(0.7 + 0.1 * normal(module.weight.shape))
                module.bias.copy_(0.1 * normal(module.bias.shape))
                module.running_mean.copy_(0.1 * normal(module.running_mean.shape))
                module.running_var.copy_(1 + 0.2 * torch.rand(module.running_var.shape, generator=generator))
        if isinstance(network, Generator):
            # Images that fill the range of pixel values.
            last = [module for module in network.layers if hasattr(module, "weight")][-1]
            last.weight.mul_(0.3 if network.tanh else 60)
    return network.eval()


def hooked(network, images):
    """Activations by published name: `.features.ReLU11`, `.layer3.Bottleneck5`, `.Linearfc`.

    A module that is used more than once (the ReLU of a block) is left out.
    """
    found, calls = {}, {}

    def record(name):
        def hook(_module, _inputs, output):
            calls[name] = calls.get(name, 0) + 1
            found[name] = output.detach().clone()
        return hook

    handles = []
    for path, module in network.named_modules():
        if path and not isinstance(module, (nn.Sequential, nn.Dropout, nn.Identity)):
            parent, _, own = path.rpartition(".")
            name = f".{parent}.{type(module).__name__}{own}" if parent else f".{type(module).__name__}{own}"
            handles.append(module.register_forward_hook(record(name)))
    with torch.no_grad():
        network(images)
    for handle in handles:
        handle.remove()
    return {name: value for name, value in found.items() if calls[name] == 1}
