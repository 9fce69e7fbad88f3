# SPDX-License-Identifier: MIT OR Apache-2.0
"""Runs the recorders of bench.sh on one stream and prints a table.

CPU is user and system time of every process of a recorder (wait4), the camera's not
among them; memory is the sum of the processes' peaks (VmHWM: ru_maxrss would hold this
program's own from before exec). A recording that is not complete is not counted.
"""
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

clip, place, reps, gigabytes = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
FRAMES_OF_CLIP = 600


def watch_peaks(pids, peaks, done):
    """Notes each process's VmHWM in KiB until done; a process's last one stays."""
    while not done.wait(0.02):
        for pid in pids:
            try:
                with open("/proc/%d/status" % pid) as f:
                    peaks.update({pid: int(line.split()[1]) for line in f if line.startswith("VmHWM")})
            except OSError:
                pass


def run(stages, out=None, until=None):
    """A pipeline of commands. Wall seconds, CPU seconds, sum of peak KiB, exit statuses."""
    start = time.monotonic()
    procs, stdin = [], subprocess.DEVNULL
    for i, command in enumerate(stages):
        last = i == len(stages) - 1
        stdout = (open(out, "wb") if out else subprocess.DEVNULL) if last else subprocess.PIPE
        p = subprocess.Popen(command, stdin=stdin, stdout=stdout, stderr=log)
        if i:
            stdin.close()
        stdin = p.stdout
        procs.append(p)
    peaks, done = {}, threading.Event()
    watcher = threading.Thread(target=watch_peaks, args=([p.pid for p in procs], peaks, done))
    watcher.start()
    if until:
        until(procs)
    cpu = 0
    statuses = []
    for p in procs:
        _, status, usage = os.wait4(p.pid, 0)
        p.returncode = os.waitstatus_to_exitcode(status)
        statuses.append(p.returncode)
        cpu += usage.ru_utime + usage.ru_stime
    wall = time.monotonic() - start
    done.set()
    watcher.join()
    return wall, cpu, sum(peaks.values()), statuses


def camera():
    p = subprocess.Popen(["camera", "--speed", "max", "--sessions", "1", "--frames", str(frames), clip],
                         stdout=subprocess.PIPE, stderr=log)
    return p, p.stdout.readline().decode().strip()


def frame_count(path):
    """Frames by their packets, which is quick."""
    return int(subprocess.run(["ffprobe", "-v", "error", "-count_packets", "-select_streams", "v", "-show_entries",
                               "stream=nb_read_packets", "-of", "csv=p=0", path], capture_output=True, text=True,
                              check=True).stdout.strip().split(",")[0])


def from_camera(stages):
    def recorder():
        server, url = camera()
        try:
            result = run([[word.replace("URL", url).replace("OUT", out) for word in s] for s in stages])
        finally:
            server.terminate()
            server.wait()
        got = frame_count(out)
        if got != frames:
            raise ValueError("%d of %d frames" % (got, frames))
        return result
    return recorder


def mediamtx():
    """It records for as long as it runs: it is stopped when its file grows no more."""
    server, url = camera()
    folder = os.path.join(work, "mtx")
    os.mkdir(folder)
    config = os.path.join(work, "mtx.yml")
    with open(config, "w") as f:
        f.write("logLevel: error\nrtmp: no\nhls: no\nwebrtc: no\nsrt: no\nrtspAddress: 127.0.0.1:0\napi: no\npaths:\n"
                "  cam:\n    source: %s\n    rtspTransport: tcp\n    record: yes\n    recordFormat: fmp4\n"
                "    recordPath: %s/%%path-%%s-%%f\n    recordSegmentDuration: 24h\n" % (url, folder))
    ended = []

    def until(procs):
        start, size, same = time.monotonic(), -1, 0
        while same < 10 and time.monotonic() - start < 120:
            time.sleep(0.2)
            now = sum(e.stat().st_size for e in os.scandir(folder))
            same = same + 1 if now == size and now else 0
            size = now
            if not same:
                ended[:] = [time.monotonic() - start]
        procs[0].send_signal(signal.SIGINT)
    try:
        _, cpu, peak, statuses = run([["mediamtx", config]], until=until)
    finally:
        server.terminate()
        server.wait()
        got = sum(frame_count(e.path) for e in os.scandir(folder))
        shutil.rmtree(folder)
    # it loses the last frame of every recording
    if got < frames - 1:
        raise ValueError("%d of %d frames" % (got, frames))
    return ended[0], cpu, peak, statuses


