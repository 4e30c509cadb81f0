"""Points of the unit cube, and the draws of the priors at them."""
