"""Third stage: train CNN and generator together.

The CNN goes on classifying, and its code (fc6) must also let the generator redraw the
image: that puts colour and phase into the code. Noise on the code makes the generator
smooth. On a part of the steps the CNN also looks at the redrawn image, and its layers
should respond as to the original. A few images with contrast far up into clipping are
classified as well, so that the classes learn not to reward contrast without end.
"""

import torch
import torch.nn.functional as F
from torch.func import functional_call

from common import MovingAverage, Progress, ramp, set_learning_rate, to_float
from nets import TinyAlexNet, TinyDeepSim, normalise, set_code_norm
from settings import JOINT_BATCH, JOINT_STEPS, NATURAL_NORM, SEED
from stage_cnn import accuracy

CONV_RATE, FC_RATE, GENERATOR_RATE = 6e-4, 4e-4, 1.5e-3
CODE_NOISE = 0.25  # in units of the code's rms
PIXEL_WEIGHT, CLASS_WEIGHT = 3.0, 0.4
FEATURE_WEIGHTS = dict(conv1=0.3, conv2=0.5, conv3=0.5, conv5=0.5, fc6=0.3, fc8=0.05)
STRONG_IMAGES = 8  # of each batch, seen again with strong contrast
STRONGEST_CONTRAST = 5.0
FEATURES_OFTEN_FROM = 0.4  # share of the steps after which features are compared often


def load_first_pair(shop):
    """CNN and generator as the first two stages left them."""
    cnn, generator = TinyAlexNet(dropout=0.2), TinyDeepSim()
    for name, module in (("cnn.pt", cnn), ("generator.pt", generator)):
        module.load_state_dict(torch.load(shop.file(name), map_location="cpu"))
        module.to(shop.device, memory_format=torch.channels_last).train()
    return cnn, generator


def make_optimizer(cnn, generator):
    dense = [p for name, p in cnn.named_parameters() if name.startswith("fc")]
    conv = [p for name, p in cnn.named_parameters() if not name.startswith("fc")]
    groups = [
        dict(params=conv, base_lr=CONV_RATE),
        dict(params=dense, base_lr=FC_RATE),
        dict(params=generator.parameters(), base_lr=GENERATOR_RATE),
    ]
    return torch.optim.Adam(groups, lr=FC_RATE, betas=(0.9, 0.98), fused=True)


def compares_features(step):
    """Every sixth step at first, later every second."""
    often = step > FEATURES_OFTEN_FROM * JOINT_STEPS
    return step % 6 == 0 or (often and step % 2 == 0)


def strengthen(images):
    """Raise contrast by a random factor, up to posterised images."""
    exponent = torch.rand(len(images), 1, 1, 1, device=images.device)
    return ((images - 0.5) * STRONGEST_CONTRAST**exponent + 0.5).clamp(0, 1)


def with_noise(codes):
    rms = codes.detach().pow(2).mean().sqrt()
    return codes + CODE_NOISE * rms * torch.randn_like(codes)


def leaky_clip(images):
    """Clip to 0..1, but let a tenth of the excess through so that gradients remain."""
    clipped = images.clamp(0, 1)
    return clipped + 0.1 * (images - clipped)


def feature_losses(cnn, responses, drawn):
    """Distance of each layer's response to redrawn images from that to the originals.

    The gradient goes to the generator only.
    """
    frozen = {name: p.detach() for name, p in cnn.named_parameters()}
    redrawn = functional_call(cnn, frozen, (normalise(leaky_clip(drawn)),))
    losses = {}
    for layer in FEATURE_WEIGHTS:
        goal = responses[layer][: len(drawn)].detach().float()
        distance = (redrawn[layer].float() - goal).pow(2).mean()
        losses[layer] = distance / goal.var(0).mean()
    return losses


def step_losses(cnn, generator, images, labels, pixel_variance, features):
    """All losses of one step, each relative to the variance of what it compares."""
    seen = torch.cat([images, strengthen(images[:STRONG_IMAGES])])
    labels = torch.cat([labels, labels[:STRONG_IMAGES]])
    responses = cnn(normalise(seen))
    codes = responses["fc6"][: len(images)].float()
    drawn = generator.unclipped(with_noise(codes)).float()
    logits = responses["fc8"].float()
    losses = {
        "class": F.cross_entropy(logits, labels, label_smoothing=0.02),
        "pixels": (drawn - images).pow(2).mean() / pixel_variance,
    }
    if features:
        half = len(images) // 2
        losses.update(feature_losses(cnn, responses, drawn[:half]))
    right = (logits.argmax(1) == labels).float().mean()
    return losses, right


def total(losses):
    weights = {"class": CLASS_WEIGHT, "pixels": PIXEL_WEIGHT, **FEATURE_WEIGHTS}
    return sum(weights[name] * loss for name, loss in losses.items())


def finish(shop, cnn, generator):
    """Set the norm of natural codes and write pair.pt."""
    cnn.eval()
    generator.eval()
    set_code_norm(cnn, to_float(shop.validation_images), NATURAL_NORM, generator)
    state = {"cnn": cnn.state_dict(), "generator": generator.state_dict()}
    torch.save(state, shop.file("pair.pt"))
    right = accuracy(cnn, shop.validation_images, shop.validation_labels)
    print(f"pair: validation accuracy {right:.3f}", flush=True)


def joint_stage(shop):
    """Train both networks together, average their weights; writes pair.pt."""
    torch.manual_seed(SEED + 30)
    cnn, generator = load_first_pair(shop)
    optimizer = make_optimizer(cnn, generator)
    averages = [MovingAverage(module) for module in (cnn, generator)]
    pixel_variance = to_float(shop.images[::40]).var(0).mean()
    progress, batches = Progress(JOINT_STEPS), shop.batches(JOINT_BATCH)
    for step in range(JOINT_STEPS):
        chosen = next(batches)
        images = to_float(shop.images[chosen])
        if torch.rand(1) < 0.5:
            images = images.flip(-1)
        with shop.mixed_precision():
            losses, right = step_losses(
                cnn, generator, images, shop.labels[chosen], pixel_variance, compares_features(step)
            )
        set_learning_rate(optimizer, ramp(step, JOINT_STEPS, warm_up=60, decay=1.5))
        optimizer.zero_grad()
        total(losses).backward()
        for module in (cnn, generator):
            torch.nn.utils.clip_grad_norm_(module.parameters(), 2.0)
        optimizer.step()
        for average in averages:
            average.update()
        progress.report(step, {**losses, "accuracy": right})
    for average in averages:
        average.apply()
    finish(shop, cnn, generator)
