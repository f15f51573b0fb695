"""Measurements of the pair; each function returns numbers, none writes files."""

import time

import numpy as np
import onnxruntime
import torch

from nets import normalise
from settings import CODE_SIZE, LAYERS, NATURAL_NORM

RANDOM_CODES = 400
GROWTH_CODES = 200
LIVE_NORM = 300.0
MIDDLE_NORMS = (300.0, 350.0, 400.0, 450.0)
LONG_NORMS = (1000.0, 2000.0, 4000.0)
LIVE_SHARE = 0.05
SPEED_BATCH = 40


def random_codes(count, norm):
    """Codes in random directions, all of one norm."""
    return norm * torch.nn.functional.normalize(torch.randn(count, CODE_SIZE), dim=1)


def in_chunks(function, tensor, size=100):
    return torch.cat([function(part) for part in tensor.split(size)])


def class_scores(cnn, images):
    return in_chunks(lambda x: cnn(normalise(x))["fc8"], images)


def classified_right(cnn, images, labels):
    """Share of images whose largest score is that of their class."""
    return (class_scores(cnn, images).argmax(1) == labels).float().mean().item()


def pixel_r2(images, redrawn):
    """1 - squared error / variance over images at each pixel."""
    error = (images - redrawn).pow(2).mean()
    return 1 - (error / images.var(0, unbiased=False).mean()).item()


def contrast(images):
    """Standard deviation of all pixel values within an image, averaged over images."""
    return images.flatten(1).std(1).mean().item()


def clipped_share(images):
    """Share of pixel values at exactly 0 or 1."""
    return ((images == 0) | (images == 1)).float().mean().item()


def active_share(cnn, images, layer):
    """For each unit of a layer the share of images with a positive response."""
    parts = [(cnn(normalise(x))[layer] > 0).float().sum(0) for x in images.split(100)]
    return sum(parts) / len(images)


def response_range(cnn, images, layer):
    """For each unit of a layer largest minus smallest response."""
    parts = [cnn(normalise(x))[layer] for x in images.split(100)]
    highest = torch.stack([part.amax(0) for part in parts]).amax(0)
    lowest = torch.stack([part.amin(0) for part in parts]).amin(0)
    return highest - lowest


def responses(cnn, images):
    """All responses of all layers, flattened: {layer: [n, units]}."""
    return {name: values.flatten(1) for name, values in cnn(normalise(images)).items()}


def live_units(generator, cnn, images):
    """For each layer: units, share that vary over random codes, share also used by images.

    A unit is one channel at one place. fc8 has no ReLU: there "used" means "varies".
    """
    drawn = in_chunks(generator, random_codes(RANDOM_CODES, LIVE_NORM))
    result = {}
    for layer in LAYERS:
        varies = response_range(cnn, drawn, layer) > 0
        used = varies if layer == "fc8" else varies & (active_share(cnn, images, layer) > LIVE_SHARE)
        result[layer] = (varies.numel(), *(mask.float().mean().item() for mask in (varies, used)))
    return result


def best_by_norm(draw, cnn, directions, norms):
    """The highest responses over `norms`: {layer: [directions, units]}."""
    best = None
    for norm in norms:
        parts = [responses(cnn, draw(norm * part)) for part in directions.split(50)]
        values = {layer: torch.cat([part[layer] for part in parts]) for layer in LAYERS}
        best = values if best is None else {k: torch.maximum(best[k], v) for k, v in values.items()}
    return best


def growth_random(draw, cnn, count=GROWTH_CODES):
    """By how much the best response over random codes grows with their norm: by layer, median unit.

    (long - middle) / (middle - usual): the best over norms of 1000 and more, the best over
    300 to 450, both along the direction that is best at 300 to 450, and the median response
    over directions at 300 to 450. Units that never answer are left out.
    """
    directions = random_codes(count, 1.0)
    middle = best_by_norm(draw, cnn, directions, MIDDLE_NORMS)
    long = best_by_norm(draw, cnn, directions, LONG_NORMS)
    growth = {}
    for layer in LAYERS:
        best, where = middle[layer].max(0)
        usual = middle[layer].median(0).values
        change = (long[layer].gather(0, where[None])[0] - best) / (best - usual)
        growth[layer] = change[best > usual].median().item()
    return growth


