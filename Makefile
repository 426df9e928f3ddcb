# Everything a person or a machine runs. `make help` lists it; `make setup` comes first by itself.
# Knobs: PYTHON, DEMO_ARGS, CATALOGUE, UP_ARGS, TEST_ARGS, BENCH_ARGS, CHAOS_ARGS, MUTATION_ARGS.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help setup demo up test check bench chaos mutation pictures docs lock

# The first Python that is new enough; python3 itself when none is, so that setup can say so.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
  $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && exit; \
  done; echo python3)

MEMBERS := shared services/inventory services/sales services/marketplace-sync services/gateway \
  services/sandbox deploy/local
BIN := .venv/bin
STAMP := .venv/.installed
# Distribution and import package have different names here.
DEPTRY := --package-module-name-map brocante-shared=brocante,brocante-inventory=inventory
SOURCES := $(addsuffix /src,$(MEMBERS)) tests

help: ## This list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' Makefile

setup: $(STAMP) ## The environment in .venv, and nothing else

# Packages come from the lock with their hashes; the workspace itself is installed editable and
# built with what the lock brought, so nothing unpinned is fetched.
$(STAMP): requirements.lock pyproject.toml $(addsuffix /pyproject.toml,$(MEMBERS))
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Brocante needs Python 3.11 or newer; \"$(PYTHON)\" is" \
	  "$$($(PYTHON) --version 2>&1 | head -n 1). Try: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || { rm -rf .venv; \
	  echo "$(PYTHON) could not make a virtual environment (Debian: install python3-venv)" >&2; \
	  exit 1; }
	@test -x $(BIN)/uv || { echo "Installing packages (once) ..." >&2; \
	  awk '/^[^ ]/ { mine = /^uv==/ } mine' requirements.lock > .venv/uv.txt && \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes \
	    --no-deps -r .venv/uv.txt; }
	@VIRTUAL_ENV=$(CURDIR)/.venv $(BIN)/uv pip install --quiet --require-hashes --compile-bytecode \
	  -r requirements.lock
	@VIRTUAL_ENV=$(CURDIR)/.venv $(BIN)/uv pip install --quiet --no-deps --no-build-isolation \
	  $(addprefix -e ./,$(MEMBERS))
	@touch $@

demo: $(STAMP) ## The story on embedded back ends: DEMO_ARGS="--exit --json" CATALOGUE=FILE
	@$(BIN)/brocante demo $(if $(CATALOGUE),--catalogue "$(CATALOGUE)") $(DEMO_ARGS)

up: $(STAMP) ## Everything on this machine, until Ctrl-C: UP_ARGS="--port 8080"
	@$(BIN)/brocante up $(UP_ARGS)

test: $(STAMP) ## The whole suite, with what is there; says which tiers ran
	@$(BIN)/pytest -n 2 --dist loadfile $(TEST_ARGS)

check: $(STAMP) ## Format, lint, types, imports, dependencies
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy $(SOURCES)
	$(BIN)/lint-imports
	@for member in $(MEMBERS); do echo "deptry $$member" && \
	  (cd $$member && $(CURDIR)/$(BIN)/deptry src --no-ansi $(DEPTRY)) || exit 1; done

bench: $(STAMP) ## How fast: BENCH_ARGS
	@$(BIN)/python -m tests.bench $(BENCH_ARGS)

chaos: $(STAMP) ## Faults of every kind while sales arrive, then the ledger: CHAOS_ARGS="--short"
	@$(BIN)/python -m tests.chaos $(CHAOS_ARGS)

mutation: $(STAMP) ## Small faults planted one by one, the unit tests to see them: MUTATION_ARGS="--sample 20"
	@$(BIN)/python -m tests.mutation $(MUTATION_ARGS)

pictures: $(STAMP) ## Take the pictures of the console's help again (needs Chromium)
	@BROCANTE_PICTURES=keep $(BIN)/pytest -q tests/e2e/console/test_help.py

docs: $(STAMP) ## Write again what is generated: messages, schemas, samples, AsyncAPI
	@$(BIN)/brocante spec write

lock: $(STAMP) ## Write requirements.lock again from the pyproject files
	@VIRTUAL_ENV=$(CURDIR)/.venv UV_CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/uv pip compile \
	  --quiet pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --no-header \
	  $(foreach name,$(DISTRIBUTIONS),--no-emit-package $(name)) -o requirements.lock

DISTRIBUTIONS := brocante brocante-shared brocante-inventory brocante-sales \
  brocante-marketplace-sync brocante-gateway brocante-sandbox
