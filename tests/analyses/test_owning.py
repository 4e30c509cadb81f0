"""Rent or buy: the payback against a sum month by month, P(never) in closed form, and what is not known."""

import json
import math

import numpy as np
import pytest
from scipy.special import ndtr, ndtri

from simulator import InputError, PriorSet, Run, compare, load_priors, own, simulate
from simulator.analyses.owning import MONTHS, PAYBACK
from simulator.compute.variants import VARIANTS, model
from simulator.priors.toml import toml

HOURS = 8760.0
KNOWN = {"gpu_capex": 42e3, "gpu_life": 5, "gpu_opex": 0.45, "discount_rate": 0.1, "rented_hours": 0.8}
LOGNORMAL = {"gpu_price": "lognormal(median=2.2, sigma=0.4)"}


def month_by_month(price, capex, life, opex, rate, hours):
    """The first month by whose end what was saved, discounted, has paid the price; None if none of the life does."""
    left, steps = capex, 200
    for month in range(1, round(MONTHS * life) + 1):
        times = (month - 1 + (np.arange(steps) + 0.5) / steps) / MONTHS
        left -= (price * hours - opex) * HOURS / MONTHS * np.exp(-rate * times).mean()
        if left <= 0.0:
            return month
    return None


@pytest.mark.parametrize("variant", list(VARIANTS))
def test_the_payback_is_that_of_a_sum_month_by_month(variant):
    random, m, found = np.random.default_rng(3), model(variant), []
    for i in range(300):
        world = {
            "gpu_price": random.uniform(0.3, 5.0),
            "gpu_capex": random.uniform(1e4, 8e4),
            "gpu_life": float(random.integers(2, 8)),
            "gpu_opex": random.uniform(0.1, 1.0),
            "discount_rate": 0.0 if i % 5 == 0 else random.uniform(0.01, 0.4),
            "rented_hours": random.uniform(0.4, 1.0),
        }
        years = float(m.evaluate(world, [PAYBACK])[PAYBACK])
        month = month_by_month(*world.values())
        found.append(month)
        assert (month is None) == math.isinf(years), world
        if month is not None:
            assert month - 1 - 1e-3 <= MONTHS * years <= month + 1e-3, world
    assert 60 < sum(month is None for month in found) < 240  # both were tried


def test_at_a_rate_of_0_it_is_the_price_over_the_saving():
    world = {"gpu_price": 3.0, "gpu_opex": 0.5, "gpu_capex": 4e4, "gpu_life": 5.0, "rented_hours": 1.0}
    for rate, least in ((0.0, 0.0), (1e-6, 0.0), (0.1, 0.05)):
        found = model("dit-scaling").evaluate(world | {"discount_rate": rate}, [PAYBACK, "owned_gpu_hour_cost"])
        plain = 4e4 / (2.5 * HOURS)
        assert found[PAYBACK] == pytest.approx(plain, rel=1e-5) if not least else found[PAYBACK] > plain * (1 + least)
        if rate == 0.0:
            assert found["owned_gpu_hour_cost"] == pytest.approx(4e4 / (5 * HOURS) + 0.5, rel=1e-7)


def test_a_rent_below_the_running_costs_never_pays():
    found = own(load_priors(set=KNOWN | {"gpu_price": 0.4}), draws=1600)
    (only,) = found.bought
    assert only.never == (1.0, 0.0)
    assert math.isinf(only.payback.median.value)


@pytest.mark.parametrize("seed", range(8))
def test_the_payback_of_a_lognormal_rent_has_its_closed_form(seed):
    """Buying never pays where the rent of an hour lies below the cost of an owned one, which is known here."""
    found = own(load_priors(set=KNOWN | LOGNORMAL), draws=64_000, seed=seed)
    (only,) = found.bought
    cost = 42e3 * 0.1 / (1.0 - math.exp(-0.5)) / HOURS + 0.45
    assert only.owned.median.value == pytest.approx(cost, rel=1e-9)
    never = ndtr(math.log(cost / 0.8 / 2.2) / 0.4)
    assert 0.2 < never < 0.5
    assert abs(only.never.value - never) <= 4.0 * only.never.mcse
    for p, e in ((0.05, only.payback.low), (0.5, only.payback.median)):
        rent = 2.2 * math.exp(0.4 * ndtri(1.0 - p)) * 0.8  # a low payback comes of a high rent
        years = -math.log(1.0 - 0.1 * 42e3 / ((rent - 0.45) * HOURS)) / 0.1
        assert abs(e.value - years) <= 4.0 * e.mcse, p
    assert math.isinf(only.payback.high.value)


def test_a_saving_that_falls_pays_as_one_that_stays_does_with_so_much_more_discount():
    """What the docs say: at a fall of 20 % a year, 0.22 more."""
    saving, capex, rate, fall = 2.0 * HOURS, 4e4, 0.1, -math.log(0.8)
    months = np.arange(1, 12001) / 100.0 / MONTHS
    paid = np.cumsum(saving * np.exp(-(rate + fall) * (months - 0.005 / MONTHS))) / 100.0 / MONTHS
    slow = months[np.argmax(paid >= capex)]
    world = {"gpu_price": 2.5, "gpu_opex": 0.5, "gpu_capex": capex, "gpu_life": 20.0, "rented_hours": 1.0}
    years = model("dit-scaling").evaluate(world | {"discount_rate": rate + fall}, [PAYBACK])[PAYBACK]
    assert float(years) == pytest.approx(slow, abs=0.02 / MONTHS)
    assert round(fall, 2) == 0.22


