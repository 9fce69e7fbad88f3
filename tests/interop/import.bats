#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# sei-dump's tables in other people's programs: every digit is there; and other people's files in sei-dump.

load ../helper

# The Python that Debian's modules are for.
PYTHON=/usr/bin/python3

# Frames with and without timing, and with the largest numbers there are.
tables() {
	{
		report 18446744073709551615 ffffffffffffffff 4294967295
		unit 4294967295 18446744073709551615 7 8 5
		unit 3000 17198541541196598592 1
	} | stream > a.nals
	sei-dump --raw a.nals > a.csv
	sei-dump --raw "$GOLDEN/plain.mp4" > b.csv
	sei-dump --raw "$GOLDEN/no-timing.mp4" > c.csv
	sei-dump -r a.nals > reports.csv
}

@test "import: pandas has recv as UInt64 and recv_ns as Int64, every digit and every absent value" {
	tables
	"$PYTHON" - <<-'EOF'
	import csv, pandas as pd
	for name in ("a", "b", "c", "reports"):
	    kinds = {"recv": "UInt64", "recv_ns": "Int64", "rtp": "UInt32", "ntp": "UInt64", "frame": "UInt32"}
	    rows = list(csv.DictReader(open(name + ".csv")))
	    table = pd.read_csv(name + ".csv", dtype={k: v for k, v in kinds.items() if k in rows[0]})
	    assert len(table) == len(rows) > 0
	    for column in set(kinds) & set(rows[0]):
	        assert str(table[column].dtype) == kinds[column]
	        got = ["" if pd.isna(v) else str(int(v)) for v in table[column]]
	        assert got == [r[column] for r in rows], (name, column)
	    times = pd.to_datetime(table["recv_time"], utc=True)
	    for t, r in zip(times, rows):
	        assert (r["recv_ns"] == "" and pd.isna(t)) or t.value == int(r["recv_ns"])
	EOF
}

@test "import: pandas keeps every digit beside absent values if it reads text first" {
	{
		sei-dump --raw "$GOLDEN/plain.mp4"
		sei-dump --raw -N "$GOLDEN/no-timing.mp4"
	} > mixed.csv
	"$PYTHON" - <<-'EOF'
	import csv, pandas as pd
	rows = list(csv.DictReader(open("mixed.csv")))
	table = pd.read_csv("mixed.csv", dtype=str)
	for column, kind in (("recv", "UInt64"), ("recv_ns", "Int64")):
	    table[column] = pd.array([pd.NA if pd.isna(v) else int(v) for v in table[column]], dtype=kind)
	    got = ["" if pd.isna(v) else str(v) for v in table[column]]
	    assert got == [r[column] for r in rows] and "" in got and got[0] != "", column
	EOF
}

@test "import: SQLite has recv_ns as INTEGER, every digit" {
	tables
	for name in a b; do
		rm -f timing.db
		sei-dump --raw -c frame,rtp,recv_ns "$([ $name = a ] && echo a.nals || echo "$GOLDEN/plain.mp4")" > timing.csv
		sqlite3 timing.db 'CREATE TABLE frames (frame INTEGER, rtp INTEGER, recv_ns INTEGER)' '.import --csv --skip 1 timing.csv frames'
		sqlite3 -csv timing.db 'SELECT * FROM frames' | diff - <(tail -n +2 timing.csv)
		assert_equal "$(sqlite3 timing.db 'SELECT DISTINCT typeof(recv_ns), typeof(rtp) FROM frames')" "integer|integer"
	done
}

@test "import: Python and jq read every line of --json" {
	tables
	for f in a.nals "$GOLDEN/plain.mp4" "$GOLDEN/no-timing.mp4"; do
		sei-dump --json "$f" > lines.json
		"$PYTHON" -c '
import json
for line in open("lines.json"):
    assert json.dumps(json.loads(line), separators=(",", ":")) + "\n" == line, line'
		assert_equal "$(jq -c .offset lines.json | wc -l)" "$(wc -l < lines.json)"
	done
	# exact from 1.7 on; before, jq has doubles
	case $(jq --version) in
	jq-1.[0-6]*) ;;
	*) jq -c . lines.json | diff - lines.json ;;
	esac
}

@test "import: sei-dump finds every frame's timing in what GStreamer muxes" {
	nals.py make --frames 90 --reports 20 "$CLOCK_CLIP" | h264-sei-stamp | mp4-wrap -q --no-sync whole.mp4
	sei-dump --raw -c frame,keyframe,rtp,recv whole.mp4 > want
	sei-dump -r whole.mp4 > reports
	for muxer in mp4mux "mp4mux faststart=true" "mp4mux fragment-duration=500" "mp4mux fragment-duration=500 fragment-mode=first-moov-then-finalise" \
	    "mp4mux fragment-duration=500 streamable=true" qtmux "qtmux fragment-duration=300" "qtmux reserved-max-duration=10000000000 reserved-moov-update-period=500000000" 3gppmux "ismlmux fragment-duration=500" \
	    isofmp4mux cmafmux; do
		gst-inspect-1.0 --exists "${muxer%% *}" || continue
		# shellcheck disable=SC2086 # several words
		gst-launch-1.0 -q filesrc location=whole.mp4 ! qtdemux ! h264parse ! $muxer ! filesink location=out.mp4 > said 2>&1 || { cat said; fail "$muxer"; }
		sei-dump --raw -c frame,keyframe,rtp,recv out.mp4 | diff want - || fail "$muxer"
		sei-dump -r out.mp4 | diff reports - || fail "$muxer"
	done
	gst-launch-1.0 -q filesrc location=whole.mp4 ! qtdemux ! h264parse ! video/x-h264,stream-format=byte-stream ! filesink location=out.h264
	sei-dump --raw -c frame,keyframe,rtp,recv out.h264 | diff want -
}

@test "import: R's data.table has recv_ns as integer64 and recv as text, every digit" {
	cat > back.R <<-'EOF'
	suppressMessages({ library(data.table); library(bit64) })
	d <- fread(commandArgs(TRUE)[1])
	stopifnot(is.integer64(d$recv_ns), is.character(d$recv))
	fwrite(d[, .(frame, recv, recv_ns)], "back.csv")
	EOF
	Rscript --vanilla -e 'library(data.table); library(bit64)' > said 2>&1 || skip "R with data.table and bit64 is not installed"
	tables
	for name in a b; do
		Rscript --vanilla back.R $name.csv
		diff <(cut -d, -f1,5,6 $name.csv) back.csv
	done
}
