# `make help` is the manual. Everything runs from a fresh clone with git, make and a Python 3.11+ that can make a venv.
.DEFAULT_GOAL := help
.PHONY: help setup demo test check fix bench docs promises clean
PYTHON := $(shell for p in python3.11 python3.12 python3.13 python3; do \
  $$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
DEMO := var/demo
PORT ?= 8000
export OPENBLAS_NUM_THREADS ?= 1

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/ready ## make .venv with exactly the locked packages (done by the others when needed)

.venv/ready: requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Accord needs Python 3.11 or newer that can make a venv (Debian: apt install python3-venv)."; exit 1; }
	@echo "Setting up .venv (once) …"
	@$(PYTHON) -m venv --clear .venv
	@if command -v uv >/dev/null 2>&1; \
	then uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock; \
	else $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock; fi
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --no-index -e .
	@touch $@

demo: setup $(DEMO)/loop ## the loop of the science (once), then the clinic with its door; PORT=8001 takes another port
	@cat $(DEMO)/loop
	@ACCORD_MODE=demo ACCORD_DATA=$(DEMO)/clinic ACCORD_ADDRESS=http://localhost:$(PORT) $(BIN)/accord serve --with-clock --port $(PORT)

# An invented service of 1,367 people and a real trial, each to a report; made again after `make clean`.
$(DEMO)/loop: | .venv/ready
	@mkdir -p $(DEMO)
	@$(BIN)/accord simulate routine-care -n 1367 --seed 1 --out $(DEMO)/routine-care --force
	@$(BIN)/accord analyse routine-care --cohort $(DEMO)/routine-care --out $(DEMO)/routine-care-report --force --allow-invented
	@$(BIN)/accord cohort map examples/ashar2022/mapping.yaml examples/ashar2022/ashar2022_outcomes_demographics.csv --out $(DEMO)/ashar2022 --force
	@$(BIN)/accord analyse examples/ashar2022/protocol.yaml --cohort $(DEMO)/ashar2022 --out $(DEMO)/ashar2022-report --force
	@$(BIN)/python -c 'import pathlib; [print("Report:", p.resolve().as_uri()) for p in sorted(pathlib.Path("$(DEMO)").glob("*-report/*.html"))]' > $@.new
	@mv $@.new $@

test: check ## all that needs no extra server, on two cores; says loudly what it left out (browser, PostgreSQL)
	@$(BIN)/python -m pytest -n 2 --dist worksteal -m "not browser and not postgres"

check: setup ## style, types, import contracts, content
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/accord content check
	@$(BIN)/accord instruments check
	@$(BIN)/accord protocols check

fix: setup ## mend what can be mended by itself
	@$(BIN)/ruff check --fix --quiet .
	@$(BIN)/ruff format .

bench: setup ## measure against the peers, side by side; writes docs/reference/benchmarks.md
	@$(BIN)/python benchmarks/run.py

promises: setup ## the proofs of safety at full size (an hour; needs PostgreSQL); writes docs/safety/promises.md
	@ACCORD_PROMISES=full $(BIN)/python -m pytest tests/promises
	@$(BIN)/python docs/promises.py

docs: setup ## write the generated pages again, then the documentation as a site in var/site
	@$(BIN)/python docs/generate.py
	@$(BIN)/mkdocs build --quiet --strict
	@echo "Documentation: $(CURDIR)/var/site/README.html" | sed 's#README#index#'

clean: ## remove what make made
	@rm -rf .venv var .mypy_cache .ruff_cache
