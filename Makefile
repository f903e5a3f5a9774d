# kairos-git: everything a developer types. `make` alone says what there is.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PROJECT ?= .
WORKERS ?= $(shell echo $$(( 2 * $$(getconf _NPROCESSORS_ONLN) ))) # of the tests: half of their time they wait for a disk
CLEAN := env -u CLAUDECODE -u CLAUDE_CODE_ENTRYPOINT -u CODEX_SANDBOX -u GEMINI_CLI -u CURSOR_AGENT -u CURSOR_TRACE_ID -u AI_AGENT -u AGENT -u KAIROS_MEMORY

.PHONY: help setup test lint format demo bench bench-survey bench-dream bench-recall scorecard clean
.DEFAULT_GOAL := help

help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(VENV)/.installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable . --group dev
	@touch $@

setup: $(VENV)/.installed ## make the virtual environment with everything in it

test: setup ## run the whole test suite
	$(CLEAN) $(BIN)/python -m pytest -n $(WORKERS)

lint: setup ## ruff and mypy --strict
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: setup ## let ruff write the layout
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

demo: setup ## the main job on real input: this checkout, or PROJECT=path
	@$(CLEAN) $(BIN)/python tests/bench/demo.py $(PROJECT)

bench: setup ## speed, each figure as a ratio beside its floor
	$(CLEAN) $(BIN)/python -m tests.bench

bench-survey: setup ## what a survey finds in real repositories: DATA=folder of labels, REPOS=folder of clones
	@$(CLEAN) $(BIN)/python -m tests.bench.surveying --data $(DATA) --repos $(REPOS)

bench-dream: setup ## DreamBench, what the memory gets right and wrong: DATA=folder, SEED=1
	@$(CLEAN) $(BIN)/python -m tests.bench.dreambench --data $(DATA) --seed $(or $(SEED),1)

bench-recall: setup ## how much of what was said is found again: LOCOMO=folder of its ten conversations
	@$(CLEAN) $(BIN)/python -m tests.bench.recalling --locomo $(LOCOMO)

scorecard: setup ## the long sweeps: kills, writers, undo, traces
	$(CLEAN) $(BIN)/python -m tests.bench.scorecard

clean: ## remove what was built here
	rm -rf $(VENV) .demo bench-out .pytest_cache .mypy_cache .ruff_cache .hypothesis dist
