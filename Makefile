# `make run` and `make test` set everything up themselves; `make help` lists the rest.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help
help: ## list what make can do
	@grep -hE '^[a-z][a-z-]*:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(VENV)/.ready: requirements/dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "touchstone needs Python 3.11 or newer: make PYTHON=python3.12 ..." >&2; exit 1; }
	@echo "setting up $(VENV) (once) ..." >&2
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

.PHONY: setup
setup: $(VENV)/.ready ## make .venv with the locked packages

.PHONY: test
test: $(VENV)/.ready ## run all tests
	@$(BIN)/python -m pytest $(ARGS)

.PHONY: check
check: $(VENV)/.ready ## lint, format check, types, tests
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/python -m pytest $(ARGS)

.PHONY: fix
fix: $(VENV)/.ready ## format, and mend what ruff can mend
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

.tools/bench-math/.ready: requirements/bench-math.txt
	@echo "setting up the math verifiers to compare with (once) ..." >&2
	@$(PYTHON) -m venv .tools/bench-math
	@.tools/bench-math/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

.PHONY: bench-math
bench-math: $(VENV)/.ready .tools/bench-math/.ready ## compare the math grader with Math-Verify: accuracy, speed, memory
	@$(BIN)/python benchmarks/math_bench.py $(ARGS)
