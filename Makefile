# Child processes import torch: byte code is kept, and threads that wait do not spin beside other processes.
unexport PYTHONDONTWRITEBYTECODE
export PYTHONPYCACHEPREFIX ?= $(CURDIR)/.cache/bytecode
export OMP_WAIT_POLICY ?= PASSIVE

.PHONY: check docs format test soak

check:  ## everything that the continuous integration runs
	ruff format --check .
	ruff check .
	mypy
	lint-imports
	mkdocs build --strict --quiet
	$(MAKE) test

test:  ## all tests, one process per core
	pytest --numprocesses auto --dist worksteal

soak:  ## all tests and the long checks, with more random examples; takes hours
	HYPOTHESIS_PROFILE=soak pytest --numprocesses auto --dist worksteal -m "soak or not soak"

docs:  ## read them at http://127.0.0.1:8000
	mkdocs serve

format:
	ruff format .
	ruff check --fix .
