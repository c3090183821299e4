# The few commands of this project. `make` alone lists them.
# Needs python3 (3.11 or newer), git and make; everything else is brought by the targets themselves.

PYTHON ?= python3
JOBS ?= auto
ARGS ?=
BIN := .venv/bin
LOCK := $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-annotate --no-header --python-version 3.11 $(if $(UPGRADE),--upgrade,)

.DEFAULT_GOAL := help
.PHONY: help run test check format bench lock clean setup setup-dev services

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

run: setup ## start the help desk with demo data (the first start installs everything)
	@exec $(BIN)/helpdesk up --demo $(ARGS)

test: setup-dev services ## run all tests; ARGS="tests/sla -k pause" runs some
	@$(BIN)/python -m pytest -n $(JOBS) --maxprocesses 4 --dist loadgroup $(ARGS)

check: setup-dev ## formatting, style, types, import rules, dependencies, vendored files
	@failed=; \
	step() { echo "check: $$1"; shift; said=$$("$$@" 2>&1) || { failed=yes; echo "$$said"; }; }; \
	step "format (make format puts it right)" $(BIN)/ruff format --check --quiet --output-format concise .; \
	step "style" $(BIN)/ruff check --quiet --output-format concise .; \
	step "types" $(BIN)/mypy; \
	step "import rules" $(BIN)/lint-imports --no-logo; \
	step "dependencies" $(BIN)/deptry --no-ansi .; \
	step "vendored files" $(BIN)/python scripts/vendor.py --check; \
	if [ "$$failed" ]; then echo "check: not all is well"; exit 1; else echo "check: all is well"; fi

format: setup-dev ## format the code and apply the safe fixes of the linter
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format --quiet .

bench: setup-dev ## measure speed and load
	@$(BIN)/python -m bench $(ARGS)

lock: setup-dev ## lock the dependencies again; UPGRADE=1 takes newer versions
	@$(LOCK) pyproject.toml -o requirements.lock
	@$(LOCK) -c requirements.lock pyproject.toml --group dev -o requirements-dev.lock
	@$(LOCK) -c requirements-dev.lock requirements-setup.in -o requirements-setup.lock

clean: ## remove the environment and the caches, never the data
	@rm -rf .venv .cache .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis dist
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

setup: ## the environment that runs the program
	@$(PYTHON) scripts/setup_environment.py runtime

setup-dev: ## the environment that checks and tests it
	@$(PYTHON) scripts/setup_environment.py dev

services: ## PostgreSQL, Redis, Dovecot and Chromium for the tests
	@sh scripts/setup_test_services.sh
