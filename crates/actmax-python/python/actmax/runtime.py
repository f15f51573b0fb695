"""Which ONNX Runtime computes."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

from . import _actmax

#: Names the library; what the user set stays.
VARIABLE = "ORT_DYLIB_PATH"
#: What the library is called in the package `onnxruntime` on Linux and macOS: the version is part of the name.
NAMES = ("libonnxruntime.so.*", "libonnxruntime.*.dylib")


def prefer_installed() -> None:
    """Takes the library of the installed package `onnxruntime`, if it has one of the version that this package is made for.

    The package is not imported. Without one, the library is fetched when a network is first loaded.
    """
    if VARIABLE in os.environ:
        return
    try:
        spec = importlib.util.find_spec("onnxruntime")
    except (ImportError, ValueError):
        return
    for folder in (spec.submodule_search_locations or []) if spec else []:
        for name in NAMES:
            for library in sorted(Path(folder, "capi").glob(name)):
                if _actmax.runtime_version() in library.name:
                    os.environ[VARIABLE] = str(library)
                    return
