"""The two networks: `TinyAlexNet` (image -> 31 classes) and `TinyDeepSim` (code -> image)."""

import torch
import torch.nn.functional as F
from torch import nn

from draw_classes import NAMES
from settings import CODE_SIZE, INPUT_MEAN, INPUT_STD, SATURATION_NORM, SATURATION_POWER

CONV_CHANNELS = (20, 48, 64, 64, 64)
FC6_PLACES = 4 * 4  # places of the map that fc6 reads
FC7_SIZE = 256
IMAGE_CONSTANT = 0.7  # semi-saturation of the divisive normalisations, as rms
LAYER_CONSTANT = 0.5
DEFC_SIZES = (640, 512)
SEED_CHANNELS = 64  # channels of the generator's 4x4 map behind the fully connected layers
DECONV_CHANNELS = (64, 48, 24)
LEAK = 0.3


def normalise(images):
    """What the caller does with an image in 0..1 before the CNN."""
    mean = torch.tensor(INPUT_MEAN, device=images.device).view(1, 3, 1, 1)
    std = torch.tensor(INPUT_STD, device=images.device).view(1, 3, 1, 1)
    return (images - mean) / std


def divide_by_image_rms(x):
    """x / sqrt(c^2 + mean of x^2 over the whole image): saturates with the image's contrast."""
    energy = x.pow(2).mean((1, 2, 3), keepdim=True)
    return x / (energy + IMAGE_CONSTANT**2).sqrt()


def divide_by_local_rms(x):
    """Divisive normalisation (Heeger 1992) over all channels and a window of 3x3 places."""
    energy = F.avg_pool2d(x.pow(2).mean(1, keepdim=True), 3, stride=1, padding=1)
    return x / (energy + LAYER_CONSTANT**2).sqrt()


class TinyAlexNet(nn.Module):
    """AlexNet's order of layers at a small size; takes normalised 64x64 images.

    conv1 pool conv2 pool conv3 conv4 conv5 pool fc6 fc7 fc8, each but fc8 with ReLU.
    Instead of AlexNet's local response normalisation the image as a whole and the maps
    behind the first two pools are normalised by division. Batch norm helps in the first
    training stage; `fold_batch_norm` then moves it into the layers.
    """

    def __init__(self, batch_norm=False):
        super().__init__()
        c = CONV_CHANNELS
        self.conv1 = nn.Conv2d(3, c[0], 5, stride=2, padding=2)
        self.conv2 = nn.Conv2d(c[0], c[1], 3, padding=1)
        self.conv3 = nn.Conv2d(c[1], c[2], 3, padding=1)
        self.conv4 = nn.Conv2d(c[2], c[3], 3, padding=1)
        self.conv5 = nn.Conv2d(c[3], c[4], 3, padding=1)
        self.fc6 = nn.Linear(c[4] * FC6_PLACES, CODE_SIZE)
        self.fc7 = nn.Linear(CODE_SIZE, FC7_SIZE)
        self.fc8 = nn.Linear(FC7_SIZE, len(NAMES))
        norms = {}
        if batch_norm:
            norms = {f"conv{k}": nn.BatchNorm2d(n) for k, n in enumerate(c, 1)}
            norms.update(fc6=nn.BatchNorm1d(CODE_SIZE), fc7=nn.BatchNorm1d(FC7_SIZE))
        self.norms = nn.ModuleDict(norms)
        for layer in self.modules():
            if isinstance(layer, (nn.Conv2d, nn.Linear)):
                nn.init.kaiming_normal_(layer.weight)
                nn.init.zeros_(layer.bias)
        nn.init.normal_(self.fc8.weight, std=0.5 * (2 / FC7_SIZE) ** 0.5)

    def forward(self, x, sums=None):
        """The activations of all layers, by name; what ReLU gets goes into the dict `sums`."""
        out = {}
        x = divide_by_image_rms(x)
        for name in ("conv1", "conv2", "conv3", "conv4", "conv5", "fc6", "fc7"):
            if name == "fc6":
                x = F.avg_pool2d(x, 3, stride=2, padding=1).flatten(1)
            x = getattr(self, name)(x)
            if name in self.norms:
                x = self.norms[name](x)
            if sums is not None:
                sums[name] = x
            x = out[name] = F.relu(x)
            if name in ("conv1", "conv2"):
                x = divide_by_local_rms(F.avg_pool2d(x, 3, stride=2, padding=1))
        out["fc8"] = self.fc8(x)
        return out

    @torch.no_grad()
    def fold_batch_norm(self):
        """Replace batch norm by layers that compute the same in evaluation mode."""
        for name, norm in self.norms.items():
            layer = getattr(self, name)
            gain = norm.weight / (norm.running_var + norm.eps).sqrt()
            layer.weight.mul_(gain.view(-1, *[1] * (layer.weight.dim() - 1)))
            layer.bias.copy_((layer.bias - norm.running_mean) * gain + norm.bias)
        self.norms = nn.ModuleDict()


