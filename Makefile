# Aliases of run.py, which also works where there is no make: `python3 run.py test`.
PYTHON ?= python3

.PHONY: run setup test check lint types contracts docs format torture screenshots
run setup test check lint types contracts docs format torture screenshots:
	@$(PYTHON) run.py $@
