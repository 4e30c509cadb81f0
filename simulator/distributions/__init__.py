"""The families of distributions and the one notation."""
