#!/usr/bin/env bash
# Makes up the secrets of deploy/compose.yaml, once, in deploy/.env, which Compose reads by itself. What is there is kept.
# shellcheck source-path=SCRIPTDIR
source "$(dirname "$0")/env.sh"

file=deploy/.env
# Hexadecimal, for it goes into URLs and TOML as it is.
random() { od -An -vtx1 -N "$1" /dev/urandom | tr -d ' \n'; }
umask 077
touch "$file"
for entry in POSTGRES_PASSWORD:24 REDIS_PASSWORD:24 GRAFANA_PASSWORD:12 OFFER_KEY:32 MASTER_KEY:32; do
    name=${entry%:*}
    grep -q "^$name=" "$file" || echo "$name=$(random "${entry#*:}")" >>"$file"
done
say "the secrets are in $file; Grafana's user is admin, its password $(sed -n 's/^GRAFANA_PASSWORD=//p' "$file")"
