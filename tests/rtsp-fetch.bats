#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0

load helper

SLICES=$CLIPS/slices-aud.h264		# 50 frames of four slices each

setup_file() {
	export BATS_TEST_TIMEOUT=120
	# A wire tap: tap.py UPSTREAM-URL prints its own URL, serves one client and keeps what was said in `up` and `down`.
	cat > "$BATS_FILE_TMPDIR/tap.py" <<-'PY'
	import socket, sys, threading
	host, _, rest = sys.argv[1].split("//")[1].partition("/")
	server = socket.create_server(("127.0.0.1", 0))
	server.settimeout(20)
	print("rtsp://127.0.0.1:%d/%s" % (server.getsockname()[1], rest), flush=True)
	client = server.accept()[0]
	camera = socket.create_connection(host.split(":"))
	def copy(source, sink, name):
	    with open(name, "wb", 0) as f:
	        try:
	            while data := source.recv(65536):
	                f.write(data)
	                sink.sendall(data)
	            sink.shutdown(socket.SHUT_WR)
	        except OSError:
	            pass
	threads = [threading.Thread(target=copy, args=a) for a in ((client, camera, "up"), (camera, client, "down"))]
	[t.start() for t in threads]
	[t.join() for t in threads]
	PY
	# What was tapped: RTSP messages as str, interleaved packets as (channel, bytes).
	cat > "$BATS_FILE_TMPDIR/tapped.py" <<-'PY'
	import re, struct
	def messages(name):
	    data, pos = open(name, "rb").read(), 0
	    while pos < len(data):
	        if data[pos] == 36:
	            channel, size = struct.unpack_from(">BH", data, pos + 1)
	            yield channel, data[pos + 4:pos + 4 + size]
	            pos += 4 + size
	        else:
	            end = data.index(b"\r\n\r\n", pos) + 4
	            length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", data[pos:end])
	            end += int(length[1]) if length else 0
	            yield data[pos:end].decode()
	            pos = end
	PY
	# peak FILE COMMAND...: runs it, writes its peak memory in KiB to FILE, exits with its status.
	cat > "$BATS_FILE_TMPDIR/peak.py" <<-'PY'
	import resource, subprocess, sys
	status = subprocess.call(sys.argv[2:])
	open(sys.argv[1], "w").write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))
	sys.exit(status)
	PY
	# terminal.py [SHOWN ANSWER]... -- COMMAND...: runs it on a terminal, its stdout in `nals`. Once the terminal shows this, it gets the
	# answer, a line to be typed or a signal; the next must be shown after that. Prints all; the exit status is the command's.
	cat > "$BATS_FILE_TMPDIR/terminal.py" <<-'PY'
	import os, pty, select, signal, sys
	split = sys.argv.index("--")
	steps, shown, seen = sys.argv[1:split], b"", 0
	pid, fd = pty.fork()
	if pid == 0:
	    os.dup2(os.open("nals", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), 1)
	    os.execvp(sys.argv[split + 1], sys.argv[split + 1:])
	while select.select([fd], [], [], 20)[0]:
	    try:
	        data = os.read(fd, 4096)
	    except OSError:
	        break
	    shown += data
	    if steps and steps[0].encode() in shown[seen:]:
	        answer, steps, seen = steps[1], steps[2:], len(shown)
	        if answer.startswith("SIG"):
	            os.kill(pid, getattr(signal, answer))
	        else:
	            os.write(fd, answer.encode() + b"\n")
	print(shown.decode())
	if steps:
	    print("never shown:", steps[0])
	sys.exit(99 if steps else os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
	PY
	# hostile.py KIND: a server that means ill. Prints its URL, serves one client.
	cat > "$BATS_FILE_TMPDIR/hostile.py" <<-'PY'
	import os, random, re, socket, struct, sys
	kind = sys.argv[1]
	server = socket.create_server(("127.0.0.1", 0))
	server.settimeout(20)
	print("rtsp://127.0.0.1:%d/x" % server.getsockname()[1], flush=True)
	c = server.accept()[0]
	c.settimeout(20)
	rnd = random.Random(1)
	sdp = "v=0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:t\r\n"
	def request():
	    text = b""
	    while b"\r\n\r\n" not in text:
	        data = c.recv(4096)
	        if not data:
	            sys.exit()
	        text += data
	    return text.decode()
	def answer(text, extra="", body="", length=None):
	    cseq = re.search(r"CSeq: *(\d+)", text)[1]
	    c.sendall(("RTSP/1.0 200 OK\r\nCSeq: %s\r\n%sContent-Length: %d\r\n\r\n%s" % (
	        cseq, extra, len(body) if length is None else length, body)).encode("latin-1"))
	def flood(make, limit=64 << 20):
	    sent = 0
	    while sent < limit:
	        data = make(sent)
	        c.sendall(data)
	        sent += len(data)
	def until(method):
	    while True:
	        text = request()
	        if text.startswith(method):
	            return text
	        if text.startswith("DESCRIBE"):
	            answer(text, "Content-Type: application/sdp\r\n", sdp)
	        elif text.startswith("SETUP"):
	            answer(text, "Session: 1\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n")
	        else:
	            answer(text)
	seq = 0
	def rtp(payload, ts=1, marker=0, channel=0):
	    global seq
	    seq += 1
	    p = struct.pack(">BBHII", 0x80, 96 | marker << 7, seq & 0xffff, ts & 0xffffffff, 7) + payload
	    return b"$" + struct.pack(">BH", channel, len(p)) + p
	try:
	    if kind == "endless-header":
	        until("OPTIONS")
	        c.sendall(b"RTSP/1.0 200 OK\r\n")
	        flood(lambda n: b"X-%d: " % n + b"a" * 65536 + b"\r\n")
	    elif kind == "endless-line":
	        until("OPTIONS")
	        flood(lambda n: b"R" * 65536)
	    elif kind == "huge-length":
	        answer(until("DESCRIBE"), "Content-Type: application/sdp\r\n", "v=0\r\n", 99999999999)
	        flood(lambda n: b"a=x\r\n" * 10000)
	    elif kind == "negative-length":
	        answer(until("DESCRIBE"), "Content-Type: application/sdp\r\n", "v=0\r\n", -5)
	        flood(lambda n: b"a=x\r\n" * 10000)
	    elif kind == "junk":
	        until("OPTIONS")
	        flood(lambda n: rnd.randbytes(65536))
	    elif kind == "half-close":
	        until("DESCRIBE")
	        c.shutdown(socket.SHUT_WR)
	        while c.recv(4096):
	            pass
	    elif kind == "cut-answer":
	        until("DESCRIBE")
	        c.sendall(b"RTSP/1.0 200 OK\r\nCSe")
	    elif kind == "play-junk":
	        answer(until("PLAY"), "Session: 1\r\n")
	        flood(lambda n: rnd.randbytes(65536))
	    elif kind == "play-half-close":
	        answer(until("PLAY"), "Session: 1\r\n")
	        c.shutdown(socket.SHUT_WR)
	        while c.recv(4096):
	            pass
	    elif kind == "random-rtp":
	        answer(until("PLAY"), "Session: 1\r\n")
	        flood(lambda n: rtp(rnd.randbytes(rnd.randrange(1400)), n // 20000, rnd.randrange(2)), 20 << 20)
	    elif kind == "random-rtcp":
	        answer(until("PLAY"), "Session: 1\r\n")
	        flood(lambda n: b"$" + struct.pack(">BH", 1, 60) + bytes([0x80 + rnd.randrange(32), rnd.choice((200, 201, 202, 204))])
	              + rnd.randbytes(58), 5 << 20)
	    elif kind == "report-flood":
	        answer(until("PLAY"), "Session: 1\r\n")
	        report = struct.pack(">BBHIQIII", 0x80, 200, 6, 7, 1 << 63, 5, 6, 7)
	        flood(lambda n: (b"$" + struct.pack(">BH", 1, len(report)) + report) * 1000, 400 << 20)
	    elif kind == "endless-unit":
	        answer(until("PLAY"), "Session: 1\r\n")
	        c.sendall(rtp(bytes.fromhex("6764000dacb30283f60220000003002000000781e2854d")) + rtp(bytes.fromhex("68e97054b22c"))
	                  + rtp(b"\x7c\x85" + bytes(1000)))
	        piece = bytes(65000)
	        flood(lambda n: rtp(b"\x7c\x05" + piece), 160 << 20)
	    elif kind == "endless-frame":
	        answer(until("PLAY"), "Session: 1\r\n")
	        c.sendall(rtp(bytes.fromhex("6764000dacb30283f60220000003002000000781e2854d")) + rtp(bytes.fromhex("68e97054b22c")))
	        piece = b"\x65\x88" + b"\x55" * 60000
	        flood(lambda n: rtp(piece), 160 << 20)
	    elif kind == "no-h264":
	        answer(until("DESCRIBE"), "Content-Type: application/sdp\r\n", "v=0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H265/90000\r\na=control:t\r\n")
	        until("TEARDOWN")
	    elif kind == "sdp":	# the one in the file `sdp`
	        answer(until("DESCRIBE"), "Content-Type: application/sdp\r\n", open("sdp", encoding="latin-1", newline="").read())
	        c.recv(1)
	    elif kind == "escape":
	        text = until("DESCRIBE")
	        c.sendall(("RTSP/1.0 404 \x1b]0;owned\x07\x1b[31m\r\nCSeq: %s\r\n\r\n" % re.search(r"CSeq: *(\d+)", text)[1]).encode())
	except OSError:
	    pass
	c.close()
	PY
}

on_terminal() {
	python3 "$BATS_FILE_TMPDIR/terminal.py" "$@"
}

# Puts a wire tap before the camera; URL is the tap's then.
tap() {
	rm -f tap.url
	python3 "$BATS_FILE_TMPDIR/tap.py" "$URL" > tap.url 2> tap.err 3>&- &
	pids+=($!)
	TAP=$!
	wait_until test -s tap.url
	URL=$(cat tap.url)
}

# Records all that a camera sends, as fast as it goes, and judges it: all_sent CLIP JUDGE [camera option...]
all_sent() {
	local clip=$1 how=$2
	shift 2
	camera --speed max --sessions 1 --frames 100 "$@" "$CLIPS/$clip.h264"
	record 1 -q
	camera_gone
	# shellcheck disable=SC2086 # words
	run -0 as_sent nals "$CLIPS/$clip.h264" max $how
	assert_line --regexp '^100 frames [0-9]+ reports$'
}

# --- what comes out ---

@test "rtsp-fetch: every NAL unit of every frame is the camera's, byte for byte" {
	for clip in clock-320x240-30 slices-aud baseline intra; do
		all_sent $clip ""
	done
}

@test "rtsp-fetch: single NAL units, aggregates and fragments make the same frames" {
	for mtu in 100 500 1460 30000; do
		all_sent clock-320x240-30 "" --mtu $mtu
		all_sent slices-aud "" --mtu $mtu --stap
	done
}

@test "rtsp-fetch: parameter sets may come only in the SDP, or only in band" {
	all_sent clock-320x240-30 sdp --no-inband
	all_sent slices-aud sdp --no-inband
	run -0 bash -c "nals.py text < nals | grep -m 1 '^T '"
	assert_output --partial 'parameter-sets: '
	all_sent clock-320x240-30 "" --no-sprop
	all_sent slices-aud "" --no-sprop --stap
}

@test "rtsp-fetch: sequence numbers and RTP time may wrap" {
	all_sent clock-320x240-30 "" --seq-start 65530 --rtp-start 4294960000
	run -0 bash -c "nals.py text < nals | grep -c '^N.* rtp=429497[0-9]* '"
	assert_output --regexp '^[1-9]'
	run -0 bash -c "nals.py text < nals | grep '^N' | tail -n 1"
	assert_output --partial "rtp=$((4294960000 + 99 * 3000)) "
}

@test "rtsp-fetch: every sender report is there, all 24 bytes, wherever it comes" {
	for how in --sr-before-play --sr-second "--sr-before-play --sr-second --sr-pair"; do
		# shellcheck disable=SC2086 # words
		camera --speed max --sessions 1 --frames 100 --sr 0.2 --clock-offset -86400000000123 --clock-drift 50 $how "$CLOCK_CLIP"
		tap
		record 1 -q
		camera_gone
		wait_until gone "$TAP"
		run -0 as_sent nals "$CLOCK_CLIP" max
		PYTHONPATH=$PYTHONPATH:$BATS_FILE_TMPDIR run -0 python3 - <<-'EOF'
		import nals, struct, tapped
		sent = []
		for m in tapped.messages("down"):
		    if isinstance(m, tuple) and m[0] == 1:
		        p = m[1]
		        while p:
		            size = 4 + 4 * struct.unpack(">H", p[2:4])[0]
		            if p[1] == 200:
		                sent.append(p[4:28].hex())
		            p = p[size:]
		got = [r.payload.hex() for r in nals.parse(open("nals", "rb").read()) if r.type == "R"]
		assert sent == got, (sent, got)
		assert len(sent) >= 16, len(sent)
		EOF
	done
}

@test "rtsp-fetch: each frame's arrival lies where the camera's log says it was sent" {
	# in real time; bounds are those of the log, to the nanosecond, on every frame
	camera --sessions 1 --frames 45 --sr 0.3 "$CLOCK_CLIP"
	record 1 -q
	camera_gone
	run -0 as_sent nals "$CLOCK_CLIP"
	assert_output --regexp '^45 frames [4-6] reports$'
	run -0 nals.py text < nals
	assert_line --index 0 --partial "stamps: $STAMPS\\n"
	if [ "$STAMPS" = kernel ]; then refute_line --partial USER; fi
}

@test "rtsp-fetch: a frame whose packets come apart has a first and a last arrival" {
	camera --sessions 1 --frames 31 --spread 20 --mtu 300 "$CLOCK_CLIP"
	record 1 -q
	camera_gone
	run -0 as_sent nals "$CLOCK_CLIP"
	# 0.001 s is 4294967 units of the NTP fraction; a spread key frame takes some 20 ms, if the camera is not late with it
	run -0 python3 - <<-'EOF'
	import nals
	units = nals.frames(nals.parse(open("nals", "rb").read()))
	slices = [u[-1] for u in units if u[0].flags & 4]
	assert len(slices) == 2 and all(r.packets > 10 for r in slices)
	assert any(r.last - r.first > 5 * 4294967 for r in slices), [r.last - r.first for r in slices]
	EOF
}

@test "rtsp-fetch: the head names the camera and how arrival is stamped, and no secret" {
	camera --speed max --sessions 1 --frames 5 --auth digest --user alice --password s3cret "$CLOCK_CLIP"
	URL=${URL/127.0.0.1/alice:s3cret@localhost}
	record 1 -v
	run -0 bash -c "nals.py text < nals | head -n 1"
	assert_output --partial 'text="nalstream 1\n'
	assert_output --partial '\ncamera: localhost\n'
	assert_output --partial "\\nstamps: $STAMPS\\n"
	assert_output --regexp '\\npriority: [a-z]'
	run grep -a -c -e s3cret -e alice nals err
	assert_output $'nals:0\nerr:0'
}

@test "rtsp-fetch: no frame comes before one that decoding can start at, and what was skipped is said" {
	# a piece of the first key frame is lost: the next one is 30 frames later
	camera --speed max --sessions 1 --frames 60 --fault lose=5 "$CLOCK_CLIP"
	record 1
	camera_gone
	run -0 bash -c "nals.py units < nals | wc -l"
	assert_output 30
	run -0 bash -c "nals.py text < nals | grep '^G'"
	assert_line --partial 'what: loss\npackets: 1\n'
	assert_line --partial 'what: skipped\nframes: 30\n'
	run -0 bash -c "nals.py text < nals | grep '^N' | head -n 1"
	assert_output --regexp 'flags=FIRST\+KEY.* hex=67'
}

# --- passwords ---

@test "rtsp-fetch: Basic, Digest MD5 and Digest SHA-256, with and without qop" {
	for how in basic digest digest-sha256 "digest --qop" "digest-sha256 --qop"; do
		# shellcheck disable=SC2086 # words
		camera --speed max --sessions 1 --frames 5 --auth $how --user alice --password 'pa ss' "$CLOCK_CLIP"
		record 1 -q --username alice --password 'pa ss'
		camera_gone
		run -0 as_sent nals "$CLOCK_CLIP" max
		assert_output "5 frames 1 reports"
	done
}

@test "rtsp-fetch: the password may be in an option, a file, the environment or the URL" {
	camera --speed max --frames 5 --auth digest --user 'al@ice' --password 'p@:/ %s' "$CLOCK_CLIP"
	local plain=$URL
	record 1 -U al@ice -p 'p@:/ %s'
	assert_end 1 BYE
	printf 'p@:/ %%s\nand more\n' > file
	record 1 -U al@ice -P file
	assert_end 1 BYE
	RTSP_PASSWORD='p@:/ %s' record 1 -U al@ice
	assert_end 1 BYE
	URL=${plain/127/al%40ice:p%40%3A%2f%20%25s@127}
	record 1
	assert_end 1 BYE
	local got=0
	rtsp-fetch --url "$URL" > nals || got=$?
	assert_equal $got 1
	assert_end 1 BYE
	URL=${plain/127/al%40ice@127}
	record 1 -P file
	assert_end 1 BYE
}

@test "rtsp-fetch: a terminal is asked for the password, which it does not show" {
	camera --speed max --frames 5 --auth digest --user alice --password s3cret "$CLOCK_CLIP"
	run -1 on_terminal assword s3cret -- rtsp-fetch -U alice "$URL"
	assert_output --partial assword
	refute_output --partial s3cret
	assert_end 1 BYE
}

@test "rtsp-fetch: a wrong password, or none, is said as such" {
	camera --auth digest --user alice --password s3cret "$CLOCK_CLIP"
	record 1 -U alice -p wr0ng
	assert_end 1 '401.*password is wrong'
	run cat err
	assert_output --partial 401
	refute_output --partial wr0ng
	record 1
	assert_end 1 '401.*wants a user name'
	run cat err
	assert_output --partial -- --username
}

@test "rtsp-fetch: ps shows no password, nor do messages and the stream" {
	camera --auth basic --user alice --password s3cret "$CLOCK_CLIP"
	for how in url option two; do
		case $how in
		url) fetch -v "${URL/127/alice:s3cret@127}" ;;
		option) fetch -v --username=alice --password=s3cret "$URL" ;;
		two) fetch -v -U alice -p s3cret --url "$URL" ;;
		esac
		wait_until holds nals 10000
		run -0 bash -c "tr '\0' ' ' < /proc/$FETCH/cmdline"
		refute_output --partial s3cret
		assert_output --partial rtsp-fetch
		assert_output --partial "${URL##*127}"
		kill -TERM "$FETCH"
		ends 0 "$FETCH"
		run grep -a -c -e s3cret -e YWxpY2U6czNjcmV0 nals err
		assert_output $'nals:0\nerr:0'
		run cat err
		assert_output --partial PLAY
	done
}

