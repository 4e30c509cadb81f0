"""A run, made once, and stored in a folder of one's own."""

import pytest

from simulator import simulate

from ..helpers import SET


@pytest.fixture(scope="session")
def made():
    return simulate(SET, draws=1600)


@pytest.fixture
def stored(made, here):
    return made.save("runs")
