"""An independent opinion on images of the pair: a second CNN that took no part in making it.

    python judge.py --work work

Trains the judge once (judge.pt), then lets it classify validation images, images redrawn
from their codes and the images that `evolve.py` evolved for fc8; writes judge.json, which
`check.py` puts into the README. The judge is a plainer network than TinyAlexNet, with another seed,
global pooling and batch norm, and sees images blurred, noisy and at many contrasts.
"""

import argparse
import json
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

import measure
from common import Progress, ramp, set_learning_rate, to_float
from draw_classes import NAMES
from evolve import evolved_codes
from export import load_pair
from nets import normalise
from settings import SEED

STEPS, BATCH, RATE = 1200, 64, 3e-3
CHANNELS = (24, 48, 64, 96, 128)
STRIDES = (2, 2, 1, 2, 1)
CONTRASTS = (0.3, 3.0)
LARGEST_BLUR, LARGEST_NOISE = 2.0, 0.1  # pixels; standard deviation


def make_judge():
    layers, before = [], 3
    for channels, stride in zip(CHANNELS, STRIDES):
        convolution = nn.Conv2d(before, channels, 3, stride=stride, padding=1, bias=False)
        layers += [convolution, nn.BatchNorm2d(channels), nn.ReLU()]
        before = channels
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(before, len(NAMES)))


def blur(images, deviation):
    """Gaussian blur, separably."""
    offsets = torch.arange(-5, 6, dtype=torch.float32)
    kernel = torch.exp(-(offsets**2) / (2 * deviation**2))
    kernel = (kernel / kernel.sum()).repeat(3, 1, 1, 1)
    padded = F.pad(images, (5, 5, 5, 5), mode="replicate")
    return F.conv2d(F.conv2d(padded, kernel, groups=3), kernel.transpose(2, 3), groups=3)


def disturb(images):
    """Mirror, shift, blur, contrast and noise; values clip at 0 and 1."""
    if torch.rand(1) < 0.5:
        images = images.flip(-1)
    images = torch.roll(images, torch.randint(-4, 5, (2,)).tolist(), (2, 3))
    half = len(images) // 2
    blurred = blur(images[:half], 0.4 + (LARGEST_BLUR - 0.4) * torch.rand(1))
    images = torch.cat([blurred, images[half:]])
    low, high = CONTRASTS
    factor = low * (high / low) ** torch.rand(len(images), 1, 1, 1)
    noise = torch.randn_like(images) * torch.rand(len(images), 1, 1, 1) * LARGEST_NOISE
    images = ((images - 0.5) * factor + 0.5 + noise).clamp(0, 1)
    return images.contiguous(memory_format=torch.channels_last)


def train_judge(images, labels):
    torch.manual_seed(SEED + 70)
    judge = make_judge().to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW([dict(params=judge.parameters(), base_lr=RATE)], weight_decay=1e-2)
    progress = Progress(every=100)
    for step in range(STEPS):
        chosen = torch.randint(len(images), (BATCH,))
        logits = judge(normalise(disturb(to_float(images[chosen]))))
        loss = F.cross_entropy(logits, labels[chosen], label_smoothing=0.05)
        done = step / STEPS
        set_learning_rate(optimizer, ramp(step, done, warm_up=30, decay=1.3))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        right = (logits.argmax(1) == labels[chosen]).float().mean()
        progress.report(step, done, {"loss": loss, "accuracy": right})
    return judge


def load_judge(work):
    """The judge in evaluation mode, trained if judge.pt is not there."""
    path = work / "judge.pt"
    if not path.exists():
        images, labels, _, _ = torch.load(work / "data.pt")
        torch.save(train_judge(images, labels).state_dict(), path)
    judge = make_judge()
    judge.load_state_dict(torch.load(path))
    return judge.eval().requires_grad_(False)


def verdicts(judge, images):
    """Class of each image in 0..1."""
    return measure.in_chunks(lambda x: judge(normalise(x)).argmax(1), images)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, required=True, help="folder of the stages")
    options = parser.parse_args()
    torch.set_num_threads(1)
    judge = load_judge(options.work)
    generator, cnn = load_pair(options.work)
    _, _, images, labels = torch.load(options.work / "data.pt")
    images = images.float() / 255
    codes = measure.in_chunks(lambda x: cnn(normalise(x))["fc6"], images)
    redrawn = measure.in_chunks(generator, codes)
    result = {
        "images": (verdicts(judge, images) == labels).float().mean().item(),
        "redrawn": (verdicts(judge, redrawn) == labels).float().mean().item(),
    }
    evolved = evolved_codes(options.work / "evolved").get("fc8", {})
    if evolved:
        units = sorted(evolved)
        said = verdicts(judge, generator(torch.stack([evolved[unit] for unit in units])))
        wrong = {NAMES[k]: NAMES[int(c)] for k, c in zip(units, said) if k != int(c)}
        result["evolved"] = {"units": len(units), "right": len(units) - len(wrong), "wrong": wrong}
    (options.work / "judge.json").write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
