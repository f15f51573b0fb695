"""First stage: both networks start as one linear code of images, in closed form.

Random weights would need thousands of steps before the code let the generator redraw
colours and places. Here a pyramid of principal components describes an image by 32
numbers for each of 4x4 fields. Channels come in pairs of opposite sign: behind ReLU the
difference of a pair is the linear value, behind leaky ReLU a multiple of it. The
convolutions of the CNN are fitted by ridge regression to yield the pyramid, fc6 holds
random projections of it, and the generator inverts both. Small random weights are added
everywhere, for training to grow on.
"""

import torch
import torch.nn.functional as F

from common import to_float
from nets import (
    DEFC_SIZES, LEAK, TinyAlexNet, TinyDeepSim, divide_by_image_rms, divide_by_local_rms, normalise,
)  # fmt: skip
from settings import CODE_SIZE, SEED

FIT_IMAGES, CODE_FIT_IMAGES = 500, 2500
PYRAMID = (12, 24, 32, 32)  # components of fields of 2x2, 4x4, 8x8 and 16x16 pixels
RIDGE = 1e-3
EXTRA = 0.1  # random weights, relative to the rms of the fitted ones
PAIR_GAIN = 1 + LEAK  # leaky(h) - leaky(-h) = (1 + LEAK) h


def principal(vectors, count):
    """The `count` main directions [count, d] of vectors [n, d], uncentred."""
    values, directions = torch.linalg.eigh(vectors.T @ vectors / len(vectors))
    return directions.flip(1)[:, :count].T.contiguous()


def rows(maps):
    """Maps [n, c, h, w] as vectors [n h w, c]."""
    return maps.permute(0, 2, 3, 1).flatten(0, 2)


def pyramid(pixels):
    """(bases, maps) of all levels, finest first; `pixels` without their mean."""
    bases, maps, x = [], [], pixels
    for count in PYRAMID:
        x = F.pixel_unshuffle(x, 2)
        bases.append(principal(rows(x), count))
        x = torch.einsum("kc,nchw->nkhw", bases[-1], x)
        maps.append(x)
    return bases, maps


def ridge(features, goals):
    """Weights [d, k] of the regularised regression of goals [n, k] on features [n, d]."""
    gram = features.T @ features
    gram += RIDGE * gram.trace() / len(gram) * torch.eye(len(gram))
    return torch.linalg.solve(gram, features.T @ goals)


def signed(x):
    """Differences of the pairs of channels."""
    plus, minus = x.chunk(2, 1)
    return plus - minus


def paired(weight, inputs=True, outputs=True):
    """Weights [out, in, ...] between signed values as weights between pairs."""
    if inputs:
        weight = torch.cat([weight, -weight], 1)
    return torch.cat([weight, -weight], 0) if outputs else weight


def put(parameter, weight):
    """Write weights plus small random ones."""
    parameter.copy_(weight + EXTRA * weight.pow(2).mean().sqrt() * torch.randn_like(weight))


# ---- CNN ------------------------------------------------------------------------------


def fit_convolution(conv, x, goal, pooled):
    """Fit to `goal`, which is what the pool behind the layer yields if `pooled`."""
    size, n, is_image = conv.kernel_size[0], len(x), conv.in_channels == 3
    x = x if is_image else signed(x)
    patches = F.unfold(x, size, padding=conv.padding, stride=conv.stride)
    places = int(patches.shape[2] ** 0.5)
    patches = patches.view(n, -1, places, places)
    if pooled:
        patches = F.avg_pool2d(patches, 3, stride=2, padding=1)
    weight = ridge(rows(patches), rows(goal)).T.reshape(-1, x.shape[1], size, size)
    weight = weight / weight.pow(2).mean((1, 2, 3), keepdim=True).sqrt()
    put(conv.weight, paired(weight, inputs=not is_image) * (2 / weight[0].numel()) ** 0.5)


