"""Campaigns as their folders hold them."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from . import _actmax
from .runs import Run, named_generator


class Campaign(Sequence[Run]):
    """The finished runs of a campaign, in the order of its grid. The arrays of a run are read when it is taken."""

    def __init__(self, folder: Path, runs: list[tuple[dict[str, Any], str]]):
        self.folder = folder
        #: What the `.json` of each run says.
        self.records = [record for record, _ in runs]
        self._files = [file for _, file in runs]

    def __len__(self) -> int:
        return len(self.records)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self[position] for position in range(*index.indices(len(self)))]
        record = self.records[index]
        done = record["spec"]["generations"]
        summary = {**record, "outcome": "finished", "generations_done": done, "generations_asked": done}
        return Run(_actmax.read_evolution(self._files[index]), summary, self.folder, named_generator(summary))

    def table(self, *, pandas: bool = True) -> Any:
        """One row a run, without its codes: a DataFrame if pandas is installed and wanted, else a list of dicts."""
        rows = [_row(record) for record in self.records]
        if not pandas:
            return rows
        try:
            from pandas import DataFrame  # type: ignore[import-untyped]
        except ImportError:
            return rows
        return DataFrame(rows)

    def __repr__(self) -> str:
        return f"<actmax.Campaign in {os.fspath(self.folder)!r}: {len(self)} finished runs>"


def _row(record: dict[str, Any]) -> dict[str, Any]:
    best = record["best_clean"] or {"score": None, "generation": None}
    spec = record["spec"]
    return {
        "label": record["label"],
        "network": record["network"],
        "layer": record["layer"],
        "channel": record["channel"],
        "noise": spec["noise"].get("level", 0.0),
        "repeat": record["repeat"],
        "optimizer": spec["method"]["optimizer"],
        "seed": spec["seed"],
        "evaluations": record["evaluations"],
        "best_clean": None if best["score"] is None else float(best["score"]),
        "best_generation": best["generation"],
    }


def load_campaign(folder: str | os.PathLike[str]) -> Campaign:
    """The finished runs in the folder of `actmax campaign run`."""
    return Campaign(Path(folder), json.loads(_actmax.campaign_runs(os.fspath(folder))))
