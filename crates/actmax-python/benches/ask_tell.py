"""What the Python package costs beside the command: medians, on this machine.

    python crates/actmax-python/benches/ask_tell.py [--generations 75] [--evolve]

Prints a table in Markdown: `ask` and `tell` at N = 4096 with 40 codes a generation, from Python and from Rust. Rust's own time is
what the journal of `evolve` notes of the same method (`ask` and `tell` seconds of a run of callables).
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sysconfig
import tempfile
import time
from pathlib import Path

import numpy as np

import actmax

METHODS = ["cholesky-cmaes", "sphere-cma", "genetic", "cma"]
DIM = 4096


def milliseconds(seconds: list[float]) -> float:
    return 1e3 * statistics.median(seconds)


def score(codes: np.ndarray) -> np.ndarray:
    return codes[:, 0]


def from_python(name: str, generations: int, dtype: str) -> float:
    """Median of ask and tell of a generation."""
    opt, seconds = actmax.Optimizer(name, dim=DIM, seed=1, generations=generations), []
    for _ in range(generations):
        begun = time.perf_counter()
        codes = opt.ask(dtype=dtype)
        asked = time.perf_counter()
        scores = score(codes)
        told = time.perf_counter()
        opt.tell(scores)
        seconds.append(time.perf_counter() - told + asked - begun)
    return milliseconds(seconds)


def in_rust(name: str, generations: int) -> float:
    """The same of the loop of the command, as its journal notes it."""
    with tempfile.TemporaryDirectory() as folder:
        run = actmax.evolve(name, dim=DIM, seed=1, scorer=score, generations=generations, out=f"{folder}/run")
        lines = (run.folder / "journal.jsonl").read_text().splitlines()[1:]
        return milliseconds([sum(json.loads(line)["seconds"][phase] for phase in ("ask", "tell")) for line in lines])


def evolving(generations: int) -> tuple[float, float]:
    """Seconds of a run of the embedded pair, from Python and by the command, starts included."""
    command = str(Path(sysconfig.get_path("scripts")) / "actmax")
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        actmax.evolve(unit="tiny-alexnet/fc8:3", generations=generations, out=f"{folder}/a")
        here = time.perf_counter() - begun
        arguments = ["evolve", "--unit", "fc8:3", "--quiet", "--generations", str(generations), "--out", f"{folder}/b"]
        begun = time.perf_counter()
        subprocess.run([command, *arguments], check=True)
        return here, time.perf_counter() - begun


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--generations", type=int, default=75)
    parser.add_argument("--evolve", action="store_true", help="also a run of the embedded pair")
    args = parser.parse_args()
    print("| method | Rust, ms | Python float64, ms | Python float32, ms | more |\n|---|---|---|---|---|")
    for name in METHODS:
        rust = in_rust(name, args.generations)
        double, single = (from_python(name, args.generations, dtype) for dtype in ("float64", "float32"))
        print(f"| `{name}` | {rust:.2f} | {double:.2f} | {single:.2f} | {double - rust:+.2f} |")
    if args.evolve:
        here, command = evolving(args.generations)
        print(f"\nevolve, embedded pair: {here:.2f} s from Python, {command:.2f} s by the command ({here / command:.3f})")


if __name__ == "__main__":
    main()
