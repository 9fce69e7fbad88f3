#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# mp4-wrap never loses a recording: what faults leave of one. tests/tools/faults.py says how they are made;
# `make check-faults` has more of them.

load helper

TRIES=${FAULTS_TRIES:-40}

# A thousand tries take a minute or two.
setup_file() {
	export BATS_TEST_TIMEOUT=$((FAULTS_TRIES > 0 ? 1200 : 120))
}

# A recording of six seconds.
input() {
	nals.py make --reports 30 "$CLOCK_CLIP" | h264-sei-stamp > in
}

# The same as a file of fragments, as a kill leaves it just before it is finished: fragments FILE
fragments() {
	mp4-wrap -qf "$1" < in
	python3 - "$1" <<-'EOF'
	import struct, sys
	data = open(sys.argv[1], "rb").read()
	end = struct.unpack_from(">Q", data, 40)[0] + 32 - 8
	open(sys.argv[1], "wb").write(data[:32] + b"\0\0\0\x10free" + bytes(8) + data[48:end])
	EOF
}

# The lines of faults.py are for those who asked for many tries.
faults() {
	case $BUILD in *san*) skip "a sanitizer wants to be loaded first" ;; esac
	"${CC:-cc}" -std=c11 -shared -fPIC -O2 -o faults.so "$TOOLS/faults.c"
	input
	FAULTS_LIB=$PWD/faults.so run -0 faults.py --tries "$TRIES" --ffmpeg "${FAULTS_FFMPEG:-2}" in "$@"
	[ -z "${FAULTS_TRIES:-}" ] || sed 's/^/# /' <<< "$output" >&3
}

@test "mp4-wrap: kill -9 at any byte leaves every committed frame, and costs a second and a frame" {
	faults kill
}

@test "mp4-wrap: a power cut leaves every frame that was committed, whatever pages reached the disk" {
	faults power
}

@test "mp4-wrap: --finish may be killed or lose power at any byte, twice, and nothing is lost" {
	faults finish
}

@test "mp4-wrap: a power cut while a recording overwrites another leaves the one or the other" {
	faults force
}

@test "mp4-wrap: a call that fails ends the recording with exit 1 and its reason, and costs a fragment" {
	faults error
}

@test "mp4-wrap: writes that are done by half are gone on with" {
	faults short
}

# A small ext4 of its own, mounted on disk: ext4 KIB [journal]
ext4() {
	local journal=^has_journal
	[ -z "${2:-}" ] || journal=has_journal
	[ "$(id -u)" -eq 0 ] || skip "not root"
	truncate -s "${1}K" image
	mkfs.ext4 -q -O $journal image 2>/dev/null || skip "no mkfs.ext4"
	mkdir -p disk
	mount -o loop image disk 2>/dev/null || skip "no right to mount"
}

# Leaves so much room on it, and that for good: fill KIB
fill() {
	local name
	for name in a b c; do
		dd if=/dev/zero of=disk/$name bs=1k status=none 2>/dev/null || true
		sync -f disk
	done
	[ "$1" -eq 0 ] || truncate -s "-${1}K" disk/a
	sync -f disk
}

teardown() {
	fsfreeze -u disk 2>/dev/null || true
	reap
	umount disk 2>/dev/null || true
}

frame_count() {
	ffprobe -v error -count_frames -select_streams v -show_entries stream=nb_read_frames -of csv=p=0 "$1" 2>&1
}

# mp4-wrap writes to disk/out.mp4 from a FIFO on descriptor 9, and has committed N fragments: recording N
recording() {
	mkfifo fifo
	mp4-wrap -q disk/out.mp4 < fifo 2> err 3>&- &
	pids+=($!)
	exec 9> fifo
	head -c 150000 in >&9
	committed() { [ "$(mp4.py boxes disk/out.mp4 2>/dev/null | grep -c '/moof$')" -ge "$1" ]; }
	wait_until committed "$1"
}

