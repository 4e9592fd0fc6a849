# Sourced: what runs until Ctrl-C, for run.sh and up.sh. Their data are below $data, their logs in $data/logs.
# shellcheck shell=bash

# Names and process ids of what runs, in the order in which it is to end.
names=() processes=()

# Makes $data, and dies if another script of this checkout uses it.
take_data() {
    mkdir -p "$data/logs" "$data/mail"
    exec 9>"$data/run.lock"
    flock -n 9 || die "this checkout runs already; stop that one first"
}

# Builds what runs.
build_programs() {
    need_rust
    say "building the gateway and the sandbox (the first time takes some minutes)"
    # Of the whole workspace, and not of one package each: then dependencies get the same features everywhere, and are built once.
    cargo build "${locked[@]}" --workspace --bin interline --bin interline-sandbox --bin componentize 9>&-
    scripts/plugins.sh 9>&-
    interline=$CARGO_TARGET_DIR/debug/interline
}

# A database with tables and a frontend's credentials: the one that DATABASE_URL names, else one of our own.
prepare_database() {
    if [ -n "${DATABASE_URL:-}" ]; then
        say "using the PostgreSQL that DATABASE_URL names"
    else
        say "starting PostgreSQL"
        start_postgres "$data/postgres" 9>&-
    fi
    "$interline" migrate 9>&-
    "$interline" demo --api-key-file "$data/api-key" --user-token-file "$data/user-token" 9>&-
}

# Runs a program in a session of its own, so that Ctrl-C reaches this script alone and things end in order.
start() {
    local name=$1
    shift
    setsid setpriv --pdeathsig TERM -- "$@" >"$data/logs/$name.log" 2>&1 </dev/null 9>&- &
    names=("$name" "${names[@]}")
    processes=($! "${processes[@]}")
}

# Starts a program that is started again whenever it is killed; its process id is in .data/pids/NAME.
keep() {
    local name=$1
    shift
    # shellcheck disable=SC2016
    start "$name" bash -c '
        pid_file=$1
        shift
        trap "kill -TERM \$child 2>/dev/null; wait \$child; exit" TERM
        while :; do
            setpriv --pdeathsig TERM -- "$@" &
            child=$!
            echo $child >"$pid_file"
            status=0
            wait $child || status=$?
            # Who ends by itself would do so again.
            [ "$status" -gt 128 ] || exit "$status"
            sleep 1
        done' keep "$data/pids/$name" "$@"
}

# Waits until the program started last answers, or shows why it never will.
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

# Sets the trap that ends everything, in order, however this script ends.
end_with_me() {
    trap finish EXIT
    trap 'exit 0' INT TERM HUP
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

# Waits for Ctrl-C. Any other end is news.
until_interrupted() {
    local index
    wait -n "${processes[@]}" ${postgres_process:+"$postgres_process"} 2>/dev/null || true
    for index in "${!processes[@]}"; do
        kill -0 "${processes[index]}" 2>/dev/null || fail "${names[index]}"
    done
    die "PostgreSQL ended by itself; its log is .data/postgres/log"
}
