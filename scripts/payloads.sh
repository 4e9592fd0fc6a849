#!/usr/bin/env bash
# Runs a folder of recorded supplier replies through the components: payloads.sh FOLDER
# shellcheck source-path=SCRIPTDIR
source "$(dirname "$0")/env.sh"

[ -d "${1:-}" ] || die "name a folder of replies: make payloads DIR=path/to/payloads"
cargo build "${locked[@]}" --workspace --bin interline
scripts/plugins.sh
export INTERLINE_COMPONENTS=$COMPONENTS
exec "$CARGO_TARGET_DIR/debug/interline" plugin payloads "$1"
