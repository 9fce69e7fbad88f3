#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# What a recording lives through: cameras that end, fall silent, send us elsewhere, and how it begins and ends itself.

load helper

# Records of the stream in one line: types, those in a row once, and what a G is about.
shape() {
	nals.py text < "${1:-nals}" | sed -E 's/^G .*"what: ([a-z]*)\\n.*/\1/; s/^([A-Z]) .*/\1/; /^[CR]$/d' | uniq | tr '\n' ' '
}

# Sessions in the camera's log.
sessions() {
	grep -c '^P' truth
}

has_sessions() {
	[ "$(sessions)" -ge "$1" ]
}

# Each session's frames stand in the stream as in the camera's log, all of them but the last one's end: all_sessions NALS
all_sessions() {
	python3 - "$1" <<-'PY'
	import os, sys, nals
	records = nals.parse(open(sys.argv[1], "rb").read())
	clip = nals.access_units(nals.annexb_split(open(os.environ["CLOCK_CLIP"], "rb").read()))
	sent, parts = [], []
	for line in open("truth"):
	    if line.startswith("P"):
	        sent.append([])
	    elif line.startswith("F"):
	        sent[-1].append(list(map(int, line.split()[1:])))
	for r in records:
	    if r.type == "S":
	        parts.append([])
	    parts[-1].append(r)
	assert [r.type for r in records].count("E") == 1 and records[-1].type == "E"
	parts = [p for p in parts if any(r.type == "N" for r in p)]
	assert len(parts) == len(sent), (len(parts), len(sent))
	for part, frames in zip(parts, sent):
	    units = nals.frames(part)
	    assert len(units) == len(frames) or part is parts[-1] and len(units) <= len(frames), (len(units), len(frames))
	    high = None
	    for unit, (index, rtp, *_) in zip(units, frames):
	        assert [r.payload for r in unit if not r.flags & 64] == clip[index % len(clip)], index
	        assert unit[0].rtp & 0xffffffff == rtp and unit[0].track == 1
	        assert high is not None or unit[0].rtp >> 32 == 0	# extended anew
	        high = unit[0].rtp
	print(len(sent), "sessions", sum(len(nals.frames(p)) for p in parts), "frames")
	PY
}

# --- connecting again ---

@test "rtsp-fetch: --reconnect makes one stream of many connections, and misses no frame of them" {
	camera --fault close=1 --rtp-start 4294900000 "$CLOCK_CLIP"
	fetch -v --reconnect "$URL"
	wait_until has_sessions 3
	sleep 0.2
	kill -TERM "$FETCH"
	ends 0 "$FETCH"
	camera_gone
	run -0 all_sessions nals
	assert_output --regexp '^3 sessions [6-9][0-9] frames$'
	run -0 shape
	assert_output --regexp '^S T N S T reconnect T N S T reconnect T N (disconnect )?E $'
	assert_end 0 signal
	# the first time at once, then after a second
	run -0 bash -c "nals.py text < nals | grep -o 'what: reconnect.*'"
	assert_line --index 0 --regexp 'seconds: 0\.[0-9]{3}\\nattempts: 1\\nreason: the camera closed the connection\\n'
	assert_line --index 1 --regexp 'seconds: [1-9][0-9]*\.[0-9]{3}\\nattempts: 1\\n'
	run cat err
	assert_output --partial "trying again in 1 s"
}

@test "rtsp-fetch: --reconnect goes on after BYE, and figures count all connections" {
	camera --speed max --frames 40 --mtu 400 --fault lose=60 "$CLOCK_CLIP"
	fetch --reconnect "$URL"
	wait_until has_sessions 2
	sleep 0.2
	kill -INT "$FETCH"
	ends 0 "$FETCH"
	run cat err
	assert_output --regexp '(BYE\): trying again.*)+[7-9][0-9] frames in .*[1-9] damaged'
	run -0 shape
	assert_output --regexp '^S T N .*S T reconnect T N '
}

@test "rtsp-fetch: --reconnect waits for a camera that is gone, and a signal ends that at once, with status 0" {
	camera --speed max --sessions 1 --frames 40 "$CLOCK_CLIP"
	fetch --reconnect "$URL"
	wait_until gone "$CAMERA"
	wait_until grep -q 'refused: trying again in 4 s' err
	kill -TERM "$FETCH"
	ends 0 "$FETCH"
	assert_end 0 signal
	run ! grep 'trying again in 8 s' err
	run -0 shape
	assert_output "S T N disconnect E "
	# what broke it, not what went wrong since
	run -0 bash -c "nals.py text < nals | grep -o 'what: disconnect.*'"
	assert_output --partial 'reason: the camera ended the stream (RTCP BYE)\n'
}