def growth_evolved(draw, cnn, layer, codes):
    """long / middle - 1 along the evolved codes {unit: code} of a layer, median unit."""
    units = torch.tensor(sorted(codes))
    directions = torch.nn.functional.normalize(torch.stack([codes[int(u)] for u in units]), dim=1)
    middle, long = (
        best_by_norm(draw, cnn, directions, norms)[layer].gather(1, units[:, None])
        for norms in (MIDDLE_NORMS, LONG_NORMS)
    )
    return (long / middle - 1).median().item()


def scores_by_norm(generator, cnn, codes, labels, norms):
    """Mean score of the own class of redrawn images when their codes are rescaled."""
    unit = torch.nn.functional.normalize(codes, dim=1)
    result = {}
    for norm in norms:
        scores = class_scores(cnn, in_chunks(generator, norm * unit))
        result[norm] = scores.gather(1, labels[:, None]).mean().item()
    return result


def pixel_directions(generator, codes):
    """How many directions of code space hold 90, 99 and 99.9 % of the pixel metric.

    The metric is J'J of the unclipped image, averaged over the given codes; J runs through
    the first layer, so it is taken there and its eigenvalues carried over to code space.
    """
    first = generator.defc7
    size = first.out_features
    metric = torch.zeros(size, size)

    def draw(hidden):
        return generator.behind_first(hidden[None]).flatten()

    for hidden in first(codes):
        jacobian = torch.func.jacfwd(draw)(hidden)
        metric += jacobian.T @ jacobian / len(codes)
    gram = (first.weight @ first.weight.T).double()
    triangle = torch.linalg.cholesky(gram + 1e-9 * gram.trace() * torch.eye(size))
    values = torch.linalg.eigvalsh(triangle.T @ metric.double() @ triangle).flip(0).clamp(min=0)
    held = values.cumsum(0) / values.sum()
    return {share: int((held < share).sum()) + 1 for share in (0.9, 0.99, 0.999)}


# ---- ONNX Runtime ---------------------------------------------------------------------


def sessions(models):
    """One-thread ONNX Runtime sessions."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    providers = ["CPUExecutionProvider"]
    return [onnxruntime.InferenceSession(path, options, providers=providers) for path in models]


def largest_difference(generator, cnn, models):
    """Largest difference between ONNX Runtime and PyTorch, relative to each tensor's maximum."""
    draw, respond = sessions(models)
    codes = random_codes(20, NATURAL_NORM)
    images = generator(codes)
    differences = [np.abs(draw.run(["image"], {"code": codes.numpy()})[0] - images.numpy()).max()]
    inputs = normalise(images)
    expected = cnn(inputs)
    for layer, values in zip(LAYERS, respond.run(list(LAYERS), {"image": inputs.numpy()})):
        goal = expected[layer].numpy()
        differences.append(np.abs(values - goal).max() / np.abs(goal).max())
    return float(max(differences))


def evaluations_per_second(models, seconds=8.0):
    """Code -> image -> fc8 in ONNX Runtime on one thread, by processor time; the best batch counts.

    Also the generator's share of the time.
    """
    draw, respond = sessions(models)
    codes = random_codes(SPEED_BATCH, NATURAL_NORM).numpy()
    generator_times, cnn_times = [], []
    end = time.process_time() + seconds
    while time.process_time() < end:
        start = time.process_time()
        image = draw.run(["image"], {"code": codes})[0]
        middle = time.process_time()
        respond.run(["fc8"], {"image": (image - np.float32(0.45)) / np.float32(0.25)})
        generator_times.append(middle - start)
        cnn_times.append(time.process_time() - middle)
    total = min(generator_times) + min(cnn_times)
    return SPEED_BATCH / total, min(generator_times) / total