def fit_cnn(cnn, images, maps):
    """Fit all convolutions and draw fc6; images in 0..1."""
    goals = (maps[1], maps[2], maps[2], maps[2], maps[3])
    x = divide_by_image_rms(normalise(images))
    for k, goal in enumerate(goals, 1):
        conv, pooled = getattr(cnn, f"conv{k}"), k in (1, 2, 5)
        fit_convolution(conv, x, goal[:, : conv.out_channels // 2], pooled)
        x = F.relu(cnn.norms[f"conv{k}"](conv(x)))
        if pooled:
            x = F.avg_pool2d(x, 3, stride=2, padding=1)
        if k in (1, 2):
            x = divide_by_local_rms(x)
    fields = signed(x).flatten(1)
    variances, directions = torch.linalg.eigh(fields.T @ fields / len(fields))
    gain = variances.clamp(min=1e-4 * variances[-1]) ** -0.25
    projections = torch.randn(CODE_SIZE // 2, fields.shape[1]) @ (gain[:, None] * directions.T)
    put(cnn.fc6.weight, paired(projections / fields.shape[1] ** 0.5))


# ---- generator ------------------------------------------------------------------------


def code_features(codes, projections):
    """What the first layer is fitted on: projections undone, and the sum of the code."""
    return torch.cat([signed(codes) @ projections, codes.sum(1, keepdim=True)], 1)


def fit_dense(generator, codes, projections, fields):
    """Fully connected layers: from codes to `fields` [n, 512] through fewer numbers."""
    features = code_features(codes, projections)
    weight = ridge(features, fields)
    scale, count = (features @ weight).pow(2).mean(0).sum() ** 0.5, [size // 2 for size in DEFC_SIZES]
    basis = principal(features @ weight, count[0]) / scale * count[0] ** 0.5
    unit = torch.eye(codes.shape[1])
    first = code_features(unit, projections) @ weight @ basis.T
    put(generator.defc7.weight, paired(first.T, inputs=False))
    put(generator.defc6.weight, paired(torch.eye(*count[::-1]) / PAIR_GAIN))
    back = basis[: count[1]].T * scale**2 / count[0]
    put(generator.defc5.weight, paired(back / PAIR_GAIN))


def unshuffle_kernel(basis, colours):
    """Kernel [k, colours, 4, 4] of a transposed convolution that undoes one level."""
    kernel = torch.zeros(len(basis), colours, 4, 4)
    kernel[:, :, 1:3, 1:3] = basis.view(len(basis), colours, 2, 2)
    return kernel


def fit_convolutions(generator, bases):
    """Transposed convolutions: the pyramid, coarsest level first; the others pass on."""
    finer = (3, *PYRAMID[:-1])
    layers = ("deconv1", "deconv2", "deconv3", "deconv4")
    for name, basis, channels in zip(layers, bases, finer):
        kernel = unshuffle_kernel(basis, channels) / PAIR_GAIN
        put(getattr(generator, name).weight, paired(kernel, inputs=channels > 3))
    for layer in (generator.conv4_1, generator.conv3_1):
        kernel = torch.zeros(layer.in_channels // 2, layer.in_channels // 2, 3, 3)
        kernel[:, :, 1, 1] = torch.eye(len(kernel)) / PAIR_GAIN
        put(layer.weight, paired(kernel))


@torch.no_grad()
def start_stage(shop):
    """Principal components, regressions and random projections; writes start.pt."""
    torch.manual_seed(SEED + 10)
    chosen = torch.randperm(len(shop.images))[:CODE_FIT_IMAGES].to(shop.device)
    images = to_float(shop.images[chosen]).cpu().contiguous()
    cnn, generator = TinyAlexNet(batch_norm=True), TinyDeepSim()
    generator.mean.copy_(images.mean((0, 2, 3)))
    bases, maps = pyramid(images - generator.mean.view(1, 3, 1, 1))
    fit_cnn(cnn, images[:FIT_IMAGES], [level[:FIT_IMAGES] for level in maps])
    codes = torch.cat([cnn(normalise(part))["fc6"] for part in images.split(FIT_IMAGES)])
    projections = signed(cnn.fc6.weight[: CODE_SIZE // 2]) / 2
    fit_dense(generator, codes, projections, maps[-1].flatten(1))
    fit_convolutions(generator, bases)
    error = (generator.unclipped(codes) - images).pow(2).mean() / images.var(0).mean()
    torch.save({"cnn": cnn.state_dict(), "generator": generator.state_dict()}, shop.file("start.pt"))
    print(f"start: pixel error {error:.3f} of the variance", flush=True)
