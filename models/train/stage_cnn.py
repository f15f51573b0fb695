"""First stage: train the CNN alone as a classifier, with batch norm and augmentation."""

import torch
import torch.nn.functional as F

from common import Progress, ramp, set_learning_rate, to_float
from nets import TinyAlexNet, normalise, set_code_norm
from settings import CNN_BATCH, CNN_STEPS, NATURAL_NORM, SEED

CONV_RATE, FC_RATE = 3e-3, 4e-4


def augment(images):
    """Shift, mirror, contrast, colour cast and noise; values clip at 0 and 1."""
    n, device = len(images), images.device
    shift = torch.randint(-5, 6, (2,)).tolist()
    images = torch.roll(images, shift, (2, 3))
    if torch.rand(1) < 0.5:
        images = images.flip(-1)
    contrast = torch.rand(n, 1, 1, 1, device=device) * 0.9 + 0.5
    cast = torch.randn(n, 3, 1, 1, device=device) * 0.05
    noise = torch.randn_like(images) * torch.rand(n, 1, 1, 1, device=device) * 0.08
    return ((images - 0.5) * contrast + 0.5 + cast + noise).clamp(0, 1)


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


def cnn_stage(shop):
    """Train, fold batch norm, set the norm of the codes; writes cnn.pt."""
    torch.manual_seed(SEED + 10)
    cnn = TinyAlexNet(dropout=0.3, batch_norm=True).to(shop.device, memory_format=torch.channels_last)
    dense = [p for name, p in cnn.named_parameters() if name.startswith("fc")]
    others = [p for name, p in cnn.named_parameters() if not name.startswith("fc")]
    groups = [dict(params=others, base_lr=CONV_RATE), dict(params=dense, base_lr=FC_RATE)]
    optimizer = torch.optim.AdamW(groups, lr=FC_RATE, weight_decay=2e-3)
    progress, batches = Progress(CNN_STEPS), shop.batches(CNN_BATCH)
    for step in range(CNN_STEPS):
        chosen = next(batches)
        set_learning_rate(optimizer, ramp(step, CNN_STEPS, warm_up=20, decay=1))
        with shop.mixed_precision():
            logits = cnn(normalise(augment(to_float(shop.images[chosen]))))["fc8"].float()
        loss = F.cross_entropy(logits, shop.labels[chosen], label_smoothing=0.02)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        right = (logits.argmax(1) == shop.labels[chosen]).float().mean()
        progress.report(step, {"loss": loss, "accuracy": right})
    cnn.eval()
    cnn.fold_batch_norm()
    set_code_norm(cnn, to_float(shop.images[::20]), NATURAL_NORM)
    torch.save(cnn.state_dict(), shop.file("cnn.pt"))
    right = accuracy(cnn, shop.validation_images, shop.validation_labels)
    print(f"CNN alone: validation accuracy {right:.3f}", flush=True)
