# Transfer learning, measured.  `make` lists what there is.
# Works with GNU make 3.81 (macOS) and later.  Windows without make: see README.md.

# The first Python that runs; any of 3.11, 3.12 and 3.13 will do.  Choose another: make run PYTHON=/path/to/python
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3 python; do \
	"$$p" -c "" >/dev/null 2>&1 && { echo "$$p"; break; }; done)
# How much work the lessons do: smoke (seconds), class (the default), full (more repeats, for narrower intervals)
PROFILE ?= class

# glibc gives each thread of TensorFlow a heap of its own and keeps it: two heaps save lessons on photographs a quarter of
# their memory or more
MALLOC_ARENA_MAX ?= 2
export MALLOC_ARENA_MAX

# Kernels start in notebooks/: they import the code of this folder all the same, and relative paths count from here
export PYTHONPATH := $(CURDIR)$(if $(PYTHONPATH),:$(PYTHONPATH))
absolute = $(if $(filter-out /% ~% digits http:% https:%,$(firstword $(1))),$(CURDIR)/$(1),$(1))
override CIFAR10_PATH := $(call absolute,$(CIFAR10_PATH))
override COURSE_BUILD := $(call absolute,$(COURSE_BUILD))
override COURSE_CACHE := $(call absolute,$(COURSE_CACHE))
export CIFAR10_PATH COURSE_BUILD COURSE_CACHE

# pip installs into .venv, whatever the user's settings say
export PIP_USER := 0
unexport PIP_TARGET PIP_PREFIX PIP_ROOT

BIN := .venv/bin
# Written last, so that an interrupted installation starts afresh
READY := .venv/.complete
# Why .venv has to be made anew, if it has to; one that is a link is its maker's business
NAMED := $(filter command environment,$(firstword $(origin PYTHON)))
STALE := $(shell [ -e $(READY) ] && [ ! -L .venv ] || exit 0; \
	$(BIN)/python -c "" 2>/dev/null || { echo "its Python is gone"; exit 0; }; \
	grep -qF -- "$(CURDIR)/.venv" .venv/pyvenv.cfg || { echo "it was made for another folder"; exit 0; }; \
	[ -z "$(NAMED)" ] || grep -qxF -- "executable = $$("$(PYTHON)" -c \
	"import os, sys; print(os.path.realpath(sys._base_executable))" 2>/dev/null)" .venv/pyvenv.cfg || \
	echo "it has another Python than $(PYTHON)")
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
UV := UV_PYTHON_DOWNLOADS=never $(BIN)/uv
# tests that take minutes each are left to `make test-all`
TESTS := -m "not slow"
NBVAL := $(BIN)/python -m pytest -n 2 --dist loadfile --nbval-lax --nbval-current-env \
	--nbval-cell-timeout=600 --nbval-sanitize-with=tests/notebooks/nbval
# rooms of lib whose tests `make mutants` tries, as in pyproject.toml; the last digit changes from week to week
ROOM ?= statistics curves data networks experiments
LAST ?= $(shell date +%V | cut -c 2)
EXPORT := $(UV) export --quiet --frozen --no-emit-project --format requirements-txt

.DEFAULT_GOAL := help
.PHONY: help setup run lab test test-all bench reference coverage table findings links publish-check style mutants lock

help: ## list the targets
	@echo "make TARGET [PROFILE=smoke|class|full] [PYTHON=python3.11]"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

run: $(READY) ## run every lesson; executed copies, HTML and an index in build/
	$(BIN)/python -m lib.course run --profile $(PROFILE)

lab: $(READY) ## open the course in JupyterLab
	$(BIN)/jupyter lab notebooks/00_start_here.ipynb

test: $(READY) ## run the tests, then compare the notebooks' stored outputs
	@trap "exit 130" INT; status=0; \
	echo "== units, set-up and a smoke run of every lesson"; \
	$(BIN)/python -m pytest -n 2 --dist loadfile $(TESTS) || status=1; \
	echo "== stored outputs of the blobs lessons, digit by digit"; \
	$(NBVAL)_exact.cfg notebooks/0[0-69]_*.ipynb || status=1; \
	echo "== stored outputs of the other lessons"; \
	$(NBVAL)_measured.cfg notebooks/0[78]_*.ipynb notebooks/1*.ipynb || status=1; \
	exit $$status

