"""The engine's tests hold runs against one another: each is drawn by itself."""

import pytest

from simulator.engine.workspace import apart


@pytest.fixture(autouse=True)
def drawn_apart(request):
    if request.module.__name__.endswith("test_workspace"):
        yield
    else:
        with apart():
            yield
