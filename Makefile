# Every target does the set-up it needs; nothing has to be installed by hand but Python 3.11+ and make.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test slow lint bench clean

.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[all,dev]'
	touch $@

demo: .venv/installed
	$(BIN)/cerussite demo -o demo-results

test: .venv/installed
	$(BIN)/python -m pytest

slow: .venv/installed
	$(BIN)/python -m pytest -m "slow and not network and not gpu"

lint: .venv/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/numpydoc lint $$(git ls-files 'src/*.py')

bench: .venv/installed
	$(BIN)/python benchmarks/pls.py
	$(BIN)/python benchmarks/training.py
	$(BIN)/python benchmarks/applicability.py
	$(BIN)/python benchmarks/explanation.py
	$(BIN)/python benchmarks/intervals.py
	$(BIN)/python benchmarks/standardisation.py
	$(BIN)/python benchmarks/assessment.py

clean:
	rm -rf .venv demo-results .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
