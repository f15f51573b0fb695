"""Third stage: both networks without batch norm, with all losses.

Steps alternate between two kinds. In one the CNN also looks at redrawn images, and its
layers should respond as to the originals: that trains the generator. In the other the CNN
gets more to classify: redrawn images under their label and images of random codes, which
belong to no class. Over the images of random codes every unit of the CNN should be
active now and then; a unit that none of them activates is pulled up.
"""

import torch
import torch.nn.functional as F
from torch.func import functional_call

from common import MovingAverage, Progress, ramp, set_learning_rate, to_float
from nets import normalise, set_code_norm
from settings import JOINT_BATCH, JOINT_STEPS, NATURAL_NORM, SEED
from stage_base import (
    CLASS_WEIGHT, LABEL_SMOOTHING, PIXEL_WEIGHT, accuracy, change_contrast, draw_batch, load_pair,
    make_optimizer, save_pair, step_networks, with_noise,
)  # fmt: skip

RATE_FACTOR = 0.8  # of the rates of the stage before
CODE_NOISE = (0.2, 0.05)  # at the start and at the end, in units of the code's rms
FEATURE_WEIGHTS = dict(conv1=0.3, conv2=0.4, conv3=0.4, conv5=0.4, fc6=0.3, fc7=0.1, fc8=0.1)
STRONG_IMAGES, REDRAWN_IMAGES, RANDOM_IMAGES = 6, 8, 12
RANDOM_NORMS = (1.5, 4.0)  # in units of the mean norm of natural codes
NOTHING_WEIGHT, LIVE_WEIGHT = 0.1, 0.5
LIVE_MARGIN = 0.1  # in units of the rms of a layer


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


@torch.no_grad()
def random_images(generator, codes):
    """Images of codes in random directions, about as long as those an optimizer visits."""
    low, high = RANDOM_NORMS
    directions = F.normalize(torch.randn(RANDOM_IMAGES, codes.shape[1], device=codes.device), dim=1)
    lengths = low + (high - low) * torch.rand(RANDOM_IMAGES, 1, device=codes.device)
    mean_norm = codes.norm(dim=1).mean()
    return generator.unclipped(directions * lengths * mean_norm).clamp(0, 1)


def idle_loss(sums):
    """How far the highest input of each unit stays below a margin above zero."""
    losses = []
    for values in sums.values():
        values = values[-RANDOM_IMAGES:].float()
        rms = values.detach().pow(2).mean().sqrt()
        losses.append(F.relu(LIVE_MARGIN - values.amax(0) / rms).mean())
    return sum(losses)


def classify(cnn, images, labels, extra, sums):
    """(responses, losses, share right) for a batch and images added to it.

    `extra` holds labelled images and images of no class, or is None.
    """
    labelled = [images, change_contrast(images[:STRONG_IMAGES])]
    labels = [labels, labels[:STRONG_IMAGES]]
    if extra is not None:
        redrawn, random = extra
        labelled.append(redrawn)
        labels.append(labels[0][: len(redrawn)])
        labelled.append(random)
    labels = torch.cat(labels)
    responses = cnn(normalise(torch.cat(labelled)), sums)
    logits = responses["fc8"].float()
    losses = {"class": F.cross_entropy(logits[: len(labels)], labels, label_smoothing=LABEL_SMOOTHING)}
    if extra is not None:
        losses["nothing"] = -F.log_softmax(logits[len(labels) :], 1).mean()
        losses["idle"] = idle_loss(sums)
    right = (logits[: len(images)].argmax(1) == labels[: len(images)]).float().mean()
    return responses, losses, right


def step_losses(cnn, generator, images, labels, pixel_variance, noise, extra):
    """All losses of one step, each relative to the variance of what it compares."""
    responses, losses, right = classify(cnn, images, labels, extra, {})
    codes = responses["fc6"][: len(images)].float()
    drawn = generator.unclipped(with_noise(codes, noise)).float()
    losses["pixels"] = (drawn - images).pow(2).mean() / pixel_variance
    if extra is None:
        losses.update(feature_losses(cnn, responses, drawn[: len(images) // 2]))
    return losses, right


def total(losses):
    weights = {
        "class": CLASS_WEIGHT, "pixels": PIXEL_WEIGHT, "nothing": NOTHING_WEIGHT, "idle": LIVE_WEIGHT,
        **FEATURE_WEIGHTS,
    }  # fmt: skip
    return sum(weights[name] * loss for name, loss in losses.items())


@torch.no_grad()
def extra_images(cnn, generator, images):
    """Some images redrawn, and images of random codes."""
    codes = cnn(normalise(images[:REDRAWN_IMAGES]))["fc6"]
    return generator.unclipped(codes).clamp(0, 1), random_images(generator, codes)


def finish(shop, cnn, generator):
    """Set the norm of natural codes and write joint.pt."""
    cnn.eval()
    generator.eval()
    set_code_norm(cnn, to_float(shop.validation_images), NATURAL_NORM, generator)
    save_pair(shop, "joint.pt", cnn, generator)
    right = accuracy(cnn, shop.validation_images, shop.validation_labels)
    print(f"joint: validation accuracy {right:.3f}", flush=True)


def joint_stage(shop):
    """Train both networks together, average their weights; writes joint.pt."""
    torch.manual_seed(SEED + 30)
    cnn, generator = load_pair(shop, "base.pt", batch_norm=False)
    optimizer = make_optimizer(cnn, generator, RATE_FACTOR)
    averages = [MovingAverage(module) for module in (cnn, generator)]
    pixel_variance = to_float(shop.images[::40]).var(0).mean()
    progress, batches = Progress(), shop.batches(JOINT_BATCH)
    for step, done in shop.schedule("joint.pt", JOINT_STEPS):
        images, labels = draw_batch(shop, next(batches))
        noise = CODE_NOISE[0] + done * (CODE_NOISE[1] - CODE_NOISE[0])
        with shop.mixed_precision():
            extra = extra_images(cnn, generator, images) if step % 2 else None
            losses, right = step_losses(cnn, generator, images, labels, pixel_variance, noise, extra)
        set_learning_rate(optimizer, ramp(step, done, warm_up=60, decay=1.5))
        step_networks(optimizer, cnn, generator, total(losses))
        for average in averages:
            average.update()
        progress.report(step, done, {**losses, "accuracy": right})
    for average in averages:
        average.apply()
    print(f"{step + 1} steps", flush=True)
    finish(shop, cnn, generator)