@test "mp4-wrap: an ext4 that is full leaves a recording that plays; with room again it can be finished" {
	ext4 256
	input
	fill 100
	run -1 --separate-stderr mp4-wrap disk/out.mp4 < in
	assert_regex "$stderr" "out.mp4: writing failed; what was written is playable: No space left"
	n=$(frame_count disk/out.mp4)
	assert [ $((n % 30)) -eq 0 ]
	assert [ "$n" -ge 30 ]
	run mp4.py boxes disk/out.mp4
	refute_output --partial cut
	rm disk/a
	run -0 mp4-wrap --finish disk/out.mp4
	run frame_count disk/out.mp4
	assert_output "$n"
}

@test "mp4-wrap: a disk without room for the index leaves the recording playable, with exit 1" {
	ext4 512
	input
	fragments disk/out.mp4
	cp disk/out.mp4 before.mp4
	fill 0
	# what the last page has left is no room for it
	run -1 --separate-stderr mp4-wrap --finish disk/out.mp4
	assert_regex "$stderr" "out.mp4: cannot be finished, but is playable as it is: No space left"
	cmp disk/out.mp4 before.mp4
	rm disk/a
	run -0 mp4-wrap --finish disk/out.mp4
	run frame_count disk/out.mp4
	assert_output 180
}

@test "mp4-wrap: a file system that turns read-only ends the recording with exit 1, and what is on it plays" {
	ext4 4096 journal
	input
	recording 4
	mount -o remount,abort disk || skip "no way to abort this file system"
	tail -c +150001 in >&9 2>/dev/null || true
	exec 9>&-
	ends 1 "${pids[0]}"
	run cat err
	assert_output --regexp "out.mp4: writing failed; what was written is playable: (Read-only file system|Input/output error)"
	n=$(frame_count disk/out.mp4)
	assert [ "$n" -ge 120 ]
	run -1 --separate-stderr mp4-wrap --finish disk/out.mp4
	assert_regex "$stderr" "out.mp4: Read-only file system"
	umount disk
	mount -o loop image disk
	run -0 mp4-wrap --finish disk/out.mp4
	assert [ "$(frame_count disk/out.mp4)" -ge "$n" ]
}

@test "mp4-wrap: a file system that is shut down under it has every fragment but the last when it comes back" {
	ext4 4096 journal
	input
	recording 4
	# FS_IOC_SHUTDOWN, nothing flushed: what a power cut does
	python3 -c 'import fcntl, os; fcntl.ioctl(os.open("disk", os.O_RDONLY), 0x8004587d, b"\2\0\0\0")' || skip "no way to shut it down"
	exec 9>&-
	ends 1 "${pids[0]}"
	umount disk
	mount -o loop image disk
	assert [ "$(frame_count disk/out.mp4)" -ge 90 ]
	run -0 mp4-wrap --finish disk/out.mp4
	assert [ "$(frame_count disk/out.mp4)" -ge 120 ]
}

@test "mp4-wrap: a file system that is frozen for a while costs nothing" {
	ext4 4096
	input
	mkfifo fifo
	mp4-wrap -q disk/out.mp4 < fifo 2> err 3>&- &
	pids+=($!)
	exec 9> fifo
	head -c 60000 in >&9
	wait_until test -s disk/out.mp4
	fsfreeze -f disk || skip "no way to freeze it"
	tail -c +60001 in >&9 3>&- &
	exec 9>&-
	sleep 0.3
	assert [ -d "/proc/${pids[0]}" ]
	fsfreeze -u disk
	ends 0 "${pids[0]}"
	run frame_count disk/out.mp4
	assert_output 180
}

@test "mp4-wrap: a full disk while it waits for its first frames leaves no file" {
	ext4 256
	input
	fill 0
	run -1 --separate-stderr mp4-wrap disk/out.mp4 < in
	assert_regex "$stderr" "out.mp4: nothing could be written: No space left"
	assert [ ! -e disk/out.mp4 ]
}