def saturate(code):
    """Shorten long codes: z / (1 + (|z| / R)^p)^(1/p) has norm min(|z|, R), nearly."""
    ratio = code.norm(dim=1, keepdim=True) / SATURATION_NORM
    return code / (1 + ratio**SATURATION_POWER) ** (1 / SATURATION_POWER)


class TinyDeepSim(nn.Module):
    """Code [n, 4096] -> image [n, 3, 64, 64] = clamp(mean + G(saturate(code)), 0, 1).

    G has no biases and a leaky ReLU, so G(a * code) = a * G(code) for a > 0: the norm
    of a code acts as contrast, until `saturate` bounds it and pixels clip.
    """

    def __init__(self):
        super().__init__()
        d, c = DEFC_SIZES, (SEED_CHANNELS, *DECONV_CHANNELS)
        self.defc7 = nn.Linear(CODE_SIZE, d[0], bias=False)
        self.defc6 = nn.Linear(d[0], d[1], bias=False)
        self.defc5 = nn.Linear(d[1], c[0] * 4 * 4, bias=False)
        self.deconv4 = nn.ConvTranspose2d(c[0], c[1], 4, stride=2, padding=1, bias=False)
        self.conv4_1 = nn.Conv2d(c[1], c[1], 3, padding=1, bias=False)
        self.deconv3 = nn.ConvTranspose2d(c[1], c[2], 4, stride=2, padding=1, bias=False)
        self.conv3_1 = nn.Conv2d(c[2], c[2], 3, padding=1, bias=False)
        self.deconv2 = nn.ConvTranspose2d(c[2], c[3], 4, stride=2, padding=1, bias=False)
        self.deconv1 = nn.ConvTranspose2d(c[3], 3, 4, stride=2, padding=1, bias=False)
        self.register_buffer("mean", torch.full((3,), 0.45))
        for layer in self.layers():
            nn.init.kaiming_normal_(layer.weight, a=LEAK)

    def layers(self):
        """All layers with weights, in order."""
        return list(self.children())

    def unclipped(self, code):
        """mean + G(code), without bound on the code and before clipping to 0..1."""
        return self.behind_first(self.defc7(code))

    def behind_first(self, x):
        """The rest of `unclipped` from the output of the first layer on."""
        for layer in self.layers()[1:]:
            x = F.leaky_relu(x, LEAK)
            if layer is self.deconv4:
                x = x.view(-1, SEED_CHANNELS, 4, 4)
            x = layer(x)
        return self.mean.view(1, 3, 1, 1) + x

    def forward(self, code):
        return self.unclipped(saturate(code)).clamp(0, 1)


@torch.no_grad()
def set_code_norm(cnn, images, norm, generator=None):
    """Scale fc6 so that codes of `images` have mean norm `norm`; undo it in what reads codes."""
    factor = norm / cnn(normalise(images))["fc6"].norm(dim=1).mean()
    cnn.fc6.weight.mul_(factor)
    cnn.fc6.bias.mul_(factor)
    cnn.fc7.weight.div_(factor)
    if generator is not None:
        generator.defc7.weight.div_(factor)
    return factor.item()
