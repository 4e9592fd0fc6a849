# Sourced by every script: where things are, and how to talk to the reader.
# shellcheck shell=bash

set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
cd "$ROOT"

# What may be shared by all checkouts of one user: tools, unpacked packages. Nothing in it is needed to be kept.
CACHE=${INTERLINE_CACHE:-${XDG_CACHE_HOME:-${HOME:?HOME is not set}/.cache}/interline}

CARGO_TARGET_DIR=$(realpath -m "${CARGO_TARGET_DIR:-target}")
export CARGO_TARGET_DIR
COMPONENTS=$CARGO_TARGET_DIR/components
# CI builds what was committed; at a desk a changed Cargo.toml may change Cargo.lock too.
locked=()
[ "${CI:-}" != true ] || locked=(--locked)
# Progress bars only where someone watches.
[ -t 2 ] || export CARGO_TERM_PROGRESS_WHEN=${CARGO_TERM_PROGRESS_WHEN:-never}

say() { printf '\033[1m==>\033[0m %s\n' "$*" >&2; }
die() {
    printf '\033[31merror:\033[0m %s\n' "$*" >&2
    exit 1
}
is_root() { [ "$(id -u)" = 0 ]; }