def test_what_no_layer_gives_is_refused_and_left_out(cli, here):
    with pytest.raises(InputError, match=r"payback_years is not known: plappert-2024\+tpu-v7 does not give gpu_capex"):
        own(load_priors(gpu="tpu-v7"), draws=1600)
    with pytest.raises(InputError, match="owning_saving is not known"):
        simulate(gpu="tpu-v7", quantities="owning_saving", draws=1600)
    outcome = cli("--gpu", "tpu-v7", "--all", "--draws", "1600", "--no-save")
    assert outcome.code == 0
    assert "payback_years" not in outcome.out
    assert "left out, since plappert-2024+tpu-v7 does not give gpu_capex, gpu_life, gpu_opex, discount_rate" in (
        outcome.err
    )
    assert cli("--draws", "1600").code == 0
    told = cli("own", "latest", "--gpu", "tpu-v7").errors  # the H100's price is not the TPU's
    assert len(told) == 1
    assert "is not known" in told[0]
    assert "Buying a GPU (h100-sxm) has paid" in " ".join(cli("own", "latest").out.split())


def test_what_no_layer_gives_stays_so_in_a_file_and_in_a_run_of_before(here):
    chosen = load_priors(gpu="tpu-v7")
    lacks = chosen.lacking(PAYBACK)
    (here / "whole.toml").write_text(toml(chosen))
    again = load_priors("whole.toml")  # the default GPU, an H100, lies beneath it
    assert again.lacking(PAYBACK) == lacks == ["gpu_capex", "gpu_life", "gpu_opex", "discount_rate"]
    assert again.digest == chosen.digest
    stored = load_priors().to_json()
    stored["priors"] = {n: e for n, e in stored["priors"].items() if n not in lacks}  # as earlier versions wrote it
    assert PriorSet.from_json(stored).lacking(PAYBACK) == lacks


def test_what_no_layer_gives_may_be_set(cli):
    sets = [w for n, x in KNOWN.items() if n != "rented_hours" for w in ("--set", f"{n}={x}")]
    out = cli("own", "plappert-2024", "--gpu", "tpu-v7", *sets, "--draws", "16000").out
    assert "Buying a GPU (tpu-v7)" in out


def test_the_values_that_stand_for_what_is_not_given_make_no_number():
    """Whoever asks past the refusal is given nothing: no price of 0, and no payback at once."""
    chosen = load_priors(gpu="tpu-v7")
    values = dict.fromkeys(chosen.model.inputs, 3.0) | dict.fromkeys(chosen.lacking(PAYBACK), 0.0)
    found = chosen.model.evaluate(values, [PAYBACK, "owned_gpu_hour_cost"])
    assert math.isnan(found[PAYBACK])
    assert math.isnan(found["owned_gpu_hour_cost"])


def test_a_stored_run_answers_and_one_of_a_comparison_is_paired(here):
    stored = simulate(draws=16_000).stored_in()
    kept, made = own(Run.load(stored.name)).bought[0], own("plappert-2024", draws=16_000).bought[0]
    assert kept.payback.median.value == pytest.approx(made.payback.median.value, rel=1e-6)
    both = compare(load_priors(), load_priors(gpu="h200"), quantities=["owned_gpu_hour_cost"], draws=16_000)
    assert both.to_json()


def test_the_command_says_it_in_a_sentence(cli):
    out = " ".join(cli("own", "plappert-2024", "--gpu", "h200", "--draws", "64000").out.split())
    assert "Buying a GPU (h200) has paid after" in out
    assert "% of the worlds never within its life" in out
    used = json.loads(cli("own", "plappert-2024", "--used", "60%", "--draws", "16000", "--json").out)
    assert used["rented_hours"] == 0.6
    whole = json.loads(cli("own", "plappert-2024", "--draws", "16000", "--json").out)
    assert used["payback_years"]["median"]["value"] > whole["payback_years"]["median"]["value"]
    assert used["never"]["value"] > whole["never"]["value"]
    assert used["sentence"].startswith("Buying a GPU (h100-sxm)")


def test_years_in_which_to_buy(cli, here):
    (here / "falling.toml").write_text(
        'title = "Falling"\nextends = ["plappert-2024"]\n[trends.gpu_price]\nfrom = 2026\ngrowth = 0.8\nsource = "x"\n'
        'grade = "D"\n'
    )
    found = own("falling.toml", years=(2026, 2028), draws=16_000)
    first, last = found.bought
    assert first.payback.median == own("plappert-2024", draws=16_000).bought[0].payback.median
    assert last.never.value > first.never.value
    assert list(found.to_dataset()["year"]) == [2026, 2028]
    out = cli("own", "falling.toml", "--years", "2026,2028", "--draws", "16000").out
    assert "In 2028, at the rent of that year for all of its life, buying a GPU" in " ".join(out.split())
    assert "plappert-2024 has no trends" in cli("own", "plappert-2024", "--years", "2026").err
    (here / "other.toml").write_text((here / "falling.toml").read_text().replace("gpu_price", "inference_saving"))
    told = " ".join(cli("own", "falling.toml", "--draws", "16000").out.split())
    assert "At the rent of 2026 for all of its life, buying a GPU (h100-sxm) has paid after" in told
    assert "The set's trends let rents fall by 20 % a year in the median." in told
    assert json.loads(cli("own", "falling.toml", "--draws", "16000", "--json").out)["rent_of"] == 2026
    told = " ".join(cli("own", "other.toml", "--draws", "16000").out.split())  # no trend of it moves rents
    assert "Buying a GPU (h100-sxm) has paid after" in told
    assert "the rent of 2026" not in told
    assert "The set's trends" not in told
    assert "no trend of other moves what a GPU costs" in cli("own", "other.toml", "--years", "2026").err
