# byheart: `make demo` and `make test` need Python 3.11 or newer and make; each makes what it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO := runs/demo

.PHONY: demo test check clean

demo: $(VENV)/installed ## trains on the embedded digits, writes a report, prints its path and the claims
	$(BIN)/byheart run easy-examples filters sensitivity-inequality class-sensitivity patterns-first critical-samples --data digits --scale tiny --out $(DEMO)

test: $(VENV)/installed-dev ## all tests, doctests and examples; those for real data run where BYHEART_DATA is set
	$(BIN)/python -m pytest -q -n 2 --dist loadscope $(ARGS)

check: $(VENV)/installed-dev ## style and types
	$(BIN)/ruff check byheart tests benchmarks examples
	$(BIN)/ruff format --check byheart tests benchmarks examples
	$(BIN)/mypy

$(VENV)/installed: requirements.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "byheart needs Python 3.11 or newer; try make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --disable-pip-version-check -r requirements.txt
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps -e .
	touch $@

$(VENV)/installed-dev: $(VENV)/installed requirements-dev.txt
	$(BIN)/python -m pip install -q --disable-pip-version-check -r requirements-dev.txt
	touch $@

clean: ## removes the virtual environment and the demo's results
	rm -rf $(VENV) $(DEMO)
