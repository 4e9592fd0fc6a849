#!/usr/bin/env bash
# Runs every test of the workspace, against freshly built components, and a PostgreSQL and Kafka brokers that are thrown away.
# Arguments go to cargo test: scripts/test.sh -p interline-booking
# shellcheck source-path=SCRIPTDIR
source "$(dirname "$0")/env.sh"
source scripts/prerequisites.sh
source scripts/ports.sh
source scripts/postgres.sh
source scripts/python.sh
source scripts/redis.sh
source scripts/kafka.sh
source scripts/meanwhile.sh
source scripts/haproxy.sh

# What is set for `make run` must not reach the gateways that tests start.
unset INTERLINE_CONFIG INTERLINE_LISTEN INTERLINE_LOG INTERLINE_LOG_FORMAT "${!SANDBOX_@}"
need_rust
# The first time it takes some ten minutes.
meanwhile need_broker
scripts/plugins.sh
need_schemathesis
need_aiosmtpd
need_redis
need_haproxy
export_postgres
export INTERLINE_COMPONENTS=$COMPONENTS INTERLINE_BIN=$CARGO_TARGET_DIR/debug/interline SQLX_OFFLINE=true

if [ $# = 0 ]; then
    # All targets, since tests of other crates run the programs too.
    cargo build "${locked[@]}" --workspace --all-targets
else
    cargo build "${locked[@]}" --workspace --bin interline --bin interline-sandbox
fi
meanwhile_done
# Now it is there: this exports where.
need_broker
start_throwaway_postgres
say "running the tests"
if [ $# = 0 ]; then
    cargo test "${locked[@]}" --workspace --no-fail-fast
else
    cargo test "${locked[@]}" "$@"
fi
