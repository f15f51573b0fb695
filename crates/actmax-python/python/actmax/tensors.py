"""Networks of PyTorch as callables. PyTorch is not imported: who has one of its networks has imported it."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable
from typing import Any


def on_arrays(part: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """`part` as a function of arrays. A network of PyTorch gets a tensor of its own kind, on its own device, and no gradients."""
    torch: Any = sys.modules.get("torch")
    if torch is None or not isinstance(part, torch.nn.Module):
        return part
    module: Any = part

    def call(values: Any) -> Any:
        weights = (weight for weight in itertools.chain(module.parameters(), module.buffers()) if weight.is_floating_point())
        own = next(weights, None)
        kind = {"dtype": torch.float32} if own is None else {"dtype": own.dtype, "device": own.device}
        with torch.no_grad():
            return module(torch.as_tensor(values, **kind))

    return call