@test "mp4-wrap: --finish with a limit on the size of files leaves the file as it was, exit 1" {
	input
	fragments out.mp4
	cp out.mp4 before.mp4
	run -1 --separate-stderr bash -c "ulimit -f $(($(stat -c %s out.mp4) / 1024 + 1)); exec mp4-wrap --finish out.mp4"
	assert_regex "$stderr" "out.mp4: cannot be finished, but is playable as it is: File too large"
	cmp out.mp4 before.mp4
}

@test "mp4-wrap: --finish does not touch a file that is being written, and goes on with the others" {
	input
	fragments other.mp4
	mkfifo fifo
	for how in "out.mp4" "- 1<>out.mp4" "- >out.mp4"; do
		rm -f out.mp4
		cp other.mp4 killed.mp4
		eval "mp4-wrap -q $how" < fifo 3>&- &
		pid=$!
		exec 9> fifo
		head -c 60000 in >&9
		wait_until test -s out.mp4
		run -1 --separate-stderr mp4-wrap --finish --print out.mp4 killed.mp4
		assert_output killed.mp4
		assert_regex "$stderr" "^mp4-wrap: out.mp4: another mp4-wrap is writing to it$"
		tail -c +60001 in >&9
		exec 9>&-
		ends 0 $pid
		run frame_count out.mp4
		assert_output 180
	done
}

@test "mp4-wrap: a file of nothing yet is not locked by --finish, which would stop its recorder" {
	: > out.mp4
	run -1 --separate-stderr strace -e trace=flock mp4-wrap --finish out.mp4
	[[ $stderr != *strace:* ]] || skip "no strace"
	refute_regex "$stderr" "flock"
	assert_regex "$stderr" "out.mp4: there is no whole fragment in it; it was not touched"
}

@test "mp4-wrap: --finish says of each file that is none where it begins to differ, and leaves it" {
	input
	fragments good.mp4
	ffmpeg -nostdin -v error -i "$CLOCK_CLIP" -c copy foreign.mp4
	mkfifo fifo
	mkdir folder
	run -0 python3 - 3>&- <<-'EOF'
	import os, struct, subprocess
	good, foreign = open("good.mp4", "rb").read(), open("foreign.mp4", "rb").read()
	moov = struct.unpack_from(">I", good, 48)[0]
	files, wrong = {}, {"foreign": 23}
	def put(name, data):
	    files[name] = data
	def changed(name, at, data, of=good, says=None):
	    files[name] = of[:at] + data + of[at + len(data):]
	    if says is not None:
	        wrong[name] = says
	def at(box, n=0):
	    pos = -1
	    for _ in range(n + 1):
	        pos = good.index(box, pos + 1)
	    return pos - 4
	put("empty", b"")
	put("foreign", foreign)
	for n in (1, 31, 40, 47, 48, 55, 56, 48 + moov - 1, 48 + moov):
	    put("cut%d" % n, good[:n])
	changed("ftyp", 20, b"mp42", says=20)
	changed("free", 36, b"skip", says=36)
	changed("past", 32, b"\0\0\0\1mdat\x80\0\0\0\0\0\0\0")      # finished, its moov at 2^63 + 32
	changed("wrap", 32, b"\0\0\0\1mdat\xff\xff\xff\xff\xff\xff\xff\xf0")
	changed("self", 32, b"\0\0\0\1mdat" + struct.pack(">Q", 16))  # the moov in the mdat itself is not the index
	changed("moov0", 48, b"\0\0\0\0", says=48)
	changed("moov1", 48, b"\0\0\0\1", says=48)
	changed("moovbig", 48, b"\xff\xff\xff\xff", says=48)
	changed("mvhd", at(b"mvhd"), b"\xff\xff\xff\xff", says=48)
	changed("loop", at(b"trak"), struct.pack(">I", 4), says=56)    # a box that would begin again and again
	changed("trak", at(b"tkhd"), struct.pack(">I", 1 << 31), says=at(b"trak"))
	changed("timescale", at(b"mdhd") + 28, bytes(4), says=at(b"trak"))
	changed("stsd", at(b"stsd") + 16, bytes(4), says=at(b"trak"))
	changed("count", at(b"trun") + 12, b"\xff\xff\xff\xff", good[:at(b"moof", 1)])
	changed("moof", at(b"moof"), b"\xff\xff\xff\xff", good[:at(b"moof", 1)])
	for name, data in files.items():
	    with open(name, "wb") as f:
	        f.write(data)
	    os.utime(name, (1577836800, 1577836800))
	    p = subprocess.run(["mp4-wrap", "--finish", name], capture_output=True, text=True, timeout=10)
	    if name in ("past", "wrap", "self"):
	        assert p.returncode == 0 and not p.stderr, (name, p)  # its fragments are all there
	        continue
	    if name in wrong:
	        says = "not a recording of mp4-wrap, from byte %d on; it was not touched" % wrong[name]
	    else:
	        says = "there is no whole fragment in it; it was not touched"
	    assert p.returncode == 1 and p.stderr == "mp4-wrap: %s: %s\n" % (name, says), (name, wrong.get(name), p)
	    assert open(name, "rb").read() == data and os.stat(name).st_mtime == 1577836800, name
	print(len(files))
	EOF
	assert_output 26
	run -1 --separate-stderr timeout 10 mp4-wrap --finish fifo folder nowhere good.mp4
	assert_equal "$stderr" "mp4-wrap: fifo: not an ordinary file
mp4-wrap: folder: not an ordinary file
mp4-wrap: nowhere: No such file or directory"
	run frame_count good.mp4
	assert_output 180
}

