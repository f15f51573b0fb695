"""One interpreter of a process alone can have the package: its native half holds objects of that one."""

from __future__ import annotations

from ._actmax import ActmaxError


def claim() -> None:
    """Raises ImportError in every other interpreter than the first. From Python 3.11 on the native half does so by itself."""
    try:
        import _xxsubinterpreters  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        return
    here = int(_xxsubinterpreters.get_current())
    # All interpreters of a process see one class of the native half.
    owner = ActmaxError.__dict__.get("_interpreter", here)
    if owner != here:
        raise ImportError(f"actmax is in use by interpreter {owner} of this process, and this is {here}: start a process instead")
    ActmaxError._interpreter = here  # type: ignore[attr-defined]
