# Two commands do everything: `make build` and `make test`. Needs only Python 3.11-3.13 and make.
PYTHON ?= python3
# The command line does the work: `.venv/bin/urban-resilience --help`. STUDY, RAW_DATA_DIR and
# WAREHOUSE_PATH, given to make or in the environment, reach it as they are; it knows what holds without.
export DO_NOT_TRACK = 1
# Matrices here are small: one thread is faster, and its digits do not depend on the machine.
export OPENBLAS_NUM_THREADS = 1
BIN := .venv/bin
RUN := $(BIN)/urban-resilience
PYTEST := $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help

.PHONY: help install build build-spark check-data study template refresh rollback history site serve diff explain as-of export test test-all test-spark test-fast simulate docs bench bench-scale lint lock clean

## help       this list
help:
	@sed -n 's/^## \{0,1\}//p' Makefile

## install    what a build needs, into .venv; the other commands call it themselves
install: .venv/installed

## build      raw files -> tested warehouse, then a short summary (ACCEPT=1: see refresh)
build: .venv/installed
	@$(RUN) build $(if $(ACCEPT),--accept-changes)

## build-spark the same with the SQL from raw files to panel and indices on Apache Spark (needs Java 17): a
##            master and two workers started here, or the cluster that SPARK_CONF_DIR describes
build-spark: .venv/installed-spark
	@$(RUN) build-spark $(if $(ACCEPT),--accept-changes)

## check-data what the folder RAW_DATA_DIR holds and what can be built from it; builds nothing (MAPPING=1
##            drafts columns.csv there: what each header was read as, to be corrected)
check-data: .venv/installed
	@$(RUN) check-data $(if $(MAPPING),--write-mapping)

## study      the commented files of a study of your own, to fill in (OUT=folder); `make build STUDY=folder`
##            builds it
study: .venv/installed
	@$(RUN) study --out "$${OUT:-my_study}"

## template   empty forms of every raw file, with a guide to their columns (OUT=folder)
template: .venv/installed
	@$(RUN) template --out "$${OUT:-templates}"

## refresh    the same for a scheduler: does nothing if nothing changed (FORCE=1 builds anyway;
##            ACCEPT=1 lets what changed since the published build warn instead of stop)
refresh: .venv/installed
	@$(RUN) refresh $(if $(FORCE),--force) $(if $(ACCEPT),--accept-changes)

## rollback   publish the version before this one again (TO=12 names another)
rollback: .venv/installed
	@$(RUN) rollback $(if $(TO),--to "$$TO")

## history    every run of build and refresh, and how it ended
history: .venv/installed
	@$(RUN) history

## site       the pages of the published warehouse again, into OUT=folder; `make build` publishes them by itself
site: .venv/installed
	@$(RUN) site --out "$${OUT:-site}"

## serve      the published pages at an address of this machine, with DuckDB behind the one that asks in SQL
##            (PORT=8000; 0 is any free one)
serve: .venv/installed
	@$(RUN) serve $(if $(PORT),--port "$(PORT)")

## diff       what changed between two kept versions (A=12 B=14; the last two if absent): rows, scores,
##            ranks, coefficients, in words and in SQL
diff: .venv/installed
	@$(RUN) diff $(if $(A),--a "$(A)") $(if $(B),--b "$(B)")

## explain    how the index of CITY=Shenzhen YEAR=2019 came about, down to file and row; or what regression
##            SPEC=t3_4 does, with its sample, its result and its SQL
explain: .venv/installed
	@$(RUN) $(if $(SPEC),explain-spec "$(SPEC)",explain "$(CITY)" "$(YEAR)" \
	    $(if $(INDEX),--index "$(INDEX)"))

## as-of      rebuild with the yearbook as known at the end of DATE=2026-03-01, into OUT=file; publishes nothing
as-of: .venv/installed
	@$(RUN) as-of --date "$(DATE)" $(if $(OUT),--out "$(OUT)")

