.PHONY: check docs format test

check:  ## everything CI runs
	ruff format --check .
	ruff check .
	mypy
	lint-imports
	mkdocs build --strict --quiet
	pytest

docs:  ## read them at http://127.0.0.1:8000
	mkdocs serve

format:
	ruff format .
	ruff check --fix .

test:
	pytest
