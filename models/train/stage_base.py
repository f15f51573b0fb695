"""Second stage: CNN and generator together, with batch norm, on classes and pixels.

Every batch holds each of its first images a second time with another contrast, from
weak up to posterised, under the same label.
"""

import torch
import torch.nn.functional as F

from common import Progress, ramp, set_learning_rate, to_float
from nets import TinyAlexNet, TinyDeepSim, normalise
from settings import BASE_BATCH, BASE_STEPS, SEED

CONV_RATE, FC_RATE, GENERATOR_RATE = 1e-3, 3e-4, 5e-4
CODE_NOISE = 0.2  # in units of the code's rms
PIXEL_WEIGHT, CLASS_WEIGHT = 3.0, 0.5
LABEL_SMOOTHING = 0.02
STRONG_IMAGES = 10  # of each batch, seen again with another contrast
CONTRASTS = (0.4, 6.0)


def load_pair(shop, name, batch_norm):
    """CNN and generator in training mode as an earlier stage left them."""
    cnn, generator = TinyAlexNet(batch_norm=batch_norm), TinyDeepSim()
    state = torch.load(shop.file(name), map_location="cpu")
    for key, module in (("cnn", cnn), ("generator", generator)):
        module.load_state_dict(state[key])
        module.to(shop.device, memory_format=torch.channels_last).train()
    return cnn, generator


def save_pair(shop, name, cnn, generator):
    state = {"cnn": cnn.state_dict(), "generator": generator.state_dict()}
    torch.save(state, shop.file(name))


def make_optimizer(cnn, generator, factor=1.0):
    """Adam with a rate of its own for each kind of layer."""
    dense = [p for name, p in cnn.named_parameters() if name.startswith("fc")]
    conv = [p for name, p in cnn.named_parameters() if not name.startswith("fc")]
    groups = [
        dict(params=conv, base_lr=factor * CONV_RATE),
        dict(params=dense, base_lr=factor * FC_RATE),
        dict(params=generator.parameters(), base_lr=factor * GENERATOR_RATE),
    ]
    return torch.optim.Adam(groups, lr=FC_RATE, betas=(0.9, 0.98), fused=True)


def draw_batch(shop, chosen):
    """Images in 0..1, all mirrored or none, and their labels."""
    images = to_float(shop.images[chosen])
    if torch.rand(1) < 0.5:
        images = images.flip(-1)
    return images, shop.labels[chosen]


def change_contrast(images):
    """Multiply contrast by a random factor; values clip at 0 and 1."""
    low, high = CONTRASTS
    factor = low * (high / low) ** torch.rand(len(images), 1, 1, 1, device=images.device)
    return ((images - 0.5) * factor + 0.5).clamp(0, 1)


def with_noise(codes, amount):
    rms = codes.detach().pow(2).mean().sqrt()
    return codes + amount * rms * torch.randn_like(codes)


def step_networks(optimizer, cnn, generator, loss):
    """Gradient of each network clipped, then one step."""
    optimizer.zero_grad()
    loss.backward()
    for module in (cnn, generator):
        torch.nn.utils.clip_grad_norm_(module.parameters(), 2.0)
    optimizer.step()


@torch.no_grad()
def accuracy(cnn, images, labels):
    """Share of 8-bit images classified right, in evaluation mode."""
    was_training = cnn.training
    cnn.eval()
    chunks = zip(images.split(200), labels.split(200))
    right = sum(
        (cnn(normalise(to_float(x)))["fc8"].argmax(1) == y).sum().item() for x, y in chunks
    )
    cnn.train(was_training)
    return right / len(images)


def base_stage(shop):
    """Train both with batch norm, fold it; writes base.pt."""
    torch.manual_seed(SEED + 20)
    cnn, generator = load_pair(shop, "start.pt", batch_norm=True)
    optimizer = make_optimizer(cnn, generator)
    pixel_variance = to_float(shop.images[::40]).var(0).mean()
    progress, batches = Progress(), shop.batches(BASE_BATCH)
    for step, done in shop.schedule("base.pt", BASE_STEPS):
        images, labels = draw_batch(shop, next(batches))
        seen = torch.cat([images, change_contrast(images[:STRONG_IMAGES])])
        labels = torch.cat([labels, labels[:STRONG_IMAGES]])
        with shop.mixed_precision():
            responses = cnn(normalise(seen))
            codes = responses["fc6"][: len(images)].float()
            drawn = generator.unclipped(with_noise(codes, CODE_NOISE)).float()
        logits = responses["fc8"].float()
        classes = F.cross_entropy(logits, labels, label_smoothing=LABEL_SMOOTHING)
        pixels = (drawn - images).pow(2).mean() / pixel_variance
        set_learning_rate(optimizer, ramp(step, done, warm_up=100, decay=1.6))
        step_networks(optimizer, cnn, generator, CLASS_WEIGHT * classes + PIXEL_WEIGHT * pixels)
        right = (logits.argmax(1) == labels).float().mean()
        progress.report(step, done, {"class": classes, "pixels": pixels, "accuracy": right})
    cnn.eval()
    cnn.fold_batch_norm()
    save_pair(shop, "base.pt", cnn, generator)
    right = accuracy(cnn, shop.validation_images, shop.validation_labels)
    print(f"{step + 1} steps; validation accuracy {right:.3f}", flush=True)
