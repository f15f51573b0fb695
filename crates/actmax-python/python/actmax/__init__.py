"""Find the image that a neuron wants to see, without gradients.

    opt = actmax.Optimizer("cholesky-cmaes", dim=4096, seed=7)
    while opt.generation < 75:
        codes = opt.ask()            # [n, N]
        opt.tell(neuron(codes))      # one score a code, higher is better

Everything is computed by the Rust crates of the project. This package makes arrays of it.
"""

from ._actmax import ActmaxError
from .optimizers import OptimizerInfo, OptimizerTable, OptionInfo, optimizers
from .optimizer import Optimizer

__all__ = ["ActmaxError", "Optimizer", "OptimizerInfo", "OptimizerTable", "OptionInfo", "optimizers"]
