# SPDX-License-Identifier: MIT OR Apache-2.0
# What all test files share: where the programs are, and streams in few words.
# shellcheck shell=bash

bats_require_minimum_version 1.5.0
export BATS_LIB_PATH=${BATS_LIB_PATH:-/usr/lib/bats}
# They ask dirname(1) for each of their files, at every test, which takes longer than many a test.
dirname() { printf '%s\n' "${1%/*}"; }
bats_load_library bats-support
bats_load_library bats-assert
unset -f dirname

TESTS=$(cd "${BASH_SOURCE[0]%/*}" && pwd)
BUILD=$(cd "${BUILD:-$TESTS/../build}" && pwd)
TOOLS=$TESTS/tools
DATA=$TESTS/data
CLIPS=$DATA/clips
GOLDEN=$DATA/retina-record
CLOCK_CLIP=$CLIPS/clock-320x240-30.h264	# 180 frames, a key frame every 30
export PATH=$BUILD:$TOOLS:$PATH PYTHONPATH=$TOOLS PYTHONDONTWRITEBYTECODE=1
export BUILD TOOLS DATA CLIPS GOLDEN CLOCK_CLIP
# What the programs under test can have.
if [ "$(uname)" = Linux ] && [ -z "${PORTABLE:-}" ]; then STAMPS=kernel; else STAMPS=user; fi

# A test that hangs ends; the slowest takes ten seconds.
setup_file() {
	export BATS_TEST_TIMEOUT=120
}

# Each test runs in a folder of its own.
setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

teardown() {
	[ -n "$BATS_TEST_COMPLETED" ] || { echo "output: ${output-}"; cat err camera.err 2> /dev/null || true; }
	reap
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

sanitized() {
	case $BUILD in *san*) true ;; *) false ;; esac
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

# Serves with tests/camera in the background: camera [option...] CLIP. Sets URL, CAMERA (its pid) and fills `truth`.
camera() {
	rm -f url truth
	"$BUILD/tests/camera" --log truth "$@" > url 2> camera.err 3>&- &
	CAMERA=$!
	pids+=($!)
	wait_until serves
	URL=$(cat url)
}

# It has said where it serves; or it is gone, and said why.
serves() {
	[ -s url ] || {
		! gone "$CAMERA" && return 1
		cat camera.err >&2
		exit 1
	}
}

# rtsp-fetch in the background, where signals reach it as they do from a terminal: fetch [option...]. Sets FETCH (its pid);
# the stream is in `nals`, messages are in `err`.
fetch() {
	rm -f nals err		# those of one before would be taken for its own
	env --default-signal=INT,TERM,HUP,PIPE rtsp-fetch "$@" > nals 2> err < /dev/null 3>&- &
	FETCH=$!
	pids+=($!)
}

# So many bytes are in the file: holds FILE BYTES
holds() {
	[ "$(stat -c %s "$1" 2>/dev/null || echo 0)" -ge "$2" ]
}

gone() {
	! kill -0 "$1" 2>/dev/null
}

# What a test has started and put into pids does not outlive it.
pids=()
reap() {
	local pid
	for pid in "${pids[@]}"; do
		kill "$pid" 2>/dev/null || true
	done
	for pid in "${pids[@]}"; do
		for _ in {1..50}; do
			kill -0 "$pid" 2>/dev/null || break
			sleep 0.02
		done
		kill -9 "$pid" 2>/dev/null || true
	done
}

# The camera has written its log, and is gone.
camera_gone() {
	kill "$CAMERA" 2>/dev/null || true
	wait_until gone "$CAMERA"
}

# Records into `nals`, remarks into `err`: record STATUS [option...]
record() {
	local want=$1 got=0
	shift
	rtsp-fetch "$@" "$URL" > nals 2> err < /dev/null || got=$?
	assert_equal "exit $got $(cat err)" "exit $want $(cat err)"
}

# What E says: reason [NALS]
reason() {
	nals.py text < "${1:-nals}" | sed -n 's/^E .*text=//p'
}

# E has this status, and a reason like this: assert_end STATUS REGEX
assert_end() {
	run reason
	assert_output --regexp "^\"status: $1\\\\nreason: .*$2"
}

# Frames that a player finds, and nothing on stderr.
frame_count() {
	ffprobe -v error -count_frames -select_streams v -show_entries stream=nb_read_frames -of csv=p=0 "$1" 2>&1
}

