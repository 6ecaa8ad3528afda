# Two commands do everything on a machine that has Python 3.12 or newer and make:
# `make reproduce` and `make test`. `make help` lists the rest.

SHELL := /bin/sh
.DEFAULT_GOAL := help

# Modules are compiled once, at install: left uncompiled, every import would cost seconds.
unexport PYTHONDONTWRITEBYTECODE
# What a shell has set up for other projects must not leak into this one.
unexport PYTHONPATH PYTHONHOME PIP_USER PIP_TARGET PIP_PREFIX
export PYTHON

VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check --require-virtualenv
# Only wheels, only with the pinned hashes: nothing is built, nothing unpinned comes in.
INSTALL := $(PIP) install -qq --no-compile --only-binary :all: --require-hashes
# Two workers take a file each, so that what a file shares is made once.
TOGETHER := -n 2 --dist loadfile --no-loadscope-reorder
COMPILE := $(PY) -m compileall -q -j 0 -x '/tests/' $(VENV)/lib

# An environment knows the folder that it was made in. Where the clone was moved or copied, or the
# Python behind the environment is gone, it is made anew.
ifneq ($(shell $(PY) -c '' 2>/dev/null && test "$$(cat $(VENV)/.folder)" = "$$(pwd -P)" && echo ok),ok)
STALE := stale
endif

.PHONY: help env env-dev reproduce test test-long seeds soak canary lint format bench docs notebooks strip pins clean stale

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' Makefile

env: $(VENV)/.runtime ## the environment alone, in .venv

env-dev: $(VENV)/.dev

reproduce: env ## every model: fits, tables, figures and manifest, into results/
	@$(PY) -m estimates reproduce $(ARGS)

test: env-dev ## the tests (ARGS="-k wording" for some of them)
	@$(PY) -m pytest $(TOGETHER) $(ARGS)

test-long: env-dev ## the tests that are slow, or repeat for every case what a few show
	@$(PY) -m pytest $(TOGETHER) -m "long or thorough" $(ARGS)

seeds: env-dev ## the tests that draw random numbers, under other seeds (ARGS="3 4 5")
	@$(PY) -m tests.seeds $(ARGS)

soak: env-dev ## odd models under every command, and random input (ARGS="--minutes 60"), to results/soak/
	@$(PY) -m soak $(ARGS)

# Apart from the pins: the newest of what the machine code leans on, within no bound.
canary: ## the whole suite with the newest PyMC, PyTensor, nutpie, llvmlite and ArviZ, in .canary
	@python=$$(.ci/find-python) && "$$python" -m venv --clear .canary
	@. .canary/bin/activate && pip install -qq --disable-pip-version-check --only-binary :all: \
	-r requirements-dev.txt && \
	pip install -qq --disable-pip-version-check --only-binary :all: --upgrade \
	pymc pytensor nutpie llvmlite numba arviz arviz-base arviz-stats && \
	pip install -qq --no-deps --no-build-isolation --editable . && \
	pip list --disable-pip-version-check | grep -iE '^(pymc|pytensor|nutpie|llvmlite|numba|arviz)' && \
	python -m pytest $(TOGETHER) -m "long or not long" $(ARGS)

lint: env-dev ## style, types, who may import whom, dead code, and the size of the house
	@failed=0; \
	$(PY) -m ruff check . || failed=1; \
	$(PY) -m ruff format --check . || failed=1; \
	$(PY) -m mypy || failed=1; \
	$(VENV)/bin/lint-imports --no-cache || failed=1; \
	$(PY) -m vulture || failed=1; \
	$(PY) .ci/measure.py || failed=1; \
	exit $$failed

format: env-dev ## put the code into the house style
	@$(PY) -m ruff check --fix .
	@$(PY) -m ruff format .

bench: env-dev ## time it against the same work by hand (ARGS="--repeats 1" for a quick look)
	@$(PY) -m benchmarks $(ARGS)

docs: env-dev ## the documentation as a site, into site/ (ARGS=serve shows it while it is written)
	@NO_MKDOCS_2_WARNING=1 $(PY) -m mkdocs $(or $(ARGS),build --strict --quiet)

notebooks: env-dev ## JupyterLab with the notebooks
	@cd notebooks && ../$(PY) -m jupyterlab $(ARGS)

strip: env-dev ## take the outputs out of the notebooks, as git keeps them
	@$(PY) notebooks/strip.py

pins: ## renew the pinned requirements (needs uv)
	@export UV_CUSTOM_COMPILE_COMMAND='make pins' && \
	pin="uv pip compile pyproject.toml --quiet --universal --generate-hashes --python-version 3.12 \
	--group build --no-emit-index-url --no-emit-find-links $(ARGS)" && \
	$$pin --output-file requirements.txt && \
	$$pin --constraint requirements.txt --group dev --output-file requirements-dev.txt

clean: ## remove the environment and the caches (results stay)
	rm -rf $(VENV) .canary site .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .coverage
	find src tests soak benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

$(PY): $(STALE)
	@python=$$(.ci/find-python) && \
	echo "Making $(VENV) with $$python" && \
	"$$python" -m venv --clear $(VENV) && \
	pwd -P > $(VENV)/.folder

# Some packages ship example files that no Python can compile; compileall reports those by its
# exit code, which is therefore not looked at.
$(VENV)/.runtime: requirements.txt pyproject.toml $(STALE) | $(PY)
	@echo "Installing the pinned packages (once; a minute or more)"
	@$(INSTALL) -r requirements.txt
	@$(PIP) install -qq --no-index --no-deps --no-build-isolation --editable .
	@-$(COMPILE) >/dev/null
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.runtime
	@echo "Installing the pinned tools for tests and lint (once)"
	@$(INSTALL) -r requirements-dev.txt
	@-$(COMPILE) >/dev/null
	@touch $@
