.PHONY: help up test soak lint ci bench
help:  ## Show this help
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

up:  ## Start everything on this machine
	python manage.py up

test:  ## Run the tests
	python -m pytest

soak:  ## Run the faults of streams and runs at their full length
	TRIAGE_SOAK=1 python -m pytest -s -m "fault and (stream or concurrency)"

lint:  ## Lint, types and import rules
	ruff check . && ruff format --check . && mypy . && lint-imports

ci:  ## All that must pass before a change lands
	bash .ci/run

bench:  ## Measure the conversation memory and turns
	python -m benchmarks memory
