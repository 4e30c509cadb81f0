"""`simulate`, the command, and `python -m simulator`."""

import atexit
import gc
import os
import sys
import threading


def main() -> None:
    """Run the command line, with fewer searches for garbage: a start spends a tenth of its time on them."""
    gc.set_threshold(100_000)
    from .cli.main import main

    main()


def program() -> None:
    """Run the command line as a program, which ends when all is written: the system takes back memory at once.

    Python would first free every object, one by one. Where threads are left, it waits for them as usual.
    """
    try:
        main()
    except SystemExit as end:
        if threading.active_count() > 1 or _watched() or not isinstance(end.code, int):
            raise
        atexit._run_exitfuncs()  # as multiprocessing's processes end
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(end.code)


def _watched() -> bool:
    """Whether a debugger, a profiler or a prompt waits for the end."""
    tools = any(sys.monitoring.get_tool(number) for number in range(6))
    return bool(tools or sys.gettrace() or sys.getprofile() or sys.flags.inspect)


if __name__ == "__main__":
    program()
