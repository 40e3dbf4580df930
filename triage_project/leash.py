"""Runs a command that must not outlive its parent: `python -I -S leash.py PARENT_PID COMMAND…`.

A program of its own, as only the child itself can ask the kernel for a death signal, and Python code
between fork and exec is not safe in a process that has threads. It becomes the command (exec), so that the
command is the parent's direct child. Elsewhere than on Linux there is no such signal: a parent killed with
-9 leaves its children, and the next start ends the Valkey among them.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    parent, command = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit(1)  # it ended before the kernel knew of our wish
    try:
        os.execvp(command[0], command)
    except OSError as error:
        sys.exit(f"{command[0]} cannot be started: {error.strerror}")


if __name__ == "__main__":
    main()
