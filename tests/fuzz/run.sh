#!/usr/bin/env bash
# Fuzzes what reads a source's answers, with cargo-fuzz and a nightly compiler (`cargo install cargo-fuzz`, `rustup toolchain install nightly`).
#
# usage: tests/fuzz/run.sh [SECONDS a target, 600 unless given] [TARGET...]
#
# Seeds are the pages of the golden cases. What was found before is kept in the corpus beside the build, and a crash in `artifacts`.
set -euo pipefail
cd "$(dirname "$0")"
seconds=${1:-600}
shift || true
build=${CARGO_TARGET_DIR:-$HOME/.cache/moisson/target}-fuzz
targets=("$@")
[ ${#targets[@]} -gt 0 ] || mapfile -t targets < <(sed -n 's/^name = "\(.*\)"$/\1/p' Cargo.toml | grep -v '^fuzz$')
failed=()
for target in "${targets[@]}"; do
	seeds=$build/seeds/$target
	mkdir -p "$build/corpus/$target" "$build/artifacts/$target"
	rm -rf "$seeds"
	mkdir -p "$seeds"
	# Targets read a content type, or a format, from the first byte: each page stands with several.
	# One value is short: long ones only cost time.
	longest=65536
	[ "$target" != values ] || longest=400
	count=0
	for page in ../golden/"$target"/*/pages/*.body ../golden/*/*/pages/*.body; do
		case $target in
		record | values) ;;
		*) [[ $page == ../golden/"$target"/* ]] || continue ;;
		esac
		[ -f "$page" ] || continue
		for first in 0 1 2 3 4 5 6 7; do
			{
				printf "\\x$first"
				cat "$page"
			} > "$seeds/$count-$first"
		done
		count=$((count + 1))
	done
	echo "== $target: $count pages as seeds, $seconds s"
	cargo +nightly fuzz run --fuzz-dir . --target-dir "$build" "$target" "$build/corpus/$target" "$seeds" -- \
		-max_total_time="$seconds" -timeout=25 -rss_limit_mb=4096 -max_len=$longest -print_final_stats=1 -verbosity=0 \
		-artifact_prefix="$build/artifacts/$target/" > "$build/$target.log" 2>&1 || failed+=("$target")
	grep -E 'stat::(number_of_executed_units|average_exec_per_sec|peak_rss_mb)|SUMMARY|panicked|ERROR' "$build/$target.log" || true
done
[ ${#failed[@]} -eq 0 ] || { echo "crashed: ${failed[*]} (inputs in $build/artifacts)"; exit 1; }
