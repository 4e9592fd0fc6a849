#!/usr/bin/env bash
# What a reader sees once everything runs: welcome.sh GATEWAY SANDBOX
# shellcheck source-path=SCRIPTDIR
source "$(dirname "$0")/env.sh"

cat <<END

Interline runs at $1, the sandbox suppliers at $2.
The API key is in .data/api-key: $(cat .data/api-key)
A demo traveller's token is in .data/user-token.

In another terminal, in this folder, for bash: the journey of one traveller (all at once: make journey)

gateway=$1 sandbox=$2
$(sed '1,/^# --- shown/d' scripts/first-journey.sh)

Look at next
  $1/docs            every endpoint, described
  .data/mail/                           the mails, .data/logs/ the logs
  $2/control/orders  the suppliers' own books (also /control/payments, /control/calls)
  README.md                             what else to try; ARCHITECTURE.md: how it works

Ctrl-C stops everything.
END
