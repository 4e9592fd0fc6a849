#!/usr/bin/env bash
# Builds everything and runs it until Ctrl-C: PostgreSQL, the sandbox, the gateway and a worker.
# shellcheck source-path=SCRIPTDIR
source "$(dirname "$0")/env.sh"
source scripts/prerequisites.sh
source scripts/ports.sh
source scripts/postgres.sh
source scripts/processes.sh

data=$ROOT/.data
export INTERLINE_LISTEN=${INTERLINE_LISTEN:-127.0.0.1:8080} SANDBOX_LISTEN=${SANDBOX_LISTEN:-127.0.0.1:8090}
export SANDBOX_WEBHOOK_URL=${SANDBOX_WEBHOOK_URL:-http://127.0.0.1:${INTERLINE_LISTEN##*:}/v1/webhooks/stripe}
export INTERLINE_CONFIG=${INTERLINE_CONFIG:-$ROOT/host/gateway/interline.dev.toml}
export INTERLINE_COMPONENTS=$COMPONENTS SQLX_OFFLINE=true

take_data
for address in "$INTERLINE_LISTEN" "$SANDBOX_LISTEN"; do
    is_free "$address" || die "somebody listens on $address already: stop it, or choose others with
       make run INTERLINE_LISTEN=127.0.0.1:8081 SANDBOX_LISTEN=127.0.0.1:8091"
done
build_programs
end_with_me
prepare_database

start sandbox "$CARGO_TARGET_DIR/debug/interline-sandbox" serve
await sandbox "$SANDBOX_LISTEN" /control/calls
# The gateway compiles new components and keeps the outcome, so that the worker finds it.
start gateway "$interline" serve
say "waiting for the gateway to have its components ready (compiling them takes a while the first time)"
await gateway "$INTERLINE_LISTEN" /readyz
start worker "$interline" worker

scripts/welcome.sh "http://$INTERLINE_LISTEN" "http://$SANDBOX_LISTEN"
until_interrupted