# --- the session ---

@test "rtsp-fetch: the session is kept alive, and receiver reports answer sender reports" {
	camera --sessions 1 --timeout 2 --ssrc 1a2b3c4d "$CLOCK_CLIP"
	tap
	record 0 --duration 5
	camera_gone
	wait_until gone "$TAP"
	assert_end 0 duration
	run -0 as_sent nals "$CLOCK_CLIP" prefix max
	assert_output --regexp '^1(49|5[01]) frames [56] reports$'
	run -0 grep '^Q' truth
	assert_output "Q teardown"
	PYTHONPATH=$PYTHONPATH:$BATS_FILE_TMPDIR run -0 python3 - <<-'EOF'
	import struct, tapped
	up = list(tapped.messages("up"))
	methods = [m.split()[0] for m in up if isinstance(m, str)]
	play = methods.index("PLAY")
	assert methods[-1] == "TEARDOWN" and len(methods[play + 1:-1]) >= 2, methods
	assert set(methods[play + 1:-1]) <= {"GET_PARAMETER", "OPTIONS"}, methods
	cseq = [int(m.split("CSeq:")[1].split()[0]) for m in up if isinstance(m, str)]
	assert cseq == sorted(set(cseq)), cseq
	sent = {}	# middle of the NTP time of each sender report
	for m in tapped.messages("down"):
	    if isinstance(m, tuple) and m[0] == 1 and m[1][1] == 200:
	        sent[struct.unpack(">I", m[1][10:14])[0]] = m[1]
	reports = [m[1] for m in up if isinstance(m, tuple) and m[0] == 1]
	assert reports and all(p[0] >> 6 == 2 and p[1] == 201 for p in reports)
	full = 0
	for p in reports:
	    # one block: about the camera's SSRC, nothing lost, the last sender report
	    if p[0] & 31 == 0:
	        continue
	    ssrc, lost, high, jitter, lsr, dlsr = struct.unpack(">6I", p[8:32])
	    assert ssrc == 0x1a2b3c4d and lost == 0 and high > 0, p.hex()
	    assert lsr in sent or lsr == 0, p.hex()
	    full += lsr in sent
	assert full >= 1
	for p in reports:	# RFC 3550 6.1: compound, with a CNAME
	    size = 4 + 4 * struct.unpack(">H", p[2:4])[0]
	    assert p[size + 1] == 202 and p[size + 8] == 1, p.hex()
	EOF
}

