#!/usr/bin/env bash
# Where the time of cached searches goes: a flame graph of the HTTP side and the read path, driven within one process.
# Arguments go to `interline-bench drive`: scripts/flamegraph.sh --threads 2
# shellcheck source-path=SCRIPTDIR
source "$(dirname "$0")/env.sh"
source scripts/prerequisites.sh
source scripts/tools.sh

command -v perf >/dev/null || {
    is_root || die "perf is missing: have an administrator install the package linux-perf"
    apt_install linux-perf
}
scripts/plugins.sh
source scripts/bench-build.sh
need_tool inferno-flamegraph 0.12.8 inferno
data=$CARGO_TARGET_DIR/perf.data
# By the clock, since virtual machines have no counters; frames by DWARF, since release builds keep no frame pointers.
perf record --quiet --event cpu-clock --freq 499 --call-graph dwarf,16384 --output "$data" -- \
    "$CARGO_TARGET_DIR/release/interline-bench" drive "$@"
perf script --input "$data" | inferno-collapse-perf --skip-after '*hammer*' |
    inferno-flamegraph --title "cached searches" >"$CARGO_TARGET_DIR/flamegraph.svg"
say "$CARGO_TARGET_DIR/flamegraph.svg"
