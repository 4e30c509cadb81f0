"""The one verb: a prior set becomes a run."""
