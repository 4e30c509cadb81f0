"""What a model of one's own begins with: a file of formulas and a prior set for it, which run as they are."""

FORMULAS = '''\
"""Energy that a chat service uses: a model to begin with. Change everything.

    simulate models check @NAME@.py
    simulate --model @NAME@.py --priors @NAME@
"""

from simulator import Constant, Input, quantity

# Units beside the program's (s, hour, day, year, W, kWh, MWh, FLOP, FLOP/s, USD, token, image, video_minute, 1, ...).
# A new dimension is a name in brackets: queries never cancel against tokens. One of a known dimension is a number:
# "fortnight = 14 day".
UNITS = ("query = [query]",)

# Priors: what is uncertain. Name, unit, meaning; for a share also 0, 1, the ends of what makes sense.
# Their order is theirs for good: add new ones at the end, and the draws of the others stay as they are.
# The shipped priors and constants may be read by their names too, such as gpu_peak, gpu_power and gpu_price, which
# --gpu chooses.
PRIORS = (
    Input("users", "1", "people who use the service in a day"),
    Input("queries_per_user", "query/day", "queries of one of them in a day"),
    Input("tokens_per_query", "token/query", "tokens of an answer"),
    Input("parameters_active", "1", "parameters of the model that are active for a token"),
    Input("chip_peak", "FLOP/s", "peak rate of a chip"),
    Input("chip_use", "1", "share of the peak that is reached", 0, 1),
    Input("chip_power", "W", "power of a chip, with its share of the server and the building"),
)

# Constants: a factor that only converts, or defines, has a name and a unit; no formula holds a bare number.
CONSTANTS = (
    Constant("flop_per_active_parameter", 2.0, "FLOP/token", "a multiply and an add for each parameter and token"),
    Constant("joules_per_kilowatt_hour", 3.6e6, "W*s/kWh", "watt-seconds in a kilowatt-hour"),
)


# A quantity is a function: its name is what it makes, and its parameters say what it is made from: priors, constants
# and other quantities. It gets numbers or NumPy arrays of draws alike; its unit is proved when the file is read.
@quantity("query/day")
def queries_per_day(users, queries_per_user):
    """Queries in a day."""
    return users * queries_per_user


@quantity("FLOP/query")
def flop_per_query(tokens_per_query, parameters_active, flop_per_active_parameter):
    """Compute of a query."""
    return tokens_per_query * parameters_active * flop_per_active_parameter


@quantity("kWh/query")
def energy_per_query(flop_per_query, chip_peak, chip_use, chip_power, joules_per_kilowatt_hour):
    """Energy of a query."""
    chip_seconds = flop_per_query / (chip_peak * chip_use)
    return chip_seconds * chip_power / joules_per_kilowatt_hour


@quantity("kWh/day")
def energy_per_day(queries_per_day, energy_per_query):
    """Energy of the service in a day."""
    return queries_per_day * energy_per_query


# What is told first: quantities of the table, and clauses of the sentence, each with its median and interval.
HEADLINE = ("queries_per_day", "energy_per_query", "energy_per_day")
STORY = (
    ("energy_per_query", "A query takes {} kWh {}"),
    ("energy_per_day", "the service takes {} kWh a day {}"),
)
CAVEATS = ("The numbers of this file are made up, to show how a model is written.",)
'''
PRIORS = """\
# A prior set for the model @NAME@.py:
#   simulate --model @NAME@.py --priors @NAME@
# A distribution is a call with named arguments, or a bare number for a known value; see 'simulate priors new'.
# Grades: A measured or disclosed, B derived, C second-hand, D judgement

title = "@NAME@, made up to begin with"
model = "@NAME@"

[priors.users]
prior = "lognormal(p5=50e6, p95=200e6)"
unit = "1"
source = "where the number comes from"
grade = "D"

[priors.queries_per_user]
prior = "lognormal(p5=3, p95=15)"
unit = "query/day"
source = "where the number comes from"
grade = "D"

[priors.tokens_per_query]
prior = "lognormal(p5=150, p95=900)"
unit = "token/query"
source = "where the number comes from"
grade = "D"

[priors.parameters_active]
prior = "lognormal(p5=30e9, p95=200e9)"
unit = "1"
source = "where the number comes from"
grade = "D"

[priors.chip_peak]
prior = 989.4
unit = "TFLOP/s"
source = "where the number comes from"
grade = "A"

[priors.chip_use]
prior = "beta(p5=0.05, p95=0.25)"
unit = "1"
source = "where the number comes from"
grade = "D"

[priors.chip_power]
prior = "pert(low=700, mode=1100, high=1500)"
unit = "W"
source = "where the number comes from"
grade = "D"
"""
