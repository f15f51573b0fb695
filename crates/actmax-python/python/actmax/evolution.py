"""Evolving codes into a folder, through the loop of the command."""

from __future__ import annotations

import json
import os
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from . import _actmax
from .arrays import number, numbers, whole
from .networks import Generator, Unit, models as known_models, split_units
from .optimizer import MOST_GENERATIONS, Optimizer
from .runtime import prefer_installed
from .runs import CALLABLES, Run, read_run
from .tensors import on_arrays

#: The command's own.
DEFAULT_OPTIMIZER = "polar-es-savage"
DEFAULT_GENERATOR = "tiny-deepsim"
DEFAULT_GENERATIONS = 75

Path_ = str | os.PathLike[str]


def evolve(
    optimizer: Optimizer | str = DEFAULT_OPTIMIZER,
    *,
    generator: str | Generator | Callable[[Any], Any] | None = None,
    unit: str | Sequence[str] | Unit | None = None,
    scorer: Callable[[Any], Any] | None = None,
    generations: int | None = None,
    noise: float = 0.0,
    norm: float | Literal["natural"] | None = None,
    dim: int | None = None,
    init_codes: Any = None,
    out: Path_ | None = None,
    overwrite: bool = False,
    resume: bool = False,
    keep_codes: str = "all",
    threads: int | None = None,
    device: str = "cpu",
    models: Path_ | None = None,
    **options: Any,
) -> Run:
    """Evolves codes, writes what `actmax evolve` writes into the folder `out`, and returns the run.

        run = actmax.evolve("cholesky-cmaes", unit="tiny-alexnet/fc8:eye", seed=7, out="runs/eye")
        run = actmax.evolve(opt, generator=G, scorer=f, generations=75, noise=0.2, out="runs/a")

    `optimizer` is a name (by default "polar-es-savage"), with seed and options as further arguments, or a new `Optimizer`, which stays as it is: its method,
    options, seed and direction count. What scores is a `unit`, by name or as a `Unit`, or a `scorer`: a callable from images,
    as the generator gave them, to scores `[n]`; NaN is a missing score. A `generator` is a name, a `Generator`, or a callable
    from codes `[n, N]` (float32) to images `[n, 3, H, W]` in [0, 1]. A network of PyTorch gets tensors of its own kind. A unit has
    the generator "tiny-deepsim" by default. A scorer without a generator gets the codes (float64); `dim` is their length, where no
    `Optimizer` and no generator says it.

    `noise` is the standard deviation of the response noise relative to the score. `norm` is the scale of the search, the norm of the
    first codes: a number, or "natural" for that of the codes that the generator was made for. `generations` is 75, unless the `Optimizer`
    has a length. `resume=True` goes on with the run in `out`, with the same arguments; `overwrite=True` removes it first.
    Without `out` no files stay. `keep_codes` is "all", "last" or "none". `threads`, `device` and `models` are those of
    `Generator`.

    Ctrl-C ends the run after the generation in flight, with everything written, and raises KeyboardInterrupt, whose attribute
    `run` is the run so far; a second one stops at once. An exception of a callable is raised again when the generations before
    it are written: `resume=True` goes on after them.
    """
    if (unit is None) == (scorer is None):
        raise ValueError('what scores is a unit, such as "tiny-alexnet/fc8:eye", or a scorer: give one of them')
    if generator is None and unit is not None:
        generator = unit.generator if isinstance(unit, Unit) and unit.generator else DEFAULT_GENERATOR
    if resume and out is None:
        raise ValueError("resume needs out, the folder of the run")
    if not (isinstance(generator, str) and scorer is None and not isinstance(unit, Unit)):
        generator = _generator(generator, models, threads, device)
        scorer = _scorer(scorer if unit is None else unit, models, threads, device)
    length = _code_length(generator, models)
    method = _method(optimizer, options, norm, dim, (generator, length, models), init_codes)
    settings = {
        "optimizer": method.name,
        "options": method.options,
        "norm": method._native.norm,
        "seed": method.seed,
        "generations": whole(generations or method.generations or DEFAULT_GENERATIONS, "generations", 1, MOST_GENERATIONS),
        "maximize": method.maximize,
        "noise": _noise(noise),
        "overwrite": bool(overwrite),
        "resume": bool(resume),
        "keep_codes": keep_codes,
    }
    with _folder(out) as folder, _interrupts() as stop:
        settings["out"] = os.fspath(folder)
        if isinstance(generator, str):
            finished = _of_names(settings, generator, unit, method.init_codes, models, threads, device, stop)
        else:
            finished = _of_callables(settings, method, generator, scorer, stop)
        render = None if isinstance(generator, str) or generator is None else on_arrays(generator)
        run = read_run(folder, None if out is None else Path(out), render)
    if finished:
        return run
    raise _interrupted(run, out)


def _method(
    optimizer: Any, options: dict[str, Any], norm: Any, dim: int | None, source: tuple[Any, int | None, Path_ | None], init_codes: Any
) -> Optimizer:
    """A new optimizer for codes of the generator's length; `source` is the generator, that length, and the folder of models."""
    generator, length, models = source
    own = {"norm": norm, "dim": dim, "init_codes": init_codes}
    if not isinstance(optimizer, Optimizer):
        wanted = length if dim is None else dim
        if wanted is None:
            raise ValueError("the length of the codes is not known: give dim, or an Optimizer")
        scale = _natural_norm(generator, models) if isinstance(norm, str) and norm == "natural" else norm
        method = Optimizer(optimizer, dim=wanted, norm=scale, init_codes=init_codes, **options)
    elif given := [*options, *(name for name, value in own.items() if value is not None)]:
        raise ValueError(f"an Optimizer has its own {', '.join(given)}: leave it out")
    elif optimizer.generation > 0:
        raise ValueError(f"the optimizer has {optimizer.generation} generations behind it; a run begins with a new one")
    else:
        method = optimizer
    if length is not None and method.dim != length:
        raise ValueError(f"the optimizer has dim={method.dim}, codes of the generator have {length} numbers")
    return method


