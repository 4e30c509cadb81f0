"""From draws to numbers with their Monte Carlo standard error."""
