"""Rent or buy: what an hour of an owned GPU costs, and when buying it has paid.

A GPU that is bought is held around the clock for its life, and is worth nothing afterwards. One that is rented is
paid for the share `rented_hours` of the hours: all of them where it is reserved, as `inference_cost_per_day` counts,
and less where it is given back when idle. Rent and running costs stay as they are for the whole life: a saving that
falls by a rate a year pays as one that stays does with that much more discount rate.
"""

import numpy as np

from ..graph import quantity


@quantity("year")
def discounted_life(discount_rate, least_discount_rate, gpu_life):
    """Life of a GPU that was bought, with each year worth less than the one before."""
    return -np.expm1(-np.maximum(discount_rate, least_discount_rate) * gpu_life) / np.maximum(
        discount_rate, least_discount_rate
    )


@quantity("USD/hour")
def owned_gpu_hour_cost(gpu_capex, discounted_life, hours_per_year, gpu_opex):
    """Cost of an hour of an owned GPU: its price over its life, discounted, and what it takes to run."""
    return gpu_capex / (discounted_life * hours_per_year) + gpu_opex


@quantity("USD/hour")
def rented_gpu_hour_cost(gpu_price, rented_hours):
    """Rent of a GPU for each hour of the year, of which only a share may be paid."""
    return gpu_price * rented_hours


@quantity("USD/hour")
def owning_saving(rented_gpu_hour_cost, gpu_opex):
    """Rent saved in an hour by an owned GPU, beyond what it takes to run; 0 where the rent is below that."""
    return np.maximum(rented_gpu_hour_cost, gpu_opex) - gpu_opex


@quantity("1")
def owning_pays(gpu_capex, owning_saving, hours_per_year, discounted_life):
    """1 where buying a GPU pays within its life, 0 where it never does."""
    return np.sign(np.maximum(owning_saving * hours_per_year * discounted_life, gpu_capex) - gpu_capex)


@quantity("USD/year")
def owning_interest(discount_rate, least_discount_rate, gpu_capex):
    """Interest of a year on the price of a GPU."""
    return np.maximum(discount_rate, least_discount_rate) * gpu_capex


@quantity("year", never=True)
def payback_years(owning_interest, owning_saving, hours_per_year, gpu_capex, owning_pays):
    """Years after which buying a GPU has paid against renting it; never, if not within its life."""
    return (
        np.log1p(owning_interest / (np.maximum(owning_saving * hours_per_year, owning_interest) - owning_interest))
        * gpu_capex
        / owning_interest
        / owning_pays
    )
