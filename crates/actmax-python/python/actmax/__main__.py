"""The command `actmax`, as `python -m actmax` too."""

import os
import signal
import sys
import sysconfig

from . import _actmax
from .runtime import prefer_installed


def main() -> int:
    """Run the command with the arguments of this process. Returns the exit status."""
    # Rust does not return to the interpreter in between, so that Python's handler would never run.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    prefer_installed()
    script = "actmax.exe" if os.name == "nt" else "actmax"
    program = os.path.join(sysconfig.get_path("scripts"), script)
    return _actmax.run_command(["actmax", *sys.argv[1:]], program)


if __name__ == "__main__":
    sys.exit(main())
