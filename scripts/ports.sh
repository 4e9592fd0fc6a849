# Sourced: loopback ports.
# shellcheck shell=bash

# Whether nobody listens on an address like 127.0.0.1:8080.
is_free() {
    ! (exec 3<>"/dev/tcp/${1%:*}/${1##*:}") 2>/dev/null
}

# Prints a free port: the one remembered in the file $1, else one below those that the kernel hands out by itself.
pick_port() {
    local port attempt
    port=$(cat "$1" 2>/dev/null || true)
    for attempt in {1..100}; do
        if [ -n "$port" ] && is_free "127.0.0.1:$port"; then
            printf '%s\n' "$port" | tee "$1"
            return
        fi
        port=$((20000 + (RANDOM + attempt) % 12000))
    done
    die "no free port was found"
}

# Whether GET $2 on the address $1 is answered 200.
answers() {
    local status
    status=$(exec 2>/dev/null 3<>"/dev/tcp/${1%:*}/${1##*:}" &&
        printf 'GET %s HTTP/1.0\r\nHost: %s\r\n\r\n' "$2" "$1" >&3 && timeout 5 head -n1 <&3) || return 1
    [[ $status == HTTP/*" 200"* ]]
}
