"""The two networks: `TinyAlexNet` (image -> 31 classes) and `TinyDeepSim` (code -> image)."""

import torch
import torch.nn.functional as F
from torch import nn

from draw_classes import NAMES
from settings import CODE_SIZE, INPUT_MEAN, INPUT_STD

CONV_CHANNELS = (20, 48, 64, 64, 64)
FC7_SIZE = 256
HIDDEN_SIZE = 384
SEED_CHANNELS = 48  # channels of the generator's 4x4 map behind the fully connected layers
LEAK = 0.3


def normalise(images):
    """What the caller does with an image in 0..1 before the CNN."""
    mean = torch.tensor(INPUT_MEAN, device=images.device).view(1, 3, 1, 1)
    std = torch.tensor(INPUT_STD, device=images.device).view(1, 3, 1, 1)
    return (images - mean) / std


class TinyAlexNet(nn.Module):
    """AlexNet's order of layers at a small size; takes normalised 64x64 images.

    conv1 pool conv2 pool conv3 conv4 conv5 pool fc6 fc7 fc8, each but fc8 with ReLU.
    Batch norm helps in the first training stage; `fold_batch_norm` then moves it into
    the convolutions. `dropout` acts in training mode only.
    """

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__()
        c = CONV_CHANNELS
        self.conv1 = nn.Conv2d(3, c[0], 5, stride=2, padding=2)
        self.conv2 = nn.Conv2d(c[0], c[1], 3, padding=1)
        self.conv3 = nn.Conv2d(c[1], c[2], 3, padding=1)
        self.conv4 = nn.Conv2d(c[2], c[3], 3, padding=1)
        self.conv5 = nn.Conv2d(c[3], c[4], 3, padding=1)
        self.fc6 = nn.Linear(c[4] * 3 * 3, CODE_SIZE)
        self.fc7 = nn.Linear(CODE_SIZE, FC7_SIZE)
        self.fc8 = nn.Linear(FC7_SIZE, len(NAMES))
        norms = [nn.BatchNorm2d(k) if batch_norm else nn.Identity() for k in c]
        self.norms = nn.ModuleList(norms)
        self.dropout = dropout
        for layer in self.modules():
            if isinstance(layer, (nn.Conv2d, nn.Linear)):
                nn.init.kaiming_normal_(layer.weight)
                nn.init.zeros_(layer.bias)
        nn.init.normal_(self.fc8.weight, std=0.5 * (2 / FC7_SIZE) ** 0.5)

    def forward(self, x):
        """The activations of all layers, by name."""
        out = {}
        for k in range(1, 6):
            conv = getattr(self, f"conv{k}")
            x = out[f"conv{k}"] = F.relu(self.norms[k - 1](conv(x)))
            if k in (1, 2):
                x = F.max_pool2d(x, 3, stride=2, padding=1)
        x = F.max_pool2d(x, 3, stride=2).flatten(1)
        x = out["fc6"] = F.relu(self.fc6(x))
        x = out["fc7"] = F.relu(self.fc7(F.dropout(x, self.dropout, self.training)))
        out["fc8"] = self.fc8(F.dropout(x, 0.6 * self.dropout, self.training))
        return out

    @torch.no_grad()
    def fold_batch_norm(self):
        """Replace batch norm by convolutions that compute the same in evaluation mode."""
        for k, norm in enumerate(self.norms, 1):
            if isinstance(norm, nn.BatchNorm2d):
                conv = getattr(self, f"conv{k}")
                gain = norm.weight / (norm.running_var + norm.eps).sqrt()
                conv.weight.mul_(gain.view(-1, 1, 1, 1))
                conv.bias.copy_((conv.bias - norm.running_mean) * gain + norm.bias)
        self.norms = nn.ModuleList(nn.Identity() for _ in CONV_CHANNELS)


class TinyDeepSim(nn.Module):
    """Code [n, 4096] -> image [n, 3, 64, 64] = clamp(mean + G(code), 0, 1).

    G has no biases and a leaky ReLU, so G(a * code) = a * G(code) for a > 0: the norm
    of a code acts as contrast, until pixels clip.
    """

    def __init__(self):
        super().__init__()
        c = SEED_CHANNELS
        self.defc7 = nn.Linear(CODE_SIZE, HIDDEN_SIZE, bias=False)
        self.defc6 = nn.Linear(HIDDEN_SIZE, HIDDEN_SIZE, bias=False)
        self.defc5 = nn.Linear(HIDDEN_SIZE, c * 4 * 4, bias=False)
        self.deconv4 = nn.ConvTranspose2d(c, 48, 4, stride=2, padding=1, bias=False)
        self.conv4_1 = nn.Conv2d(48, 48, 3, padding=1, bias=False)
        self.deconv3 = nn.ConvTranspose2d(48, 40, 4, stride=2, padding=1, bias=False)
        self.conv3_1 = nn.Conv2d(40, 40, 3, padding=1, bias=False)
        self.deconv2 = nn.ConvTranspose2d(40, 24, 4, stride=2, padding=1, bias=False)
        self.deconv1 = nn.ConvTranspose2d(24, 3, 4, stride=2, padding=1, bias=False)
        self.register_buffer("mean", torch.full((3,), 0.45))
        for layer in self.layers():
            nn.init.kaiming_normal_(layer.weight, a=LEAK)

    def layers(self):
        """All layers with weights, in order."""
        return list(self.children())

    def unclipped(self, code):
        """mean + G(code), before clipping to 0..1."""
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
        return self.unclipped(code).clamp(0, 1)


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