@test "rtsp-fetch: a camera that does not answer keep-alives is recorded on" {
	camera --sessions 1 --timeout 1 --fault silent-keepalive "$CLOCK_CLIP"
	record 0 --duration 2
	camera_gone
	assert_end 0 duration
	run -0 as_sent nals "$CLOCK_CLIP" prefix
	assert_output --regexp '^(59|6[01]) frames'
}

@test "rtsp-fetch: --duration counts from PLAY's answer" {
	camera --sessions 1 "$CLOCK_CLIP"
	record 0 -d 0.5
	camera_gone
	assert_end 0 duration
	run -0 as_sent nals "$CLOCK_CLIP" prefix
	assert_output --regexp '^1[4-6] frames'
	run -0 tail -n 1 truth
	assert_output "Q teardown"
}

@test "rtsp-fetch: SIGINT, SIGTERM and SIGHUP end it well: TEARDOWN, whole frames, status 0" {
	camera "$CLOCK_CLIP"
	for signal in INT TERM HUP; do
		fetch "$URL"
		wait_until holds nals 10000
		kill -$signal "$FETCH"
		ends 0 "$FETCH"
		assert_end 0 ""
		cp nals nals.$signal
	done
	# a camera that is late reads the last one when rtsp-fetch has gone
	all() { [ "$(grep -c '^Q teardown' truth)" -eq 3 ]; }
	wait_until all
	camera_gone
	run -0 as_sent nals.HUP "$CLOCK_CLIP" prefix
}

