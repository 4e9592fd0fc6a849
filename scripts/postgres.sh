# Sourced: a private PostgreSQL, reached over loopback with a password of its own.
#
#   start_postgres FOLDER [SETTING=VALUE…]   makes the cluster in FOLDER if there is none, starts it, sets DATABASE_URL
#   stop_postgres                            stops it and waits for its end
#   start_throwaway_postgres [SETTING=VALUE…]
#                                            starts a fast one that doesn't outlive this script, nor do its data
#   export_postgres                          tells tests how to run a server of their own, to be killed
#
# PostgreSQL refuses to run as root: there it runs as `postgres`, or as `nobody`.
# shellcheck shell=bash

postgres_process=

start_postgres() {
    local folder password port attempt setting settings=()
    need_postgres
    # A shell that is set up for another database must not lead our clients there.
    unset "${!PG@}"
    choose_owner
    folder=$(reachable_folder "$(realpath -m "$1")")
    for setting in "${@:2}"; do settings+=(-c "$setting"); done
    stop_leftover "$folder/data"
    if [ -d "$folder/data" ]; then
        check_version "$folder/data"
    else
        make_cluster "$folder"
    fi
    password=$(cat "$folder/password")
    for attempt in 1 2 3 4 5; do
        port=$(pick_port "$folder/port")
        if launch_postgres "$folder" "$port" "$password" "${settings[@]}"; then
            DATABASE_URL=postgres://interline:$password@127.0.0.1:$port/interline
            export DATABASE_URL
            return
        fi
        grep -q 'could not bind' "$folder/log" || break
        say "port $port was taken meanwhile, trying another (attempt $attempt)"
        rm -f "$folder/port"
    done
    tail -n 20 "$folder/log" >&2
    die "PostgreSQL did not start; its log is $folder/log"
}

stop_postgres() {
    [ -n "$postgres_process" ] || return 0
    kill -INT "$postgres_process" 2>/dev/null || true
    wait "$postgres_process" 2>/dev/null || true
    postgres_process=
}

# Always below /tmp, since its owner must get there.
start_throwaway_postgres() {
    find /tmp -maxdepth 1 -name 'interline-test.*' -user "$(id -un)" -mmin +1440 -exec rm -rf {} +
    throwaway=$(mktemp -d /tmp/interline-test.XXXXXX)
    chmod 711 "$throwaway"
    trap 'stop_postgres; rm -rf "$throwaway"' EXIT
    trap 'exit 130' INT TERM HUP
    start_postgres "$throwaway/postgres" fsync=off synchronous_commit=off full_page_writes=off max_connections=500 "$@"
}

# Exports INTERLINE_POSTGRES, the folder of the server's programs; INTERLINE_POSTGRES_LIBRARIES, where their libraries are if
# the packages were unpacked and not installed; INTERLINE_POSTGRES_OWNER, as UID:GID, if we can't run a server ourselves.
export_postgres() {
    need_postgres
    choose_owner
    export INTERLINE_POSTGRES=$postgres_bin INTERLINE_POSTGRES_LIBRARIES=$postgres_lib INTERLINE_POSTGRES_OWNER=
    ! is_root || INTERLINE_POSTGRES_OWNER=$(id -u "$postgres_owner"):$(id -g "$postgres_owner")
}

# Sets postgres_owner, and as_owner to what stands before a command that is to run as him and to end with this script.
choose_owner() {
    postgres_owner=$(id -un)
    as_owner=(setpriv --pdeathsig INT)
    if is_root; then
        postgres_owner=postgres
        id postgres >/dev/null 2>&1 || postgres_owner=nobody
        as_owner+=("--reuid=$postgres_owner" "--regid=$(id -g "$postgres_owner")" --init-groups)
    fi
    as_owner+=(-- env ${postgres_lib:+"LD_LIBRARY_PATH=$postgres_lib"})
}

