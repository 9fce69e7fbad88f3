#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""What a player shows of an MP4, against the H.264 that is in it.

    shown.py [--step TICKS] [--seeks N] ES.h264 FILE.mp4...

Each file has to give all pictures that ffmpeg finds in the elementary stream, in that order,
each later than the one before; with --step the k-th at k * TICKS of 90 kHz and (if it is one sample) for TICKS. With
--seeks, so many seeks to pictures here and there give those very pictures. One line a file:
pictures, samples, media time of the edit list or -, least and greatest composition offset.
"""
import argparse
import hashlib
import os
import random
import subprocess
import sys

import mp4


def pictures(path, *before):
    """(pts, duration, MD5) of each picture; a complaint of ffmpeg's is an error."""
    run = subprocess.run(["ffmpeg", "-nostdin", "-v", "error", *before, "-i", path, "-map", "0:v", "-fps_mode", "passthrough",
                          "-enc_time_base", "-1", "-f", "framemd5", "-"], capture_output=True, text=True)
    assert run.returncode == 0 and not run.stderr, (path, run.stderr[:500])
    rows = [line.split(",") for line in run.stdout.splitlines() if not line.startswith("#")]
    return [(int(r[2]), int(r[3]), r[5].strip()) for r in rows]


def seek(path, ns, picture):
    """The first picture at this time or after it."""
    run = subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-ss", "%.6f" % (ns / 1e9), "-i", path, "-map", "0:v",
                          "-frames:v", "1", "-fps_mode", "passthrough", "-f", "framemd5", "-"], capture_output=True, text=True)
    found = [line.split(",")[-1].strip() for line in run.stdout.splitlines() if not line.startswith("#")]
    assert found == [picture], (path, ns, found, picture)


def check(path, want, o):
    got = pictures(path)
    assert [g[2] for g in got] == want, (path, len(got), len(want))
    times = [g[0] for g in got]
    assert all(a < b for a, b in zip(times, times[1:])), (path, times)
    m = mp4.load(path)
    samples, media_time = m.samples(), next((t for _, t in m.edits()), None)
    if o.step:
        assert times == [k * o.step for k in range(len(got))], (path, got[:5], got[-5:])
        assert len(samples) > len(got) or all(g[1] == o.step for g in got), (path, got[:5], got[-5:])
    for k in sorted(random.Random(1).sample(range(1, len(got)), o.seeks)):
        # 5 us before it: a microsecond is not a whole number of ticks, and a tick is 11
        seek(path, times[k] * 10 ** 9 // 90000 - 5000, got[k][2])
    assert all(a["dts"] < b["dts"] for a, b in zip(samples, samples[1:])), path
    offsets = [s["pts"] - s["dts"] + (media_time or 0) for s in samples]
    print(len(got), len(samples), "-" if media_time is None else media_time, min(offsets), max(offsets))


def main():
    p = argparse.ArgumentParser(usage=__doc__)
    p.add_argument("--step", type=int)
    p.add_argument("--seeks", type=int, default=0)
    p.add_argument("es")
    p.add_argument("files", nargs="+")
    o = p.parse_args()
    # kept beside it: one is looked at with many files
    with open(o.es, "rb") as f:
        kept = o.es + "." + hashlib.md5(f.read()).hexdigest()
    if not os.path.exists(kept):
        with open(kept, "w") as f:
            f.write(" ".join(g[2] for g in pictures(o.es)))
    want = open(kept).read().split()
    for path in o.files:
        check(path, want, o)


if __name__ == "__main__":
    try:
        main()
    except AssertionError as e:
        sys.exit("shown.py: %s" % e)