## export     marts and printed tables as files for other programs, into OUT=folder
##            (FORMAT=parquet,csv,xlsx,dta,tables,figures,replication; tables with STARS=1, BRACKETS=se, t or p)
export: .venv/installed
	@$(RUN) export --out "$${OUT:-export}" \
	    $(if $(FORMAT),--format "$(FORMAT)") $(if $(STARS),--stars "$(STARS)") \
	    $(if $(BRACKETS),--brackets "$(BRACKETS)")

## test       before you push: lint, then every test but the slow ones (dbt's own tests run inside the builds)
test: .venv/installed-dev lint
	@$(PYTEST) -m "not slow"

## test-all   the same with the slow ones, minutes of builds, corruptions, faults and chance: what continuous
##            integration runs
test-all: .venv/installed-dev lint
	@$(PYTEST)

## test-spark both engines give the same numbers, and what a cluster loses is not lost (needs Java 17;
##            QUICK=1 puts each word to both, and builds nothing)
test-spark: .venv/installed-dev .venv/installed-spark
	@$(BIN)/python -m pytest tests/python/spark $(if $(QUICK),-m "not slow")

## test-fast  the tests of units alone, while you write: no dbt, no simulated data, no SQL lint
test-fast: .venv/installed-dev
	@$(BIN)/ruff check -q .
	@$(BIN)/python -m pytest --fast -q -n 2 --dist load

## simulate   write the simulated raw data into data/simulated
simulate: .venv/installed
	@$(RUN) simulate

## docs       one file that describes every model and column: target/static_index.html
docs: .venv/installed
	@$(RUN) docs

## bench      speed and memory as ratios within one run
bench: .venv/installed-dev
	@$(BIN)/python -m benchmarks

## bench-scale  DuckDB within 2 GB beside other engines, from 1 to 100 million member records
bench-scale: .venv/installed-dev
	@$(BIN)/python -m benchmarks scale

## lint       style of Python and SQL, types, direction of imports, the first part of `make test`
lint: .venv/installed-dev
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo --cache-dir target/imports
	@mkdir -p target/lint
	@WAREHOUSE_PATH=target/lint/urban_resilience.duckdb $(BIN)/sqlfluff lint --processes 2 \
	    --disable-progress-bar models snapshots analyses tests/singular 2> target/lint/sqlfluff.err \
	    || { cat target/lint/sqlfluff.err >&2; exit 1; }

## lock       resolve requirements.lock and, out of it, requirements-user.lock anew (needs uv)
RESOLVE = uv pip compile pyproject.toml --extra install --universal --python-version 3.11 \
    --generate-hashes --no-emit-index-url --no-annotate --no-header
lock:
	$(RESOLVE) --extra dev -o requirements.lock
	$(RESOLVE) -c requirements.lock -o requirements-user.lock
	$(RESOLVE) -c requirements.lock --extra spark -o requirements-spark.lock

INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps

# What a build needs. Tests, lint and benchmarks add the rest of requirements.lock.
.venv/installed: requirements-user.lock pyproject.toml
	@echo "Installing into .venv (once, about two minutes) ..."
	@$(PYTHON) -c 'import sys; sys.exit(not ((3, 11) <= sys.version_info[:2] <= (3, 13)))' \
	    || { echo "Python 3.11, 3.12 or 3.13 is needed; $$($(PYTHON) --version) found. Try make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv .venv
	@$(INSTALL) --compile --require-hashes -r requirements-user.lock
	@$(INSTALL) --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q src
	@touch $@

.venv/installed-dev: .venv/installed requirements.lock
	@echo "Installing what tests need besides (once, about a minute) ..."
	@$(INSTALL) --compile --require-hashes -r requirements.lock
	@touch $@

# Spark and its dbt adapter, 0.5 GB: no other command needs them.
.venv/installed-spark: .venv/installed requirements-spark.lock
	@echo "Installing Apache Spark (once, about two minutes) ..."
	@$(INSTALL) --compile --require-hashes -r requirements-spark.lock
	@touch $@

## clean      remove what builds wrote here: target, logs, simulated data, the warehouse and its versions
clean:
	rm -rf target logs data/simulated warehouse/*.duckdb warehouse/*.versions warehouse/*.marts \
	    warehouse/*.site site
