# SPDX-License-Identifier: MIT OR Apache-2.0
"""What reading the timing of an hour of 1080p30 costs: sei-dump beside ffprobe, the file in the page cache and not."""
import contextlib
import ctypes
import mmap
import os
import shutil
import subprocess

import rig

FRAMES = 3600 * rig.FPS
FEW_MARK, ALL_MARK = 0.1, 0.2       # of ffprobe's CPU time
PAGES_MARK = 2                      # of 4 KiB a frame, read from the disk
FEW, ALL = "sei-dump --raw, five columns", "sei-dump, all columns"
PEER = "ffprobe -show_packets -of csv"


def make(path, clip, log):
    """The recording: the clip over and over, a sender report every five seconds."""
    stages = [["nals.py", "make", "--frames", str(FRAMES), "--reports", str(5 * rig.FPS), clip.path],
              ["h264-sei-stamp"], ["mp4-wrap", "-q", "--no-sync", path]]
    path_before = os.environ["PATH"]
    os.environ["PATH"] = os.pathsep.join((os.path.join(rig.TESTS, "tools"), path_before))
    try:
        used = rig.run(stages, stderr=log)
    finally:
        os.environ["PATH"] = path_before
    if any(used.statuses):
        raise OSError("%s: cannot be made" % path)


def resident(path):
    """How many bytes of the file are in the page cache (mincore(2)). None where one cannot ask."""
    libc = ctypes.CDLL(None, use_errno=True)
    size = os.path.getsize(path)
    pages = (ctypes.c_ubyte * -(-size // mmap.PAGESIZE))()
    # ctypes wants a map that may be written to; a private one changes no file.
    with open(path, "rb") as f, contextlib.closing(mmap.mmap(f.fileno(), size, mmap.MAP_PRIVATE)) as m:
        first = ctypes.c_ubyte.from_buffer(m)
        failed = libc.mincore(ctypes.byref(first), ctypes.c_size_t(size), pages)
        del first
    return None if failed else mmap.PAGESIZE * sum(p & 1 for p in bytes(pages))


def read_cold(path, command):
    """Bytes that come from the disk if nothing of the file is in memory; None if it cannot be put out of it."""
    with open(path, "rb") as f:
        os.fsync(f.fileno())
        os.posix_fadvise(f.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    if resident(path) != 0:
        return None
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return resident(path)


def measure(bench, commands):
    """Runs each with the file in the page cache, in turn, its output to a file. {name: [Used]}"""
    results = {name: [] for name in commands}
    for _ in range(bench.reps):
        for name, command in commands.items():
            with open(os.path.join(bench.folder, "rows"), "wb") as out:
                used = rig.run([command], stdout=out, stderr=bench.log, period=0.002)
            if not any(used.statuses):
                results[name].append(used)
    return results


def reading(bench):
    os.makedirs(os.path.join(bench.build, "bench"), exist_ok=True)
    with rig.folder(os.path.join(bench.build, "bench")) as folder:
        path = os.path.join(folder, "hour.mp4")
        make(path, rig.clip_1080p(bench.build), bench.log)
        commands = {FEW: ["sei-dump", "--raw", "-c", "frame,pts,keyframe,rtp,recv", path], ALL: ["sei-dump", path],
                    "sei-dump -r": ["sei-dump", "-r", path], "sei-dump --json": ["sei-dump", "--json", path],
                    PEER: ["ffprobe", "-v", "error", "-show_packets", "-of", "csv", path]}
        if shutil.which("show-timestamps"):
            commands["show-timestamps"] = ["show-timestamps", path]
        with open(path, "rb") as f:
            while f.read(1 << 20):
                pass
        results = measure(bench, commands)
        size, cold = os.path.getsize(path), {n: read_cold(path, c) for n, c in commands.items()}
    return tell(bench, results, size, cold)


def tell(bench, results, size, cold):
    print("\nreading: %d frames, %.2f GB, in %s" % (FRAMES, size / 1e9, rig.filesystem(os.path.join(bench.build, "bench"))))
    rows = [("", "CPU s", "wall s", "peak MiB", "bytes/frame", "cold: pages/frame", "runs")]
    cpu = {}
    for name, used in results.items():
        cpu[name] = rig.median([u.cpu for u in used])
        peak = rig.median([u.peak_kib for u in used])
        rows.append((name, "%.3f" % cpu[name], "%.3f" % rig.median([u.wall for u in used]), "%.1f" % (peak / 1024),
                     "%.0f" % (peak * 1024 / FRAMES),
                     "?" if cold[name] is None else "%.2f" % (cold[name] / 4096 / FRAMES), len(used)))
    rig.table(rows)
    for name, most in ((FEW, FEW_MARK), (ALL, ALL_MARK)):
        rig.mark("%s: at most %g of ffprobe's CPU" % (name, most), cpu[name] <= most * cpu[PEER],
                 "%.3f" % (cpu[name] / cpu[PEER]))
    rig.mark("all columns, cold: at most %d pages of 4 KiB a frame" % PAGES_MARK,
             None if cold[ALL] is None else cold[ALL] <= PAGES_MARK * 4096 * FRAMES,
             "" if cold[ALL] is None else "%.2f" % (cold[ALL] / 4096 / FRAMES))
    return all(len(used) == bench.reps for used in results.values())
