#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""stall.py BUILD: what a recording goes through while its writer stands still.

4K30 at 25 Mbit/s is recorded live, and mp4-wrap is stopped in the middle (SIGSTOP) for each of
these times in turn. Afterwards: how late arrivals are told (the distance of `recv` from the moment
at which the camera wrote the frame's first packet), whether each frame's slack covers it, how much
memory rtsp-fetch took, and whether each hole is a number of whole groups of pictures that
sei-dump --gaps tells, all sender reports are there, and the recording goes on behind it.

    STALLS    seconds ("2 60")
    BUFFER    rtsp-fetch's --buffer, MiB (64)
    DIR       where recordings are written (/dev/shm if there is room, else BUILD/bench)

Exit status 1 if anything of that is not so.
"""
import os
import signal
import sys
import time

import rig

AROUND = 10         # seconds of recording before the stop, and after what it delayed
BARE_KIB = 8 << 10  # what rtsp-fetch may have beside its buffer


def record(clip, folder, stall, buffer_mib):
    """Records with a stop in the middle. The camera's log, the file, and rtsp-fetch's peak in KiB."""
    truth, out = os.path.join(folder, "truth"), os.path.join(folder, "out.mp4")
    with rig.Camera(clip.path, "--frames", round((2 * AROUND + stall) * rig.FPS), log=truth) as camera:
        stages = [["rtsp-fetch", "-q", "-b", str(buffer_mib), camera.url], ["h264-sei-stamp", "-q"],
                  ["mp4-wrap", "-qf", out]]
        with rig.Pipeline(stages, stderr=open(os.path.join(folder, "messages"), "w")) as pipeline:
            with rig.Watch(pipeline.pids[:1], 0.5) as watch:
                time.sleep(AROUND)
                pipeline.procs[-1].send_signal(signal.SIGSTOP)
                time.sleep(stall)
                pipeline.procs[-1].send_signal(signal.SIGCONT)
                pipeline.wait()
        camera.wait()
    return truth, out, watch.peak_kib


def holes(sent, rows):
    """Frames that are missing, by the number of the frame behind the hole; and whether that one is a key frame."""
    index = [sent[rtp].index for rtp, *_ in rows]
    found = {k: b - a - 1 for k, (a, b) in enumerate(zip([-1] + index, index)) if b != a + 1}
    return found, all(rows[k][3] for k in found), len(sent) - 1 - index[-1]


def judge(stall, buffer_mib, truth, out, peak):
    """Prints the figures of one recording; True if all is as it should be."""
    sent = {f.rtp: f for f in rig.sent_frames(truth)}
    rows = [(int(rtp), int(recv), int(slack or 1 << 32), key == "1")
            for rtp, recv, slack, key in rig.dump(out, "-c", "rtp,recv_ns,slack_us,keyframe")]
    reports = [(int(ntp), int(rtp)) for ntp, rtp in rig.dump(out, "-r", "-c", "ntp,rtp")]
    shed = [(int(k), int(n)) for k, what, n in rig.dump(out, "-g", "-c", "frame,what,frames") if what == "shed"]
    found, at_keys, after = holes(sent, rows)
    late = [max(recv - sent[rtp].after, 0) / 1000 for rtp, recv, *_ in rows]
    bare = sum(recv < sent[rtp].before or recv - slack * 1000 > sent[rtp].after for rtp, recv, slack, _ in rows)
    print("\nmp4-wrap stopped for %g s: %d frames sent, %d recorded, %d shed in %d holes; late by: median %.0f us, "
          "p99 %.0f us, worst %.0f us; rtsp-fetch's peak %.1f MiB" %
          (stall, len(sent), len(rows), sum(found.values()), len(found), rig.median(late), rig.percentile(late, 99),
           max(late), peak / 1024))
    return all([
        rig.mark("slack covers the error of every frame", bare == 0, "%d not" % bare if bare else ""),
        rig.mark("memory: at most the buffer of %d MiB and 8 MiB" % buffer_mib, peak <= (buffer_mib << 10) + BARE_KIB),
        rig.mark("each hole is told where it is, with its frames", dict(shed) == found and len(shed) == len(found),
                 ", ".join("%d before frame %d" % (n, k) for k, n in shed)),
        rig.mark("behind each hole there is a key frame", at_keys),
        rig.mark("every sender report is there", reports == list(rig.sent_reports(truth)), "%d" % len(reports)),
        rig.mark("the recording goes on to the last frame", after == 0),
    ])


def main(build):
    build = rig.use_build(build)
    rig.end_in_order()
    stalls = [float(s) for s in os.environ.get("STALLS", "2 60").split()]
    buffer_mib = rig.setting("BUFFER", 64)
    clip = rig.clip_4k(build)
    good = True
    for stall in stalls:
        with rig.folder(rig.place(build, 1 << 30)) as folder:
            good = judge(stall, buffer_mib, *record(clip, folder, stall, buffer_mib)) and good
    return 0 if good else 1


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
