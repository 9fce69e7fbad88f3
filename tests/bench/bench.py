#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""bench.py BUILD: what recording costs, beside other recorders and beside the least that copying
the same bytes costs, and what reading its timing does. Four parts, each with repetitions that are interleaved and a table of medians:

    fast    one stream of tests/camera recorded as fast as it is read
    floor   a nalstream of the same, from memory: mp4-wrap against cat | cat > file
    live    cameras in real time: CPU and memory of each recorder
    dump    an hour of 1080p30 read by sei-dump, beside ffprobe (2 GB on BUILD's disk)

    PARTS       which of them ("fast floor live dump")
    REPS        repetitions of each (5)
    GIGABYTES   of H.264 a recording of fast and floor has (1)
    LIVE        seconds of a recording of live (15)
    DIR         where recordings are written (/dev/shm if there is room, else BUILD/bench)

CPU is user and system time of every process of a recorder from its start to its end, the camera's
not among them; memory is the sum of the processes' peaks. A recording that is not complete is not
counted, and makes the exit status 1. Other recorders take part where they are on the PATH: ffmpeg,
gst-launch-1.0, retina-record, mediamtx.
"""
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time

import reading
import rig

PARTS = ("fast", "floor", "live", "dump")
RATE_MARK, CPU_MARK = 0.9, 1.0      # of floor: at least, at most
MEMORY_MARK = 16                    # MiB
SETTLE = 5                          # seconds between runs
NALPIPE = "nalpipe"


class NotCounted(Exception):
    """A run whose recording is not what it should be."""


class Bench:
    """Where things lie, and how often they are done."""

    def __init__(self, build, folder):
        self.build, self.folder = build, folder
        self.reps, self.gigabytes = rig.setting("REPS", 5), rig.setting("GIGABYTES", 1.0)
        self.live = rig.setting("LIVE", 15.0)
        self.log = open(os.path.join(folder, "log"), "w")
        self.out = os.path.join(folder, "out.mp4")

    def last_messages(self):
        with open(self.log.name) as f:
            return "".join("    " + line for line in f.readlines()[-3:])

    def repeat(self, recorders):
        """Runs each recorder in turn, several times. {name: [Used]}; results that are not complete are left out."""
        results = {name: [] for name in recorders}
        for rep in range(self.reps):
            for name, recorder in recorders.items():
                try:
                    results[name].append(recorder())
                except (NotCounted, subprocess.CalledProcessError) as e:
                    print("%s, run %d: not counted: %s\n%s" % (name, rep + 1, e, self.last_messages()), end="", flush=True)
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(self.out)
                # A virtual machine hands freed memory back to its host, a few seconds later: not in the next run.
                time.sleep(SETTLE)
        return results


class Medians:
    """Of the runs of one recorder."""

    def __init__(self, used):
        self.runs = len(used)
        self.wall, self.cpu = rig.median([u.wall for u in used]), rig.median([u.cpu for u in used])
        self.peak_mib = rig.median([u.peak_kib for u in used]) / 1024
        self.pss_mib = rig.median([u.pss_kib for u in used]) / 1024


def frame_count(path):
    """Frames by their packets, which is quick. 0 if there is no video."""
    words = subprocess.run(["ffprobe", "-v", "error", "-count_packets", "-select_streams", "v", "-show_entries",
                            "stream=nb_read_packets", "-of", "csv=p=0", path], capture_output=True, text=True,
                           check=True).stdout.strip().split(",")
    return int(words[0]) if words[0].isdigit() else 0


def count(got, frames, may_lack=0):
    if not frames - may_lack <= got <= frames:
        raise NotCounted("%d of %d frames" % (got, frames))


# ---- recorders of a camera ----

def recording(bench, stages, camera_options, clip, frames, **watch):
    """A recorder of the camera's stream, to be called; it ends when the camera does. URL and OUT stand for both."""
    def record():
        with rig.Camera(clip.path, "--frames", frames, *camera_options) as camera:
            filled = [[word.replace("URL", camera.url).replace("OUT", bench.out) for word in s] for s in stages]
            used = rig.run(filled, stderr=bench.log, **watch)
        count(frame_count(bench.out), frames)
        return used
    return record


def mediamtx(bench, camera_options, clip, frames, **watch):
    """It records for as long as it runs: it is stopped when its file grows no more."""
    config, folder = os.path.join(bench.folder, "mtx.yml"), os.path.join(bench.folder, "mtx")

    def record():
        ended = []
        os.mkdir(folder)
        try:
            with rig.Camera(clip.path, "--frames", frames, *camera_options) as camera:
                with open(config, "w") as f:
                    f.write("logLevel: error\nrtmp: no\nhls: no\nwebrtc: no\nsrt: no\nrtspAddress: 127.0.0.1:0\napi: no\n"
                            "paths:\n  cam:\n    source: %s\n    rtspTransport: tcp\n    record: yes\n"
                            "    recordFormat: fmp4\n    recordPath: %s/%%path-%%s-%%f\n    recordSegmentDuration: 24h\n"
                            % (camera.url, folder))
                used = rig.run([["mediamtx", config]], stderr=bench.log, **watch,
                               meanwhile=lambda p: ended.append(until_still(folder, p.procs[0])))
            # it loses the last frame of every recording
            count(sum(frame_count(e.path) for e in os.scandir(folder)), frames, may_lack=1)
        finally:
            shutil.rmtree(folder)
        used.wall = ended[0]
        return used
    return record


def until_still(folder, proc):
    """Waits until the files there grow no more, and stops the process. When they last grew."""
    start, size, same, grew = time.monotonic(), -1, 0, 0
    while same < 10 and time.monotonic() - start < 120:
        time.sleep(0.2)
        now = sum(e.stat().st_size for e in os.scandir(folder))
        same = same + 1 if now == size and now else 0
        size = now
        if not same:
            grew = time.monotonic() - start
    proc.send_signal(signal.SIGINT)
    return grew


FFMPEG = ["ffmpeg", "-nostdin", "-v", "error", "-y", "-rtsp_transport", "tcp", "-i", "URL", "-c", "copy", "OUT"]
RETINA = ["retina-record", "--url", "URL", "OUT"]
GSTREAMER = ("gst-launch-1.0 -q -e rtspsrc location=URL protocols=tcp ! rtph264depay ! h264parse ! %s ! "
             "filesink location=OUT")


def installed(recorders):
    """Those whose program is there. {name: stages}"""
    return {name: stages for name, stages in recorders.items() if shutil.which(stages[0][0])}


# ---- part: fast ----

def passes(bench, clip):
    """How often the clip is played: whole passes, so that the bytes are known exactly."""
    return max(1, round(bench.gigabytes * 1e9 / clip.bytes))


def copy_floor(bench, source):
    """The least that receiving and writing the same bytes takes."""
    def copy():
        with socket.create_server(("127.0.0.1", 0)) as s:
            port = str(s.getsockname()[1])

        def send(_):
            for _ in range(100):
                with open(source, "rb") as f:
                    if subprocess.run(["nc", "-N", "127.0.0.1", port], stdin=f, stderr=subprocess.DEVNULL).returncode == 0:
                        return
                time.sleep(0.05)
        with open(bench.out, "wb") as out:
            used = rig.run([["nc", "-l", "127.0.0.1", port], ["cat"], ["cat"]], stdout=out, stderr=bench.log, meanwhile=send)
        if os.path.getsize(bench.out) != os.path.getsize(source):
            raise NotCounted("not all bytes came")
        return used
    return copy


def fast(bench):
    """Everything as fast as it is read."""
    clip = rig.clip_1080p(bench.build)
    n = passes(bench, clip)
    frames, gb = n * clip.frames, n * clip.bytes / 1e9
    camera = ("--speed", "max")
    recorders = {name: recording(bench, stages, camera, clip, frames) for name, stages in installed({
        NALPIPE: [["rtsp-fetch", "-qw", "-b", "8", "URL"], ["h264-sei-stamp"], ["mp4-wrap", "-f", "OUT"]],
        "ffmpeg -c copy": [FFMPEG],
        "retina-record": [RETINA]}).items()}
    if shutil.which("mediamtx"):
        recorders["MediaMTX"] = mediamtx(bench, camera, clip, frames)
    source = os.path.join(bench.folder, "source")
    with open(clip.path, "rb") as c, open(source, "wb") as f:
        data = c.read()
        for _ in range(n):
            f.write(data)
    recorders["nc | cat | cat > file"] = copy_floor(bench, source)
    results = {name: Medians(used) for name, used in bench.repeat(recorders).items()}
    os.unlink(source)

    print("\nfast: %d frames, %.3f GB of H.264, written to %s" % (frames, gb, where(bench)))
    rows = [("", "CPU-s/GB", "wall s", "peak MiB", "to ffmpeg", "to floor", "runs")]
    ffmpeg, floor = results["ffmpeg -c copy"].cpu, results["nc | cat | cat > file"].cpu
    for name, m in results.items():
        rows.append((name, "%.2f" % (m.cpu / gb), "%.2f" % m.wall, "%.1f" % m.peak_mib, "%.2f" % (m.cpu / ffmpeg),
                     "%.2f" % (m.cpu / floor), m.runs))
    rig.table(rows)
    return complete(bench, results)


def where(bench):
    return "%s (%s); medians of %d runs" % (os.path.dirname(bench.folder), rig.filesystem(bench.folder), bench.reps)


def complete(bench, results):
    return all(m.runs == bench.reps for m in results.values())


# ---- part: floor ----

def make_nalstream(bench, path):
    """What rtsp-fetch makes of the stream of fast. Its frames."""
    clip = rig.clip_1080p(bench.build)
    frames = passes(bench, clip) * clip.frames
    with rig.Camera(clip.path, "--frames", frames, "--speed", "max") as camera, open(path, "wb") as out:
        rig.run([["rtsp-fetch", "-qw", camera.url]], stdout=out, stderr=bench.log)
    return frames


def from_nalstream(bench, path, frames, stages):
    """A pipeline that turns the stream into an MP4."""
    def convert():
        with open(path, "rb") as f:
            used = rig.run(stages, stdin=f, stderr=bench.log)
        count(frame_count(bench.out), frames)
        return used
    return convert


def two_cats(bench, path):
    """Copying the stream: cat FILE | cat > file."""
    def copy():
        with open(bench.out, "wb") as out:
            used = rig.run([["cat", path], ["cat"]], stdout=out, stderr=bench.log)
        if os.path.getsize(bench.out) != os.path.getsize(path):
            raise NotCounted("not all bytes came")
        return used
    return copy


def floor(bench):
    """Wrapping a stream that lies in memory, beside merely copying it."""
    stream = os.path.join(bench.folder, "big.nals")
    frames = make_nalstream(bench, stream)
    gb = os.path.getsize(stream) / 1e9
    cats, wrap = "cat FILE | cat > file", ["mp4-wrap", "-qf", bench.out]
    results = {name: Medians(used) for name, used in bench.repeat({
        cats: two_cats(bench, stream),
        "mp4-wrap < FILE": from_nalstream(bench, stream, frames, [wrap]),
        "h264-sei-stamp < FILE | mp4-wrap": from_nalstream(bench, stream, frames, [["h264-sei-stamp"], wrap]),
    }).items()}
    os.unlink(stream)

    print("\nfloor: %d frames, %.3f GB of nalstream, written to %s" % (frames, gb, where(bench)))
    rows = [("", "GB/s", "CPU-s/GB", "rate to floor", "CPU to floor", "runs")]
    for name, m in results.items():
        rows.append((name, "%.2f" % (gb / m.wall), "%.3f" % (m.cpu / gb), "%.2f" % (results[cats].wall / m.wall),
                     "%.2f" % (m.cpu / results[cats].cpu), m.runs))
    rig.table(rows)
    for name, m in list(results.items())[1:]:
        rate, cpu = results[cats].wall / m.wall, m.cpu / results[cats].cpu
        rig.mark("%s: at least %.1f of the floor's rate" % (name, RATE_MARK), rate >= RATE_MARK, "%.2f" % rate)
        rig.mark("%s: no more than its CPU" % name, cpu <= CPU_MARK, "%.2f" % cpu)
    return complete(bench, results)


# ---- part: live ----

def live_stream(bench, name, clip):
    """All recorders on one camera in real time."""
    frames = round(bench.live * rig.FPS)
    # Sampling is rarer than elsewhere: it takes CPU from the same cores for a long time.
    watch = {"period": 0.1, "pss": True}
    stages = installed({
        NALPIPE: [["rtsp-fetch", "-q", "URL"], ["h264-sei-stamp"], ["mp4-wrap", "-qf", "OUT"]],
        "ffmpeg -c copy": [FFMPEG],
        "retina-record": [RETINA],
        "GStreamer, mp4mux": [(GSTREAMER % "mp4mux").split()],
        "GStreamer, matroskamux": [(GSTREAMER % "matroskamux").split()],
    })
    recorders = {n: recording(bench, s, (), clip, frames, **watch) for n, s in stages.items()}
    if shutil.which("mediamtx"):
        recorders["MediaMTX"] = mediamtx(bench, (), clip, frames, **watch)
    results = {n: Medians(used) for n, used in bench.repeat(recorders).items()}

    print("\nlive, %s: %d frames in %g s, written to %s" % (name, frames, bench.live, where(bench)))
    rows = [("", "CPU %", "peak MiB", "Pss MiB", "wall s", "runs")]
    for n, m in results.items():
        rows.append((n, "%.2f" % percent(bench, m), "%.1f" % m.peak_mib, "%.1f" % m.pss_mib, "%.1f" % m.wall, m.runs))
    rig.table(rows)
    ours, peers = results[NALPIPE], {n: m for n, m in results.items() if n != NALPIPE and m.runs}
    best = min(peers, key=lambda n: peers[n].cpu, default=None)
    rig.mark("less CPU than the best of the others", ours.cpu < peers[best].cpu if best else None,
             "%.2f %%, %s %.2f %%" % (percent(bench, ours), best, percent(bench, peers[best])) if best else "")
    rig.mark("peak memory of all programs at most %d MiB" % MEMORY_MARK, ours.peak_mib <= MEMORY_MARK,
             "%.1f" % ours.peak_mib)
    return complete(bench, results)


def percent(bench, medians):
    """CPU in percent of one core, over the time that the camera sent."""
    return 100 * medians.cpu / bench.live


def live(bench):
    return all([live_stream(bench, "1080p30 at 4 Mbit/s", rig.clip_1080p(bench.build)),
                live_stream(bench, "2160p30 at 25 Mbit/s", rig.clip_4k(bench.build))])


def main(build):
    build = rig.use_build(build)
    rig.end_in_order()
    parts = os.environ.get("PARTS", " ".join(PARTS)).split()
    for part in parts:
        if part not in PARTS:
            sys.exit("PARTS: there is no %s" % part)
    # a stream, and what is made of it
    need = int((rig.setting("GIGABYTES", 1.0) if set(parts) - {"live", "dump"} else 0.2) * 2.5e9)
    with rig.folder(rig.place(build, need)) as folder:
        bench = Bench(build, folder)
        good = [{"fast": fast, "floor": floor, "live": live, "dump": reading.reading}[part](bench) for part in parts]
    return 0 if all(good) else 1


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
