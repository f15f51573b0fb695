"""Runs as their folders hold them."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import _actmax
from .networks import Generator
from .pictures import Picture, Svg, score_trace


class Run:
    """A run as its folder holds it. `n` codes of `N` numbers were scored in `G` generations."""

    def __init__(self, arrays: dict[str, Any], summary: dict[str, Any], folder: Path | None, render: Callable[[Any], Any] | None):
        self._arrays = arrays
        self._render = render
        #: Settings, versions, results and times: the content of `summary.json`.
        self.summary = summary
        #: Where it is; None: it was not to be kept.
        self.folder = folder

    @property
    def codes(self) -> NDArray[np.float32] | None:
        """All codes, `[n, N]`; None unless all were kept."""
        return self._arrays["codes_all"]

    @property
    def last_codes(self) -> NDArray[np.float32]:
        """Codes of the last generation, `[lambda, N]`."""
        return self._arrays["last_codes"]

    @property
    def scores(self) -> NDArray[np.float64]:
        """Scores that the optimizer saw, `[n]`."""
        return self._arrays["scores_all"]

    @property
    def clean_scores(self) -> NDArray[np.float64]:
        """Scores before noise was added, `[n]`."""
        return self._arrays["cleanscores_all"]

    @property
    def generations(self) -> NDArray[np.int64]:
        """The generation of each code, from 0, `[n]`."""
        return self._arrays["generations"]

    @property
    def generation_means(self) -> NDArray[np.float32]:
        """Mean code of each generation, `[G, N]`."""
        return self._arrays["generation_means"]

    @property
    def mean_norms(self) -> NDArray[np.float64]:
        """Mean Euclidean norm of the codes of each generation, `[G]`."""
        return self._arrays["mean_norms"]

    @property
    def best_code(self) -> NDArray[np.float32] | None:
        """The code with the best clean score, `[N]`; None if no score was a number."""
        return self._arrays["best_code"]

    @property
    def best_score(self) -> float | None:
        """The best clean score."""
        best = self.summary["best_clean"]
        return None if best is None else _number(best["score"])

    @property
    def recommended(self) -> NDArray[np.float32]:
        """The code that the optimizer recommends, `[N]`."""
        return self._arrays["recommended"]

    @property
    def next_codes(self) -> NDArray[np.float32]:
        """The generation that would come next, `[lambda, N]`."""
        return self._arrays["next_codes"]

    @property
    def diagnostics(self) -> dict[str, NDArray[np.float64]]:
        """The optimizer's named numbers, `[G]` each."""
        return self._arrays["diagnostics"]

    @property
    def finished(self) -> bool:
        """Whether all generations were scored."""
        return self.summary["outcome"] == "finished"

    @property
    def best_image(self) -> Picture:
        """The image of the best code; its `array` is `[H, W, 3]`, RGB in 8 bits. Its generator makes it now."""
        if self.best_code is None:
            raise _actmax.ActmaxError("no score was a number, so there is no best image")
        if self._render is None:
            raise _actmax.ActmaxError("the run has no generator that is known by name: make the image of best_code yourself")
        return Picture(self._render(self.best_code[None]))

    def plot(self) -> Svg:
        """Every score, and mean and best of every generation, as `trace.svg` shows them."""
        spec = self.summary["spec"]
        return score_trace(
            spec["method"]["optimizer"],
            self.generations,
            self.clean_scores,
            self.scores,
            minimized=spec["goal"] == "minimize",
            recorded=not _has_clean_scores(spec),
        )

    def _repr_svg_(self) -> str:
        return str(self.plot())

    def __repr__(self) -> str:
        spec, done = self.summary["spec"], self.summary["generations_done"]
        best = "no score" if self.best_score is None else f"best clean score {self.best_score:.6g}"
        where = "" if self.folder is None else f", in {os.fspath(self.folder)!r}"
        return f"<actmax.Run {spec['method']['optimizer']}, {done} generations, {len(self.scores)} codes, {best}{where}>"


def load_run(folder: str | os.PathLike[str]) -> Run:
    """The run in a folder that `actmax evolve`, `actmax ask-tell` or `evolve` wrote."""
    return read_run(Path(folder), Path(folder), None)


def read_run(folder: Path, kept: Path | None, render: Callable[[Any], Any] | None) -> Run:
    """The run in `folder`, which will stay as `kept`. `render` makes images of codes; else a generator by name does."""
    arrays = _actmax.read_evolution(os.fspath(folder))
    try:
        summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    except (OSError, json.JSONDecodeError) as error:
        raise _actmax.ActmaxError(f"cannot read summary.json in {os.fspath(folder)!r}: {error}") from error
    return Run(arrays, summary, kept, render or named_generator(summary))


def named_generator(summary: dict[str, Any]) -> Callable[[Any], Any] | None:
    """The generator that a summary names, which is opened when it is needed."""
    objective = summary["spec"].get("objective")
    name = objective.get("generator") if isinstance(objective, dict) else None
    # Words of callables are no names of models.
    if not isinstance(name, str) or objective.get("scores") == CALLABLES:
        return None
    return lambda codes: Generator(name)(codes)


#: What a run of callables says of its objective.
CALLABLES = "callables of Python"


def _has_clean_scores(spec: dict[str, Any]) -> bool:
    """Scores of networks are clean before noise is added. Recorded responses have noise that nobody knows."""
    objective = spec.get("objective")
    return (isinstance(objective, dict) and "units" in objective) or spec["noise"]["kind"] != "none"


def _number(score: Any) -> float:
    """A score of `summary.json`, which has words for what JSON cannot write."""
    return float(score) if score is not None else float("nan")
