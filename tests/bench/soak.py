#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""soak.py BUILD: days of recording in minutes.

The test camera plays a small clip many times faster than real time, so that sequence numbers and
RTP times wrap again and again; the pipeline records it live. Memory and open files of the three
programs are sampled all along. Afterwards every frame and every sender report of the camera's log
is looked for in the file, one by one. Times of arrival stay real: they are those of the fast stream.

    MINUTES   how long (20)
    SPEED     times real time (150)
    SYNC      mp4-wrap's --sync, in seconds (its own default)
    KEEP      1: keep the recording and the camera's log; they are kept anyway if they are wrong
    DIR       where both are written (BUILD/bench)

Exit status 1 if something is missing or wrong, if a program grew, or if the camera did not reach
its speed.
"""
import itertools
import os
import shutil
import subprocess
import sys
import tempfile
import time

import rig

CLIP = os.path.join(rig.TESTS, "data", "clips", "clock-320x240-30.h264")
CLIP_FRAMES = 180
CLOCK = 90000
GROWTH_KIB = 1024           # a program may not grow by more, second quarter to last
WRAP = 1 << 32
RTP_TO_WRAP = 20            # seconds of real time from the first frame to the first wrap of RTP time
LOG_LINE, OVERHEAD = 100, 110   # bytes a frame: in the camera's log, and of SEI, lengths and index in the file


class Plan:
    """What is going to be sent."""

    def __init__(self):
        self.minutes, self.speed = rig.setting("MINUTES", 20.0), rig.setting("SPEED", 150.0)
        self.seconds = self.minutes * 60
        self.frames = round(self.seconds * self.speed * rig.FPS)
        self.step = CLOCK // rig.FPS
        self.rtp_start = WRAP - int(min(RTP_TO_WRAP, self.seconds / 2) * self.speed) * CLOCK
        self.wraps = (self.rtp_start + (self.frames - 1) * self.step) // WRAP
        self.file_bytes = self.frames * (os.path.getsize(CLIP) // CLIP_FRAMES + OVERHEAD)
        self.bytes = self.file_bytes + self.frames * LOG_LINE

    def show(self, place):
        hours = self.frames / rig.FPS / 3600
        print("%g minutes at %g times real time: %d frames, %.1f hours of video, %d wraps of RTP time" %
              (self.minutes, self.speed, self.frames, hours, self.wraps))
        print("the recording will have some %.2f GB, the camera's log %.2f GB, in %s (%s)" %
              (self.file_bytes / 1e9, (self.bytes - self.file_bytes) / 1e9, place, rig.filesystem(place)), flush=True)


# ---- while it runs ----

class Samples:
    """Memory and open files of one program over time."""

    def __init__(self, name, pid):
        self.name, self.pid = name, pid
        self.rss, self.files = [], []       # (seconds since the start, value)
        self.peak = 0

    def take(self, at):
        """One sample; nothing if the program has ended."""
        kib, files = rig.status_kib(self.pid, "VmRSS", "VmHWM"), rig.open_files(self.pid)
        if "VmRSS" not in kib or files is None:
            return
        self.rss.append((at, kib["VmRSS"]))
        self.files.append((at, files))
        self.peak = max(self.peak, kib["VmHWM"])

    def rss_between(self, begin, end):
        return rig.median([v for at, v in self.rss if begin <= at < end])

    def judge(self, seconds):
        """Its figures: RSS in the second and last quarter, peak, and the files once it was under way."""
        self.second, self.last = self.rss_between(seconds / 4, seconds / 2), self.rss_between(seconds * 3 / 4, seconds)
        under_way = [v for at, v in self.files if seconds / 4 <= at < seconds]
        self.few, self.many = min(under_way, default=0), max(under_way, default=-1)
        self.flat = self.last - self.second < GROWTH_KIB
        self.same_files = self.few == self.many


def sample_until_end(camera, pipeline, programs, seconds):
    """Takes samples until the camera has sent all and the programs have ended."""
    period = max(0.2, min(5.0, seconds / 100))
    until = time.monotonic() + seconds * 2 + 60
    while any(os.waitid(os.P_PID, p.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None for p in pipeline.procs):
        if time.monotonic() > until:
            raise OSError("the recorder does not come to an end")
        for p in programs:
            p.take(time.monotonic() - pipeline.start)
        time.sleep(period)
    camera.wait()


def record(plan, truth, out, messages):
    """Records all of it. The samples of each program, and what the pipeline took."""
    sync = ["-s", os.environ["SYNC"]] if os.environ.get("SYNC") else []
    with rig.Camera(CLIP, "--speed", "%g" % plan.speed, "--frames", plan.frames, "--rtp-start", plan.rtp_start,
                    "--seq-start", 65000, log=truth) as camera:
        stages = [["rtsp-fetch", camera.url], ["h264-sei-stamp"], ["mp4-wrap", "-f", *sync, out]]
        with rig.Pipeline(stages, stderr=messages) as pipeline:
            programs = [Samples(s[0], pid) for s, pid in zip(stages, pipeline.pids)]
            sample_until_end(camera, pipeline, programs, plan.seconds)
            return programs, pipeline.wait()


# ---- what came of it ----

class Reached:
    """What the camera's log says was sent."""

    def __init__(self, truth):
        self.frames = self.packets = self.rtp_wraps = 0
        first = last = None
        for f in rig.sent_frames(truth):
            self.frames += 1
            self.packets += f.packets
            self.rtp_wraps += last is not None and f.rtp < last.rtp
            first, last = first or f, f
        took = (last.before - first.before) / 1e9 if self.frames > 1 else float("inf")
        self.speed = (self.frames - 1) / rig.FPS / took
        self.seq_wraps = (65000 + self.packets) >> 16


