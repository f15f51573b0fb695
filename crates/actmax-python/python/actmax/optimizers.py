"""What optimizers there are."""

from __future__ import annotations

import html
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from . import _actmax


@dataclass(frozen=True)
class OptionInfo:
    """An option of an optimizer."""

    name: str
    about: str
    #: What values it takes, in words.
    takes: str
    default: Any


@dataclass(frozen=True)
class OptimizerInfo:
    """An optimizer by its name."""

    name: str
    #: Published names that are understood too.
    aliases: tuple[str, ...]
    about: str
    #: Author, year, code base.
    source: str
    #: Whether it uses only the order of the scores.
    rank_based: bool
    options: tuple[OptionInfo, ...]


class OptimizerTable(list[OptimizerInfo]):
    """A list of optimizers that prints as a table."""

    def __getitem__(self, key: Any) -> Any:
        """The entry of a name, or of a position."""
        if not isinstance(key, str):
            return super().__getitem__(key)
        for info in self:
            if key == info.name or key in info.aliases:
                return info
        raise KeyError(key)

    def __repr__(self) -> str:
        width = max((len(info.name) for info in self), default=0)
        return "\n".join(f"{info.name:{width}}  {info.about}" for info in self)

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{title}</th>" for title in ("name", "what it is", "options", "source"))
        return f"<table><tr>{head}</tr>{''.join(map(_row, self))}</table>"


def _row(info: OptimizerInfo) -> str:
    options = ", ".join(f"{option.name}={_written(option.default)}" for option in info.options)
    return "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in (info.name, info.about, options, info.source)) + "</tr>"


def _written(default: Any) -> str:
    return "none" if default is None else json.dumps(default)


def optimizers() -> OptimizerTable:
    """All optimizers with their options, in the order in which `actmax optimizers` lists them."""
    return OptimizerTable(_entries(json.loads(_actmax.optimizers())))


def _entries(entries: list[dict[str, Any]]) -> Iterable[OptimizerInfo]:
    for entry in entries:
        options = tuple(OptionInfo(**option) for option in entry.pop("options"))
        aliases = tuple(entry.pop("aliases"))
        yield OptimizerInfo(aliases=aliases, options=options, **entry)
