#!/usr/bin/env bash
# The checks against the norms and judges beside the repository. They need a built program: `make test` leaves one.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
if [ ! -d "$here/../../../shared" ]; then
	echo "skipped: ../shared is absent; nothing is compared with the norms and judges"
	exit 0
fi
passed=0 failed=0
for check in "$here"/[a-z]*.sh; do
	name=$(basename "$check" .sh)
	case $name in run | lib) continue ;; esac
	echo "== $name: $(sed -n 2s/^#.//p "$check")"
	if bash "$check"; then passed=$((passed + 1)); else failed=$((failed + 1)) && echo "== $name FAILED"; fi
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