def compare(want, got, text):
    """Two sequences, item by item. (how many of the first are right, the first difference or None)"""
    right, first = 0, None
    for i, (w, g) in enumerate(itertools.zip_longest(want, got)):
        if w == g:
            right += 1
        elif first is None:
            first = "%s %d: %s sent, %s in the file" % (text, i, w, g)
    return right, first


def wanted_frames(truth):
    """pts and rtp of each frame sent, as sei-dump should print them: pts goes on over every wrap."""
    for f in rig.sent_frames(truth):
        ns = (f.index * 10 ** 9 * 2 + rig.FPS) // (2 * rig.FPS)
        yield ["%d.%09d" % divmod(ns, 10 ** 9), str(f.rtp)]


def wanted_reports(truth):
    for ntp, rtp in rig.sent_reports(truth):
        yield [str(ntp), str(rtp)]


def arrivals_wrong(truth, out):
    """How many frames arrived, by the file, before they were sent."""
    got = (int(row[0]) for row in rig.dump(out, "-c", "recv_ns") if row[0].isdigit())
    return sum(recv < f.before for f, recv in zip(rig.sent_frames(truth), got))


def report_programs(programs, used, plan):
    """The table of programs; True if none grew."""
    rows = [("program", "CPU %", "RSS 2nd quarter", "RSS last quarter", "growth KiB", "peak KiB", "files", "samples")]
    for p, cpu in zip(programs, used.cpus):
        p.judge(plan.seconds)
        files = str(p.few) if p.same_files else "%d to %d" % (p.few, p.many)
        rows.append((p.name, "%.1f" % (100 * cpu / used.wall), "%.0f" % p.second, "%.0f" % p.last,
                     "%+.0f" % (p.last - p.second), p.peak, files, len(p.rss)))
    print()
    rig.table(rows)
    print()
    flat = [rig.mark("%s: memory is flat (less than 1 MiB)" % p.name, p.flat) for p in programs]
    files = [rig.mark("%s: open files are constant" % p.name, p.same_files) for p in programs]
    return all(flat) and all(files)


def report_stream(plan, truth, out):
    """What was sent against what is in the file; True if all is right."""
    reached = Reached(truth)
    frames, wrong_frame = compare(wanted_frames(truth), rig.dump(out, "-c", "pts,rtp"), "frame")
    reports = sum(1 for _ in rig.sent_reports(truth))
    same, wrong_report = compare(wanted_reports(truth), rig.dump(out, "-r", "-c", "ntp,rtp"), "report")
    early = arrivals_wrong(truth, out)
    size = os.path.getsize(out)
    print("\nsent: %d frames, %d packets, %d reports; recorded: %.2f GB, %.0f bytes a frame" %
          (reached.frames, reached.packets, reports, size / 1e9, size / max(1, reached.frames)))
    results = [
        rig.mark("the camera reached its speed", reached.speed >= 0.99 * plan.speed, "%.1f" % reached.speed),
        rig.mark("it sent all frames", reached.frames == plan.frames, "%d of %d" % (reached.frames, plan.frames)),
        rig.mark("RTP times wrapped", reached.rtp_wraps == plan.wraps >= 1, "%d times" % reached.rtp_wraps),
        rig.mark("sequence numbers wrapped", reached.seq_wraps >= 1, "%d times" % reached.seq_wraps),
        rig.mark("every frame is there, in order, with its pts and RTP time",
                 wrong_frame is None, wrong_frame or "%d" % frames),
        rig.mark("every report is there, in order", wrong_report is None, wrong_report or "%d" % same),
        rig.mark("no frame arrived before it was sent", not early, "%d did" % early if early else ""),
    ]
    return all(results)


def soak(plan, work):
    """True if all is as it should be."""
    truth, out = os.path.join(work, "truth"), os.path.join(work, "out.mp4")
    with open(os.path.join(work, "messages"), "w+") as messages:
        programs, used = record(plan, truth, out, messages)
        messages.seek(0)
        print("\nmessages:\n" + "".join("  " + line for line in messages), end="")
    print("  exit statuses: %s (1: the camera ended the stream); %.0f s after the last frame was due" %
          (used.statuses, used.wall - plan.seconds))
    programs_right = report_programs(programs, used, plan)
    return report_stream(plan, truth, out) and programs_right


def main(build):
    build = rig.use_build(build)
    rig.end_in_order()
    plan = Plan()
    place = rig.place(build, int(plan.bytes * 1.1), memory=None)
    plan.show(place)
    work = tempfile.mkdtemp(prefix="nalpipe-soak.", dir=place)
    keep = os.environ.get("KEEP") == "1"
    try:
        good = soak(plan, work)
        keep = keep or not good
    finally:
        if keep:
            print("kept: %s" % work)
        else:
            shutil.rmtree(work)
    return 0 if good else 1


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
