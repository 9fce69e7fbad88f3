#!/bin/bash
# SPDX-License-Identifier: MIT OR Apache-2.0
# run.sh BUILD TEST...: runs unit tests (programs) and bats files, and counts.
set -u
BUILD=$(cd "$1" && pwd)
export BUILD
shift
passed=0 failed=0 skipped=0

units=() files=()
for test; do
	case $test in
	*.bats) files+=("$test") ;;
	*) units+=("$test") ;;
	esac
done

for unit in "${units[@]}"; do
	if "$unit"; then
		passed=$((passed + 1))
	else
		echo "not ok $unit"
		failed=$((failed + 1))
	fi
done

# python3 itself: the script of a version manager before it takes longer than most tests.
if python=$(python3 -c 'import sys; print(sys.executable)'); then PATH=${python%/*}:$PATH; fi

# One process a file, three on each core, for they wait more than they work; those with the most tests and waits begin first,
# or they would be at it alone in the end.
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
# shellcheck disable=SC2016 # the inner shell's own arguments
grep -cHE '^@test|wait_until|sleep|record |fetch ' "${files[@]}" /dev/null | grep -v '^/dev/null:' | sort -t: -k2nr | cut -d: -f1 | xargs -P "${JOBS:-$((3 * $(nproc)))}" -I FILE \
	sh -c 'bats --tap "$1" >"$2/$(basename "$1").tap" 2>&1; cat "$2/$(basename "$1").tap"' sh FILE "$results"
for tap in "$results"/*.tap; do
	[ -e "$tap" ] || continue
	planned=$(sed -n 's/^1\.\.//p' "$tap")
	skips=$(grep -c '^ok .*# skip' "$tap")
	oks=$(grep -c '^ok ' "$tap")
	passed=$((passed + oks - skips))
	skipped=$((skipped + skips))
	# A file that did not run to its end, or not at all, has failed too.
	if [ -z "$planned" ]; then
		failed=$((failed + 1))
	else
		failed=$((failed + planned - oks))
	fi
done

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
