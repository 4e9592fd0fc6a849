#!/usr/bin/env bash
# Measures the gateway against the least that the same work can cost, with everything built for speed and a PostgreSQL of
# its own. Arguments go to the program: scripts/bench.sh --rows search --quick
# shellcheck source-path=SCRIPTDIR
source "$(dirname "$0")/env.sh"
source scripts/prerequisites.sh
source scripts/ports.sh
source scripts/postgres.sh
source scripts/redis.sh
source scripts/kafka.sh

unset INTERLINE_CONFIG INTERLINE_LISTEN INTERLINE_LOG INTERLINE_LOG_FORMAT "${!SANDBOX_@}"
scripts/plugins.sh
source scripts/bench-build.sh

need_redis
need_broker
# As in production, and with a log that says which statements a booking takes.
start_throwaway_postgres fsync=on synchronous_commit=on full_page_writes=on logging_collector=on log_destination=jsonlog
export PATH=$postgres_bin:$PATH ${postgres_lib:+LD_LIBRARY_PATH="$postgres_lib"}
say "measuring (docs/performance.md explains the rows; a whole run takes some twenty minutes)"
"$CARGO_TARGET_DIR/release/interline-bench" --json "$CARGO_TARGET_DIR/bench.json" "$@"
say "the same as JSON: $CARGO_TARGET_DIR/bench.json"
