# Two commands matter: `make run` and `make test`. The work is done by the scripts in tools/.

PORT ?= 8000
DEMO ?= 1
ARGS ?=
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help run test check bench drills mutants gallery i18n audit sbom environment dev

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' Makefile

run: environment ## Serve a demo park on http://127.0.0.1:8000 (PORT=8001, DEMO=0: no demo)
	@exec sh tools/run.sh "$(PORT)" "$(DEMO)"

test: dev ## Run every test, on SQLite, PostgreSQL and Chromium (ARGS="-k word": some of them)
	@exec sh tools/test.sh $(ARGS)

check: dev ## Lint, formats, types, templates, translations
	@exec sh tools/check.sh

bench: dev ## Measure, as ratios in one run (ARGS=...)
	@exec $(BIN)/python -m bench $(ARGS)

drills: dev ## Full reliability drills on both engines (ARGS=...)
	@exec $(BIN)/python -m bench.drills $(ARGS)

mutants: dev ## Break each guard once and see its tests fail (ARGS="name": one of them)
	@exec $(BIN)/python -m tools.mutants $(ARGS)

gallery: dev ## Take pictures of every page, zh and English, wide and narrow (ARGS="word": some)
	@exec $(BIN)/python -m tools.gallery $(ARGS)

i18n: environment ## Compile the translations
	@exec $(BIN)/python tools/i18n.py

audit: dev ## Compare the packages in use with known weaknesses, where that service is reachable
	@exec $(BIN)/python -m tools.supply audit

sbom: dev ## List the packages in use: build/sbom.cdx.json (CycloneDX)
	@exec $(BIN)/python -m tools.supply sbom

environment:
	@sh tools/environment.sh requirements.txt

dev:
	@sh tools/environment.sh requirements-dev.txt
