#!/bin/sh
# Starts the program in STAND_IN with what this process was given for signals in STAND_IN_MASKS,
# because Rust's runtime ignores SIGPIPE before `main` and so hides how it was started.
STAND_IN_MASKS=$(grep -E '^Sig(Blk|Ign|Cgt):' "/proc/$$/status")
export STAND_IN_MASKS
exec "$STAND_IN" "$@"
