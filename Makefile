# make compare: the main job on the default study, in an environment that holds what it needs.
# make test: the tests; it adds what they need. make release: archives in dist/, tried where no checkout is.
PYTHON ?= python3
STUDY ?= sharp-and-flat
OUT ?= results/$(STUDY)
OPTIONS ?=
ENVIRONMENT ?= .venv
BIN = $(ENVIRONMENT)/bin
READY = $(ENVIRONMENT)/.ready
READY_FOR_TESTS = $(ENVIRONMENT)/.ready-for-tests
MAKING = $(ENVIRONMENT)/.making
INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable

.PHONY: compare test lint types docs links release clean
.NOTPARALLEL:  # targets share one environment

compare: $(READY)
	@$(BIN)/gibbsgap compare $(STUDY) --out $(OUT) --overwrite $(OPTIONS)

# Tests begin Python a hundred times: sources that are not kept compiled would be read anew each time.
test: $(READY_FOR_TESTS)
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

lint: $(READY_FOR_TESTS)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY_FOR_TESTS)
	$(BIN)/mypy

# The site, at docs/_build/html/index.html: anything amiss stops it. links asks the network for what it points at.
docs: $(READY_FOR_TESTS)
	$(BIN)/sphinx-build --fail-on-warning --keep-going --quiet --doctree-dir docs/_build/pages docs docs/_build/html

links: $(READY_FOR_TESTS)
	$(BIN)/sphinx-build --quiet --builder linkcheck --doctree-dir docs/_build/pages docs docs/_build/links

release: $(READY_FOR_TESTS)
	$(BIN)/python .ci/release.py

# .making stands while something is installed: an environment that was stopped half made is made anew.
$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "gibbsgap needs Python 3.11 or later, $(PYTHON) is older; make PYTHON=python3.12 ..."; exit 2; }
	@echo "making the environment $(ENVIRONMENT)"
	@test ! -e $(MAKING) || rm -rf $(ENVIRONMENT)/[!.]*
	@mkdir -p $(ENVIRONMENT)
	@touch $(MAKING)
	@$(PYTHON) -m venv $(ENVIRONMENT)
	@$(INSTALL) '.[findiff,sdeint]'
	@rm $(MAKING)
	@touch $@

$(READY_FOR_TESTS): $(READY)
	@echo "adding to $(ENVIRONMENT) what tests need"
	@mv $(READY) $(MAKING)
	@$(INSTALL) '.[dev]'
	@mv $(MAKING) $(READY)
	@touch $(READY) $@

clean:
	rm -rf $(ENVIRONMENT) results build dist docs/_build docs/gallery docs/notebooks docs/reference/*.rst