@test "rtsp-fetch: a TEARDOWN without an answer is waited for, not for ever" {
	camera --fault no-teardown-answer "$CLOCK_CLIP"
	fetch "$URL"
	wait_until holds nals 10000
	kill -INT "$FETCH"
	ends 0 "$FETCH"
	assert_end 0 ""
}

@test "rtsp-fetch: a second signal ends it at once, also when nobody reads" {
	camera --speed 10 "$CLOCK_CLIP"
	mkfifo fifo
	env --default-signal=INT,TERM rtsp-fetch -q "$URL" > fifo 2> err 3>&- &
	FETCH=$!
	pids+=($!)
	exec 9< fifo
	# the pipe is full: nobody reads
	blocked() { [ "$(grep -c '^F' truth)" -gt 300 ]; }
	wait_until blocked
	kill -INT "$FETCH"
	sleep 0.2
	kill -TERM "$FETCH"
	wait_until gone "$FETCH"
	exec 9<&-
	local got=0
	wait "$FETCH" || got=$?
	assert [ $got -ne 0 ]
}

@test "rtsp-fetch: when its reader is gone it tears down, and exits 1" {
	camera --sessions 1 "$CLOCK_CLIP"
	run -0 bash -c 'rtsp-fetch "$0" 2> err | head -c 20000 > nals; echo "${PIPESTATUS[@]}"' "$URL"
	assert_output "1 0"
	run cat err
	assert_output --partial 'Broken pipe'
	wait_until gone "$CAMERA"
	run -0 tail -n 1 truth
	assert_output "Q teardown"
}

@test "rtsp-fetch: a full disk ends it with status 1" {
	camera "$CLOCK_CLIP"
	run -1 bash -c 'rtsp-fetch "$0" > /dev/full' "$URL"
	assert_output --partial 'No space left'
}

@test "rtsp-fetch: a SIGINT, SIGHUP or SIGUSR1 that was ignored at its start stays ignored" {
	camera "$CLOCK_CLIP"
	# what sh does to background jobs, and nohup
	for signal in INT HUP USR1; do
		rm -f nals
		env --ignore-signal=$signal --default-signal=TERM rtsp-fetch -q "$URL" > nals 2> err 3>&- &
		FETCH=$!
		pids+=($!)
		wait_until holds nals 10000
		kill -$signal "$FETCH"
		wait_until holds nals 30000
		kill -TERM "$FETCH"
		ends 0 "$FETCH"
		assert_end 0 signal
		assert_equal "$(cat err)" ""
	done
}

# --- what a camera offers ---

@test "rtsp-fetch: --list shows codec and size of what would be recorded, sets nothing up and writes no stream" {
	camera "$CLOCK_CLIP"
	tap
	run -0 --separate-stderr rtsp-fetch --list "$URL"
	assert_output "1 video H264/90000, High, level 1.3, 320x240: recorded"
	assert_equal "$stderr" ""
	wait_until gone "$TAP"
	PYTHONPATH=$PYTHONPATH:$BATS_FILE_TMPDIR run -0 python3 -c \
	    'import tapped; print(*[m.split()[0] for m in tapped.messages("up")])'
	assert_output "OPTIONS DESCRIBE"
}

@test "rtsp-fetch: --list says so when the size is not announced, or there is no track at all" {
	camera --no-sprop "$CLOCK_CLIP"
	run -0 --separate-stderr rtsp-fetch -l "$URL"
	assert_output "1 video H264/90000, resolution not announced: recorded"
	echo v=0 > sdp
	hostile sdp
	run -1 --separate-stderr rtsp-fetch -l "$URL"
	assert_output ""
	assert_regex "$stderr" 'no H.264 .*: nothing'
}

@test "rtsp-fetch: --list of a camera without H.264 exits 1 and says what to do" {
	hostile no-h264
	run -1 --separate-stderr rtsp-fetch --list "$URL"
	assert_output "1 video H265/90000: not recorded, choose H.264 in the camera's settings, or its sub-stream"
	assert_regex "$stderr" '^rtsp-fetch: .*no H.264.*H265'
}

@test "rtsp-fetch: --list shows every track, and which of them is recorded" {
	printf '%s\r\n' v=0 "m=audio 0 RTP/AVP 0" "m=video 0 RTP/AVP 96" "a=rtpmap:96 H265/90000" "m=video 0 RTP/AVP 97" "a=rtpmap:97 H264/90000" \
	    "m=video 0 RTP/AVP 98" "a=rtpmap:98 H264/90000" "m=application 0 RTP/AVP 99" "a=rtpmap:99 vnd.onvif.metadata/90000" > sdp
	hostile sdp
	run -0 --separate-stderr rtsp-fetch --list "$URL"
	assert_output "1 audio payload type 0: not recorded, audio is not there yet
2 video H265/90000: not recorded, choose H.264 in the camera's settings, or its sub-stream
3 video H264/90000, resolution not announced: recorded
4 video H264/90000, resolution not announced: not recorded, unless with --track 4
5 application vnd.onvif.metadata/90000: not recorded, it is not H.264"
	hostile sdp
	run -0 rtsp-fetch --list --track 4 "$URL"
	assert_line --index 2 "3 video H264/90000, resolution not announced: not recorded, unless with --track 3"
	assert_line --index 3 "4 video H264/90000, resolution not announced: recorded"
	hostile sdp
	run -1 --separate-stderr rtsp-fetch --list --track 2 "$URL"
	refute_output --partial ": recorded"
	assert_regex "$stderr" 'no track 2 that can be recorded'
}

