# On a fresh machine with only Python >= 3.12 and make: `make run`, `make test`.
OLD_ENOUGH := import sys; sys.exit(sys.version_info < (3, 12))
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python; do \
	$$p -c '$(OLD_ENOUGH)' 2>/dev/null && { echo $$p; break; }; done)
BIN := .venv/bin

PEERS := $(patsubst benchmarks/peers/requirements/%.txt,benchmarks/.peers/%/stamp,$(wildcard benchmarks/peers/requirements/*.txt))

.PHONY: run test calibration figures twin lowest lint docs fuzz bench peers bench-peers clean

LOWEST_TESTS := $(patsubst %,tests/%.py,engine/test_simulate statistics/test_summary runs/test_run priors/test_load plots/test_figure analyses/test_comparison engine/test_preintegration analyses/test_conditioning)

run: .venv/run-stamp  ## simulate one million draws
	$(BIN)/simulate --draws 1000000

test: .venv/test-stamp  ## run the tests
	$(BIN)/python -m pytest -n auto --dist worksteal

calibration: .venv/test-stamp  ## run the long statistical batteries, of which `make test` runs a part
	$(BIN)/python -m pytest -n auto --dist worksteal -m calibration

figures: .venv/test-stamp  ## draw every kind of figure over every set in two sizes, and check ticks, text and areas
	$(BIN)/python -m pytest -n auto -m 'figures or not figures' tests/plots/test_every_kind.py

# What an older release of a dependency has since had deprecated is no fault of ours: warnings are no errors here.
LOWEST := .lowest/bin
lowest: .venv/bin/python  ## build the wheel, and try it and the tests with the lower bounds of the dependencies
	rm -rf .lowest dist
	.venv/bin/python -m pip wheel --quiet --no-deps --wheel-dir dist .
	.venv/bin/python -m venv .lowest
	.venv/bin/python tests/lowest.py > .lowest/pins.txt
	$(LOWEST)/python -m pip install --quiet --requirement .lowest/pins.txt
	$(LOWEST)/python -m pip install --quiet --no-deps dist/*.whl
	$(LOWEST)/python -m pip install --quiet html5lib hypothesis pytest pytest-xdist selenium
	$(LOWEST)/python tests/installed.py $(LOWEST)/simulate
	$(LOWEST)/python -W default -m pytest -n auto -W default -p no:cacheprovider $(LOWEST_TESTS)

twin: .venv/test-stamp  ## sample the calibration with PyMC, whose numbers a test holds it against
	$(BIN)/python -m pip install --quiet --editable '.[twin]'
	$(BIN)/python benchmarks/twin.py

lint: .venv/test-stamp  ## check style, types and the order of the wings
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: .venv/docs-stamp  ## build the site into docs/_build/html: figures drawn, notebook run, links checked
	$(BIN)/sphinx-build -q -W --keep-going -n docs docs/_build/html

fuzz: .venv/test-stamp  ## search for inputs that break the notation or the reader of prior files, for SECONDS
	$(BIN)/python -m pip install --quiet --editable '.[fuzz]' || echo "atheris could not be installed" >&2
	$(BIN)/python tests/fuzz_atheris.py --seconds $(or $(SECONDS),30)

bench: .venv/test-stamp  ## measure what docs/performance.md claims about speed
	$(BIN)/python benchmarks/peers.py numpy
	$(BIN)/python benchmarks/answers.py plots
	$(BIN)/python benchmarks/whatif.py
	$(BIN)/python benchmarks/analyses.py
	$(BIN)/python benchmarks/paired.py
	$(BIN)/python benchmarks/figure.py
	$(BIN)/python benchmarks/page.py

peers: $(PEERS)  ## make an environment for each peer of the benchmarks

bench-peers: .venv/run-stamp peers  ## measure simulate and its peers in turn, and write the tables into docs/performance.md
	$(BIN)/python benchmarks/peers.py --write

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "simulate needs Python 3.12 or newer; none was found (set PYTHON=...)" >&2; exit 1; }
	@$(PYTHON) -c '$(OLD_ENOUGH)' || { echo "simulate needs Python 3.12 or newer; $(PYTHON) is older" >&2; exit 1; }
	$(PYTHON) -m venv .venv

.venv/run-stamp: .venv/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

.venv/test-stamp: .venv/run-stamp
	$(BIN)/python -m pip install --quiet --editable '.[test]'
	@touch $@

.venv/docs-stamp: .venv/run-stamp
	$(BIN)/python -m pip install --quiet --editable '.[docs]'
	@touch $@

benchmarks/.peers/%/stamp: benchmarks/peers/requirements/%.txt | .venv/bin/python
	$(BIN)/python -m venv benchmarks/.peers/$*
	benchmarks/.peers/$*/bin/python -m pip install --quiet --requirement $<
	@touch $@

clean:
	rm -rf .venv .lowest benchmarks/.peers build dist docs/_build docs/_drawn .pytest_cache .mypy_cache .ruff_cache