@test "mp4-wrap: --finish is through with a file that only looks like fragments, and with one of a terabyte of nothing" {
	input
	fragments good.mp4
	python3 - <<-'EOF'
	import struct
	good = open("good.mp4", "rb").read()
	first = 48 + struct.unpack_from(">I", good, 48)[0] + 7 & ~7
	while good[first + 4:first + 8] != b"moof":
	    first += 8
	# fragments that begin every 104 bytes, each as long as what is left, none of them one
	size, out = 8 << 20, bytearray(good[:first])
	for n in range(size // 104):
	    samples = (size - n * 104 - 88) // 16
	    moof = 88 + samples * 16
	    out += struct.pack(">I4sI4sII", moof, b"moof", 16, b"mfhd", 0, 1)
	    out += struct.pack(">I4sI4sII", moof - 24, b"traf", 16, b"tfhd", 0x20000, 1)
	    out += struct.pack(">I4sIQ", 20, b"tfdt", 0x1000000, 0) + struct.pack(">I4sIII", 20 + samples * 16, b"trun", 0xf01, samples, moof + 8)
	    out += bytes(16)
	out += bytes(size - len(out) + first) + struct.pack(">I4s", 16, b"mdat") + bytes(8)
	open("many", "wb").write(out)
	with open("sparse", "wb") as f:
	    f.write(good)
	    f.truncate(1 << 40)
	EOF
	run -1 --separate-stderr timeout 60 mp4-wrap --finish many
	assert_regex "$stderr" "there is no whole fragment in it"
	run -0 timeout 60 mp4-wrap --finish sparse
	run python3 - <<-'EOF'
	import struct
	with open("sparse", "rb") as f:
	    f.seek(32)
	    assert f.read(8) == b"\0\0\0\1mdat"
	    f.seek(32 + struct.unpack(">Q", f.read(8))[0])
	    print(f.tell() - (1 << 40), f.read(8)[4:])
	EOF
	assert_output "8 b'moov'"
}

@test "mp4-wrap: offsets beyond 4 GiB and times beyond 2^32 ticks are in the index" {
	# a frame an hour: 30 h, 9.7e9 ticks
	nals.py make --frames 31 --rtp-steps 324000000 "$CLIPS/intra.h264" | mp4-wrap hours.mp4
	run -0 bash -c "mp4.py samples hours.mp4 | awk '{ print \$3 - last; last = \$3 }' | sort | uniq -c"
	assert_output --regexp '^ *1 0
 *30 324000000$'
	run ffprobe -v error -show_entries format=duration -of csv=p=0 hours.mp4
	assert_output 111600.000000

	# two frames of 3 GiB that are all hole, between fragments of a second, 4e9 ticks apart
	input
	fragments small.mp4
	run -0 python3 - 3>&- <<-'EOF'
	import struct, subprocess, mp4
	m = mp4.load("small.mp4")
	moofs = [b for b in m.top if b.type == b"moof"]
	edges = [b.start for b in moofs] + [len(m.data)]
	def at(dts, fragment):
	    i = fragment.index(b"tfdt") + 8
	    return fragment[:i] + struct.pack(">Q", dts) + fragment[i + 8:]
	samples = m.samples()
	want = []
	with open("big.mp4", "wb") as f:
	    f.write(m.data[:edges[0]])
	    for i in range(6):
	        dts = 4 * 10 ** 9 * min(max(i - 1, 0), 2) + i * 90000
	        f.write(at(dts, m.data[edges[i]:edges[i + 1]]))
	        base = f.tell() - edges[i + 1]
	        want += [(s["dts"] - samples[30 * i]["dts"] + dts, s["offset"] + base, s["size"]) for s in samples[30 * i:30 * i + 30]]
	        if i in (1, 2):
	            size = 3 << 30
	            moof = struct.pack(">I4sI4sII", 104, b"moof", 16, b"mfhd", 0, 9)
	            moof += struct.pack(">I4sI4sII", 80, b"traf", 16, b"tfhd", 0x20000, 1)
	            moof += struct.pack(">I4sIQ", 20, b"tfdt", 0x1000000, dts + 89999)
	            moof += struct.pack(">I4sIIIIIII", 36, b"trun", 0xf01, 1, 112, 1, size, 0x1010000, 0)
	            f.write(moof + struct.pack(">I4s", 8 + size, b"mdat"))
	            want.append((dts + 89999, f.tell(), size))
	            f.truncate(f.tell() + size)
	            f.seek(0, 2)
	subprocess.run(["mp4-wrap", "--finish", "big.mp4"], check=True)
	with open("big.mp4", "rb") as f:
	    f.seek(40)
	    f.seek(32 + struct.unpack(">Q", f.read(8))[0])
	    index = mp4.Mp4(f.read())
	got = [(s["dts"], s["offset"], s["size"]) for s in index.samples()]
	assert got == want, [x for x in zip(got, want) if x[0] != x[1]][:3]
	_, _, mdhd = index.full(index.trak().one(b"mdia", b"mdhd"))
	_, _, mvhd = index.full(index.moov().one(b"mvhd"))
	assert struct.unpack_from(">Q", mdhd, 20) == struct.unpack_from(">Q", mvhd, 20) == (8 * 10 ** 9 + 6 * 90000,)
	print(max(o for _, o, _ in got) > 6 << 30, max(d for d, _, _ in got) > 1 << 32)
	EOF
	assert_output "True True"
}

@test "mp4-wrap: a day of 2.6 million frames is recorded and finished in the memory that a minute needs" {
	[ -n "${FAULTS_TRIES:-}" ] || skip "for make check-faults"
	# of address space, KiB: libraries and all
	run -0 bash -c 'day.py 86400 | (ulimit -v 8192; exec mp4-wrap -q day.mp4)'
	run -0 --separate-stderr ffprobe -v quiet -show_entries stream=nb_frames -of csv=p=0 day.mp4
	assert_output 2592000
}
