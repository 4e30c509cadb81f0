"""The kinds of figures: marked functions."""
