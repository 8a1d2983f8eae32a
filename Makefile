# byheart: `make demo` and `make test` need Python 3.11 or newer and make; each makes what it needs. So do `make check` and `make docs`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DOCS_VENV := .venv-docs
DEMO := runs/demo

.PHONY: demo test check docs clean

demo: $(VENV)/installed ## runs the whole paper in small on the embedded digits, writes a report, prints its path and the claims
	$(BIN)/byheart reproduce --scale tiny --out $(DEMO)

test: $(VENV)/installed-dev $(VENV)/browser/chromium ## all tests, doctests and examples; those for real data run where BYHEART_DATA is set
	$(BIN)/python -m pytest -q -n 2 --dist loadscope --no-loadscope-reorder --cov=byheart --cov-report=term:skip-covered $(ARGS)

check: $(VENV)/installed-dev docs ## style, types, and that the documentation builds without a warning
	$(BIN)/ruff check byheart tests benchmarks examples docs
	$(BIN)/ruff format --check byheart tests benchmarks examples docs
	$(BIN)/mypy

docs: $(DOCS_VENV)/installed ## the documentation, in site/; it is read from the sources, so nothing of byheart need be installed
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

$(VENV)/browser/chromium: $(VENV)/installed-dev tests/install_browser.sh
	tests/install_browser.sh $(@D) $(VENV)/lib/python3*/site-packages/playwright/driver/node
	if [ -f $@ ]; then touch $@; fi

$(DOCS_VENV)/installed: requirements-docs.txt
	$(PYTHON) -m venv $(DOCS_VENV)
	$(DOCS_VENV)/bin/python -m pip install -q --disable-pip-version-check -r requirements-docs.txt
	touch $@

clean: ## removes the virtual environments, the demo's results and the built documentation
	rm -rf $(VENV) $(DOCS_VENV) $(DEMO) site
