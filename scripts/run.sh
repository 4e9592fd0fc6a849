#!/usr/bin/env bash
# Builds everything and runs it until Ctrl-C: PostgreSQL, the sandbox, the gateway and a worker.
# shellcheck source-path=SCRIPTDIR
source "$(dirname "$0")/env.sh"
source scripts/prerequisites.sh
source scripts/ports.sh
source scripts/postgres.sh

data=$ROOT/.data
export INTERLINE_LISTEN=${INTERLINE_LISTEN:-127.0.0.1:8080} SANDBOX_LISTEN=${SANDBOX_LISTEN:-127.0.0.1:8090}
export SANDBOX_WEBHOOK_URL=${SANDBOX_WEBHOOK_URL:-http://127.0.0.1:${INTERLINE_LISTEN##*:}/v1/webhooks/stripe}
export INTERLINE_CONFIG=${INTERLINE_CONFIG:-$ROOT/host/gateway/interline.dev.toml}
export INTERLINE_COMPONENTS=$COMPONENTS SQLX_OFFLINE=true
# Names and process ids of what runs, in the order in which it is to end.
names=() processes=()

# Runs a program in a session of its own, so that Ctrl-C reaches this script alone and things end in order.
start() {
    local name=$1
    shift
    setsid setpriv --pdeathsig TERM -- "$@" >"$data/logs/$name.log" 2>&1 </dev/null &
    names=("$name" "${names[@]}")
    processes=($! "${processes[@]}")
}

finish() {
    trap '' INT TERM HUP
    local index
    [ ${#processes[@]} = 0 ] || printf '\n' >&2
    for index in "${!processes[@]}"; do
        kill -0 "${processes[index]}" 2>/dev/null || continue
        say "stopping the ${names[index]}"
        stop "${processes[index]}"
    done
    [ -z "$postgres_process" ] || say "stopping PostgreSQL"
    stop_postgres
}

stop() {
    local attempt
    kill -TERM "$1" 2>/dev/null || return 0
    for attempt in {1..200}; do
        kill -0 "$1" 2>/dev/null || return 0
        sleep 0.1
    done
    kill -KILL "$1" 2>/dev/null || true
}

# Waits until a started program answers, or shows why it never will.
await() {
    local name=$1 address=$2 path=$3
    until answers "$address" "$path"; do
        kill -0 "${processes[0]}" 2>/dev/null || fail "$name"
        sleep 0.1
    done
}

fail() {
    tail -n 30 "$data/logs/$1.log" >&2
    die "the $1 ended by itself; the whole of its log is .data/logs/$1.log"
}

mkdir -p "$data/logs" "$data/mail"
exec 9>"$data/run.lock"
flock -n 9 || die "this checkout runs already; stop that one first"
for address in "$INTERLINE_LISTEN" "$SANDBOX_LISTEN"; do
    is_free "$address" || die "somebody listens on $address already: stop it, or choose others with
       make run INTERLINE_LISTEN=127.0.0.1:8081 SANDBOX_LISTEN=127.0.0.1:8091"
done

need_rust
say "building the gateway and the sandbox (the first time takes some minutes)"
# Of the whole workspace, and not of one package each: then dependencies get the same features everywhere, and are built once.
cargo build "${locked[@]}" --workspace --bin interline --bin interline-sandbox --bin componentize 9>&-
scripts/plugins.sh 9>&-

trap finish EXIT
trap 'exit 0' INT TERM HUP
if [ -n "${DATABASE_URL:-}" ]; then
    say "using the PostgreSQL that DATABASE_URL names"
else
    say "starting PostgreSQL"
    start_postgres "$data/postgres" 9>&-
fi
interline=$CARGO_TARGET_DIR/debug/interline
"$interline" migrate 9>&-
"$interline" demo --api-key-file "$data/api-key" --user-token-file "$data/user-token" 9>&-

start sandbox "$CARGO_TARGET_DIR/debug/interline-sandbox" serve 9>&-
await sandbox "$SANDBOX_LISTEN" /control/calls
# The gateway compiles new components and keeps the outcome, so that the worker finds it.
start gateway "$interline" serve 9>&-
say "waiting for the gateway to have its components ready (compiling them takes a while the first time)"
await gateway "$INTERLINE_LISTEN" /readyz
start worker "$interline" worker 9>&-

scripts/welcome.sh "http://$INTERLINE_LISTEN" "http://$SANDBOX_LISTEN"
# Any end but Ctrl-C's is news.
wait -n "${processes[@]}" ${postgres_process:+"$postgres_process"} 2>/dev/null || true
for index in "${!processes[@]}"; do
    kill -0 "${processes[index]}" 2>/dev/null || fail "${names[index]}"
done
die "PostgreSQL ended by itself; its log is .data/postgres/log"
