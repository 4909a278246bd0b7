# make compare: the main job on the default study. make test: the tests. Both make their environment first.
PYTHON ?= python3
STUDY ?= sharp-and-flat
OUT ?= results/$(STUDY)
OPTIONS ?=
ENVIRONMENT ?= .venv
BIN = $(ENVIRONMENT)/bin
READY = $(ENVIRONMENT)/.ready

.PHONY: compare test lint types clean

compare: $(READY)
	@$(BIN)/gibbsgap compare $(STUDY) --out $(OUT) --overwrite $(OPTIONS)

test: $(READY)
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)
	$(BIN)/mypy

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "gibbsgap needs Python 3.11 or later, $(PYTHON) is older; make PYTHON=python3.12 ..."; exit 2; }
	$(PYTHON) -m venv $(ENVIRONMENT)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $@

clean:
	rm -rf $(ENVIRONMENT) results
