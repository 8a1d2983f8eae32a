# byheart: all targets need Python 3.11 or newer and make; each installs what it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DOCS_VENV := .venv-docs
DEMO := runs/demo
# Without restarts, since a run that starts a new worker for one that crashed waits forever under `loadscope`.
TESTS := $(BIN)/python -m pytest -q -n 2 --dist loadscope --no-loadscope-reorder --max-worker-restart 0

.PHONY: demo test test-all coverage check docs clean

demo: $(VENV)/installed ## run the paper's experiments at tiny scale on the embedded digits; write a report, print its path and the claims
	$(BIN)/byheart reproduce --scale tiny --out $(DEMO)

test: $(VENV)/installed-dev ## run all tests that are not marked slow, and doctests
	$(TESTS) -m "not slow" $(ARGS)

test-all: $(VENV)/installed-loops $(VENV)/browser/chromium $(VENV)/html-validate/package.json ## run all tests, doctests and examples, and say which were slowest; tests of real data run if BYHEART_DATA is set
	$(TESTS) --durations=25 $(ARGS)

coverage: ## run all tests, and show the lines that none of them runs; takes longer
	$(MAKE) test-all ARGS="--cov=byheart --cov-report=term:skip-covered $(ARGS)"

check: $(VENV)/installed-dev docs ## check style and types, and that the documentation builds without warnings
	$(BIN)/ruff check byheart tests benchmarks examples docs
	$(BIN)/ruff format --check byheart tests benchmarks examples docs
	$(BIN)/mypy

docs: $(DOCS_VENV)/installed ## build the documentation in site/ from the sources, and run its tutorial
	NO_MKDOCS_2_WARNING=1 $(DOCS_VENV)/bin/mkdocs build --strict --quiet
	@echo "site/index.html"

$(VENV)/installed: requirements.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "byheart needs Python 3.11 or newer; try make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --disable-pip-version-check -r requirements.txt
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps -e .
	touch $@

$(VENV)/installed-dev: $(VENV)/installed requirements-dev.txt
	$(BIN)/python -m pip install -q --disable-pip-version-check -r requirements-dev.txt
	touch $@

$(VENV)/installed-torch: $(VENV)/installed-dev requirements-torch.txt
	$(BIN)/python -m pip install -q --disable-pip-version-check -r requirements-torch.txt
	touch $@

$(VENV)/installed-loops: $(VENV)/installed-torch requirements-loops.txt
	$(BIN)/python -m pip install -q --disable-pip-version-check -r requirements-loops.txt
	touch $@

$(VENV)/browser/chromium: $(VENV)/installed-dev tests/install_browser.sh
	tests/install_browser.sh $(@D) $(VENV)/lib/python3*/site-packages/playwright/driver/node
	if [ -f $@ ]; then touch $@; fi

$(VENV)/html-validate/package.json: $(VENV)/installed-dev tests/install_validator.sh
	tests/install_validator.sh $(@D)
	if [ -f $@ ]; then touch $@; fi

$(DOCS_VENV)/installed: requirements.txt requirements-docs.txt pyproject.toml
	$(PYTHON) -m venv $(DOCS_VENV)
	$(DOCS_VENV)/bin/python -m pip install -q --disable-pip-version-check -r requirements.txt -r requirements-docs.txt
	$(DOCS_VENV)/bin/python -m pip install -q --disable-pip-version-check --no-deps -e .
	touch $@

clean: ## remove the virtual environments, the demo's results, programs kept by tests and the built documentation
	rm -rf $(VENV) $(DOCS_VENV) $(DEMO) site .pytest_cache
