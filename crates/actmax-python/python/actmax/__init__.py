"""Find the image that a neuron wants to see, without gradients.

    opt = actmax.Optimizer("cholesky-cmaes", dim=4096, seed=7)
    while opt.generation < 75:
        codes = opt.ask()            # [n, N]
        opt.tell(neuron(codes))      # one score a code, higher is better

Everything is computed by the Rust crates of the project. This package makes arrays of it.
"""

from ._actmax import ActmaxError
from .analyses import Drift, TrajectoryPca, drift, trajectory_pca
from .campaigns import Campaign, load_campaign
from .evolution import evolve
from .networks import Generator, LayerInfo, ModelInfo, ModelTable, Unit, layers, models
from .optimizer import Optimizer
from .optimizers import OptimizerInfo, OptimizerTable, OptionInfo, optimizers
from .pictures import Picture, Svg
from .runs import Run, load_run
from .session import Block, BlockImage, Receipt, Session, SessionError

__all__ = [
    "ActmaxError",
    "Block",
    "BlockImage",
    "Campaign",
    "Drift",
    "Generator",
    "LayerInfo",
    "ModelInfo",
    "ModelTable",
    "Optimizer",
    "OptimizerInfo",
    "OptimizerTable",
    "OptionInfo",
    "Picture",
    "Receipt",
    "Run",
    "Session",
    "SessionError",
    "Svg",
    "TrajectoryPca",
    "Unit",
    "drift",
    "evolve",
    "layers",
    "load_campaign",
    "load_run",
    "models",
    "optimizers",
    "trajectory_pca",
]
