# The front door. `make serve` and `make test` do all the set-up they need; everything else builds on them.
.DEFAULT_GOAL := help
.PHONY: help environment serve test check bench bench-tiles bench-gate bench-releases bench-peers demo publish lock image clean distclean

export HOST ?= 127.0.0.1
export PORT ?= 8000
# Compiled kernels and bytecode are kept between starts; a kernel's key holds the processor.
unexport PYTHONDONTWRITEBYTECODE
export NUMBA_CACHE_DIR ?= $(CURDIR)/var/cache/numba

SETUP   := setup/environment.sh setup/uv.sh setup/uv.lock setup/node.lock .python-version pyproject.toml package-lock.json
RUN     := .venv/bin/blueprint
READY   := .venv/.ready-serve
TESTED  := .venv/.ready-test
RELEASE := var/published/history.json

help: ## This list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

$(READY): requirements.lock $(SETUP)
	@sh setup/environment.sh serve
	@touch $@

$(TESTED): requirements-test.lock requirements.lock $(SETUP)
	@sh setup/environment.sh test
	@touch $(READY) $@

var/demo/joint/delivery.yml: | $(READY)
	@$(RUN) demo

$(RELEASE): | $(READY) var/demo/joint/delivery.yml
	@$(RUN) publish

environment: $(READY) ## Set up only: Python and front-end packages

serve: $(READY) | $(RELEASE) ## Set up, build and publish the demo if nothing is published, serve on HOST:PORT
	@exec $(RUN) serve

demo: $(READY) ## Build the demo data anew (ZONES=20000)
	@$(RUN) demo $(if $(ZONES),--zones $(ZONES))

publish: $(READY) | var/demo/joint/delivery.yml ## Publish what the configuration names
	@$(RUN) publish

test: $(TESTED) ## Run the whole test suite, set-up included (ARGS="-k tile")
	@sh setup/system.sh
	@.venv/bin/python -m pytest $(ARGS)

check: $(TESTED) ## Lint, types, import direction
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports

bench: $(TESTED) ## Measure items against the servers on PostGIS, in one run; writes bench/RESULTS.md (needs PostGIS and wrk)
	@.venv/bin/python -m bench.items $(ARGS)

bench-tiles: $(TESTED) ## Measure tiles against PostGIS, the servers on it and tippecanoe (needs PostGIS and wrk)
	@.venv/bin/python -m bench.tiles $(ARGS)

bench-gate: $(TESTED) ## Measure the gate: what it finds of the dirty demo, and a million polygons
	@.venv/bin/python -m bench.gate $(ARGS)

bench-releases: $(TESTED) ## Measure releases: publishing, changes, proofs, harvests
	@for part in publish changes proof harvest; do .venv/bin/python -m bench.$$part $(ARGS) || exit 1; done

bench-peers: $(TESTED) ## Build the peers of both benches from their package registries into var/bench
	@sh bench/peers.sh

lock: ## Write the lock files anew
	@sh setup/compile.sh

image: ## Build the container image
	docker build -t blueprint .

clean: ## Remove published and built data and caches, keep the environment
	rm -rf var .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

distclean: clean ## Remove the environment as well
	rm -rf .venv .tools node_modules
