"""From prior files to a checked prior set."""
