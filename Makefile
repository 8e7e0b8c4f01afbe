# Everything needed to run and to test the lab; `make` alone lists it. On a fresh machine each command
# first sets up what it needs, and the next time finds it there.

PYTHON ?= python3
BIN := .venv/bin

.PHONY: help run test lint bench screenshots setup setup-dev data browser clean

help:
	@sed -n 's/^\([a-z]*\):.*## /make \1\t/p' Makefile | expand -t 20

run: setup data  ## open the lab on http://127.0.0.1:8501
	$(BIN)/streamlit run app.py

# A file of tests shares a server or a trained run, so it stays in one process; those that wait come first.
test: setup-dev data browser lint  ## check the code and run all tests
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

lint: setup-dev  ## check the code
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

bench: setup-dev data  ## measure the lab; with PHOTOS=DIR how it does on your labelled photographs
	PHOTOS="$(PHOTOS)" $(BIN)/python -m tests.bench $(if $(PHOTOS),photos)

screenshots: setup-dev data browser  ## take the screenshots of the README
	$(BIN)/python -m tests.e2e.screenshots

setup:  ## make .venv and install what the app needs
	@$(PYTHON) .ci/venv.py requirements.txt

setup-dev:
	@$(PYTHON) .ci/venv.py requirements-dev.txt

data: setup  ## fetch and unpack Fashion-MNIST
	@$(BIN)/python -m fmnist_core data

browser: setup-dev
	@$(BIN)/python -m tests.e2e.browser --install

clean:  ## delete .venv and caches; data and runs stay
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis tests/e2e/failures
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
