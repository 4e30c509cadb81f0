"""An interactive page: the compute model and the priors, computed in the reader's browser."""
