"""The compute model: formulas, units and their graph. It knows nothing of draws."""
