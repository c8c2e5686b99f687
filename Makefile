# The doors. `make run` and `make test` are all a newcomer needs.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: setup dev run test fast long fuzz lint lock clean

setup: $(VENV)/.installed
dev: $(VENV)/.dev-installed

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.lock pyproject.toml | $(VENV)/bin/python
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev-installed: requirements-dev.lock $(VENV)/.installed
	$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@

run: setup
	$(BIN)/gongkai run

test: dev
	$(BIN)/pytest -m "not long" -n 2

fast: dev
	$(BIN)/pytest -m "not long and not slow and not browser" -n 2

long: dev
	$(BIN)/pytest -m long

# Mutated inputs for whatever reads what others wrote; a failure names the case that makes it again.
FUZZ_SECONDS ?= 600

fuzz: dev
	$(BIN)/python -m tests.fuzz --seconds $(FUZZ_SECONDS)

lint: dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

lock: dev
	$(PIP) install uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --no-emit-index-url pyproject.toml requirements-build.in -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --no-emit-index-url --extra dev pyproject.toml -c requirements.lock -o requirements-dev.lock

clean:
	rm -rf $(VENV)

# The engines that searches are compared with are no part of the product, nor of `make dev`.
DOCS       ?= 30000
COLLECTION ?= demo

.PHONY: bench-search bench-http bench-bodies bench-lock

$(VENV)/.bench-installed: requirements-bench.lock $(VENV)/.installed
	$(PIP) install --require-hashes -r requirements-bench.lock
	@touch $@

bench-search: $(VENV)/.bench-installed
	@$(BIN)/python -m benchmarks.search --documents $(DOCS) --collection $(COLLECTION) $(if $(ENGINES),--engines $(ENGINES)) $(if $(DATA),--data $(DATA))

# A server with two workers under load, over a copy of the data folder DATA.
bench-http: setup
	@$(BIN)/python -m benchmarks.http --data $(DATA) $(if $(RATES),--rates $(RATES)) $(if $(SECONDS),--seconds $(SECONDS))

# The generic reader on every family of the demo city, as if it knew none of them.
.PHONY: bench-families
bench-families: setup
	@$(BIN)/python -m benchmarks.families

# The demo city from end to end, every family and every trap; VARY=SEED varies its pages at random.
.PHONY: bench-city
bench-city: dev
	@$(BIN)/python -m benchmarks.city $(if $(PUBLICATIONS),--publications $(PUBLICATIONS)) $(if $(VARY),--vary $(VARY))

# Body F1 of our reader and of trafilatura: over our own pages, or over DIR of NAME.html + NAME.txt.
bench-bodies: setup
	@$(BIN)/python -m benchmarks.bodies $(DIR)

# What hostile subsites cost the healthy ones beside them.
.PHONY: bench-neighbours
bench-neighbours: setup
	@$(BIN)/python -m benchmarks.neighbours
# Our crawl beside Scrapy's, over made-up subsites on loopback.
SUBSITES ?= 1024
PAGES    ?= 30000

.PHONY: bench-crawl
bench-crawl: $(VENV)/.bench-installed
	@$(BIN)/python -m benchmarks.crawling --subsites $(SUBSITES) --pages $(PAGES)

bench-lock: dev
	$(PIP) install uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --no-emit-index-url requirements-bench.in -c requirements.lock -o requirements-bench.lock