@test "rtsp-fetch: --list gives user name and password when asked, and a wrong one exits 1" {
	camera --auth digest --user alice --password s3cret "$CLOCK_CLIP"
	run -0 --separate-stderr rtsp-fetch --list -U alice -p s3cret "$URL"
	assert_output --partial 320x240
	run -1 --separate-stderr rtsp-fetch --list -U alice -p wr0ng "$URL"
	assert_output ""
	assert_regex "$stderr" '^rtsp-fetch: .*401.*password is wrong$'
	run -1 --separate-stderr rtsp-fetch --list "$URL"
	assert_output ""
	assert_regex "$stderr" '401.*wants a user name'
}

@test "rtsp-fetch: --list prints nothing of a description as it came that a terminal would obey" {
	printf '%s\r\n' v=0 $'m=vid\e[31meo 0 RTP/AVP 96' $'a=rtpmap:96 H26\e]0;owned\a4\x9b31m/90000' $'m=\e[2J\b' "m=video 0 RTP/AVP 97" \
	    "a=rtpmap:97 H264/90000" > sdp
	hostile sdp
	run -0 rtsp-fetch --list "$URL"
	assert_line --index 0 --regexp '^1 vid\\.*: not recorded'
	assert_line --index 2 "3 video H264/90000, resolution not announced: recorded"
	run ! env LC_ALL=C grep -q '[^[:print:]]' <<< "$output"
}

@test "rtsp-fetch: --list may write to a terminal, and notices when it cannot write" {
	camera "$CLOCK_CLIP"
	run -0 script -qec "rtsp-fetch --list $URL" /dev/null < /dev/null
	assert_output --partial "320x240: recorded"
	run -1 bash -c 'rtsp-fetch --list "$0" > /dev/full' "$URL"
	assert_output --partial 'No space left'
}

# --- how it ends ---

@test "rtsp-fetch: the end of the camera's stream is a failure with a reason" {
	camera --speed max --frames 40 "$CLOCK_CLIP"
	record 1
	assert_end 1 BYE
	run cat err
	assert_output --partial BYE
	camera_gone
	camera --speed max --frames 40 --no-bye "$CLOCK_CLIP"
	record 1
	assert_end 1 'closed the connection'
	run cat err
	assert_output --partial 'closed the connection'
	run -0 bash -c "nals.py units < nals | wc -l"
	assert_output 40
	camera_gone
	camera --speed 10 --fault close=2 "$CLOCK_CLIP"
	record 1
	assert_end 1 'closed the connection'
	camera_gone
	run -0 as_sent nals "$CLOCK_CLIP"
}

@test "rtsp-fetch: a refusal is a failure that says what the camera answered" {
	camera "$CLOCK_CLIP"
	URL=${URL%stream}elsewhere
	record 1
	assert_end 1 '404 Not Found'
	run cat err
	assert_output --partial '404 Not Found'
	camera_gone
	record 1
	assert_end 1 'Connection refused'
	run cat err
	assert_output --partial 'Connection refused'
}

@test "rtsp-fetch: a stream without H.264 is refused with what there is" {
	hostile no-h264
	record 1
	assert_end 1 'no H.264'
	run cat err
	assert_output --partial H265
}

@test "rtsp-fetch: a name that does not exist is said, exit 1" {
	URL=rtsp://no-such-camera.invalid/stream
	record 1
	run cat err
	assert_output --partial no-such-camera.invalid
}

@test "rtsp-fetch: it does not write to a terminal" {
	camera "$CLOCK_CLIP"
	run script -qec "rtsp-fetch $URL" /dev/null < /dev/null
	assert_failure 2
	assert_output --partial terminal
	run ! grep '^F' truth
}

@test "rtsp-fetch: wrong usage exits 2, help and version exit 0" {
	local u=rtsp://127.0.0.1:1/x
	for args in "" "http://127.0.0.1/x" "127.0.0.1" "rtsp://" "$u $u" "-d x $u" "-d -1 $u" "-d 0 $u" "-b 0 $u" "-b 1x $u" "-b 65537 $u" \
	    "--nonsense $u" "-s x $u" "-s 0 $u" "-s 0.09 $u" "-s -1 $u" "--stats" \
	    "-d" "rtsp://127.0.0.1:99999/x" "rtsp://127.0.0.1:x/x" "-U a -P /nonexistent/file $u" \
	    "rtsp://a%0d%0aCSeq:b@127.0.0.1:1/x"; do
		# shellcheck disable=SC2086 # words
		run -2 --separate-stderr rtsp-fetch $args
		assert_output ""
		assert [ -n "$stderr" ]
	done
	run -0 --separate-stderr rtsp-fetch --help
	assert_output --partial usage:
	run -0 --separate-stderr rtsp-fetch --version
	assert_output --regexp '^rtsp-fetch .*[0-9]+\.[0-9]+'
}

@test "rtsp-fetch: --quiet says nothing, otherwise one line sums up" {
	camera --speed max --frames 70 "$CLOCK_CLIP"
	record 1 -q
	run cat err
	assert_output --regexp '^rtsp-fetch: [^
]*BYE[^
]*$'
	record 1
	run tail -n 1 err
	assert_output --partial '70 frames'
	assert_output --partial '3 sender reports'
	camera_gone
	camera --sessions 1 "$CLOCK_CLIP"
	record 0 -q -d 0.1
	run cat err
	assert_output ""
}

@test "rtsp-fetch: a terminal has a status line while it goes" {
	camera "$CLOCK_CLIP"
	# shown only at the end, it would be too late for the signal
	run -0 on_terminal ' kbit/s' SIGUSR1 ' buffer_peak_bytes=' SIGTERM -- rtsp-fetch -d 8 "$URL"
	assert_output --partial ' frames/s'
	# a line of figures takes its place, and does not stand behind it
	assert_output --partial $'\r\e[Krtsp-fetch: state=playing'
	assert_end 0 signal
	# SIGCONT asks for nothing: the second is a line that was due
	run -0 on_terminal ' kbit/s' SIGCONT ' kbit_s=' SIGUSR1 ' kbit_s=' SIGTERM -- rtsp-fetch --stats 0.3 "$URL"
	assert_output --partial $'\r\e[Krtsp-fetch: state=playing'
	refute_output --partial $' \e[Krtsp-fetch: state=playing'
}

# --- figures ---

# A line of figures is in `err`, with this in it: figures REGEX
figures() {
	grep -qE "^rtsp-fetch: .*$1" err
}

FIGURES='^rtsp-fetch: state=[A-Za-z]+ elapsed_s=[0-9]+\.[0-9] frames=[0-9]+ fps=[0-9.]+ kbit_s=[0-9]+ packets_lost=[0-9]+ damaged=[0-9]+ shed=[0-9]+ '
FIGURES+='reports=[0-9]+ report_age_s=([0-9]+\.[0-9]|none) buffer_bytes=[0-9]+ buffer_peak_bytes=[0-9]+$'