# Prints the folder, or, where its owner couldn't get there (a checkout below /root), one that the folder then links to.
reachable_folder() {
    local elsewhere
    mkdir -p "$1"
    chown "$postgres_owner" "$1"
    chmod 700 "$1"
    if (cd / && "${as_owner[@]}" test -w "$1"); then
        printf '%s\n' "$1"
        return
    fi
    elsewhere=/var/lib/interline/$(printf '%s' "$1" | sha256sum | cut -c1-16)
    stop_leftover "$elsewhere/data"
    rm -rf "$elsewhere"
    mkdir -p "$elsewhere"
    chown "$postgres_owner" "$elsewhere"
    chmod 700 "$elsewhere"
    rmdir "$1" || die "$1 is in the way: it is not empty, and $postgres_owner can't reach it"
    ln -s "$elsewhere" "$1"
    printf '%s\n' "$elsewhere"
}

# Ends a server that outlived its script, and forgets one that was killed.
stop_leftover() {
    local process attempt
    [ -f "$1/postmaster.pid" ] || return 0
    process=$(head -n1 "$1/postmaster.pid")
    if tr '\0' ' ' <"/proc/$process/cmdline" 2>/dev/null | grep -qF -- "-D $1 "; then
        say "stopping a PostgreSQL left over from an earlier run"
        kill -INT "$process"
        for attempt in {1..300}; do
            [ -d "/proc/$process" ] || return 0
            [ "$attempt" != 200 ] || kill -QUIT "$process" 2>/dev/null || true
            sleep 0.1
        done
        die "the PostgreSQL with process id $process does not stop"
    fi
    rm -f "$1/postmaster.pid"
}

check_version() {
    local made_by server
    made_by=$(cat "$1/PG_VERSION")
    server=$("${as_owner[@]}" "$postgres_bin/postgres" --version | sed 's/.*) \([0-9]*\).*/\1/')
    [ "$made_by" = "$server" ] ||
        die "$1 was made by PostgreSQL $made_by, and this is $server: remove $(dirname "$1") to start afresh"
}

# The cluster gets its name last, so that an interrupted start leaves nothing that looks whole.
make_cluster() {
    local partial=$1/data.partial
    say "making a PostgreSQL cluster in $1"
    rm -rf "$partial"
    (umask 077 && od -An -N24 -tx1 /dev/urandom | tr -d ' \n' >"$1/password")
    chown "$postgres_owner" "$1/password"
    (
        cd "$1"
        "${as_owner[@]}" "$postgres_bin/initdb" -D "$partial" -U interline --pwfile="$1/password" \
            --auth=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8 --no-sync >"$1/log" 2>&1 &&
            echo 'CREATE DATABASE interline' |
            "${as_owner[@]}" "$postgres_bin/postgres" --single -D "$partial" postgres >>"$1/log" 2>&1
    ) || {
        cat "$1/log" >&2
        die "the PostgreSQL cluster could not be made"
    }
    mv "$partial" "$1/data"
}

# Starts the server as a child of this script and waits until it answers.
launch_postgres() {
    local folder=$1 port=$2 password=$3
    cd "$folder"
    setsid "${as_owner[@]}" "$postgres_bin/postgres" -D "$folder/data" -p "$port" \
        -c listen_addresses=127.0.0.1 -c unix_socket_directories= "${@:4}" \
        >"$folder/log" 2>&1 </dev/null &
    postgres_process=$!
    cd "$ROOT"
    while kill -0 "$postgres_process" 2>/dev/null; do
        if PGPASSWORD=$password LD_LIBRARY_PATH=${postgres_lib:-${LD_LIBRARY_PATH:-}} PGCONNECT_TIMEOUT=5 \
            "$postgres_bin/psql" -XAtq -h 127.0.0.1 -p "$port" -U interline -d interline -c 'SELECT 1' >/dev/null 2>&1; then
            return 0
        fi
        sleep 0.1
    done
    wait "$postgres_process" || true
    postgres_process=
    return 1
}
