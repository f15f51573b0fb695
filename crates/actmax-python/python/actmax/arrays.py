"""Arrays of other libraries as arrays of NumPy. Nothing of theirs is imported."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def numbers(values: Any, what: str, shape: str, dtype: type[np.floating] = np.float64) -> NDArray[Any]:
    """`values` as an array of `dtype` with as many axes as `shape` names, such as "[n, N]".

    Takes whatever NumPy takes, tensors on any device, and objects with `__dlpack__`. None becomes NaN. Raises ValueError that
    names `what`.
    """
    axes = shape.count(",") + 1
    try:
        array = np.asarray(on_host(values))
        if array.dtype.kind not in "fiubO":
            raise ValueError(f"its type is {array.dtype}")
        array = array.astype(dtype, copy=False)
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"{what} must be an array of numbers {shape}: {error}") from error
    if array.ndim != axes:
        raise ValueError(f"{what} must have shape {shape}, not {list(array.shape)}")
    return array


def on_host(values: Any) -> Any:
    """A tensor's values in the memory that NumPy reads; all else as it is."""
    if hasattr(values, "detach") and hasattr(values, "cpu"):
        tensor = values.detach().cpu()
        try:
            return tensor.numpy()
        except TypeError:
            # NumPy has no bfloat16.
            return tensor.float().numpy()
    if hasattr(values, "__dlpack__") and not hasattr(values, "__array__"):
        return np.from_dlpack(values)
    return values


def number(value: Any, what: str) -> float:
    """`value` as a number, or a ValueError that names `what`."""
    try:
        return float(value)
    except (TypeError, ValueError):
        raise ValueError(f"{what} must be a number, not {value!r}") from None


def whole(value: Any, what: str, least: int, most: int) -> int:
    """`value` as a whole number from `least` to `most`, or a ValueError that names `what`."""
    number = int(value) if isinstance(value, float) and value.is_integer() else value
    try:
        number = number.__index__()
    except (AttributeError, TypeError):
        raise ValueError(f"{what} must be a whole number, not {value!r}") from None
    if not least <= number <= most:
        raise ValueError(f"{what} is {number}, it must be from {least} to {most}")
    return number
