"""Fourth stage: the generator alone, towards images in which the CNN sees what was there.

The CNN is held. It looks at the images redrawn from its own codes: they should hold the
pixels of the originals, drive the layers as the originals do, and fall into their class.
The images are new ones: of those of the stages before, the CNN knows 99.8 % by heart, redrawn
or not, so they no longer tell what is lost in images that it has not seen.
"""

import torch
import torch.nn.functional as F

from common import MovingAverage, Progress, ramp, set_learning_rate, to_float
from draw_classes import draw_dataset
from nets import normalise
from settings import REDRAW_BATCH, REDRAW_IMAGES_PER_CLASS, REDRAW_STEPS, SEED
from stage_base import GENERATOR_RATE, PIXEL_WEIGHT, accuracy, draw_batch, load_pair, save_pair, with_noise
from stage_joint import CODE_NOISE, FEATURE_WEIGHTS, feature_losses, leaky_clip

RATE_FACTOR = 0.5  # of the rate of the base stage
CLASS_WEIGHT = 0.15


def redraw_losses(cnn, generator, images, labels, pixel_variance):
    """All losses of one step, each relative to the variance of what it compares."""
    with torch.no_grad():
        goal = cnn(normalise(images))
    drawn = generator.unclipped(with_noise(goal["fc6"].float(), CODE_NOISE[1])).float()
    logits = cnn(normalise(leaky_clip(drawn)))["fc8"].float()
    return {
        "class": F.cross_entropy(logits, labels),
        "pixels": (drawn - images).pow(2).mean() / pixel_variance,
        **feature_losses(cnn, goal, drawn),
    }


def total(losses):
    weights = {"class": CLASS_WEIGHT, "pixels": PIXEL_WEIGHT, **FEATURE_WEIGHTS}
    return sum(weights[name] * loss for name, loss in losses.items())


def redraw_stage(shop):
    """Train the generator on what the CNN sees in its images, average its weights; writes pair.pt."""
    shop.images, shop.labels = (x.to(shop.device) for x in draw_dataset(REDRAW_IMAGES_PER_CLASS, SEED + 2))
    torch.manual_seed(SEED + 40)
    cnn, generator = load_pair(shop, "joint.pt", batch_norm=False)
    cnn.eval().requires_grad_(False)
    groups = [dict(params=generator.parameters(), base_lr=RATE_FACTOR * GENERATOR_RATE)]
    optimizer = torch.optim.Adam(groups, lr=GENERATOR_RATE, betas=(0.9, 0.98), fused=True)
    average = MovingAverage(generator)
    pixel_variance = to_float(shop.images[::40]).var(0).mean()
    progress, batches = Progress(), shop.batches(REDRAW_BATCH)
    for step, done in shop.schedule("pair.pt", REDRAW_STEPS):
        images, labels = draw_batch(shop, next(batches))
        with shop.mixed_precision():
            losses = redraw_losses(cnn, generator, images, labels, pixel_variance)
        set_learning_rate(optimizer, ramp(step, done, warm_up=60, decay=1.5))
        optimizer.zero_grad()
        total(losses).backward()
        torch.nn.utils.clip_grad_norm_(generator.parameters(), 2.0)
        optimizer.step()
        average.update()
        progress.report(step, done, losses)
    average.apply()
    generator.eval()
    save_pair(shop, "pair.pt", cnn, generator)
    right = accuracy(cnn, shop.validation_images, shop.validation_labels)
    print(f"{step + 1} steps; pair: validation accuracy {right:.3f}", flush=True)
