#!/usr/bin/env bash
# Several gateways and workers on this machine behind one balancer, with Redis Cluster, PostgreSQL and Kafka, until Ctrl-C.
# NODES and WORKERS say how many. Whatever is killed is started again.
# shellcheck source-path=SCRIPTDIR
source "$(dirname "$0")/env.sh"
source scripts/prerequisites.sh
source scripts/ports.sh
source scripts/postgres.sh
source scripts/processes.sh
source scripts/kafka.sh
source scripts/redis.sh
source scripts/haproxy.sh

data=$ROOT/.data
nodes=${NODES:-3} workers=${WORKERS:-2}
[[ $nodes =~ ^[1-9][0-9]?$ && $workers =~ ^[1-9][0-9]?$ ]] || die "NODES and WORKERS are numbers from 1 to 99"
export BALANCER_LISTEN=${INTERLINE_LISTEN:-127.0.0.1:8080} SANDBOX_LISTEN=${SANDBOX_LISTEN:-127.0.0.1:8090}
export SANDBOX_WEBHOOK_URL=http://$BALANCER_LISTEN/v1/webhooks/stripe
export INTERLINE_CONFIG=$data/up.toml INTERLINE_COMPONENTS=$COMPONENTS SQLX_OFFLINE=true

# The configuration for development, with what several nodes share.
write_config() {
    # A balancer is to notice that a gateway ends; and it says who the client is.
    sed -e 's/^unready_seconds = .*/unready_seconds = 2/' -e 's/^\[api\]$/&\ntrusted_proxies = ["127.0.0.1"]/' \
        host/gateway/interline.dev.toml
    cat <<END

[worker.queue]
kind = "kafka"
brokers = ["127.0.0.1:$broker_port"]
instance = "\${WORKER:-none}"
session_seconds = 6
fetch_wait_millis = 20

[redis]
mode = "cluster"
nodes = [$(printf '"%s", ' "${redis_nodes[@]}")]
END
}

# Sets redis_nodes. Three primaries with a replica each, from nothing: it is a cache.
start_redis_cluster() {
    local number folder port bus
    redis_nodes=()
    for number in {1..6}; do
        folder=$data/redis/$number
        mkdir -p "$folder"
        port=$(pick_port "$folder/port") bus=$(pick_port "$folder/bus")
        rm -f "$folder/nodes.conf"
        keep "redis-$number" env ${INTERLINE_REDIS_LIB:+"LD_LIBRARY_PATH=$INTERLINE_REDIS_LIB"} \
            "$INTERLINE_REDIS/redis-server" --port "$port" --cluster-port "$bus" --bind 127.0.0.1 --dir "$folder" \
            --cluster-enabled yes --cluster-node-timeout 2000 --appendonly no --save ''
        redis_nodes+=("127.0.0.1:$port")
        while is_free "127.0.0.1:$port"; do
            kill -0 "${processes[0]}" 2>/dev/null || fail "redis-$number"
            sleep 0.1
        done
    done
    redis_cli --cluster create "${redis_nodes[@]}" --cluster-replicas 1 --cluster-yes >"$data/logs/redis-cluster.log" ||
        die "Redis became no cluster: .data/logs/redis-cluster.log tells why"
    until redis_cli -p "$port" cluster info | grep -q '^cluster_state:ok'; do sleep 0.1; done
}

redis_cli() {
    LD_LIBRARY_PATH=${INTERLINE_REDIS_LIB:-${LD_LIBRARY_PATH:-}} "$INTERLINE_REDIS/redis-cli" "$@"
}

take_data
mkdir -p "$data/pids" "$data/kafka"
for address in "$BALANCER_LISTEN" "$SANDBOX_LISTEN"; do
    is_free "$address" || die "somebody listens on $address already: stop it, or choose others with
       make up INTERLINE_LISTEN=127.0.0.1:8081 SANDBOX_LISTEN=127.0.0.1:8091"
done
need_broker
need_redis
need_haproxy
build_programs
end_with_me

broker_port=$(pick_port "$data/kafka/port")
say "starting the Kafka broker and Redis Cluster"
keep kafka "$INTERLINE_BROKER" serve "$broker_port" "$data/kafka"
until ! is_free "127.0.0.1:$broker_port"; do
    kill -0 "${processes[0]}" 2>/dev/null || fail kafka
    sleep 0.1
done
start_redis_cluster
write_config >"$INTERLINE_CONFIG"
prepare_database

start sandbox "$CARGO_TARGET_DIR/debug/interline-sandbox" serve
await sandbox "$SANDBOX_LISTEN" /control/calls
say "waiting for the gateways to have their components ready (compiling them takes a while the first time)"
echo 'backend gateways' >"$data/gateways.cfg"
shown=
for number in $(seq "$nodes"); do
    INTERLINE_LISTEN=127.0.0.1:$(pick_port "$data/pids/gateway-$number.port")
    export INTERLINE_LISTEN
    keep "gateway-$number" "$interline" serve
    await "gateway-$number" "$INTERLINE_LISTEN" /readyz
    echo "    server gateway-$number $INTERLINE_LISTEN check" >>"$data/gateways.cfg"
    shown+="  gateway-$number  http://$INTERLINE_LISTEN"$'\n'
done
for number in $(seq "$workers"); do
    export WORKER=worker-$number
    keep "$WORKER" "$interline" worker
done
start balancer env ${INTERLINE_HAPROXY_LIBRARIES:+"LD_LIBRARY_PATH=$INTERLINE_HAPROXY_LIBRARIES"} \
    "$INTERLINE_HAPROXY" -db -f "$INTERLINE_HAPROXY_CONFIG" -f "$data/gateways.cfg"
await balancer "$BALANCER_LISTEN" /readyz

export INTERLINE_LISTEN=$BALANCER_LISTEN
scripts/welcome.sh "http://$BALANCER_LISTEN" "http://$SANDBOX_LISTEN"
cat <<END

$nodes gateways and $workers workers run behind http://$BALANCER_LISTEN:
$shown
Kill what you like while you use it; it is started again, and nothing is lost:
  kill -9 \$(cat .data/pids/gateway-1)     also worker-1, kafka, redis-1 …
  make journey                            goes through the balancer
  make faults SEED=7 MINUTES=10           kills everything at random, and compares all books in the end
END
until_interrupted
