#!/bin/bash
# SPDX-License-Identifier: MIT OR Apache-2.0
# fuzz.sh FOLDER SECONDS NAME...: builds each fuzz entry with libFuzzer, ASan and UBSan, and lets it run for so many
# seconds of CPU time, as many at once as there are cores. What it finds new is kept in FOLDER/corpus/NAME, what crashes in FOLDER.
set -eu -o pipefail
folder=$1 seconds=$2
shift 2
mkdir -p "$folder"

build()
{
	units=$(sed 's|.*units:||; s|\*/||; q' "tests/fuzz/$1.c")
	# shellcheck disable=SC2086 # lists of words
	$COMPILE -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined -o "$folder/$1" \
	    "tests/fuzz/$1.c" $units lib/*.c $LIBS
}

run()
{
	local pid used rc=0
	mkdir -p "$folder/corpus/$1"
	"$folder/$1" -timeout=10 -rss_limit_mb=2048 -max_len=65536 -print_final_stats=1 \
	    -artifact_prefix="$folder/$1-" "$folder/corpus/$1" "tests/fuzz/corpus/$1" >"$folder/$1.log" 2>&1 &
	pid=$!
	while used=$(ps -o cputimes= -p "$pid"); do
		[ "$used" -lt "$seconds" ] || kill -INT "$pid" 2>/dev/null || true
		sleep 1
	done
	wait "$pid" || rc=$?
	[ "$rc" -eq 72 ]	# it was interrupted: nothing crashed
}

for name; do
	build "$name"
done
failed=0
running=()
for name; do
	run "$name" &
	running+=($!)
	[ $((${#running[@]} % $(nproc))) -ne 0 ] || wait -n || failed=1
done
for pid in "${running[@]}"; do
	wait "$pid" || failed=1
done
for name; do
	echo "$name: $(sed -n 's/.*cov: \([0-9]*\) ft: \([0-9]*\).*/coverage \1, features \2/p' "$folder/$name.log" | tail -n 1)," \
	    "$(sed -n 's/^stat::number_of_executed_units: *\([0-9]*\).*/\1/p' "$folder/$name.log") executions"
	grep -E "ERROR|SUMMARY|runtime error" "$folder/$name.log" || true
done
exit "$failed"
