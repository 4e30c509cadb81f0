"""The formulas, one file for each stage."""
