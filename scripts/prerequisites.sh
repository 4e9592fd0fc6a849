# Sourced: installs what a build needs and the machine lacks.
# shellcheck shell=bash

# Cargo of at least the version that Cargo.toml names; a C compiler, whose linker rustc uses; and what librdkafka is built
# with: a C++ compiler, make, and OpenSSL's headers.
need_rust() {
    command -v cargo >/dev/null || die "cargo is missing: install Rust with rustup (https://rustup.rs), then try again"
    local wanted have packages=()
    wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
    have=$(rustc --version | cut -d' ' -f2)
    if [ "$(printf '%s\n' "$wanted" "$have" | sort -V | head -n1)" != "$wanted" ]; then
        die "Rust $wanted is needed, and this is $have: run 'rustup update stable'"
    fi
    command -v cc >/dev/null || packages+=(gcc libc6-dev)
    command -v c++ >/dev/null || packages+=(g++)
    command -v make >/dev/null || packages+=(make)
    if ! { command -v pkg-config >/dev/null && pkg-config --exists openssl; }; then packages+=(pkg-config libssl-dev); fi
    [ ${#packages[@]} = 0 ] && return
    is_root || die "have an administrator install the packages ${packages[*]}"
    apt_install "${packages[@]}"
}

need_wasm_targets() {
    local target libraries missing=()
    libraries=$(rustc --print sysroot)/lib/rustlib
    for target in wasm32-wasip2 wasm32-unknown-unknown; do
        [ -d "$libraries/$target/lib" ] || missing+=("$target")
    done
    [ ${#missing[@]} = 0 ] && return
    command -v rustup >/dev/null || die "rustc lacks the targets ${missing[*]}, and there is no rustup to add them"
    say "adding the Rust targets ${missing[*]}"
    rustup target add "${missing[@]}"
}

# Needs root.
apt_install() {
    command -v apt-get >/dev/null || die "this is no Debian: install $* by hand, then try again"
    say "installing from the distribution's packages: $*"
    DEBIAN_FRONTEND=noninteractive apt-get update -q
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@"
}

# Sets postgres_bin to the folder of the server's programs, which Debian keeps out of PATH, and postgres_lib to those
# of their libraries if the packages were unpacked and not installed.
need_postgres() {
    local unpacked=$CACHE/postgresql
    postgres_lib=
    postgres_bin=$(find_postgres "")
    [ -n "$postgres_bin" ] && return
    if is_root; then
        install_postgres
        postgres_bin=$(find_postgres "")
    else
        [ -e /usr/share/zoneinfo/UTC ] || die "time zones are missing: have an administrator install the package tzdata"
        [ -d "$unpacked" ] || unpack_packages "$unpacked" postgresql
        postgres_bin=$(find_postgres "$unpacked")
        postgres_lib=$(libraries_below "$unpacked")
    fi
    [ -n "$postgres_bin" ] || die "PostgreSQL was installed, but its initdb is not to be found"
}

# Prints the folder of the newest server below a root folder, "" being the machine's own.
find_postgres() {
    local programs
    for programs in "$1"/usr/lib/postgresql/*/bin; do
        if [ -x "$programs/initdb" ] && [ -x "$programs/psql" ]; then printf '%s\n' "$programs"; fi
    done | sort -V | tail -n1
}

# The packages, without the cluster that they would otherwise make and start at once.
install_postgres() {
    apt_install postgresql-common
    local settings=/etc/postgresql-common/createcluster.conf
    cp -p "$settings" "$settings.before"
    echo 'create_main_cluster = false' >>"$settings"
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends postgresql || true
    mv "$settings.before" "$settings"
}

# For who can't install: apt works on lists and archives of its own, and the packages named, with all that they depend on
# and the machine lacks, are unpacked below the folder $1.
unpack_packages() {
    local folder=$1 partial apt package
    command -v apt-get >/dev/null || die "this is no Debian: install ${*:2} by hand, then try again"
    say "unpacking ${*:2} below $folder (once; nothing is installed on the machine)"
    mkdir -p "$(dirname "$folder")"
    partial=$(mktemp -d "$folder.XXXXXX")
    mkdir -p "$partial/state/lists/partial" "$partial/cache/archives/partial" "$partial/root"
    apt=(apt-get -q -o "Dir::State=$partial/state" -o Dir::State::status=/var/lib/dpkg/status
        -o "Dir::Cache=$partial/cache" -o Debug::NoLocking=true -o APT::Install-Recommends=false)
    "${apt[@]}" update
    "${apt[@]}" install -y --download-only "${@:2}"
    for package in "$partial"/cache/archives/*.deb; do
        dpkg-deb -x "$package" "$partial/root"
    done
    # Two checkouts may do this at once: the first one's folder is as good as ours.
    mv -T "$partial/root" "$folder" 2>/dev/null || [ -d "$folder" ]
    rm -rf "$partial"
}

# Prints where the libraries of unpacked packages are, as LD_LIBRARY_PATH wants it.
libraries_below() {
    find "$1/usr/lib" "$1/lib" -maxdepth 1 -name '*-linux-*' 2>/dev/null | paste -sd:
}
