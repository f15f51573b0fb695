"""What the Python package costs beside the command: medians, on this machine.

    python crates/actmax-python/benches/ask_tell.py [--generations 75] [--repeats 3] [--evolve] [--others]

Prints a table in Markdown: `ask` and `tell` at N = 4096 with 40 codes a generation, from Python and from Rust. Rust's own time is
what the journal of `evolve` notes of the same method (`ask` and `tell` seconds of a run of callables). The kinds take turns, run by
run, so that all see the same load; a median is over all generations of all runs. `--others` sets the package `cma` and classes of
NumPy beside them, as ratios.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy_classes import Cholesky, Sphere

import actmax

METHODS = ["cholesky-cmaes", "sphere-cma", "genetic", "cma"]
DIM = 4096
POPULATION = 40
HANDED = [("float64", "float64"), ("float32", "float32"), (None, "out=")]


def milliseconds(seconds: list[float]) -> float:
    return 1e3 * statistics.median(seconds)


def in_turn(kinds: list[Callable[[], list[float]]], repeats: int) -> list[float]:
    """Median milliseconds of each kind, whose runs take turns."""
    seconds: list[list[float]] = [[] for _ in kinds]
    for _ in range(repeats):
        for kind, found in zip(kinds, seconds):
            found += kind()
    return [milliseconds(found) for found in seconds]


def score(codes: np.ndarray) -> np.ndarray:
    return codes[:, 0]


def from_python(name: str, generations: int, dtype: str | None = "float64") -> list[float]:
    """Seconds of ask and tell of each generation; no `dtype`: into an array of the caller's."""
    opt, seconds = actmax.Optimizer(name, dim=DIM, seed=1, generations=generations), []
    out = np.empty((POPULATION + 1, DIM))
    for _ in range(generations):
        begun = time.perf_counter()
        codes = opt.ask(out=out) if dtype is None else opt.ask(dtype=dtype)
        asked = time.perf_counter()
        scores = score(codes)
        told = time.perf_counter()
        opt.tell(scores)
        seconds.append(time.perf_counter() - told + asked - begun)
    return seconds


def handing_over(dtype: str | None) -> float:
    """Median milliseconds of asking again, which computes nothing: what it takes to hand a generation over."""
    opt, out, seconds = actmax.Optimizer("genetic", dim=DIM), np.empty((POPULATION, DIM)), []
    opt.ask()
    for _ in range(500):
        begun = time.perf_counter()
        opt.ask(out=out) if dtype is None else opt.ask(dtype=dtype)
        seconds.append(time.perf_counter() - begun)
    return milliseconds(seconds)


def in_rust(name: str, generations: int) -> list[float]:
    """The same of the loop of the command, as its journal notes it."""
    with tempfile.TemporaryDirectory() as folder:
        run = actmax.evolve(name, dim=DIM, seed=1, scorer=score, generations=generations, out=f"{folder}/run")
        lines = (run.folder / "journal.jsonl").read_text().splitlines()[1:]
        return [sum(json.loads(line)["seconds"][phase] for phase in ("ask", "tell")) for line in lines]


def of_numpy(kind: Callable[[int, int], Any], generations: int) -> list[float]:
    """The same of a class of NumPy."""
    opt, seconds = kind(DIM, POPULATION), []
    for _ in range(generations):
        begun = time.perf_counter()
        codes = opt.ask()
        opt.tell(codes, score(codes))
        seconds.append(time.perf_counter() - begun)
    return seconds


def of_cma(generations: int) -> list[float]:
    """The same of the package `cma` with a diagonal covariance: its full one is too slow at this length of codes."""
    warnings.filterwarnings("ignore", module="cma")
    import cma  # type: ignore[import-untyped]

    options = {"popsize": POPULATION, "CMA_diagonal": True, "seed": 1, "verbose": -9}
    opt, seconds = cma.CMAEvolutionStrategy(np.zeros(DIM), 2.0, options), []
    for _ in range(generations):
        begun = time.perf_counter()
        codes = opt.ask()
        opt.tell(codes, [-code[0] for code in codes])
        seconds.append(time.perf_counter() - begun)
    return seconds


def others(generations: int, repeats: int) -> None:
    """Ratios of others' times over ours."""
    rivals = [
        ("cholesky-cmaes", "class of NumPy", lambda: of_numpy(Cholesky, generations)),
        ("sphere-cma", "class of NumPy", lambda: of_numpy(Sphere, generations)),
        ("diagonal-cma", "package cma", lambda: of_cma(generations)),
    ]
    print("\n| method | Python, ms | other | ms | ratio |\n|---|---|---|---|---|")
    for name, other, measure in rivals:
        ours, theirs = in_turn([lambda: from_python(name, generations), measure], repeats)
        print(f"| `{name}` | {ours:.2f} | {other} | {theirs:.1f} | {theirs / ours:.1f} |")


def evolving(generations: int, repeats: int) -> tuple[float, float]:
    """Median seconds of a run of the embedded pair as a process, from Python and by the command, which take turns."""
    command = str(Path(sysconfig.get_path("scripts")) / "actmax")
    script = f"import actmax; actmax.evolve(unit='tiny-alexnet/fc8:3', generations={generations}, out='a', overwrite=True)"
    arguments = ["evolve", "--unit", "fc8:3", "--quiet", "--generations", str(generations), "--out", "b", "--overwrite"]
    seconds: list[list[float]] = [[], []]
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(repeats):
            for words, found in zip(([sys.executable, "-c", script], [command, *arguments]), seconds):
                begun = time.perf_counter()
                subprocess.run(words, check=True, cwd=folder)
                found.append(time.perf_counter() - begun)
    return statistics.median(seconds[0]), statistics.median(seconds[1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--generations", type=int, default=75)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--others", action="store_true", help="also the package cma and classes of NumPy")
    parser.add_argument("--evolve", action="store_true", help="also a run of the embedded pair")
    args = parser.parse_args()
    before = os.getloadavg()[0]
    print("| method | Rust, ms | Python, ms | float32 | out= | Python more than Rust |\n|---|---|---|---|---|---|")
    for name in METHODS:
        kinds = [lambda: in_rust(name, args.generations)]
        kinds += [lambda dtype=dtype: from_python(name, args.generations, dtype) for dtype in ("float64", "float32", None)]
        rust, double, single, out = in_turn(kinds, args.repeats)
        print(f"| `{name}` | {rust:.2f} | {double:.2f} | {single:.2f} | {out:.2f} | {double - rust:+.2f} |")
    handed = ", ".join(f"{handing_over(dtype):.3f} ms ({words})" for dtype, words in HANDED)
    print(f"\nhanding a generation over, without computing it: {handed}")
    if args.others:
        others(args.generations, args.repeats)
    print(f"\nload of the machine: {before:.1f} before, {os.getloadavg()[0]:.1f} after, {os.cpu_count()} cores")
    if args.evolve:
        here, command = evolving(args.generations, args.repeats)
        print(f"\nevolve, embedded pair: {here:.2f} s from Python, {command:.2f} s by the command ({here / command:.3f})")


if __name__ == "__main__":
    main()
