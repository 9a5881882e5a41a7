# PYTHON is any Python >= 3.11; everything runs in .venv, which `setup` makes from constraints.txt.
PYTHON ?= python3
EXTRAS ?= train,dev
BIN := .venv/bin
STAMP := .venv/.installed-$(EXTRAS)
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

.PHONY: setup demo test check bench peers clean

setup: $(STAMP)

# The build backend comes from constraints.txt too, hence no build isolation.
$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Python >= 3.11 is needed, $(PYTHON) is not: give one with make PYTHON=python3.12" >&2; exit 2; }
	$(PYTHON) -m venv .venv
	$(PIP) hatchling editables
	$(PIP) --no-build-isolation -e '.[$(EXTRAS)]'
	@touch $@

demo: setup
	$(BIN)/scalinglaws run teacher-student --budget quick

test: setup
	$(BIN)/python -m pytest -n 2 --dist worksteal

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BIN)/python -m pytest tests/test_rooms.py tests/test_public_names.py
	$(BIN)/python tools/check_readme.py README.md CONTRIBUTING.md docs/*.md

# What ours is measured against, in an environment of its own: DADApy needs numpy < 2.
peers: .venv-peers/.installed

.venv-peers/.installed: benchmarks/peers/constraints.txt
	$(PYTHON) -m venv .venv-peers
	.venv-peers/bin/python -m pip install --quiet --disable-pip-version-check \
	  -c $< scikit-dimension dadapy
	@touch $@

bench: setup
	@$(MAKE) --no-print-directory peers || echo "the peers were not installed" >&2
	@set -e; for bench in benchmarks/bench_*.py; do echo "== $$bench"; $(BIN)/python $$bench; done

# Results are hours of work: no target removes them.
clean:
	rm -rf .venv .venv-peers .pytest_cache .ruff_cache .hypothesis build dist
	find src tests benchmarks tools -name __pycache__ -prune -exec rm -rf {} +