test-all: TESTS :=
test-all: test ## the same with the tests that take minutes each

bench: $(READY) ## measure the course's speed and memory: one "name value unit" a line
	$(BIN)/python tests/bench/bench.py

reference: $(READY) ## make the recorded studies of lessons 04, 08, 11 and 12 anew, hours; SCHEDULER=tcp://... uses a Dask cluster
	$(BIN)/python -m lib.studies blobs
	$(BIN)/python -m lib.studies run $(if $(SCHEDULER),--scheduler $(SCHEDULER))
	$(BIN)/python -m lib.studies write
	$(BIN)/python -m lib.studies photos $(if $(SCHEDULER),--scheduler $(SCHEDULER))
	$(BIN)/python -m lib.studies pretrained

coverage: $(READY) ## simulate studies with a known truth anew: do the intervals of the course hold what they promise?
	$(BIN)/python -m lib.studies coverage

table: $(READY) ## bring README.md's lesson table up to date with the last run
	$(BIN)/python -m lib.course table

findings: $(READY) ## write what the lessons' stored outputs found to FINDINGS.md
	$(BIN)/python -m lib.course findings

links: $(READY) ## write the repository's name, as pyproject.toml has it, into README.md and CITATION.cff
	$(BIN)/python -m lib.course links

publish-check: $(READY) ## tell what is missing before the course can be published
	$(BIN)/python -m lib.course publish-check

style: $(READY) ## check the style of code and notebooks
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

mutants: $(READY) ## change the code of ROOM=statistics in small ways, one in ten (LAST=0 to 9): which does no test see?
	PYTHONPATH="$(CURDIR)/mutants" PYTEST_ADDOPTS="-k '$(subst $() $(), or ,$(strip $(ROOM)))'" \
		$(BIN)/mutmut run $(foreach room,$(ROOM),'lib.$(room).*__mutmut_*$(LAST)')
	@echo "No test saw these changes; .venv/bin/mutmut show NAME shows one:"
	@$(BIN)/mutmut results | grep -E "survived|no tests" || true

lock: $(READY) ## lock the dependencies again and write the three requirements files
	$(UV) lock
	$(EXPORT) --no-dev -o binder/requirements.txt
	$(EXPORT) --no-dev --no-hashes -o requirements.txt
	$(EXPORT) --group dev -o requirements-dev.txt

ifneq ($(STALE),)
.PHONY: $(READY)
endif

setup: $(READY) ## create or update .venv, which every other target does by itself

$(READY): requirements-dev.txt
	@if [ -z "$(PYTHON)" ]; then \
		echo "No Python found: install Python 3.11 (https://www.python.org/downloads/)."; exit 1; fi
	@"$(PYTHON)" -c "" 2>/dev/null || { \
		echo "PYTHON=$(PYTHON) does not run: name Python 3.11, such as PYTHON=/path/to/python3.11"; exit 1; }
	@"$(PYTHON)" -c "import sys; found = sys.version_info[:2]; (3, 11) <= found <= (3, 13) or sys.exit( \
		'$(PYTHON) is Python %d.%d, but the course needs 3.11, 3.12 or 3.13: ' % found + \
		'install one, or name it: make setup PYTHON=/path/to/python3.11')"
	@if [ -z "$(STALE)" ] && [ -e $(READY) ]; then echo "Updating .venv"; else \
		echo "Creating .venv$(if $(STALE), anew as $(STALE)): a few minutes, 2.5 GB"; "$(PYTHON)" -m venv --clear .venv; fi
	@rm -f $(READY)
	$(PIP) --require-hashes -r requirements-dev.txt
	$(PIP) --no-deps --no-build-isolation -e .
	@# the engine's kernels, so that no lesson waits for them or holds the compiler's memory
	@$(BIN)/python -m lib.networks.kernels || true
	@touch $(READY)
