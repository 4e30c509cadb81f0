"""What is taken where nothing is said: the command line and Python agree."""

DEFAULT_SEED = 20240315
DEFAULT_DRAWS = 1_000_000
DEFAULT_KEEP = 1_000_000