def _noise(level: Any) -> float:
    value = number(level, "noise")
    if not 0 <= value < float("inf"):
        raise ValueError(f"noise level {value} must be a number from 0")
    return value


def _code_length(generator: Any, models: Path_ | None) -> int | None:
    """Length of a generator's codes, where it says it."""
    if isinstance(generator, str):
        known = {model.name: model.code_length for model in known_models(folder=models)}
        # A name that is none, or of no generator on this machine, is refused there, with the way out.
        return known.get(generator) or Generator(generator, folder=models).dim
    length = getattr(generator, "dim", None)
    return length if isinstance(length, int) else None


def _natural_norm(generator: Any, models: Path_ | None) -> float:
    """Norm of the codes that a generator was made for, where it says it."""
    if isinstance(generator, str):
        known = {model.name: model.code_norm for model in known_models(folder=models)}
        return known.get(generator) or Generator(generator, folder=models).code_norm
    norm = getattr(generator, "code_norm", None)
    if norm is None:
        raise ValueError('norm="natural" needs a generator that is known by name, or one with the attribute code_norm')
    return norm


def _generator(generator: Any, models: Path_ | None, threads: int | None, device: str) -> Any:
    if isinstance(generator, str):
        return Generator(generator, folder=models, threads=threads, device=device)
    if generator is not None and not callable(generator):
        raise ValueError(f"the generator must be a name or a callable, not {generator!r}")
    return generator


def _scorer(scorer: Any, models: Path_ | None, threads: int | None, device: str) -> Any:
    if isinstance(scorer, (str, list, tuple)):
        return Unit(scorer, folder=models, threads=threads, device=device)
    if not callable(scorer):
        raise ValueError(f"the scorer must be a callable, not {scorer!r}")
    return scorer


def _of_names(
    settings: dict[str, Any],
    generator: str,
    unit: Any,
    init_codes: NDArray[np.float64] | None,
    models: Path_ | None,
    threads: int | None,
    device: str,
    stop: Callable[[], bool],
) -> bool:
    prefer_installed()
    cnn, units = split_units(unit)
    networks = {
        "generator": generator,
        "cnn": cnn,
        "units": units,
        "models": None if models is None else os.fspath(models),
        "threads": None if threads is None else whole(threads, "threads", 1, 2**16),
        "device": device,
    }
    with tempfile.TemporaryDirectory() as folder:
        init = None
        if init_codes is not None:
            init = os.path.join(folder, "codes.npy")
            np.save(init, init_codes)
        return _actmax.evolve_named(json.dumps(settings), json.dumps({**networks, "init": init}), stop)


def _of_callables(settings: dict[str, Any], method: Optimizer, generator: Any, scorer: Any, stop: Callable[[], bool]) -> bool:
    make: Any = None if generator is None else on_arrays(generator)
    rate = on_arrays(scorer)

    def score(codes: NDArray[np.float64]) -> NDArray[np.float64]:
        return numbers(rate(codes if make is None else make(codes.astype(np.float32))), "scores", "[n]")

    def images(codes: NDArray[np.float32]) -> NDArray[np.float32]:
        return numbers(make(codes), "images", "[n, 3, height, width]", np.float32)

    of = _words(scorer)
    words = {"scores": CALLABLES, "generator": None if generator is None else _words(generator), "scorer": of}
    render = None if generator is None else images
    title = of + ("" if method.maximize else " (minimized)")
    return _actmax.evolve_callables(
        json.dumps(settings), method.dim, json.dumps(words), title, score, render, method.init_codes, stop
    )


def _words(part: Any) -> str:
    """What a record says of a callable: it must be the same when a run goes on."""
    if isinstance(part, (Generator, Unit)):
        return repr(part)
    named = part if hasattr(part, "__qualname__") else type(part)
    return f"{named.__module__}.{named.__qualname__}"


@contextmanager
def _folder(out: Path_ | None) -> Iterator[Path]:
    """The folder of the run, or one that goes when the run is read."""
    if out is not None:
        yield Path(out)
        return
    with tempfile.TemporaryDirectory(prefix="actmax-") as folder:
        yield Path(folder) / "run"


@contextmanager
def _interrupts() -> Iterator[Callable[[], bool]]:
    """A function that says whether Ctrl-C was pressed. The second time it raises KeyboardInterrupt."""
    pressed = threading.Event()

    def press(number: int, frame: Any) -> None:
        if pressed.is_set():
            raise KeyboardInterrupt
        pressed.set()

    # Only the main thread gets signals, and a handler of the caller's own stays.
    ours = threading.current_thread() is threading.main_thread()
    if not ours or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield pressed.is_set
        return
    signal.signal(signal.SIGINT, press)
    try:
        yield pressed.is_set
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _interrupted(run: Run, out: Path_ | None) -> KeyboardInterrupt:
    done, asked = run.summary["generations_done"], run.summary["generations_asked"]
    where = "" if out is None else f"; everything is written to {os.fspath(out)!r}, from where resume=True goes on"
    interrupt = KeyboardInterrupt(f"stopped after {done} of {asked} generations{where}")
    interrupt.run = run  # type: ignore[attr-defined]
    return interrupt
