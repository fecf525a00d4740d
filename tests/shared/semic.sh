#!/usr/bin/env bash
# ISO records beside SEMIC's output and the other references: every difference is a decision of tests/semic/decisions.toml.
. "$(dirname "$0")/lib.sh"
"$judge" semic > "$work/semic.txt" && code=0 || code=$?
tail -n 15 "$work/semic.txt"
exit "$code"
