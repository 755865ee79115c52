# `make run` and `make test` set everything up themselves; `make help` lists the rest.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SAM := .tools/sam/bin/sam

.PHONY: help
help: ## list what make can do
	@grep -hE '^[a-z][a-z0-9-]*:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(VENV)/.ready: requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "touchstone needs Python 3.11 or newer: make PYTHON=python3.12 ..." >&2; exit 1; }
	@echo "setting up $(VENV) (once) ..." >&2
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --no-index -e .
	@touch $@

.PHONY: setup
setup: $(VENV)/.ready ## make .venv with the locked packages

.PHONY: run
run: $(VENV)/.ready ## score the sample events with every reward (JSON=1 for the raw responses)
	@$(BIN)/python -m workbench.run $(if $(JSON),--json) $(EVENTS)

.PHONY: test
test: $(VENV)/.ready ## run all tests
	@$(BIN)/python -m pytest -n auto $(ARGS)

.PHONY: lint
lint: $(VENV)/.ready .tools/sam/.ready ## lint, format check, types, template
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@AWS_DEFAULT_REGION=us-east-1 SAM_CLI_TELEMETRY=0 $(SAM) validate --lint

.PHONY: check
check: lint test ## lint, then test

.PHONY: bench-judge
bench-judge: $(VENV)/.ready ## measure the judge's scheduler beside boto3's retry modes (ARGS="--only quota")
	@$(BIN)/python benchmarks/judge_scheduler.py $(ARGS)

.PHONY: warm
warm: $(VENV)/.ready ## ask each judge once before a job (JUDGE_MODEL=... RUBRIC=...)
	@$(BIN)/python -m judges.warm

.PHONY: fix
fix: $(VENV)/.ready ## format, and mend what ruff can mend
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

# Tools that pin what we pin otherwise live in environments of their own: SAM its boto3, AWS's verifier its pandas.
.tools/%/.ready: requirements/%.txt $(VENV)/.ready
	@echo "setting up .tools/$* (once) ..." >&2
	@$(PYTHON) -m venv .tools/$*
	@.tools/$*/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r $<
	@touch $@

.PHONY: lock
lock: ## write requirements/*.txt anew from pyproject.toml (LOCK=--upgrade for newer versions)
	@test -x .tools/uv/bin/uv || { $(PYTHON) -m venv .tools/uv && .tools/uv/bin/python -m pip install --quiet uv; }
	@$(COMPILE) pyproject.toml -o requirements/base.txt
	@for extra in math_answer code_tests rubric; do $(COMPILE) pyproject.toml --extra $$extra -o requirements/$$extra.txt; done
	@$(COMPILE) pyproject.toml --all-extras --group dev -o requirements/dev.txt
	@for group in sandbox sam verifier bench-math; do $(COMPILE) --group $$group -o requirements/$$group.txt; done
COMPILE = .tools/uv/bin/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-emit-find-links \
  --python-version 3.11 --custom-compile-command "make lock" $(LOCK)

# `sam build` calls these. They take wheels for Lambda's Python and processor whatever this machine has, and ship
# the named packages alone. The time in `built` makes each build a version of its own: Lambda publishes a version for
# new code, and SAM takes a changed parameter for none (aws/serverless-application-model#3820). ARCH must agree with the
# template's Architecture: `ARCH=arm64 sam build` for arm64.
ARCH ?= x86_64
MACHINE = $(if $(filter arm64,$(ARCH)),aarch64,x86_64)
define package
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes --no-compile \
	  --target "$(ARTIFACTS_DIR)" --implementation cp --python-version 3.13 --only-binary=:all: \
	  $(foreach tag,manylinux_2_28 manylinux_2_17 manylinux2014,--platform $(tag)_$(MACHINE)) -r requirements/$(1).txt
	tar -cf - --exclude='__pycache__' $(2) | tar -xf - -C "$(ARTIFACTS_DIR)"
	date -u +%Y-%m-%dT%H:%M:%SZ >"$(ARTIFACTS_DIR)/built"
endef

build-MathAnswer: ; $(call package,math_answer,rewards)
build-CodeTests: ; $(call package,code_tests,rewards sandbox)
build-Rubric: ; $(call package,rubric,rewards judges)
build-Sandbox: ; $(call package,sandbox,sandbox)

.tools/axe/.ready: # finds what keeps people from using the review page; tests look without it where there is no npm
	@mkdir -p .tools/axe && cd .tools/axe && npm install --no-save --no-audit --no-fund --silent axe-core@4 && touch .ready

.PHONY: axe
axe: .tools/axe/.ready ## fetch axe, with which the browser tests look for accessibility faults (needs npm)

.PHONY: calibrate
calibrate: $(VENV)/.ready ## measure a judge against the example's labels, and write the report (JUDGE=, REPORT=)
	@$(BIN)/touchstone calibrate support examples/support/labels.jsonl --judge "$(or $(JUDGE),offline)" --report $(or $(REPORT),calibration.html)

.PHONY: bench
bench: $(VENV)/.ready .tools/bench-math/.ready ## print every benchmark's table, peers from PyPI beside us
	@$(BIN)/python -m benchmarks.wire
	@$(BIN)/python -m benchmarks.calibration
	@$(BIN)/python benchmarks/judge_scheduler.py
	@$(BIN)/python -m benchmarks.code_tests
	@$(BIN)/python -m benchmarks.math_bench

.PHONY: e2e
e2e: $(VENV)/.ready .tools/sam/.ready ## build, and run every function under `sam local invoke` (needs Docker; says why it skips)
	@E2E=1 $(BIN)/python -m pytest tests/e2e $(ARGS)

.PHONY: bench-code
bench-code: $(VENV)/.ready ## time the code grader beside the shapes of other harnesses
	@$(BIN)/python -m benchmarks.code_tests

.PHONY: soak-code
soak-code: $(VENV)/.ready ## score 10,000 programs, honest and not, and look for leaks
	@$(BIN)/python -m benchmarks.code_soak

.PHONY: bench-math
bench-math: $(VENV)/.ready .tools/bench-math/.ready ## compare the math grader with Math-Verify: accuracy, speed, memory
	@$(BIN)/python -m benchmarks.math_bench $(ARGS)
