#!/usr/bin/env bash
# Writes .sqlx, what the compiler needs to know of each query when no database is there, from the migrations as they are.
# shellcheck source-path=SCRIPTDIR
source "$(dirname "$0")/env.sh"
source scripts/prerequisites.sh
source scripts/ports.sh
source scripts/postgres.sh

need_rust
start_throwaway_postgres
for migration in migrations/*.sql; do
    [[ $migration == *.down.sql ]] || LD_LIBRARY_PATH=${postgres_lib:-${LD_LIBRARY_PATH:-}} \
        "$postgres_bin/psql" -Xq -v ON_ERROR_STOP=1 --single-transaction -f "$migration" "$DATABASE_URL"
done

queries=$(mktemp -d)
trap 'stop_postgres; rm -rf "$throwaway" "$queries"' EXIT
mapfile -t users < <(grep -rlE --include='*.rs' 'query[a-z_]*!\(' host tests | cut -d/ -f1-2 | sort -u)
packages=()
for folder in "${users[@]}"; do
    packages+=(-p "$(sed -n 's/^name = "\(.*\)"/\1/p' "$folder/Cargo.toml" | head -n1)")
    # The macros write only when they run, and they run only in what is compiled anew.
    find "$folder" -name '*.rs' -exec touch {} +
done
say "asking PostgreSQL about the queries of: ${packages[*]//-p/}"
# A target folder of its own: what another cargo compiled meanwhile would pass for done, and its queries would be missing.
CARGO_TARGET_DIR=$CARGO_TARGET_DIR/prepare SQLX_OFFLINE=false SQLX_OFFLINE_DIR=$queries \
    cargo check "${locked[@]}" --all-targets "${packages[@]}"
[ -n "$(ls "$queries")" ] || die "no query was found"
rm -rf .sqlx
mkdir .sqlx
find "$queries" -name 'query-*.json' -exec mv -t .sqlx {} +
say "$(find .sqlx -name '*.json' | wc -l) queries in .sqlx: commit them"
