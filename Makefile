# `make test` and `make demo` do all set-up themselves: they need make and Python 3.11 or newer.
# Another Python: make test PYTHON=python3.12. Another folder: make test VENV=../venv.

ifndef PYTHON
PYTHON := $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
endif
VERSION := $(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready-$(VERSION)
SOURCES := reconciler tests demo benchmarks

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1
# Bytecode is written at installation, whatever the environment says: start-up is faster with it.
unexport PYTHONDONTWRITEBYTECODE PYTHONPATH

.DEFAULT_GOAL := help
.PHONY: help setup demo picture pages test check chaos lint types imports pytest format golden parity clients bench
.PHONY: axe fuzz docs docs-serve lock clean

help: ## Show the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 18

setup: $(READY) ## Make .venv from the lock file and install the project into it

$(READY): requirements-dev.lock pyproject.toml
	@test -n "$(VERSION)" || { echo "no Python 3.11 or newer was found: make PYTHON=..." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "$(PYTHON) is older than 3.11: make PYTHON=..." >&2; exit 1; }
	@echo "setup: Python $(VERSION) in $(VENV)"
	@test "$$($(BIN)/python -V 2>/dev/null)" = "$$($(PYTHON) -V)" \
		&& $(BIN)/python -m pip --version >/dev/null 2>&1 \
		|| $(PYTHON) -m venv --clear $(VENV)
	@rm -f $(VENV)/.ready-*
	@echo "setup: installing what requirements-dev.lock pins, hashes checked"
	@$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements-dev.lock
	@echo "setup: installing this project"
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q reconciler
	@touch $@

demo: $(READY) ## Tell a story against the embedded emulator
	@$(BIN)/python demo/demo.py

picture: $(READY) ## Take the picture of a plan's page anew that README shows; needs Chromium
	@$(BIN)/python demo/picture.py

test: lint types imports pytest ## Lint, types, import contracts and every test: what CI runs

check: test ## The same as test

lint: $(READY) ## ruff: format and rules
	@echo "lint: ruff"
	@$(BIN)/ruff format --quiet --check $(SOURCES) \
		|| { echo "lint: run make format" >&2; exit 1; }
	@$(BIN)/ruff check --quiet $(SOURCES)

types: $(READY) lint ## mypy, strict
	@echo "types: mypy"
	@$(BIN)/mypy $(SOURCES)

imports: $(READY) types ## import-linter: who may import whom
	@echo "imports: import-linter"
	@$(BIN)/lint-imports --no-logo

pytest: $(READY) imports ## The tests alone are: .venv/bin/pytest
	@echo "tests: pytest"
	@$(BIN)/pytest -q

chaos: $(READY) ## Kill runs at every request, apply through storms of faults, try hostile specs
	@$(BIN)/python -m tests.chaos
	@$(BIN)/python -m tests.fuzz --inputs $(or $(INPUTS),100000)

format: $(READY) ## ruff: format and mend what can be mended
	@$(BIN)/ruff format $(SOURCES)
	@$(BIN)/ruff check --fix $(SOURCES)

golden: $(READY) ## Rewrite the golden files; read the diff before committing
	@$(BIN)/pytest -q --update-golden

parity: $(READY) ## Replay RECORDINGS=FILE against the emulator, and write docs/parity.md
	@$(BIN)/python -m tests.parity "$(RECORDINGS)" docs/parity.md

fuzz: $(READY) ## Try INPUTS=100000 changed specs; none may raise, or take long
	@$(BIN)/python -m tests.fuzz --inputs $(or $(INPUTS),100000) $(if $(SEED),--seed $(SEED))

AZURITE := $(VENV)/azurite/node_modules/.bin/azurite-blob
CLIENTS := $(VENV)-clients

$(CLIENTS)/bin/az:
	@echo "clients: installing azure-cli into $(CLIENTS), which takes some minutes"
	@$(PYTHON) -m venv $(CLIENTS)
	@$(CLIENTS)/bin/pip install --quiet azure-cli==2.91.0

ANSIBLE := $(CLIENTS)/ansible
ANSIBLE_NEEDS := $(ANSIBLE)/lib/python*/site-packages/ansible_collections/azure/azcollection/requirements.txt
# What its modules of other services import, which those of the test do without.
ANSIBLE_LEAVE := azure-(containerregistry|eventhub|iot-hub|keyvault.*|servicebus)|netaddr|oras|pandas

$(ANSIBLE)/ready:
	@echo "clients: installing Ansible into $(ANSIBLE), which takes some minutes"
	@$(PYTHON) -m venv $(ANSIBLE)
	@$(ANSIBLE)/bin/pip install --quiet ansible==12.3.0
	@grep -vE '^($(ANSIBLE_LEAVE))[=>]' $(ANSIBLE_NEEDS) > $(ANSIBLE)/needs.txt
	@$(ANSIBLE)/bin/pip install --quiet -r $(ANSIBLE)/needs.txt
	@touch $@

clients: $(READY) $(CLIENTS)/bin/az $(ANSIBLE)/ready $(AZURITE) ## Try az and Ansible on the emulator, and blobs on Azurite; needs npm
	@AZ=$(abspath $(CLIENTS)/bin/az) ANSIBLE=$(abspath $(ANSIBLE)/bin/ansible-playbook) \
		AZURITE=$(abspath $(AZURITE)) $(BIN)/pytest -q -m clients tests/clients

$(AZURITE):
	@npm install --silent --no-fund --no-audit --prefix $(VENV)/azurite azurite@3.35.0

AXE := $(VENV)/axe/node_modules/axe-core/axe.min.js

$(AXE):
	@npm install --silent --no-fund --no-audit --prefix $(VENV)/axe axe-core@4.14.1

axe: $(AXE)

pages: $(READY) $(AXE) ## Open the HTML reports in headless Chromium, and let axe look; needs npm
	@AXE=$(abspath $(AXE)) $(BIN)/pytest -q -m browser tests/render

bench: $(READY) ## Measure what runs cost, and print it beside the targets
	@$(BIN)/python -m benchmarks

docs: $(READY) ## Build the site of docs/ into site/
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet

docs-serve: $(READY) ## Show the site while you write it
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs serve

LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-strip-extras --no-header --no-annotate pyproject.toml

lock: ## Regenerate the lock files (needs uv)
	$(LOCK) --output-file requirements.lock
	$(LOCK) --extra dask --output-file requirements-dask.lock
	$(LOCK) --extra otel --output-file requirements-otel.lock
	$(LOCK) --extra dev --extra dask --extra otel --output-file requirements-dev.lock

clean: ## Remove everything that can be made again
	rm -rf $(VENV) dist build site htmlcov .coverage .mypy_cache .pytest_cache .ruff_cache
	rm -rf .hypothesis .import_linter_cache .reconciler
	find reconciler tests demo benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