def floor():
    with socket.create_server(("127.0.0.1", 0)) as s:
        port = str(s.getsockname()[1])
    def until(_):
        for _ in range(100):
            if subprocess.run(["nc", "-N", "127.0.0.1", port], stdin=open(source, "rb"), stderr=subprocess.DEVNULL).returncode == 0:
                return
            time.sleep(0.05)
    result = run([["nc", "-l", "127.0.0.1", port], ["cat"], ["cat"]], out=out, until=until)
    if os.path.getsize(out) != os.path.getsize(source):
        raise ValueError("not all bytes came")
    return result


# whole passes, so that the bytes are known exactly
passes = max(1, round(gigabytes * 1e9 / os.path.getsize(clip)))
frames = passes * FRAMES_OF_CLIP
total = passes * os.path.getsize(clip)
work = tempfile.mkdtemp(prefix="nalpipe-bench.", dir=place)
log = open(os.path.join(work, "log"), "w")
out = os.path.join(work, "out.mp4")
source = os.path.join(work, "source")

OURS, FFMPEG, FLOOR = "nalpipe", "ffmpeg -c copy", "nc | cat | cat > file"
recorders = {
    OURS: from_camera([["rtsp-fetch", "-qw", "-b", "8", "URL"], ["h264-sei-stamp"], ["mp4-wrap", "-f", "OUT"]]),
    FFMPEG: from_camera([["ffmpeg", "-nostdin", "-v", "error", "-y", "-rtsp_transport", "tcp", "-i", "URL", "-c", "copy", "OUT"]]),
}
if shutil.which("retina-record"):
    recorders["retina-record"] = from_camera([["retina-record", "--url", "URL", "OUT"]])
if shutil.which("mediamtx"):
    recorders["MediaMTX"] = mediamtx
recorders[FLOOR] = floor

try:
    with open(source, "wb") as f, open(clip, "rb") as c:
        data = c.read()
        for _ in range(passes):
            f.write(data)
    results = {name: [] for name in recorders}
    for rep in range(reps):
        for name, recorder in recorders.items():
            try:
                results[name].append(recorder())
            except (ValueError, subprocess.CalledProcessError) as e:
                print("%s, run %d: not counted: %s" % (name, rep + 1, e), flush=True)
                log.flush()
                with open(log.name) as f:
                    print("".join("    " + line for line in f.readlines()[-3:]), end="", flush=True)
            if os.path.exists(out):
                os.unlink(out)

    def median(name, k):
        return statistics.median(r[k] for r in results[name]) if results[name] else float("nan")

    fs = subprocess.run(["df", "--output=fstype", place], capture_output=True, text=True).stdout.split()[-1]
    print("%d frames, %.3f GB of H.264, written to %s (%s); medians of %d runs" % (frames, total / 1e9, place, fs, reps))
    print("%-22s %10s %8s %9s %10s %10s %5s" % ("", "CPU-s/GB", "wall s", "peak MiB", "to ffmpeg", "to floor", "runs"))
    for name in recorders:
        cpu = median(name, 1)
        print("%-22s %10.2f %8.2f %9.1f %10.2f %10.2f %5d" % (name, cpu / (total / 1e9), median(name, 0), median(name, 2) / 1024,
              cpu / median(FFMPEG, 1), cpu / median(FLOOR, 1), len(results[name])))
    if not all(results.values()):
        sys.exit(1)
finally:
    shutil.rmtree(work)
