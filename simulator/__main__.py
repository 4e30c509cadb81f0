"""`simulate`, the command, and `python -m simulator`."""

import atexit
import gc


def main() -> None:
    """Run the command line, with fewer searches for garbage: a start and an end spend a tenth of their time on them."""
    gc.set_threshold(100_000)
    atexit.register(gc.freeze)
    from .cli.main import main

    main()


if __name__ == "__main__":
    main()
