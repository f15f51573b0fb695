"""Full CMA-ES on COCO's bbob suite: ours through `actmax ask-tell` beside pycma, in one run.

coco.py ACTMAX OUT.md [DIMENSIONS [FUNCTIONS]], e.g. coco.py target/release/actmax docs/coco.md 2,5,10,20 1-24

Both start at COCO's initial solution with sigma0 = 2 and pycma's default population, spend 1000 N evaluations at
most, do not restart, and stop when the final target (1e-8 above the optimum) is hit. pycma does not stop early
otherwise. Instances 1 to 5, of which a function in a dimension counts those solved, and the expected running
time ERT: evaluations of all runs over the number of runs that hit the target.
"""

import json
import math
import platform
import subprocess
import sys
import warnings
from datetime import date
from importlib.metadata import version

import numpy as np

# What pycma 3.0.3 uses of NumPy 1: four names, and `copy=False`, which used to copy where it must.
np.Inf, np.NaN, np.float_, np.infty = np.inf, np.nan, np.float64, np.inf
new_array = np.array
np.array = lambda *args, copy=True, **options: new_array(*args, copy=copy or None, **options)

import cma  # noqa: E402
import cocoex  # noqa: E402

SIGMA = 2.0
INSTANCES = "1-5"
BUDGET = 1000


def population(dim):
    return 4 + int(3 * math.log(dim))


def pycma(problem, seed):
    options = {"popsize": population(problem.dimension), "seed": seed, "verbose": -9}
    es = cma.CMAEvolutionStrategy(problem.initial_solution, SIGMA, options)
    while running(problem):
        codes = es.ask()
        es.tell(codes, [problem(x) for x in codes])


def actmax(problem, seed, program):
    opening = {
        "optimizer": "cma",
        "dim": problem.dimension,
        "seed": seed,
        "maximize": False,
        "options": {"population_size": population(problem.dimension), "sigma0": SIGMA},
    }
    assert not np.any(problem.initial_solution), "cma starts at the origin"
    process = subprocess.Popen([program, "ask-tell"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with process:
        reply = send(process, opening)
        while running(problem):
            reply = send(process, {"scores": [problem(np.array(x)) for x in reply["codes"]]})
        send(process, {"stop": True})


def send(process, message):
    print(json.dumps(message), file=process.stdin, flush=True)
    reply = json.loads(process.stdout.readline())
    if "error" in reply:
        raise ValueError(reply["error"])
    return reply


def running(problem):
    return not problem.final_target_hit and problem.evaluations < BUDGET * problem.dimension


def runs(solve, dimensions, functions):
    """(function, dimension) -> [(hit, evaluations)], one an instance."""
    filters = f"dimensions:{dimensions} function_indices:{functions} instance_indices:{INSTANCES}"
    finished = {}
    for problem in cocoex.Suite("bbob", "", filters):
        solve(problem, problem.id_instance)
        outcome = (bool(problem.final_target_hit), problem.evaluations)
        finished.setdefault((problem.id_function, problem.dimension), []).append(outcome)
    return finished


def ert(outcomes):
    hits = sum(hit for hit, _ in outcomes)
    return sum(evaluations for _, evaluations in outcomes) / hits if hits else math.inf


def page(ours, theirs, program):
    lines = [
        "# COCO",
        "",
        "Full CMA-ES on the bbob suite, instances 1 to 5, at most 1000 N evaluations, no restarts: `cma` through",
        "`actmax ask-tell` beside pycma, both from COCO's initial solution with sigma0 = 2 and a population of",
        "4 + int(3 ln N). Made by `xtask/peers/coco.py` with `xtask/peers/requirements-coco.txt` on",
        f"{date.today().isoformat()}: {program}, cma {version('cma')}, coco-experiment {version('coco-experiment')},",
        f"Python {platform.python_version()}. Solved: instances whose final target was hit. ERT: evaluations of all runs",
        "over the number of runs that hit it, in thousands. Functions that neither solves once are left out.",
        "",
        summary(ours, theirs),
        "",
        "| function | N | solved: ours | pycma | ERT / 1000: ours | pycma | ours / pycma |",
        "|---|---|---|---|---|---|---|",
    ]
    for key in sorted(theirs):
        a, b = ours[key], theirs[key]
        solved = [sum(hit for hit, _ in outcomes) for outcomes in (a, b)]
        if any(solved):
            ratio = f"{ert(a) / ert(b):.2f}" if all(solved) else ""
            times = " | ".join("" if math.isinf(t) else f"{t / 1000:.2f}" for t in (ert(a), ert(b)))
            lines.append(f"| f{key[0]} | {key[1]} | {solved[0]} | {solved[1]} | {times} | {ratio} |")
    return "\n".join(lines) + "\n"


def summary(ours, theirs):
    both = [key for key in theirs if math.isfinite(ert(theirs[key])) and math.isfinite(ert(ours[key]))]
    logs = [math.log(ert(ours[key]) / ert(theirs[key])) for key in both]
    solved = [sum(hit for outcomes in side.values() for hit, _ in outcomes) for side in (ours, theirs)]
    total = sum(map(len, theirs.values()))
    if not both:
        return f"Runs that hit the target: ours {solved[0]}, pycma {solved[1]} of {total}."
    spread = f"from {math.exp(min(logs)):.2f} to {math.exp(max(logs)):.2f}"
    return (
        f"Runs that hit the target: ours {solved[0]}, pycma {solved[1]} of {total}. In the {len(both)} functions and\n"
        f"dimensions that both solve, the ratio of ERTs is {math.exp(np.mean(logs)):.2f} in the geometric mean and {spread}."
    )


def main(program, out, dimensions="2,5,10,20", functions="1-24"):
    warnings.simplefilter("ignore")
    theirs = runs(pycma, dimensions, functions)
    ours = runs(lambda problem, seed: actmax(problem, seed, program), dimensions, functions)
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    text = page(ours, theirs, told)
    with open(out, "w", encoding="utf-8") as file:
        file.write(text)
    print(text)


if __name__ == "__main__":
    main(*sys.argv[1:])
