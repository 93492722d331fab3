# The commands of this checkout; `make` alone lists them.
# What was already done is remembered by stamp files in .venv/, so every target may be run again.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.SUFFIXES:

# The first Python on the path that is new enough; PYTHON=/path/to/python overrules it.
PYTHON ?= $(shell for candidate in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo "$$candidate" && break; done)

VENV   := .venv
BIN    := $(VENV)/bin
VENDOR := bot/web/static/vendor
TOPICS := content/topic_weights.bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet
ROOMS  := bot handlers content scheduler console tests tools $(wildcard benchmarks)
ARGS   ?=

.PHONY: help
help:
	@sed -n 's/^#: //p' $(MAKEFILE_LIST)

#: make install      set-up only; leaves the program at .venv/bin/binhyen
.PHONY: install
install: $(VENV)/.project $(VENDOR)/htmx.min.js $(TOPICS)

#: make run          set-up, then the program with the demo neighbourhood on http://127.0.0.1:8080
.PHONY: run
run: install
	@$(BIN)/binhyen serve --demo $(ARGS)

#: make test         set-up, checks, then every test; ARGS="-k words" chooses tests
.PHONY: test
test: check
	@$(BIN)/python -m pytest --numprocesses=auto --maxprocesses=4 --dist=worksteal $(ARGS)

#: make cover        every test, and which lines and branches they leave out
.PHONY: cover
cover: dev
	@$(BIN)/python -m pytest --cov --cov-report=term $(ARGS)

#: make check        format, lint, types, import contracts, no secrets
.PHONY: check
check: dev
	@echo "check: format"  && $(BIN)/ruff format --check --quiet . \
		|| { echo "check: run .venv/bin/ruff format ." >&2; exit 1; }
	@echo "check: lint"    && $(BIN)/ruff check --quiet .
	@echo "check: types"   && $(BIN)/mypy --no-error-summary $(ROOMS)
	@echo "check: imports" && $(BIN)/lint-imports --no-logo > $(VENV)/imports.txt \
		|| { cat $(VENV)/imports.txt; exit 1; }
	@echo "check: secrets" && ./tools/no_secrets

#: make bench        the measures, as ratios of one run; writes benchmarks/results.json
.PHONY: bench
bench: dev
	@$(BIN)/python -m benchmarks $(ARGS)

#: make performance  docs/performance.md and its pictures, from what make bench found
.PHONY: performance
performance: dev
	@$(BIN)/python -m benchmarks.page

#: make screenshots  the pictures of README.md and docs, made by a headless Chromium
.PHONY: screenshots
screenshots: dev
	@$(BIN)/python tools/screenshots.py $(ARGS)

#: make wheel        the installable program, page assets included, in dist/
.PHONY: wheel
wheel: dev
	@$(BIN)/python -m build --wheel --no-isolation --outdir dist

#: make deps         which dependencies are unused, and which are used but not declared
.PHONY: deps
deps: dev
	@$(BIN)/deptry .

#: make lock         the newest versions that pyproject.toml and package.json allow
.PHONY: lock
LOCK = .cache/lock/bin/uv pip compile pyproject.toml --quiet --upgrade --python-version 3.11 \
	--universal --generate-hashes --no-strip-extras --no-annotate --no-header --no-emit-index-url
lock: $(VENV)/.made
	@test -x .cache/lock/bin/uv || { $(BIN)/python -m venv .cache/lock \
		&& .cache/lock/bin/python -m pip --disable-pip-version-check --quiet install \
			--require-hashes -r requirements-lock.lock; }
	@$(LOCK) --all-extras --group build --group dev --output-file requirements-dev.lock
	@$(LOCK) -c requirements-dev.lock --output-file requirements.lock
	@$(LOCK) -c requirements-dev.lock --extra media --output-file requirements-media.lock
	@$(LOCK) -c requirements-dev.lock --extra postgres --output-file requirements-postgres.lock
	@$(LOCK) -c requirements-dev.lock --extra speed --output-file requirements-speed.lock
	@$(subst compile pyproject.toml,compile,$(LOCK)) -c requirements-dev.lock --group build \
		--output-file requirements-build.lock
	@$(subst compile pyproject.toml,compile,$(LOCK)) --group node --output-file requirements-node.lock
	@$(subst compile pyproject.toml,compile,$(LOCK)) --group lock --output-file requirements-lock.lock
	@$(BIN)/python tools/page_assets.py --lock
	@git --no-pager diff --stat -- '*.lock' package-lock.json tools/page_assets.sha256

#: make clean        removes what was made, never data/
.PHONY: clean
clean:
	rm -rf $(VENV) .cache node_modules $(VENDOR) $(TOPICS) build dist htmlcov .coverage \
		.hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -not -path './data/*' -prune -exec rm -rf {} +

# Steps of the set-up.

.PHONY: dev
dev: $(VENV)/.dev install

$(VENV)/.made:
	@test -n "$(PYTHON)" || { echo "Bình Yên needs Python 3.11 or newer and found none." \
		"Install one (Debian: apt-get install python3 python3-venv)," \
		"or say where it is: make $(MAKECMDGOALS) PYTHON=/path/to/python" >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "$(PYTHON) is older than Python 3.11, which Bình Yên needs." >&2; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null \
		|| { echo "$(PYTHON) cannot make virtual environments" \
		"(Debian: apt-get install python3-venv)." >&2; exit 1; }
	@echo "install: $(VENV) with $$("$(PYTHON)" --version)"
	@"$(PYTHON)" -m venv --clear $(VENV)
	@touch $@

$(VENV)/.runtime: requirements.lock requirements-build.lock | $(VENV)/.made
	@echo "install: locked dependencies"
	@$(PIP) install --require-hashes -r requirements.lock -r requirements-build.lock
	@touch $@

$(VENV)/.project: pyproject.toml $(VENV)/.runtime
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements-dev.lock | $(VENV)/.runtime
	@echo "install: locked development tools"
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@

# The folders are named for files that are taken away.
$(TOPICS): content/topics content/utterances $(wildcard content/*.py content/*.yaml content/topics/* content/utterances/* \
		bot/services/answers/*.py) | $(VENV)/.project
	@$(BIN)/binhyen content learn --topics

$(VENDOR)/htmx.min.js: package-lock.json tools/page_assets.py tools/page_assets.sha256 | $(VENV)/.made
	@$(BIN)/python tools/page_assets.py
	@touch $@