@test "rtsp-fetch: --reconnect does not wait for a camera when its reader is gone" {
	camera --speed max --sessions 1 --frames 40 "$CLOCK_CLIP"
	mkfifo fifo
	cat < fifo > nals 3>&- &
	local reader=$!
	rtsp-fetch --reconnect "$URL" > fifo 2> err 3>&- < /dev/null &
	FETCH=$!
	pids+=("$reader" "$FETCH")
	wait_until grep -q 'refused: trying again' err
	kill "$reader"
	wait_until gone "$FETCH"
	ends 1 "$FETCH"
	run cat err
	assert_output --partial 'stdout: Broken pipe'
}

@test "rtsp-fetch: --reconnect waits for a camera that is not there yet" {
	camera --sessions 1 "$CLOCK_CLIP"
	local port=${URL##*:}
	port=${port%%/*}
	camera_gone
	fetch --reconnect "$URL"
	wait_until grep -q 'refused: trying again in 1 s' err
	camera --port "$port" "$CLOCK_CLIP"
	wait_until holds nals 10000
	kill -TERM "$FETCH"
	ends 0 "$FETCH"
	run -0 shape
	assert_output "S T N E "
}

@test "rtsp-fetch: --reconnect looks a name up again, and a signal ends that as well" {
	fetch --reconnect rtsp://nowhere.invalid/stream
	wait_until grep -q 'nowhere.invalid: .*: trying again in 2 s' err
	kill -TERM "$FETCH"
	ends 0 "$FETCH"
	run -0 shape
	assert_output "S E "
}

@test "rtsp-fetch: --duration counts over all connections, and a pause between them ends with it" {
	camera --sessions 1 --fault close=0.5 "$CLOCK_CLIP"
	record 0 --reconnect --duration 1.2
	assert_end 0 duration
	run -0 shape
	assert_output "S T N disconnect E "
	camera_gone
	camera --fault close=1 "$CLOCK_CLIP"
	record 0 --reconnect --duration 1.5
	assert_end 0 duration
	run -0 shape
	assert_output "S T N S T reconnect T N E "
}

@test "rtsp-fetch: --reconnect does not insist on what was refused from the start: password, path, codec" {
	camera --auth digest --user alice --password s3cret "$CLOCK_CLIP"
	record 1 --reconnect -U alice -p wr0ng
	assert_end 1 '401.*password is wrong'
	record 1 --reconnect
	assert_end 1 '401.*wants a user name'
	URL=${URL%stream}elsewhere
	record 1 --reconnect -U alice -p s3cret
	assert_end 1 '404 Not Found'
	run ! grep 'trying again' err
}

@test "rtsp-fetch: --reconnect insists once the camera has played" {
	camera --speed max --frames 40 --fault forget=2 "$CLOCK_CLIP"
	fetch --reconnect "$URL"
	wait_until has_sessions 2
	kill -TERM "$FETCH"
	ends 0 "$FETCH"
	run cat err
	assert_output --regexp '404 Not Found.*: trying again in 1 s'
	run -0 bash -c "nals.py text < nals | grep -o 'what: reconnect.*' | head -n 1"
	assert_output --regexp 'attempts: 2\\nreason: the camera ended'
}

@test "rtsp-fetch: a camera without room is left alone until its sessions have timed out" {
	camera --speed max --frames 40 --timeout 2 --fault busy=2 "$CLOCK_CLIP"
	fetch --reconnect "$URL"
	wait_until has_sessions 2
	kill -TERM "$FETCH"
	ends 0 "$FETCH"
	run cat err
	assert_output --regexp '453 Not Enough Bandwidth.*: trying again in 2 s'
}

@test "pipeline: a recording with a reconnect in it is one file, with the pause in it and told" {
	camera --fault close=1 "$CLOCK_CLIP"
	rtsp-fetch -q --reconnect --duration 1.8 "$URL" | tee -i nals | h264-sei-stamp | mp4-wrap out.mp4
	camera_gone
	run -0 all_sessions nals
	assert_output --regexp '^2 sessions (5[0-9]) frames$'
	local frames=${output#* sessions } rows
	run -0 --separate-stderr sei-dump -N -c frame,rtp,recv out.mp4
	rows=${#lines[@]}
	assert_equal "$rows frames" "$frames"
	run -0 --separate-stderr sei-dump -N --gaps -c frame,what,detail out.mp4
	assert_line --regexp '^30,reconnect,.*the camera closed the connection'
}

# --- cameras that fall silent ---

@test "rtsp-fetch: --stall notices a camera that answers and sends no frames" {
	camera --fault stall=0.5:100 --timeout 2 "$CLOCK_CLIP"
	record 1 -v --stall 1.5
	assert_end 1 'no whole frame came from the camera for 1.5 seconds'
	run -0 grep GET_PARAMETER err
	run -0 shape
	assert_output "S T N stall E "
	camera_gone
	run -0 tail -n 1 truth
	assert_output "Q teardown"
}

@test "rtsp-fetch: --stall counts whole frames, not bytes" {
	# of every frame of two packets or more one is missing, so that none becomes whole; reports go on
	camera --mtu 100 --sr 0.1 --fault loss=2 "$CLIPS/intra.h264"
	record 1 --stall 1 --duration 10
	assert_end 1 'no whole frame'
}

@test "rtsp-fetch: --reconnect ends a stall" {
	camera --fault stall=0.5:100 "$CLOCK_CLIP"
	fetch --reconnect --stall 1 "$URL"
	wait_until has_sessions 2
	sleep 0.2
	kill -TERM "$FETCH"
	ends 0 "$FETCH"
	run -0 shape
	assert_output --regexp '^S T N stall S T reconnect T N '
	camera_gone
	run -0 all_sessions nals
}

@test "rtsp-fetch: a signal while a stalled session is torn down ends the recording, not the session alone" {
	camera --fault stall=0.5:100 --fault no-teardown-answer "$CLOCK_CLIP"
	fetch -v --reconnect --stall 1 "$URL"
	wait_until grep -q '> TEARDOWN' err
	kill -TERM "$FETCH"
	ends 0 "$FETCH"
	assert_end 0 signal
	run -0 shape
	assert_output "S T N stall E "
}

@test "rtsp-fetch: --stall 0 waits, and a pause below the limit is no stall" {
	camera --sessions 1 --frames 60 --fault stall=0.5:1.5 "$CLOCK_CLIP"
	record 1 --stall 0
	assert_end 1 BYE
	camera --sessions 1 --frames 100 --fault stall=0.5:0.8 "$CLOCK_CLIP"
	record 1 --stall 2.5
	assert_end 1 BYE
	run -0 shape
	assert_output "S T N E "
}

@test "rtsp-fetch: a session that dies of its keep-alives gets others" {
	# only OPTIONS counts: the first session times out, the second one, which is given nothing else, does not
	camera --timeout 1 --fault only-options "$CLOCK_CLIP"
	fetch -v --reconnect "$URL"
	# at least five thirds of the timeout
	outlives() {
		[ "$(awk '/> PLAY/ { n++ } n == 2 && /> OPTIONS/ { k++ } END { print k + 0 }' err)" -ge 5 ]
	}
	wait_until outlives
	kill -TERM "$FETCH"
	ends 0 "$FETCH"
	camera_gone
	run -0 grep '^Q' truth
	assert_output $'Q timeout\nQ teardown'
}

@test "rtsp-fetch: a keep-alive that is refused is a sign of life, and is not sent again" {
	camera --timeout 1 --fault refuse-parameter "$CLOCK_CLIP"
	record 0 -v --duration 2.5
	run -0 grep -c '> [GS]ET_PARAMETER' err
	assert_output 2
	assert [ "$(grep -c '> OPTIONS' err)" -ge 4 ]
}

@test "rtsp-fetch: what a camera asks is answered; when it sends us away, it is asked again" {
	cat > asking.py <<-'PY'
	import re, socket, sys
	sdp = "v=0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:t\r\n"
	server = socket.create_server(("127.0.0.1", 0))
	server.settimeout(20)
	print("rtsp://127.0.0.1:%d/x" % server.getsockname()[1], flush=True)
	for end in "REDIRECT", "TEARDOWN":
	    c = server.accept()[0]
	    c.settimeout(20)
	    while True:
	        text = b""
	        while b"\r\n\r\n" not in text:
	            data = c.recv(4096)
	            if not data:
	                break
	            text += data
	        if not text:
	            break
	        text = text.decode()
	        print(text, file=sys.stderr, flush=True)
	        if text.startswith("RTSP"):
	            continue
	        body = sdp if text.startswith("DESCRIBE") else ""
	        c.sendall(("RTSP/1.0 200 OK\r\nCSeq: %s\r\nSession: 1\r\nContent-Length: %d\r\n\r\n%s" % (
	            re.search(r"CSeq: *(\d+)", text)[1], len(body), body)).encode())
	        if text.startswith("PLAY"):
	            c.sendall(b"OPTIONS * RTSP/1.0\r\nCSeq: 71\r\n\r\n" + end.encode() + b" rtsp://h/x RTSP/1.0\r\nCSeq: 72\r\n\r\n")
	    c.close()
	PY
	python3 asking.py > url 2> heard 3>&- &
	pids+=($!)
	wait_until test -s url
	fetch --reconnect "$(cat url)"
	wait_until grep -q 'the camera ended the stream (TEARDOWN): trying again' err
	kill -TERM "$FETCH"
	ends 0 "$FETCH"
	run cat err
	assert_output --partial 'the camera ended the stream (REDIRECT): trying again'
	run -0 grep -A 2 '^RTSP/1.0 200 OK' heard
	assert_output --regexp 'CSeq: 71.*Public: OPTIONS.*CSeq: 72'
	run -0 grep -c '^TEARDOWN' heard
	assert_output 2
}

# --- elsewhere, and the password ---

@test "rtsp-fetch: a redirection is followed, and the password goes to the same host only" {
	camera --speed max --frames 10 --auth digest --user alice --password s3cret "$CLOCK_CLIP"
	local other=${URL##*:}
	other=${other%%/*}
	camera --auth basic --user alice --password s3cret --fault redirect="$other" "$CLOCK_CLIP"
	record 1 -U alice -p s3cret
	assert_end 1 BYE
	run cat err
	assert_output --partial "the camera sends us to rtsp://127.0.0.1:$other/stream"
	# under another name it is another host, as far as we know
	URL=${URL/127.0.0.1/localhost}
	record 1 --trace trace -U alice -p s3cret
	assert_end 1 'localhost sent us to 127.0.0.1, which gets no password'
	run -0 grep -c '> Authorization' trace
	assert_output 2
}

@test "rtsp-fetch: a redirection in a circle ends with a message, also of --list" {
	camera --fault redirect --path '/x?user=joe&password=hush' "$CLOCK_CLIP"
	record 1 --reconnect
	assert_end 1 '302 .*on and on, now to rtsp://.*/x\?user=\*\*\*&password=\*\*\*'
	run ! grep -a hush nals err
	run -0 grep -c 'the camera sends us to' err
	assert_output 3
	run -1 --separate-stderr rtsp-fetch --list "$URL"
	assert_output ""
	assert_regex "$stderr" 'on and on'
}

@test "rtsp-fetch: a camera that closes after 401 is given the password on a new connection" {
	for how in basic digest; do
		camera --speed max --sessions 1 --frames 10 --auth $how --user alice --password s3cret --fault close-after-401 "$CLOCK_CLIP"
		record 1 -U alice -p s3cret
		assert_end 1 BYE
		camera_gone
	done
	camera --auth digest --user alice --password s3cret --fault close-after-401 "$CLOCK_CLIP"
	record 1 -U alice -p wr0ng --reconnect
	assert_end 1 '401.* may be wrong'
}

@test "rtsp-fetch: a 401 at SETUP is answered by a new connection, once" {
	camera --speed max --frames 10 --auth digest --user alice --password s3cret --fault setup-401=1 "$CLOCK_CLIP"
	record 1 -U alice -p s3cret
	assert_end 1 BYE
	camera_gone
	camera --speed max --frames 10 --auth digest --user alice --password s3cret --fault setup-401=9 "$CLOCK_CLIP"
	record 1 -U alice -p s3cret
	assert_end 1 'SETUP: 401'
	camera_gone
	run grep -c setup-401 truth
	assert_output 2
}

# --- how it begins and ends ---

@test "rtsp-fetch: --teardown never sends none, always sends it again on a new connection" {
	camera "$CLOCK_CLIP"
	record 0 -v --duration 0.3 --teardown never
	run ! grep TEARDOWN err
	camera_gone
	run -0 tail -n 1 truth
	assert_output "Q eof"
	camera --timeout 10 --fault lose-teardown=1 "$CLOCK_CLIP"
	record 0 -v --duration 0.3 --teardown always
	run grep -c '> TEARDOWN' err
	assert_output 2
	run grep -c '< 454' err
	assert_output 1
	camera_gone
	camera --timeout 10 --fault lose-teardown=1 "$CLOCK_CLIP"
	record 0 -v --duration 0.3 --teardown auto
	run grep -c '> TEARDOWN' err
	assert_output 1
}

@test "rtsp-fetch: --teardown always gives up when the session has timed out at the camera, and the stream ends before" {
	camera --sessions 1 --timeout 2 --fault lose-teardown=9 "$CLOCK_CLIP"
	fetch -v --duration 0.3 --teardown always "$URL"
	wait_until grep -q 'reason: duration' nals
	run ! gone "$FETCH"
	ends 0 "$FETCH"
	assert_end 0 duration
}

@test "rtsp-fetch: TEARDOWN is sent also when the camera's stream is beyond understanding" {
	cat > junk.py <<-'PY'
	import re, socket
	sdp = "v=0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:t\r\n"
	server = socket.create_server(("127.0.0.1", 0))
	server.settimeout(20)
	print("rtsp://127.0.0.1:%d/x" % server.getsockname()[1], flush=True)
	c = server.accept()[0]
	c.settimeout(20)
	text = ""
	while not text.startswith("TEARDOWN"):
	    text = c.recv(4096).decode()
	    body = sdp if text.startswith("DESCRIBE") else ""
	    if not text.startswith("TEARDOWN"):
	        c.sendall(("RTSP/1.0 200 OK\r\nCSeq: %s\r\nSession: 1\r\nContent-Length: %d\r\n\r\n%s" % (
	            re.search(r"CSeq: *(\d+)", text)[1], len(body), body)).encode())
	    if text.startswith("PLAY"):
	        c.sendall(b"\xff" * (1 << 20))
	print(text)
	PY
	python3 junk.py > url 2> junk.err 3>&- &
	pids+=($!)
	wait_until test -s url
	URL=$(cat url)
	record 1 --trace trace
	assert_end 1 'neither an RTSP message nor'
	wait_until grep -q ^TEARDOWN url
	run -0 grep -c 'received, and no message' trace
	assert_output 1
}

@test "rtsp-fetch: --start waits for its time, and a signal ends the wait without a stream" {
	camera --speed max --sessions 1 --frames 10 "$CLOCK_CLIP"
	local at
	at=$(date +%s.%N -d '1.3 seconds')
	record 1 --start "$(date -d "@$at" +%Y-%m-%dT%H:%M:%S.%N%:z)"
	run -0 awk -v at="$at" '/^P/ { print($2 / 1e9 >= at) }' truth
	assert_output 1
	fetch --start "$(date -d '1 hour' +%Y-%m-%dT%H:%M:%S)" "$URL"
	wait_until grep -q 'waiting until' err
	kill -USR1 "$FETCH"
	wait_until grep -q state=waiting err
	kill -TERM "$FETCH"
	ends 0 "$FETCH"
	assert [ ! -s nals ]
}

@test "rtsp-fetch: --start with a time that has passed exits 1, with none at all 2" {
	for at in 00:00 00:00:00.5 2026-01-01T00:00:00Z 2026-01-01T00:00; do
		run -1 rtsp-fetch --start $at rtsp://127.0.0.1:1/x
		assert_output --partial 'has passed'
	done
	for at in "" 24:00 9:30 09:60 09:30: 09:30:00. 09:30:0x 2026-13-01T00:00 2026-02-30T00:00:00Z 2999-01-01T00:00 2026-01-01 \
	    2026-01-01T00:00:00+25:00 2026-01-01T00:00:00ZZ noon; do
		run -2 rtsp-fetch --start "$at" rtsp://127.0.0.1:1/x
	done
}

@test "rtsp-fetch: --strict ends at the first lost packet, with status 1" {
	camera --speed max --mtu 400 --fault lose=300 "$CLOCK_CLIP"
	record 1 --strict
	assert_end 1 '1 packets were lost'
	camera_gone
	run -0 tail -n 1 truth
	assert_output "Q teardown"
	camera --speed max --frames 100 "$CLOCK_CLIP"
	record 1 --strict
	assert_end 1 BYE
	run -2 rtsp-fetch --strict --reconnect "$URL"
}

@test "rtsp-fetch: --track, --no-audio and --no-video" {
	camera --speed max --frames 10 "$CLOCK_CLIP"
	record 1 --no-audio --track 1
	assert_end 1 BYE
	record 1 --track 2
	assert_end 1 'no track 2'
	run -2 rtsp-fetch --no-video "$URL"
	assert_output --partial 'audio is not there yet'
	run -2 rtsp-fetch --track 0 "$URL"
}

# --- a trace to attach to a report ---

@test "rtsp-fetch: --trace has both sides of the exchange, with times, and no secret" {
	camera --speed max --frames 10 --auth basic --user alice --password s3cret "$CLOCK_CLIP"
	record 1 --trace trace -U alice -p s3cret
	for line in '^# rtsp-fetch [0-9.]+: ' '^20[0-9-]+T[0-9:]+\.[0-9]{9}Z # connecting to 127\.0\.0\.1 port ' \
	    '^20[0-9-]+T[0-9:.]+Z sent, [0-9]+ bytes$' '^> DESCRIBE rtsp://.* RTSP/1.0$' '^> Authorization: Basic \*\*\*$' \
	    '^< RTSP/1.0 401 Unauthorized$' '^< WWW-Authenticate: Basic realm=' '^< a=rtpmap:96 H264/90000$' '^> TEARDOWN ' 'BYE'; do
		run -0 grep -E -- "$line" trace
	done
	run ! grep -e s3cret -e YWxpY2U6czNjcmV0 trace
	run ! env LC_ALL=C grep '[^[:print:]]' trace
	assert_equal "$(stat -c %a trace)" 600
	# what was in the file stays
	local before
	before=$(wc -l < trace)
	record 1 --trace trace -U alice -p s3cret
	assert [ "$(wc -l < trace)" -gt "$((before * 3 / 2))" ]
}

@test "rtsp-fetch: --trace shows what a camera sends back neither raw nor with the password in it" {
	# it answers with all that it was sent, and worse
	cat > echo.py <<-'PY'
	import re, socket
	server = socket.create_server(("127.0.0.1", 0))
	server.settimeout(20)
	print("rtsp://127.0.0.1:%d/x" % server.getsockname()[1], flush=True)
	c = server.accept()[0]
	c.settimeout(20)
	while True:
	    text = b""
	    while b"\r\n\r\n" not in text:
	        data = c.recv(4096)
	        if not data:
	            raise SystemExit
	        text += data
	    cseq = re.search(rb"CSeq: *(\d+)", text)[1]
	    ok = b"Authorization" in text
	    body = (text + b"user is alice, password is s3cret; rtsp://alice:s3cret@h/ \x1b]0;owned\x07 \x9b31m" + bytes(range(256))) if ok else b""
	    c.sendall(b"RTSP/1.0 " + (b"404 \x1b[31m" if ok else b"401 no") + b"\r\nCSeq: " + cseq + b"\nX-Echo: " + text.split(b"\r\n")[0]
	              + b"\r\nWWW-Authenticate: Basic realm=\"x\"\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
	    if ok:
	        c.sendall(b"\x1b[2J nothing that is known s3cret \x00\xff")
	PY
	python3 echo.py > url 2> echo.err 3>&- &
	pids+=($!)
	wait_until test -s url
	URL=$(cat url)
	record 1 -v --trace trace -U alice -p s3cret
	run ! env LC_ALL=C grep '[^[:print:]]' trace
	run ! grep -e s3cret -e YWxpY2U6czNjcmV0 trace err
	run -0 grep -c -e '^< RTSP/1.0 404 \\^\[\[31m$' -e '^< CSeq: [0-9]*\\n$' -e '^< user is alice, password is \*\*\*; rtsp://\*\*\*@h/' trace
	assert_output 4
}

@test "rtsp-fetch: --trace that cannot be opened ends it before the camera is asked; one that cannot be written does not" {
	run -1 rtsp-fetch --trace /nonexistent/trace rtsp://127.0.0.1:1/x
	assert_output --partial -- --trace
	camera --speed max --frames 10 "$CLOCK_CLIP"
	record 1 --trace /dev/full
	assert_end 1 BYE
	run grep -c 'trace: No space' err
	assert_output 1
}
