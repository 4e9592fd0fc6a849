#!/bin/sh
# Makes a Redis Cluster of $NODES, three primaries with a replica each, unless they are one already.
set -eu

host() { echo "${1%:*}"; }
port() { echo "${1#*:}"; }
healthy() { redis-cli -h "$(host "$1")" -p "$(port "$1")" cluster info | grep -q '^cluster_state:ok'; }

set -- $NODES
if ! healthy "$1"; then
    # shellcheck disable=SC2086
    redis-cli --cluster create $NODES --cluster-replicas 1 --cluster-yes
fi
for node in $NODES; do
    until healthy "$node"; do sleep 1; done
done
echo "the cluster is whole"
