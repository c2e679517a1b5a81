# One verb a chore. `make run` and `make test` need only Python 3.11 to 3.13 and make.
# PYTHON=… chooses another Python, VENV=… another folder, ARGS=… is passed on.
PYTHON ?=
VENV ?= .venv
BIN := $(VENV)/bin
ARGS ?=
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: run test check lint format setup bench audit clean

run: $(VENV)/.run
	@$(BIN)/python app.py $(ARGS)

test: $(VENV)/.test
	$(BIN)/python -m pytest $(ARGS)

check: lint
	$(MAKE) test

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/hadolint Dockerfile

format: $(VENV)/.test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.test
	$(BIN)/python benchmarks/analyze.py $(ARGS)

# Not part of `check`: what is known of others' code changes without a change of ours. An index that
# does not know what it is asked for makes pip-audit say that all is well, so it is asked first.
KNOWS := import json, urllib.request as web; \
  "vulnerabilities" in json.load(web.urlopen("https://pypi.org/pypi/pip/24.0/json", timeout=20)) or 1/0

audit: $(VENV)/.test
	@$(BIN)/python -c '$(KNOWS)' 2>/dev/null || { echo "The list of known vulnerabilities at" \
	  "pypi.org does not answer, so nothing was checked." >&2; exit 1; }
	@$(PIP) "pip-audit>=2.7"
	@$(BIN)/python -m pip freeze --exclude-editable >$(VENV)/audit.txt
	$(BIN)/pip-audit --strict --no-deps --disable-pip --requirement $(VENV)/audit.txt

setup: $(VENV)/.test

# The first Python that is of the right version, works, and can make environments: a name on the
# PATH is no promise (pyenv's shims, Debian's python3 without python3-venv).
$(VENV)/.python:
	@for python in $(or $(PYTHON),python3 python3.13 python3.12 python3.11 python); do \
	  if "$$python" -c 'import ensurepip, sys, venv; \
	      sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; then \
	    echo "Making $(VENV) with $$("$$python" --version)."; \
	    "$$python" -m venv $(VENV) && touch $@; exit; \
	  fi; \
	done; \
	echo "Affect needs Python 3.11, 3.12 or 3.13 with its venv module; none was found among:" \
	  "$(or $(PYTHON),python3 python3.13 python3.12 python3.11 python)." >&2; \
	echo "Install one (Debian, Ubuntu: apt install python3 python3-venv)," \
	  "or name one: make PYTHON=/path/to/python3.12" >&2; \
	exit 1

$(VENV)/.run: requirements.txt pyproject.toml | $(VENV)/.python
	@echo "Installing what Affect needs (about 2.2 GB, a few minutes, only once)."
	@$(PIP) -r requirements.txt
	@touch $@

$(VENV)/.test: requirements.txt pyproject.toml | $(VENV)/.python
	@echo "Installing what Affect and its tests need (about 3.1 GB, a few minutes, only once)."
	@$(PIP) -r requirements.txt -e ".[test]"
	@touch $@ $(VENV)/.run

clean:
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
