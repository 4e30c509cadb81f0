"""What the command line says of what was typed: right words for one, for none, and for what cannot be."""

import json

import pytest


def test_a_quantile_is_named_as_a_statistic_is(cli):
    data = json.loads(cli("-n", "1600", "--no-save", "--quantile", "p97.5", "--quantile", "1%", "--json").out)
    assert {"0.975", "0.01"} <= set(data["quantities"]["training_h100s"]["quantiles"])


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        (("--quantile", "p100"), "error: --quantile 'p100': write it as 0.95, 95% or p95, between 0 and 1"),
        (("--quantile", "p0"), "error: --quantile 'p0%': write it as 0.95, 95% or p95, between 0 and 1"),
        (("--quantile", "many"), "error: --quantile 'many': write it as 0.95, 95% or p95, between 0 and 1"),
        (("--ci", "15 million"), "error: --ci '15 million': a probability lies between 0 and 1, as 0.9 or 90%"),
        (("--target-error", "0"), "error: --target-error '0': an error lies between 0 and 1, and none is reached at 0"),
    ],
)
def test_what_is_no_probability_is_told_in_the_words_of_its_option(typed, told, cli):
    outcome = cli(*typed)
    assert outcome.code == 2
    assert outcome.err.startswith(told.replace("'p0%'", "'0%'")), outcome.err


def test_one_is_singular(cli, here):
    outcome = cli("-n", "1", "--no-save")
    assert outcome.err.startswith("note: 1 draw does not divide over 16 replicates")
    out = cli("backtest", "open-sora-1.0-gpu-hours", "-n", "1600").out
    assert "against 1 published case: 1,600 draws" in out
    assert "Only 1 training case predicts something" in out
    assert "inference case" not in out
