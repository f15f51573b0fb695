"""Second stage: a first generator for the codes (fc6) of the frozen CNN.

The first layer starts as the principal components of the codes, partly whitened and
mixed by a random rotation; the others are scaled to pass variance on. A few hundred steps
on pixels follow. Images are still grey and blurred afterwards, because the code of a mere
classifier holds little colour; joint training mends that.
"""

import torch
import torch.nn.functional as F

from common import Progress, ramp, set_learning_rate, to_float
from nets import LEAK, TinyAlexNet, TinyDeepSim, normalise
from settings import GENERATOR_BATCH, GENERATOR_STEPS, SEED

RATE = 2e-3
FIRST_CONTRAST = 0.15  # rms of G(code) before training
PCA_IMAGES = 5000


@torch.no_grad()
def codes_of(cnn, images):
    """fc6 of 8-bit images."""
    return torch.cat([cnn(normalise(to_float(x)))["fc6"] for x in images.split(200)])


@torch.no_grad()
def principal_first_layer(codes, size):
    """Weights [size, CODE_SIZE] of a partly whitening projection on the main directions."""
    _, strength, directions = torch.svd_lowrank(codes, q=size, niter=2)
    strength = strength / len(codes) ** 0.5
    gain = 1 / (strength + 0.25 * strength[10])
    gain[0] = 0.5 / strength[0]  # the mean code: kept from drowning the rest
    rotation = torch.linalg.qr(torch.randn(size, size, device=codes.device))[0]
    return rotation @ (gain[:, None] * directions.T)


@torch.no_grad()
def initialise(generator, codes):
    """Principal components first, then every layer scaled to rms 1 on real codes."""
    first = generator.defc7
    first.weight.copy_(principal_first_layer(codes, first.out_features))
    x = codes[:100]
    for layer in generator.layers():
        if layer is generator.deconv4:
            x = x.view(len(x), layer.in_channels, 4, 4)
        y = layer(x)
        goal = FIRST_CONTRAST if layer is generator.deconv1 else 1.0
        factor = goal / y.pow(2).mean().sqrt()
        layer.weight.mul_(factor)
        x = F.leaky_relu(y * factor, LEAK)


def generator_stage(shop):
    """Initialise from principal components, then fit pixels; writes generator.pt."""
    torch.manual_seed(SEED + 20)
    cnn = TinyAlexNet().to(shop.device)
    cnn.load_state_dict(torch.load(shop.file("cnn.pt"), map_location=shop.device))
    cnn.eval()
    codes = codes_of(cnn, shop.images)
    generator = TinyDeepSim().to(shop.device)
    generator.mean.copy_(shop.images[::10].float().mean((0, 2, 3)) / 255)
    initialise(generator, codes[torch.randperm(len(codes))[:PCA_IMAGES]])
    generator = generator.to(memory_format=torch.channels_last)
    pixel_variance = to_float(shop.images[::40]).var(0).mean()
    parameters = list(generator.parameters())
    optimizer = torch.optim.Adam([dict(params=parameters, base_lr=RATE)], betas=(0.9, 0.98))
    progress, batches = Progress(GENERATOR_STEPS), shop.batches(GENERATOR_BATCH)
    for step in range(GENERATOR_STEPS):
        chosen = next(batches)
        with shop.mixed_precision():
            drawn = generator.unclipped(codes[chosen]).float()
        loss = (drawn - to_float(shop.images[chosen])).pow(2).mean() / pixel_variance
        set_learning_rate(optimizer, ramp(step, GENERATOR_STEPS, warm_up=60, decay=3))
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 2.0)
        optimizer.step()
        progress.report(step, {"pixels": loss})
    torch.save(generator.state_dict(), shop.file("generator.pt"))
