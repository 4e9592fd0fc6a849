#!/usr/bin/env bash
# Kills everything under load, from a seed, and compares all books in the end. SEED, MINUTES, NODES and WORKERS are honoured;
# arguments go to `interline-faults run`: scripts/faults.sh --json
# shellcheck source-path=SCRIPTDIR
source "$(dirname "$0")/env.sh"
source scripts/prerequisites.sh
source scripts/ports.sh
source scripts/postgres.sh
source scripts/kafka.sh
source scripts/redis.sh
source scripts/haproxy.sh

# What is set for `make run` must not reach the gateways that are tested.
unset DATABASE_URL INTERLINE_CONFIG INTERLINE_LISTEN INTERLINE_LOG INTERLINE_LOG_FORMAT "${!SANDBOX_@}"
need_rust
need_broker
need_redis
need_haproxy
export_postgres
say "building (the first time takes some minutes)"
export SQLX_OFFLINE=true
cargo build "${locked[@]}" --workspace --bin interline --bin interline-faults --bin componentize
scripts/plugins.sh
export INTERLINE_COMPONENTS=$COMPONENTS INTERLINE_BIN=$CARGO_TARGET_DIR/debug/interline
exec "$CARGO_TARGET_DIR/debug/interline-faults" run --seed "${SEED:-1}" --minutes "${MINUTES:-1}" \
    --nodes "${NODES:-3}" --workers "${WORKERS:-2}" "$@"
