# Makes its own .venv from any Python >= 3.11; nothing outside this folder is changed,
# except that "make test" installs Chromium with apt-get where it is missing and it may.

SHELL := /bin/bash
VENV := .venv
PYTHON := $(VENV)/bin/python
PIP := $(PYTHON) -m pip install --quiet --disable-pip-version-check
PYTHONS := python3 python3.14 python3.13 python3.12 python3.11
NEW_ENOUGH := import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))

# A half-built or moved environment is of no use: its scripts and its editable install point elsewhere.
WHOLE := $(PYTHON) -c "import pip" 2>/dev/null && { [ ! -f $(VENV)/.home ] || [ "$$(cat $(VENV)/.home)" = "$$PWD" ]; }
$(shell [ ! -e $(VENV) ] || { $(WHOLE); } || rm -rf $(VENV))

.PHONY: report test lint bench pins browser clean help

help:
	@echo "make report   scorecard, map, report and GIS layers of the sample, in data/processed/qinshui_sample"
	@echo "make test     the tests; make lint: style and types; make bench: the benchmarks"
	@echo "make pins     renews requirements*.txt; make clean: removes what can be rebuilt, but for $(VENV)"

report: $(VENV)/.ready
	$(VENV)/bin/qinshui-geo report data/raw/qinshui_sample

test: $(VENV)/.ready-dev browser
	$(PYTHON) -m pytest

lint: $(VENV)/.ready-dev
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy

bench: $(VENV)/.ready-dev
	$(PYTHON) benchmarks/sample_report.py
	$(PYTHON) benchmarks/extract_to_scorecard.py
	$(PYTHON) benchmarks/park_area_by_zone.py
	$(PYTHON) benchmarks/walking_access.py
	$(PYTHON) benchmarks/cluster_growth.py

$(VENV)/.home:
	@for python in $(PYTHONS); do \
	  if $$python -c "$(NEW_ENOUGH)" 2>/dev/null; then chosen=$$python; break; fi; \
	done; \
	if [ -z "$$chosen" ]; then \
	  echo "no Python >= 3.11 with venv found; install python3 and python3-venv" >&2; exit 1; \
	fi; \
	[ -x $(PYTHON) ] || { echo "making $(VENV) with $$chosen"; $$chosen -m venv $(VENV); }
	@echo "$$PWD" > $@

$(VENV)/.ready: $(VENV)/.home requirements.txt pyproject.toml
	@echo "installing the package and requirements.txt into $(VENV)"
	@$(PIP) -r requirements.txt -e .
	@touch $@

$(VENV)/.ready-dev: $(VENV)/.ready requirements-dev.txt
	@echo "installing requirements-dev.txt into $(VENV)"
	@$(PIP) -r requirements.txt -r requirements-dev.txt -e '.[test,lint,bench]'
	@touch $@

browser:
	@command -v chromium chromium-browser google-chrome >/dev/null && exit 0; \
	if [ "$$(id -u)" = 0 ]; then as_root=; else as_root="sudo -n"; fi; \
	if command -v apt-get >/dev/null && $$as_root true 2>/dev/null; then \
	  echo "installing Chromium with apt-get"; \
	  { $$as_root apt-get update -qq && DEBIAN_FRONTEND=noninteractive $$as_root apt-get install -qq -y \
	    --no-install-recommends chromium fonts-noto-cjk; } >/dev/null </dev/null && exit 0; \
	fi; \
	echo "Chromium is not installed and could not be: the browser tests will be skipped" >&2

# Newest versions that fit pyproject.toml, resolved in an environment of their own.
FREEZE := -m pip freeze --all --exclude pip --exclude qinshui-geo
ONLY_UNIX := s/^((pexpect|ptyprocess)==.*)$$/\1 ; sys_platform != "win32"/

pins: $(VENV)/.home
	rm -rf build/pins && $(PYTHON) -m venv build/pins
	build/pins/bin/python -m pip install --quiet .
	build/pins/bin/python $(FREEZE) --exclude setuptools | LC_ALL=C sort -f > build/core.txt
	{ sed '/^[^#]/d' requirements.txt; cat build/core.txt; grep -h '^colorama' requirements.txt; } > build/new.txt
	build/pins/bin/python -m pip install --quiet '.[test,lint,bench]'
	build/pins/bin/python $(FREEZE) | LC_ALL=C sort -f | grep -vxFf build/core.txt | \
	  sed -E '$(ONLY_UNIX)' > build/dev.txt
	{ sed '/^[^#]/d' requirements-dev.txt; cat build/dev.txt; } > build/new-dev.txt
	mv build/new.txt requirements.txt && mv build/new-dev.txt requirements-dev.txt

clean:
	rm -rf build .pytest_cache .ruff_cache .mypy_cache .hypothesis *.egg-info
	find . -name __pycache__ -type d -not -path './$(VENV)/*' -prune -exec rm -rf {} +
	find data/processed -mindepth 1 -maxdepth 1 ! -name README.md -exec rm -rf {} +
