# Every target is one line of `make help`; what it does stands in scripts/.

.DEFAULT_GOAL := help
.PHONY: help run up journey test faults bench flamegraph lint fmt plugins plugins-cargo-component payloads prepare wit-release clean

help: ## Lists these targets.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-26s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Installs what is missing, builds everything and runs it on 127.0.0.1:8080 until Ctrl-C.
	@scripts/run.sh

up: ## Runs NODES=3 gateways and WORKERS=2 workers behind a balancer, with Redis Cluster and Kafka, until Ctrl-C.
	@scripts/up.sh

journey: ## Takes a traveller from search to cancellation, against a `make run` in another terminal.
	@scripts/first-journey.sh

test: ## Runs every test, with the components, PostgreSQL, Kafka and the sandbox that they need.
	@scripts/test.sh

faults: ## Kills everything under load for MINUTES=10, as SEED=7 says, and compares all books in the end.
	@scripts/faults.sh

bench: ## Measures the gateway against the least that the same work can cost, and writes target/bench.json.
	@scripts/bench.sh

flamegraph: ## Draws where the time of cached searches goes, as target/flamegraph.svg.
	@scripts/flamegraph.sh

lint: ## Checks formatting, clippy, documentation, licences, dependencies and the released contract.
	@scripts/lint.sh

fmt: ## Formats all Rust code.
	@cargo fmt --all

plugins: ## Builds all adapters and rule sets into target/components.
	@scripts/plugins.sh

plugins-cargo-component: ## Builds one adapter with cargo-component, to prove that the contract suits it.
	@scripts/cargo-component.sh

payloads: ## Runs a folder of recorded supplier replies (DIR=…) through the components and reports on each file.
	@scripts/payloads.sh "$(DIR)"

prepare: ## Writes .sqlx, from which queries are checked where there is no database.
	@scripts/prepare.sh

wit-release: ## Records the files of a new contract version, which then never change.
	@scripts/wit-released.sh record

clean: ## Removes what was built and the data of `make run`.
	@scripts/clean.sh