# Judges a nalstream by the clip and the camera's log, `truth`: as_sent NALS CLIP [sdp] [prefix] [max] [loss]
#   sdp: parameter sets are not sent in band, and are those of the clip; othersets: they are others; prefix: it ended before the camera did;
#   max: packets were written as fast as they were read; loss: some were not sent at all
# Prints how many frames and reports there are, and the number of the last session.
as_sent() {
	python3 - "$@" <<-'EOF'
	import struct, sys, nals
	how = set(sys.argv[3:])
	records = nals.parse(open(sys.argv[1], "rb").read())
	clip = nals.access_units(nals.annexb_split(open(sys.argv[2], "rb").read()))
	truth = open("truth").read().splitlines()
	truth = truth[max(i for i, t in enumerate(truth) if t.startswith("P")):]
	sent = [list(map(int, t.split()[1:])) for t in truth if t.startswith("F")]
	reports = [tuple(map(int, t.split()[1:])) for t in truth if t.startswith("R")]

	def unix_ns(ntp):
	    s = (ntp >> 32) + ((ntp >> 63) ^ 1) * (1 << 32) - nals.NTP_UNIX
	    return s * 10 ** 9 + ((ntp & 0xffffffff) * 10 ** 9 + (1 << 31) >> 32)

	# the video may be any track
	video = next((r.track for r in records if r.type == "N"), 1)
	for r in records:
	    r.track = 1 if r.track == video else r.track
	assert records[0].type == "S" and records[0].payload.startswith(b"nalstream 1\n")
	assert records[-1].type == "E" and not any(r.type == "E" for r in records[:-1])
	units = nals.frames(records)
	assert sum(len(u) for u in units) == sum(r.type == "N" for r in records)
	inside = False
	for r in records:	# nothing stands between FIRST and LAST
	    assert r.type == "N" or not inside, r.line()
	    if r.type == "N":
	        assert bool(r.flags & 1) != inside, r.line()
	        inside = not r.flags & 2
	assert not inside

	if "loss" not in how:
	    assert len(units) == len(sent) or "prefix" in how and len(units) <= len(sent), (len(units), len(sent))
	    number, have_sets, seq, high = 0, False, None, None
	    for unit, (index, rtp, _, _, before, after, key, packets) in zip(units, sent):
	        where = "frame %d" % index
	        want = clip[index % len(clip)]
	        if "sdp" in how:
	            want = [n for n in want if nals.kind(n) not in (7, 8)]
	            if not have_sets:
	                sets = [r.payload for r in unit if r.flags & 64]
	                assert sets == [n for n in clip[0] if nals.kind(n) in (7, 8)] or "othersets" in how, where
	                assert [nals.kind(n) for n in sets] == [7, 8], where
	            have_sets = True
	        got = [r for r in unit if not r.flags & 64]
	        assert "sdp" in how or len(got) == len(unit), where
	        assert [r.payload for r in got] == want, where
	        for r in unit:
	            assert r.rtp & 0xffffffff == rtp and r.rtp == unit[0].rtp, where
	            assert bool(r.flags & 4) == bool(key), where
	            assert not r.flags & (8 + 16), where
	            assert r.first <= r.last or r.flags & 32, where
	        # sequence numbers count on; the units of an aggregate share theirs
	        starts = [got[0]] + [r for o, r in zip(got, got[1:]) if r.seq != o.seq]
	        for r in starts:
	            assert seq is None or r.seq == seq, where
	            seq = r.seq + r.packets & 0xffff
	        assert sum(r.packets for r in starts) == packets, where
	        # extended: the high word counts the wraps since the first packet
	        if high is None:
	            assert unit[0].rtp >> 32 == 0, where
	        else:
	            assert -2 ** 31 < unit[0].rtp - high < 2 ** 31, where
	        high = unit[0].rtp
	        # No stamp is older than the write that sent the packet. With slack, it may have come that much
	        # earlier than the stamp, but not later than the end of that write.
	        first = unix_ns(got[0].first)
	        assert first >= before, (where, first - before)
	        if "max" not in how and got[0].slack != 0xffffffff and not got[0].flags & 32:
	            assert first - got[0].slack * 1000 <= after, (where, first - after, got[0].slack)

	found = [struct.unpack(">IQIII", r.payload) for r in records if r.type == "R"]
	assert len(found) == len(reports) or "prefix" in how and len(found) <= len(reports), (len(found), len(reports))
	for r, (_, ntp, rtp, _, _), (w_ntp, w_rtp, sent_ns) in zip([r for r in records if r.type == "R"], found, reports):
	    assert (ntp, rtp) == (w_ntp, w_rtp), (ntp, rtp, w_ntp, w_rtp)
	    assert r.rtp & 0xffffffff == rtp and unix_ns(r.first) >= sent_ns and r.first == r.last
	print(len(units), "frames", len(found), "reports")
	EOF
}