@test "rtsp-fetch: --stats prints a line of figures in each interval, also with --quiet" {
	camera --fault stall=0.5:1 "$CLOCK_CLIP"
	fetch -q --stats 0.2 "$URL"
	several() { [ "$(grep -c 'state=playing .* fps=[1-9].* kbit_s=[1-9].* reports=[1-9]' err)" -ge 8 ]; }
	wait_until figures ' frames=[1-9].* fps=0.00 kbit_s=0 '
	wait_until several
	kill -TERM "$FETCH"
	ends 0 "$FETCH"
	assert_end 0 signal
	run ! grep -vE "$FIGURES" err
	run -0 python3 - <<-'EOF'
	import re
	lines = [dict(w.split("=") for w in line.split()[1:]) for line in open("err")]
	lines = [line for line in lines if line["state"] == "playing"]
	assert len(lines) <= float(lines[-1]["elapsed_s"]) / 0.2 + 2, lines
	for a, b in zip(lines, lines[1:]):
	    # the rate is that since the line before, as exact as elapsed_s is
	    span = float(b["elapsed_s"]) - float(a["elapsed_s"])
	    new = int(b["frames"]) - int(a["frames"])
	    assert span >= 0 and new >= 0, (a, b)
	    assert (span - 0.11) * float(b["fps"]) <= new + 0.1 and new <= (span + 0.11) * float(b["fps"]) + 0.1, (a, b)
	EOF
}

@test "rtsp-fetch: --stats counts lost packets, damaged frames and sender reports" {
	camera --speed 10 --mtu 400 --sr 1 --fault loss=31 "$CLOCK_CLIP"
	fetch --stats 0.1 "$URL"
	wait_until figures 'packets_lost=[1-9].* damaged=[1-9].* reports=[1-9][0-9]* report_age_s=[0-9]'
	kill -TERM "$FETCH"
	ends 0 "$FETCH"
}

@test "rtsp-fetch: --stats shows how much waits in the buffer when nobody reads, and SIGUSR1 is answered then" {
	mkfifo fifo
	camera --speed 50 "$CLOCK_CLIP"
	env --default-signal=TERM rtsp-fetch -q --buffer 1 --stats 0.2 "$URL" > fifo 2> err 3>&- &
	FETCH=$!
	pids+=($!)
	exec 9< fifo
	wait_until figures 'state=playing .* shed=[1-9].* buffer_bytes=[1-9][0-9]{5,6} buffer_peak_bytes=[1-9][0-9]{5,6}$'
	kill -TERM "$FETCH"
	wait_until figures 'state=draining .* shed=[1-9].* buffer_bytes=[1-9][0-9]{5,6} buffer_peak_bytes=[1-9][0-9]{5,6}$'
	run -0 python3 - <<-'EOF'
	for line in open("err"):
	    words = dict(w.split("=") for w in line.split()[1:])
	    # access units are shed at the limit, other records never are
	    assert int(words["buffer_bytes"]) <= int(words["buffer_peak_bytes"]) < 1.5 * 2 ** 20, line
	EOF
	local before
	before=$(grep -c . err)
	kill -USR1 "$FETCH"
	more() { [ "$(grep -c . err)" -gt "$before" ]; }
	wait_until more
	cat <&9 > nals
	exec 9<&-
	ends 0 "$FETCH"
	assert_end 0 signal
}

@test "rtsp-fetch: SIGUSR1 prints the figures at once, also with --quiet, and disturbs nothing" {
	camera --sessions 1 "$CLOCK_CLIP"
	fetch -q "$URL"
	wait_until holds nals 10000
	for n in 1 2 3; do
		kill -USR1 "$FETCH"
		answered() { [ "$(grep -c . err)" -eq "$n" ]; }
		wait_until answered
	done
	kill -TERM "$FETCH"
	ends 0 "$FETCH"
	assert_end 0 signal
	run -0 grep -cE "$FIGURES" err
	assert_output 3
	run -0 grep -c ' frames=[1-9]' err
	assert_output 3
	camera_gone
	run -0 as_sent nals "$CLOCK_CLIP" prefix
}

@test "rtsp-fetch: SIGUSR1 before the camera answers says what it is doing, and does not kill" {
	# a listener that is full: the connection does not come about
	cat > full.py <<-'EOF'
	import socket, sys
	server = socket.socket()
	server.bind(("127.0.0.1", 0))
	server.listen(0)
	clients = [socket.socket() for i in range(4)]
	for c in clients:
	    c.setblocking(False)
	    c.connect_ex(server.getsockname())
	print("rtsp://127.0.0.1:%d/x" % server.getsockname()[1], flush=True)
	sys.stdin.read()
	EOF
	mkfifo hold
	python3 full.py < hold > url 2>&1 3>&- &
	pids+=($!)
	exec 9> hold
	wait_until test -s url
	fetch -q "$(cat url)"
	# from the moment on that it, and not yet the shell that starts it, has a handler for it: signal 10 of 1..64
	catches() {
		[ "$(cat "/proc/$FETCH/comm")" = rtsp-fetch ] || return
		((0x$(sed -n 's/^SigCgt:[[:blank:]]*//p' "/proc/$FETCH/status") & 1 << 9))
	}
	wait_until catches
	asked() { kill -USR1 "$FETCH" && grep -q '^rtsp-fetch: state=connecting elapsed_s=0.0 ' err; }
	wait_until asked
	kill -TERM "$FETCH"
	ends 0 "$FETCH"
	exec 9>&-
	run ! grep -vE "$FIGURES|^rtsp-fetch: state=(starting|resolving)$" err
}

@test "rtsp-fetch: SIGUSR1 at the password's prompt is answered, and the prompt goes on" {
	case $BUILD in *tsan*) skip "ThreadSanitizer holds a signal back while read(2) waits" ;; esac
	camera --speed max --frames 5 --auth digest --user alice --password s3cret "$CLOCK_CLIP"
	run -1 on_terminal assword SIGUSR1 'rtsp-fetch: state=starting' s3cret -- rtsp-fetch -U alice "$URL"
	refute_output --partial s3cret
	assert_end 1 BYE
}

# --- loss and faults ---

# Lost packets in the log and in the stream; frames that were hit are not there: lost_as_logged CLIP [keep]
lost_as_logged() {
	python3 - "$@" <<-'EOF'
	import re, sys, nals
	clip = nals.access_units(nals.annexb_split(open(sys.argv[1], "rb").read()))
	records = nals.parse(open("nals", "rb").read())
	truth = open("truth").read().splitlines()
	sent = [list(map(int, t.split()[1:])) for t in truth if t.startswith("F")]
	lost = sum(t.startswith("D l") for t in truth)
	told = 0
	for r in records:
	    text = r.payload.decode() if r.type == "G" else ""
	    if "loss" in text:
	        told += int(re.search(r"packets: (\d+)", text)[1])
	# what was lost after the last packet that came cannot be known
	assert lost - 1 <= told <= lost, (lost, told)
	units = {next(r.rtp for r in u if nals.vcl(r.payload)) & 0xffffffff: u for u in nals.frames(records)}
	whole = damaged = 0
	for index, rtp, *_, packets in sent:
	    want, unit = clip[index % len(clip)], units.pop(rtp, None)
	    if unit and not any(r.flags & 8 for r in unit):
	        # it is the camera's, but for parameter sets and SEI that went lost before its picture
	        have = [r.payload for r in unit if not r.flags & 64]
	        assert [n for n in have if nals.vcl(n)] == [n for n in want if nals.vcl(n)], index
	        assert have == want or unit[0].flags & 16, index
	        whole += 1
	    elif unit:
	        assert "keep" in sys.argv, index
	        damaged += 1
	assert not units
	print(len(sent), whole, damaged, lost)
	EOF
}

