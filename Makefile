.PHONY: check format test

check:  ## everything CI runs
	ruff format --check .
	ruff check .
	mypy
	lint-imports
	pytest

format:
	ruff format .
	ruff check --fix .

test:
	pytest
