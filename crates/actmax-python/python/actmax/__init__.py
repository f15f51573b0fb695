"""Find the image that a neuron wants to see, without gradients.

    opt = actmax.Optimizer("cholesky-cmaes", dim=4096, seed=7)
    while opt.generation < 75:
        codes = opt.ask()            # [n, N]
        opt.tell(neuron(codes))      # one score a code, higher is better

Everything is computed by the Rust crates of the project. This package makes arrays of it.
"""

import importlib
from types import ModuleType

from ._actmax import ActmaxError
from . import interpreters as _interpreters

_interpreters.claim()

from .alignment import Alignment, Correlation, KsTest, alignment
from .analyses import Drift, RandomWalk, TrajectoryPca, drift, random_walk, trajectory_pca
from .campaigns import Campaign, load_campaign
from .evolution import evolve
from .metric import Metric
from .networks import Generator, LayerInfo, ModelInfo, ModelTable, Unit, layers, models
from .optimizer import Optimizer
from .optimizers import OptimizerInfo, OptimizerTable, OptionInfo, optimizers
from .pictures import Picture, Svg
from .ratios import Ratios, ratios
from .registered import AddedModel, add_model, remove_model
from .runs import Run, load_run
from .session import Block, BlockImage, Receipt, Session, SessionError
from .steps import AgainstControl, NormGrowth, StepGeometry, norm_growth, step_geometry

__all__ = [
    "ActmaxError",
    "AddedModel",
    "AgainstControl",
    "Alignment",
    "Block",
    "BlockImage",
    "Campaign",
    "Correlation",
    "Drift",
    "Generator",
    "KsTest",
    "LayerInfo",
    "Metric",
    "ModelInfo",
    "ModelTable",
    "NormGrowth",
    "Optimizer",
    "OptimizerInfo",
    "OptimizerTable",
    "OptionInfo",
    "Picture",
    "RandomWalk",
    "Ratios",
    "Receipt",
    "Run",
    "Session",
    "SessionError",
    "StepGeometry",
    "Svg",
    "TrajectoryPca",
    "Unit",
    "add_model",
    "alignment",
    "drift",
    "evolve",
    "layers",
    "load_campaign",
    "load_run",
    "models",
    "norm_growth",
    "optimizers",
    "random_walk",
    "ratios",
    "remove_model",
    "step_geometry",
    "trajectory_pca",
]

#: Modules that are imported when they are used: the last two need packages of others.
LATER = ("compat", "nevergrad", "optuna")


def __getattr__(name: str) -> ModuleType:
    if name in LATER:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