@test "rtsp-fetch: lost packets are counted, damaged frames dropped, and recording goes on" {
	for n in 31 50; do
		camera --speed max --sessions 1 --frames 600 --mtu 400 --fault loss=$n "$CLOCK_CLIP"
		record 1 -q
		camera_gone
		run -0 lost_as_logged "$CLOCK_CLIP"
		assert_output --regexp '^600 [4-5][0-9][0-9] 0 [1-9][0-9]*$'
		run -0 as_sent nals "$CLOCK_CLIP" loss max
	done
}

@test "rtsp-fetch: --keep-damaged keeps what is left of them, flagged" {
	camera --speed max --sessions 1 --frames 300 --mtu 400 --fault loss=23 "$CLOCK_CLIP"
	record 1 -q --keep-damaged
	camera_gone
	run -0 lost_as_logged "$CLOCK_CLIP" keep
	assert_output --regexp '^300 [1-9][0-9]* [1-9][0-9]* [1-9][0-9]*$'
	run -0 as_sent nals "$CLOCK_CLIP" loss max
	run -0 bash -c "nals.py text < nals | grep -c 'flags=[A-Z+]*LOST'"
	assert_output --regexp '^[1-9]'
}

@test "rtsp-fetch: one lost packet costs one frame of a stream of key frames" {
	camera --speed max --sessions 1 --frames 50 --mtu 200 --fault lose=40 "$CLIPS/intra.h264"
	record 1
	camera_gone
	run -0 lost_as_logged "$CLIPS/intra.h264"
	assert_output "50 49 0 1"
	run cat err
	assert_output --partial '1 packets lost'
}

@test "rtsp-fetch: a camera that pauses is waited for" {
	camera --speed 4 --sessions 1 --frames 90 --fault stall=1:4 "$CLOCK_CLIP"
	record 1 -q
	camera_gone
	run -0 as_sent nals "$CLOCK_CLIP" max
	assert_output --regexp '^90 frames'
}

@test "rtsp-fetch: marker bits may be missing or everywhere" {
	for fault in no-marker marker-every-packet; do
		all_sent clock-320x240-30 "" --fault $fault
		all_sent slices-aud "" --fault $fault
	done
}

# --- slow readers ---

@test "rtsp-fetch: when its reader stands still, whole groups of pictures are shed, reports are not" {
	mkfifo fifo
	camera --speed max --sessions 1 --frames 6000 "$CLOCK_CLIP"
	# it reads when the camera has sent everything
	(
		exec 3>&- 9< fifo
		for ((i = 0; i < 500; i++)); do
			kill -0 "$CAMERA" 2>/dev/null || break
			sleep 0.02
		done
		cat <&9 > nals
	) &
	local reader=$! got=0
	python3 "$BATS_FILE_TMPDIR/peak.py" peak rtsp-fetch --buffer 1 "$URL" > fifo 2> err || got=$?
	assert_equal $got 1
	wait $reader
	assert_end 1 BYE
	run -0 python3 - <<-'EOF'
	import re, nals
	clip = nals.access_units(nals.annexb_split(open(__import__("os").environ["CLOCK_CLIP"], "rb").read()))
	records = nals.parse(open("nals", "rb").read())
	truth = open("truth").read().splitlines()
	sent = [list(map(int, t.split()[1:])) for t in truth if t.startswith("F")]
	assert sum(t.startswith("R") for t in truth) == sum(r.type == "R" for r in records)
	index = {f[1]: f[0] for f in sent}
	units = nals.frames(records)
	here = [index[u[0].rtp & 0xffffffff] for u in units]
	assert here == sorted(set(here))
	for u, i in zip(units, here):
	    assert [r.payload for r in u] == clip[i % len(clip)], i
	# decodable: a frame that is no key frame follows the one before it
	there = set(here)
	assert all(i - 1 in there for i, u in zip(here, units) if not u[0].flags & 4)
	# every hole has been told, where it is, with its frames
	told = place = 0
	for r in records:
	    text = r.payload.decode() if r.type == "G" else ""
	    if "shed" in text:
	        told += int(re.search(r"frames: (\d+)", text)[1])
	assert told == len(sent) - len(units) and told > 1000, (told, len(sent), len(units))
	EOF
	run cat err
	assert_output --partial 'too slow'
	sanitized || assert [ "$(cat peak)" -lt 24000 ]
}

@test "rtsp-fetch: --wait sheds nothing, however slow the reader" {
	camera --speed max --sessions 1 --frames 6000 "$CLOCK_CLIP"
	(
		exec 3>&-
		rtsp-fetch -q --wait --buffer 2 "$URL" 2> err && echo 0 > status || echo $? > status
	) | (
		exec 3>&-
		sleep 0.5
		dd bs=64k count=20 status=none
		sleep 0.5
		cat
	) > nals
	assert_equal "$(cat status)" 1
	camera_gone
	run -0 as_sent nals "$CLOCK_CLIP" max
	assert_output --regexp '^6000 frames'
}

# --- servers that mean ill ---

hostile() {
	rm -f url
	python3 "$BATS_FILE_TMPDIR/hostile.py" "$1" > url 2> hostile.err 3>&- &
	HOSTILE=$!
	pids+=($!)
	wait_until test -s url
	URL=$(cat url)
}

# It ends with status 1, a message, and without having eaten the server's flood: survives KIND [MESSAGE]
survives() {
	local got=0
	hostile "$1"
	python3 "$BATS_FILE_TMPDIR/peak.py" peak rtsp-fetch "$URL" > nals 2> err < /dev/null || got=$?
	assert_equal "$1: exit $got" "$1: exit 1"
	run cat err
	assert_output --regexp "^rtsp-fetch: .*${2:-}"
	assert_equal "$1: $(LC_ALL=C grep -c '[^[:print:][:blank:]]' err) lines not printable" "$1: 0 lines not printable"
	assert_end 1 "${2:-}"
	sanitized || assert [ "$(cat peak)" -lt "${3:-24000}" ]
}

@test "rtsp-fetch: a server's endless header, huge length, junk or silence end with a message" {
	for kind in endless-header endless-line huge-length negative-length junk cut-answer half-close play-junk play-half-close escape; do
		survives $kind
	done
}

@test "rtsp-fetch: random packets and reports do no harm" {
	survives random-rtp "" 100000
	survives random-rtcp
}

@test "rtsp-fetch: a NAL unit or a frame without end has a cap" {
	survives endless-unit "" 120000
	survives endless-frame "" 120000
}

