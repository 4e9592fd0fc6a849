# Sourced: what takes long is installed beside a build that takes long, its words going to a log.
#
# One at a time; what it exports is lost, so that it is called once more when it is done; and it has the script's EXIT trap
# meanwhile.
# shellcheck shell=bash

# Begins a function that installs something; ends it with this script.
meanwhile() {
    meanwhile_log=$CARGO_TARGET_DIR/$1.log
    mkdir -p "$CARGO_TARGET_DIR"
    # A job with a process group of its own: what it started can be ended with it. It holds none of this script's locks.
    set -m
    "$1" >"$meanwhile_log" 2>&1 </dev/null 8>&- 9>&- &
    meanwhile_process=$!
    set +m
    trap 'kill -TERM -- "-$meanwhile_process" 2>/dev/null || true' EXIT
}

# Waits until it is done.
meanwhile_done() {
    ! kill -0 "$meanwhile_process" 2>/dev/null || say "waiting for what is installed meanwhile: see $meanwhile_log"
    if ! wait "$meanwhile_process"; then
        tail -n 30 "$meanwhile_log" >&2
        die "it could not be installed; the whole of its log is $meanwhile_log"
    fi
    trap - EXIT
}
