"""How many piano tuners are there in Chicago? Fermi's question, with its uncertainty.

simulate --model examples/tuners.py
"""

from simulator import Input, quantity

UNITS = (
    "person = [person]",
    "household = [household]",
    "piano = [piano]",
    "tuning = [tuning]",
    "tuner = [tuner]",
)
PRIORS = (
    Input("people", "person", "people in Chicago"),
    Input("household_size", "person/household", "people in a household"),
    Input("piano_share", "piano/household", "pianos that are tuned for each household", 0, 1),
    Input("tunings_per_year", "tuning/piano/year", "tunings of such a piano in a year"),
    Input("tuning_hours", "hour/tuning", "hours that a tuning takes, with the way there"),
    Input("workday_hours", "hour/day/tuner", "hours that a tuner works in a day"),
    Input("days_per_week", "day/week", "days that a tuner works in a week"),
    Input("weeks_per_year", "week/year", "weeks that a tuner works in a year"),
)


@quantity("piano")
def pianos(people, household_size, piano_share):
    """Pianos in Chicago that are tuned."""
    return people / household_size * piano_share


@quantity("tuning/year")
def tunings(pianos, tunings_per_year):
    """Tunings in a year."""
    return pianos * tunings_per_year


@quantity("tuning/year/tuner")
def tunings_per_tuner(tuning_hours, workday_hours, days_per_week, weeks_per_year):
    """Tunings that a tuner can do in a year."""
    return workday_hours * days_per_week * weeks_per_year / tuning_hours


@quantity("tuner")
def tuners(tunings, tunings_per_tuner):
    """Piano tuners in Chicago."""
    return tunings / tunings_per_tuner


ABOUT = "How many piano tuners there are in Chicago: Fermi's question, with its uncertainty."
HEADLINE = ("pianos", "tunings_per_tuner", "tuners")
STORY = (("tuners", "Chicago has {} piano tuners {}"),)
CAVEATS = ("Those who tune beside other work are counted as the part of a tuner that they are.",)