@test "rtsp-fetch: without a password, and nobody to ask, it says so and does not call it wrong" {
	run -2 setsid rtsp-fetch -U joe rtsp://127.0.0.1:1/stream
	assert_output "rtsp-fetch: there is no password (--password-file, RTSP_PASSWORD), and no terminal to ask on"
	: > empty
	run -2 rtsp-fetch -U joe -P empty rtsp://127.0.0.1:1/stream
	assert_output "rtsp-fetch: --password-file: its first line is empty"
}

@test "rtsp-fetch: a terminal that closes sends SIGHUP twice, and the stream still ends in order" {
	# without an answer to TEARDOWN it is still there for the second one
	camera --fault no-teardown-answer "$CLOCK_CLIP"
	rtsp-fetch -q "$URL" > nals &
	fetch=$!
	wait_until test -s nals
	kill -HUP $fetch
	sleep 0.2
	kill -HUP $fetch
	got=0
	wait $fetch || got=$?
	assert_equal $got 0
	run -0 bash -c "nals.py text < nals | tail -n 1"
	assert_output --partial 'status: 0\nreason: signal'
}

@test "rtsp-fetch: a host without an address gives a stream that says so" {
	run -1 --separate-stderr bash -c "rtsp-fetch rtsp://nowhere.invalid/stream > nals"
	assert_regex "$stderr" "^rtsp-fetch: nowhere.invalid: "
	run -0 bash -c "nals.py text < nals | tail -n 1"
	assert_output --partial 'status: 1\nreason: nowhere.invalid: '
}

# Compiles the library that moves the clock; it cannot be loaded before a sanitizer's.
stepclock() {
	if sanitized; then skip "a sanitizer wants to be loaded first"; fi
	"${CC:-cc}" -shared -fPIC -O2 -o stepclock.so "$TOOLS/stepclock.c"
}

@test "rtsp-fetch: the host's clock is noted once a second" {
	camera --frames 75 "$CLOCK_CLIP"
	record 1
	run python3 - <<-'EOF'
	import nals
	records = nals.parse(open("nals", "rb").read())
	clocks = [r for r in records if r.type == "C"]
	assert records.index(clocks[0]) < next(i for i, r in enumerate(records) if r.type == "N")
	text = [dict(line.split(": ") for line in r.payload.decode().splitlines()) for r in clocks]
	for r, t in zip(clocks, text):
	    assert r.track == 0 and "step" not in t and int(t["realtime"]) > 1700000000 * 10 ** 9, t
	    assert abs(nals.ntp(int(t["realtime"])) - r.first) < 1 << 32
	gaps = [(int(b["monotonic"]) - int(a["monotonic"])) / 1e9 for a, b in zip(text, text[1:])]
	assert all(g >= 0.9 for g in gaps), gaps
	print(len(clocks) >= 3, sorted(text[0]))
	EOF
	if [ "$STAMPS" = kernel ]; then
		assert_output "True ['esterror', 'frequency', 'maxerror', 'monotonic', 'realtime', 'state', 'status', 'tai']"
	else
		assert_output "True ['monotonic', 'realtime']"
	fi
}

@test "rtsp-fetch: a step of the host's clock is noted at once, and the slack stays true over it" {
	stepclock
	camera --frames 90 "$CLOCK_CLIP"
	LD_PRELOAD=$PWD/stepclock.so STEPCLOCK=700:-1500000000,1900:4000000000 record 1
	assert_regex "$(cat err)" "the host's clock was set by -1\.[45][0-9]* s"
	assert_regex "$(cat err)" "the host's clock was set by \+[34]\.[0-9]* s"
	run python3 - <<-'EOF'
	import nals
	records = nals.parse(open("nals", "rb").read())
	sent = [list(map(int, t.split()[1:])) for t in open("truth") if t.startswith("F")]
	# each frame's arrival on a clock without steps; at a step either may hold for the frame beside it
	offset, steps, frames, near = 0, [], [], set()
	for r in records:
	    if r.type == "C":
	        step = dict(line.split(": ") for line in r.payload.decode().splitlines()).get("step")
	        if step:
	            steps.append(int(step))
	            near |= {len(frames) - 1, len(frames)}
	            offset = sum((-1500000000, 4000000000)[:len(steps)])
	    elif r.type == "N" and r.flags & 1:
	        frames.append((nals.unix_ns(r.first) - offset, r.slack))
	assert len(steps) == 2 and abs(steps[0] + 1500000000) < 10 ** 8 and abs(steps[1] - 4000000000) < 10 ** 8, steps
	assert len(frames) == len(sent) == 90
	for i, ((first, slack), f) in enumerate(zip(frames, sent)):
	    assert i in near or f[4] <= first and first - slack * 1000 <= f[5], (i, f[4] - first, slack)
	print(len(near))
	EOF
	assert_output 4
}

@test "rtsp-fetch: records that are never left out do not take all memory when the reader has stopped" {
	mkfifo fifo
	hostile report-flood
	# it reads once the camera has sent everything, or could not
	(
		exec 3>&- 9< fifo
		for ((i = 0; i < 1500; i++)); do
			kill -0 "$HOSTILE" 2>/dev/null || break
			sleep 0.02
		done
		cat <&9 > nals
	) &
	local reader=$! got=0
	python3 "$BATS_FILE_TMPDIR/peak.py" peak rtsp-fetch -q --buffer 1 "$URL" > fifo 2> err || got=$?
	assert_equal $got 1
	wait $reader
	assert_end 1 "the stream: its reader has stopped"
	sanitized || assert [ "$(cat peak)" -lt 24000 ]
}

@test "rtsp-fetch: after losses and disorder on the wire no arrival is told too early, and the slack covers it" {
	[ "$STAMPS" = kernel ] || skip "this build has no stamps"
	unshare -n true 2>/dev/null && [ -w /dev/net/tun ] && command -v ip > /dev/null || skip "needs a network namespace and a TUN device"
	# in order; one lost and sent again; two lost at once, sent again one after the other; a swap within a millisecond
	for order in A,20,B,20,C,20,D A,20,C,20,D,150,B,20,E A,20,C,E,60,B,100,D,20,F A,20,C,0.4,B,20,D; do
		run -0 --separate-stderr unshare -n disorder.py $order out.nals
		echo "$output" > sent
		run -0 python3 - $order <<-'EOF'
		import sys, nals
		records = nals.parse(open("out.nals", "rb").read())
		vcl = [r for r in records if r.type == "N" and nals.vcl(r.payload)]
		sent = {w[0]: (int(w[1]), int(w[2])) for w in map(str.split, open("sent"))}
		assert len(vcl) == len(sent), (len(vcl), len(sent))
		for letter, r in zip(sorted(sent), vcl):
		    before, after = sent[letter]
		    first = nals.unix_ns(r.first)
		    assert first >= before and first - r.slack * 1000 <= after, (sys.argv[1], letter, first - before, first - after, r.slack)
		# what came in order is exact
		assert vcl[0].slack == 0 and not vcl[0].flags & 32, vcl[0].line()[:200]
		EOF
	done
}
