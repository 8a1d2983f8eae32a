# byheart: `make demo` and `make test` need Python 3.11 or newer and make; each makes what it needs. So do `make check` and `make docs`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DOCS_VENV := .venv-docs
DEMO := runs/demo

BROWSER := @sparticuz/chromium@153.0.0

.PHONY: demo test check docs clean

demo: $(VENV)/installed ## trains on the embedded digits, writes a report, prints its path and the claims
	$(BIN)/byheart run easy-examples filters sensitivity-inequality class-sensitivity patterns-first critical-samples --data digits --scale tiny --out $(DEMO)

test: $(VENV)/installed-dev $(VENV)/browser/chromium ## all tests, doctests and examples; those for real data run where BYHEART_DATA is set
	$(BIN)/python -m pytest -q -n 2 --dist loadscope $(ARGS)

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

# A headless Chromium with the libraries it needs, for the tests that read a report in a browser; where npm cannot get it they are skipped.
$(VENV)/browser/chromium: $(VENV)/installed-dev Makefile
	rm -rf $(@D)
	npm install --silent --no-save --no-package-lock --ignore-scripts --fetch-retries=1 --prefix $(@D) $(BROWSER) \
	&& TMPDIR=$(CURDIR)/$(@D) AWS_LAMBDA_JS_RUNTIME=nodejs24.x $(VENV)/lib/python3*/site-packages/playwright/driver/node --input-type=module \
	--eval 'import { default as chromium } from "$(CURDIR)/$(@D)/node_modules/@sparticuz/chromium/build/index.js"; await chromium.executablePath();' \
	&& sed -i.bak 's|/tmp/fonts|$(CURDIR)/$(@D)/fonts|' $(@D)/fonts/fonts.conf && rm -rf $(@D)/node_modules && touch $@ \
	&& LD_LIBRARY_PATH=$(@D)/al2023/lib $@ --version \
	|| { rm -rf $(@D); echo "No browser could be installed; the tests that need one are skipped."; }

$(DOCS_VENV)/installed: requirements-docs.txt
	$(PYTHON) -m venv $(DOCS_VENV)
	$(DOCS_VENV)/bin/python -m pip install -q --disable-pip-version-check -r requirements-docs.txt
	touch $@

clean: ## removes the virtual environments, the demo's results and the built documentation
	rm -rf $(VENV) $(DOCS_VENV) $(DEMO) site
