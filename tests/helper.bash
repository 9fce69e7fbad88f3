# SPDX-License-Identifier: MIT OR Apache-2.0
# What all test files share: where the programs are, and streams in few words.
# shellcheck shell=bash

bats_require_minimum_version 1.5.0
export BATS_LIB_PATH=${BATS_LIB_PATH:-/usr/lib/bats}
bats_load_library bats-support
bats_load_library bats-assert

BUILD=$(cd "${BUILD:-$BATS_TEST_DIRNAME/../build}" && pwd)
TOOLS=$BATS_TEST_DIRNAME/tools
DATA=$BATS_TEST_DIRNAME/data
CLIPS=$DATA/clips
GOLDEN=$DATA/retina-record
export PATH=$BUILD:$TOOLS:$PATH PYTHONPATH=$TOOLS PYTHONDONTWRITEBYTECODE=1
export BUILD TOOLS DATA CLIPS GOLDEN

# Each test runs in a folder of its own.
setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

# script < text > nals, with S and T before it and E after it.
stream() {
	{
		printf '%s\n' 'S text="nalstream 1\ncamera: cam1\n"' \
		    'T track=1 text="codec: h264\nclock-rate: 90000\nssrc: 1a2b3c4d\n"'
		cat
		printf '%s\n' 'E text="status: 0\nreason: duration\n"'
	} | nals.py script
}

# One access unit of the given NAL unit types, as script lines: unit RTP FIRST-ARRIVAL TYPE...
unit() {
	local rtp=$1 first=$2 flags=FIRST+ key=0 t
	shift 2
	case " $* " in *" 5 "*) key=KEY ;; esac
	while [ $# -gt 0 ]; do
		t=$1
		shift
		[ $# -gt 0 ] || flags=${flags}LAST+
		printf 'N track=1 flags=%s%s rtp=%s first=%s last=%s packets=1 hex=%02x88\n' \
		    "$flags" "$key" "$rtp" "$first" "$first" "$((t + 0x60))"
		flags=
	done
}

# One sender report, as a script line: report FIRST-ARRIVAL NTP RTP, all decimal but NTP, which is 16 hex digits.
report() {
	printf 'R track=1 rtp=%s first=%s last=%s packets=1 hex=1a2b3c4d%s%08x0000000100000002\n' "$3" "$1" "$1" "$2" "$3"
}

# Waits up to 5 s until the command is true.
wait_until() {
	local i
	for ((i = 0; i < 250; i++)); do
		if "$@"; then return 0; fi
		sleep 0.02
	done
	echo "timed out: $*" >&2
	return 1
}

# The child ends, with this exit status: ends STATUS PID
ends() {
	local got=0
	wait "$2" || got=$?
	assert_equal "exit $got" "exit $1"
}
