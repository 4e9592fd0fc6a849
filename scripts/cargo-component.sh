#!/usr/bin/env bash
# Builds one adapter with cargo-component instead of plain cargo: the contract suits both.
# shellcheck source-path=SCRIPTDIR
source "$(dirname "$0")/env.sh"
source scripts/prerequisites.sh
source scripts/tools.sh

need_rust
need_wasm_targets
need_tool cargo-component 0.21.1
# A target folder of its own: it builds with other settings, and would have cargo build everything twice.
export CARGO_TARGET_DIR=$CACHE/cargo-component
cargo component build "${locked[@]}" --profile component --target wasm32-wasip2 -p duffel
