"""What users of PyTorch write, with PyTorch: `tests/test_torch.py` runs it."""

import sys

import numpy as np

import actmax

assert "torch" not in sys.modules, "the package imports PyTorch by itself"

import torch

torch.manual_seed(1)
G = torch.nn.Sequential(torch.nn.Linear(64, 3 * 8 * 8), torch.nn.Sigmoid(), torch.nn.Unflatten(1, (3, 8, 8))).double()
wanted = torch.rand(3, 8, 8, dtype=torch.float64)


def neuron(images):
    return -(images - wanted).square().mean(dim=(1, 2, 3))


def a_loop_with_gradients():
    """The loop; scores carry gradients, as those of every network do."""
    opt, plain = (actmax.Optimizer("cholesky-cmaes", dim=64, seed=7, init_sigma=2.0) for _ in range(2))
    while opt.generation < 40:
        codes = opt.ask()
        scores = neuron(G(torch.from_numpy(codes)))
        assert scores.requires_grad
        plain.ask()
        opt.tell(scores)
        plain.tell(scores.detach().numpy(), torch.from_numpy(codes))
        np.testing.assert_array_equal(opt.ask(), plain.ask())
    for kind in (torch.float16, torch.bfloat16, torch.float32, torch.int64):
        opt.tell(torch.arange(len(opt.ask())).to(kind))
        assert opt.generation > 40
    opt.tell(torch.arange(2.0 * len(opt.ask()))[::2])
    opt.ask()
    for wrong in (torch.zeros(3), torch.zeros(40, 1), torch.zeros(40, dtype=torch.complex64)):
        try:
            opt.tell(wrong)
        except ValueError:
            continue
        raise AssertionError(f"{wrong.shape} of {wrong.dtype} was taken for scores")


def callables_of_tensors():
    """`evolve` with callables that take arrays and give tensors."""
    run = actmax.evolve(
        actmax.Optimizer("sphere-cma", dim=64, seed=1, sphere_norm=8.0),
        generator=lambda codes: G(torch.from_numpy(codes).double()),
        scorer=neuron,
        generations=30,
    )
    assert run.finished and run.clean_scores[-40:].mean() > run.clean_scores[:40].mean()
    assert run.best_image.array.shape == (8, 8, 3)
    opt = actmax.Optimizer("cholesky-cmaes", dim=64, seed=7, init_sigma=2.0)
    run = actmax.evolve(opt, generator=G, scorer=neuron, generations=20, noise=0.2)
    plain = actmax.evolve(opt, generator=lambda z: G(torch.from_numpy(z).double()), scorer=neuron, generations=20, noise=0.2)
    np.testing.assert_array_equal(run.scores, plain.scores)
    np.testing.assert_array_equal(run.best_image.array, plain.best_image.array)
    head = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(192, 1), torch.nn.Flatten(0))
    assert actmax.evolve(opt, generator=G, scorer=head, generations=3).finished
    own = actmax.evolve("genetic", dim=64, scorer=lambda codes: torch.from_numpy(codes).sum(dim=1), generations=2)
    assert own.finished


def networks_of_tensors():
    """Embedded networks take tensors, also those with strides."""
    generator, unit = actmax.Generator("tiny-deepsim"), actmax.Unit("tiny-alexnet/fc8:1")
    codes = torch.randn(2, generator.dim)
    images = generator(codes)
    np.testing.assert_array_equal(images, generator(codes.numpy()))
    tensors = torch.from_numpy(images).permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2)
    np.testing.assert_array_equal(unit(tensors), unit(images))


for part in (a_loop_with_gradients, callables_of_tensors, networks_of_tensors):
    part()
    print(part.__doc__)
print(f"PyTorch {torch.__version__}, NumPy {np.__version__}")
