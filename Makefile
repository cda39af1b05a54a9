# Tidemark. `make` alone lists the targets.

SHELL := bash
PYTHON := .build/venv/bin/python
SCALE ?= 1
.DEFAULT_GOAL := help

.PHONY: help build demo test bench bench-mysql-shapes bench-parquet bench-logs bench-s3 bench-s3-listing soak crash writers rotation fuzz lint clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-19s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## build .build/release/tidemark, ready to run where it lies
	@scripts/setup.sh build
	@swift build -c release --product tidemark
	@scripts/link-duckdb.sh

demo: build ## three sources, two days, one lake: see what Tidemark does in under a minute
	@scripts/setup.sh demo
	@$(PYTHON) Demo/demo.py

test: build ## unit tests, then tests of the whole program against real servers
	@scripts/setup.sh test
	@scripts/test.sh

bench: build ## measure, with rivals in the same run
	@scripts/setup.sh bench
	@$(PYTHON) Benchmarks/mysql_to_parquet.py --scale $(SCALE)

bench-mysql-shapes: build ## MySQL tables of unusual shapes: wide, large, many; SCALE=0.2 for a fifth
	@scripts/setup.sh bench
	@$(PYTHON) Benchmarks/mysql_shapes.py --scale $(SCALE)

bench-parquet: build ## Parquet beside pyarrow, polars and DuckDB; SCALE=0.1 for a tenth
	@scripts/setup.sh bench
	@swift build -c release --product kernel-bench
	@$(PYTHON) Benchmarks/parquet.py --scale $(SCALE)

bench-logs: build ## logs to Parquet beside DuckDB and polars; SCALE=0.1 for a tenth
	@scripts/setup.sh bench
	@$(PYTHON) Benchmarks/logs.py --scale $(SCALE)

bench-s3: build ## uploads to S3 beside `aws s3 cp`
	@scripts/setup.sh bench
	@swift build -c release --product upload-bench
	@$(PYTHON) Benchmarks/s3_upload.py --scale $(SCALE)

bench-s3-listing: build ## runs that find nothing new among many objects, beside listing them
	@scripts/setup.sh bench
	@$(PYTHON) Benchmarks/s3_listing.py --scale $(SCALE)

soak: build ## change, kill and run at random for ten minutes (or SOAK_SECONDS=…), then compare
	@scripts/setup.sh test
	@$(PYTHON) Tests/EndToEnd/soak.py --seconds $${SOAK_SECONDS:-600}

crash: build ## the same for five minutes (or CRASH_SECONDS=…), from a seed: make crash SEED=7
	@scripts/setup.sh test
	@$(PYTHON) Tests/EndToEnd/soak.py --seconds $(or $(CRASH_SECONDS),300) $(if $(SEED),--seed $(SEED)) $(if $(CRASH_LAKE),--lake $(CRASH_LAKE))

writers: ## follow tables that many clients write to, for a minute (or SECONDS=…) in each of two zones
	@scripts/setup.sh test
	@$(PYTHON) Tests/EndToEnd/writers.py --seconds $(or $(SECONDS),60) $(if $(SEED),--seed $(SEED))

rotation: ## logs that logrotate rotates while runs read them, for ten minutes (or SECONDS=…)
	@scripts/setup.sh test
	@PATH=$$PATH:/usr/sbin $(PYTHON) Tests/EndToEnd/rotation.py --seconds $(or $(SECONDS),600) $(if $(SEED),--seed $(SEED))

fuzz: ## fuzz the Parquet module for ten minutes (or FUZZ_SECONDS=…), all of it or one TARGET=…
	@scripts/setup.sh test
	@$(PYTHON) Fuzz/fuzz.py --seconds $${FUZZ_SECONDS:-600} $(if $(TARGET),--target $(TARGET))

lint: ## check the form of the code
	@swift format lint --strict --recursive --parallel Package.swift Sources Tests Fuzz/Targets Fuzz/Main

clean: ## remove everything that was built or installed here
	rm -rf .build .build-fuzz
