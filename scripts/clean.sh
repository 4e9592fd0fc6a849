#!/usr/bin/env bash
# Removes what was built, and the data of `make run` with the database among them.
# shellcheck source-path=SCRIPTDIR
source "$(dirname "$0")/env.sh"
source scripts/postgres.sh

postgres=$(realpath -m .data/postgres)
stop_leftover "$postgres/data"
# As root the data may stand outside of the checkout.
rm -rf "$postgres" .data
cargo clean
