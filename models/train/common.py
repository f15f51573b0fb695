"""What all training stages share: where to run, data, progress lines, moving averages."""

import time

import torch

from draw_classes import draw_dataset
from settings import IMAGES_PER_CLASS, SEED, VALIDATION_PER_CLASS


class Workshop:
    """Device, precision, work folder, data and time limits of a training run.

    `minutes` maps a stage's file to the longest the stage may take.
    """

    def __init__(self, folder, device, minutes=None):
        self.folder, self.minutes = folder, minutes or {}
        self.device = torch.device(device)
        self.images = self.labels = self.validation_images = self.validation_labels = None

    def schedule(self, name, steps):
        return Schedule(steps, self.minutes.get(name))

    def file(self, name):
        return self.folder / name

    def mixed_precision(self):
        """bfloat16 where it is fast (CUDA), float32 elsewhere."""
        on_cuda = self.device.type == "cuda"
        return torch.autocast(self.device.type, torch.bfloat16, enabled=on_cuda)

    def load_data(self):
        data = torch.load(self.file("data.pt"))
        data = [tensor.to(self.device) for tensor in data]
        self.images, self.labels, self.validation_images, self.validation_labels = data

    def batches(self, size):
        """Endless shuffled batches of image numbers."""
        count = len(self.images)
        while True:
            order = torch.randperm(count, device=self.device)
            for start in range(0, count - size + 1, size):
                yield order[start : start + size]


def draw_stage(shop):
    """Draw the training and validation images."""
    training = draw_dataset(IMAGES_PER_CLASS, SEED)
    validation = draw_dataset(VALIDATION_PER_CLASS, SEED + 1)
    torch.save((*training, *validation), shop.file("data.pt"))
    print(f"drew {len(training[0])} training and {len(validation[0])} validation images", flush=True)


def to_float(images):
    """8-bit levels to 0..1, in the memory order convolutions like."""
    return (images.float() / 255).contiguous(memory_format=torch.channels_last)


class Schedule:
    """How far a stage is: 0 to 1, by steps, or by time where that runs out first.

    `minutes` is the longest the stage may take, or None. Iterating yields the step number
    and the share of the stage that is done.
    """

    def __init__(self, steps, minutes=None):
        self.steps, self.minutes = steps, minutes

    def __iter__(self):
        start = time.time()
        for step in range(self.steps):
            done = step / self.steps
            if self.minutes is not None:
                done = max(done, (time.time() - start) / 60 / self.minutes)
            if done >= 1:
                break
            yield step, done


def ramp(step, done, warm_up, decay):
    """Factor on the learning rate: up over `warm_up` steps, later linearly down to 2 %.

    The way down starts where decay * (1 - done) falls below 1.
    """
    return min(1, (step + 1) / warm_up) * max(0.02, min(1, decay * (1 - done)))


def set_learning_rate(optimizer, factor):
    for group in optimizer.param_groups:
        group["lr"] = group["base_lr"] * factor


class MovingAverage:
    """Exponential moving average of a module's parameters."""

    def __init__(self, module, rate=0.0125):
        self.module, self.rate = module, rate
        self.values = [p.detach().clone() for p in module.parameters()]

    @torch.no_grad()
    def update(self):
        parameters = [p.detach() for p in self.module.parameters()]
        torch._foreach_lerp_(self.values, parameters, self.rate)

    @torch.no_grad()
    def apply(self):
        """Put the averages into the module."""
        for parameter, value in zip(self.module.parameters(), self.values):
            parameter.copy_(value)


class Progress:
    """Prints smoothed numbers every `every` steps."""

    def __init__(self, every=50):
        self.every, self.smooth, self.start = every, {}, time.time()

    def report(self, step, done, values):
        for name, value in values.items():
            value = value.item()
            self.smooth[name] = 0.97 * self.smooth.get(name, value) + 0.03 * value
        if (step + 1) % self.every == 0:
            numbers = " ".join(f"{name} {value:.3f}" for name, value in self.smooth.items())
            seconds = time.time() - self.start
            print(f"  step {step + 1} ({done:.0%}): {numbers} ({seconds:.0f} s)", flush=True)
