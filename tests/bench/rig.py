# SPDX-License-Identifier: MIT OR Apache-2.0
"""What the measurements of this folder share: the clips, the test camera and its log, pipelines
with their CPU and memory, load, and a few statistics.

Everything that is started here is a context that ends what it started, so that Ctrl-C and
SIGTERM leave nothing running: call end_in_order() first.
"""
import contextlib
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = os.path.dirname(HERE)
FPS = 30


# ---- surroundings ----

def use_build(build):
    """Takes the programs of this build first, and the tests' own Python tools. Its full path."""
    build = os.path.abspath(build)
    os.environ["PATH"] = os.pathsep.join((build, os.path.join(build, "tests"), os.environ["PATH"]))
    sys.path.append(os.path.join(TESTS, "tools"))
    sys.dont_write_bytecode = True
    return build


def end_in_order():
    """Signals unwind, so that every context cleans up; what comes later does not disturb that."""
    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def unwind(number, _):
        for s in signals:
            signal.signal(s, signal.SIG_IGN)
        sys.exit(128 + number)
    for s in signals:
        signal.signal(s, unwind)


def setting(name, default):
    """A number from the environment."""
    try:
        return type(default)(os.environ.get(name) or default)
    except ValueError:
        sys.exit("%s=%s: not a number" % (name, os.environ[name]))


def place(build, need, memory="/dev/shm"):
    """Where to write `need` bytes: DIR, or memory if there is room, or else the build folder."""
    chosen = os.environ.get("DIR")
    if not chosen:
        roomy = memory and os.path.isdir(memory) and free(memory) > need
        chosen = memory if roomy else os.path.join(build, "bench")
        os.makedirs(chosen, exist_ok=True)
    if free(chosen) < need:
        sys.exit("%s: %.1f GB are needed there, %.1f GB are free (DIR=... chooses another place)"
                 % (chosen, need / 1e9, free(chosen) / 1e9))
    return chosen


def free(path):
    return shutil.disk_usage(path).free


def filesystem(path):
    return subprocess.run(["df", "--output=fstype", path], capture_output=True, text=True).stdout.split()[-1]


@contextlib.contextmanager
def folder(path):
    """A temporary folder there, that is gone afterwards."""
    name = tempfile.mkdtemp(prefix="nalpipe-", dir=path)
    try:
        yield name
    finally:
        shutil.rmtree(name)


class Clip:
    """An H.264 file of whole seconds at 30 fps, made when it is first asked for."""

    def __init__(self, build, name, size, rate, frames):
        self.path = os.path.join(build, "bench", name + ".h264")
        self.frames = frames
        subprocess.run([os.path.join(HERE, "clip.sh"), self.path, size, rate, str(frames)], check=True)
        self.bytes = os.path.getsize(self.path)


def clip_1080p(build):
    return Clip(build, "1080p30-4M", "1920x1080", "4M", 600)


def clip_4k(build):
    return Clip(build, "2160p30-25M", "3840x2160", "25M", 120)


# ---- the camera ----

class Camera:
    """tests/camera, serving one session. url is where."""

    def __init__(self, clip, *options, log=None, before=()):
        command = [*before, "camera", "--sessions", "1", *map(str, options)]
        self.log = log
        self.proc = subprocess.Popen(command + (["--log", log] if log else []) + [clip],
                                     stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        self.url = self.proc.stdout.readline().decode().strip()
        self.proc.stdout.close()
        if not self.url:
            self.proc.wait()
            raise OSError("the camera did not start: %s" % " ".join(command))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self.proc.terminate()
        self.proc.wait()

    def wait(self):
        """Until it has sent all and its log is complete."""
        self.proc.wait(timeout=30)


class Frame:
    """A frame as the camera's log has it (tests/camera/log.h). Unix ns."""
    __slots__ = ("index", "rtp", "capture", "before", "after", "packets")

    def __init__(self, words):
        self.index, self.rtp, self.capture = int(words[1]), int(words[2]), int(words[3])
        self.before, self.after, self.packets = int(words[5]), int(words[6]), int(words[8])


def sent_frames(log):
    """The frames in the camera's log, one by one."""
    with open(log) as f:
        for line in f:
            if line.startswith("F "):
                yield Frame(line.split())


def sent_reports(log):
    """(ntp, rtp) of the sender reports in the camera's log, one by one."""
    with open(log) as f:
        for line in f:
            if line.startswith("R "):
                words = line.split()
                yield int(words[1]), int(words[2])


def dump(path, *options):
    """sei-dump's rows, one by one, as lists of text."""
    with subprocess.Popen(["sei-dump", "-N", *options, path], stdout=subprocess.PIPE, text=True) as p:
        for line in p.stdout:
            yield line.rstrip("\n").split(",")
    if p.returncode != 0:
        yield ["sei-dump failed with status %d" % p.returncode]


# ---- pipelines ----

def status_kib(pid, *fields):
    """Fields of /proc/PID/status in KiB, such as VmHWM; what is not there any more is left out."""
    try:
        with open("/proc/%d/status" % pid) as f:
            lines = (line.split() for line in f)
            return {w[0][:-1]: int(w[1]) for w in lines if w[0][:-1] in fields}
    except OSError:
        return {}


def pss_kib(pid):
    """What it alone costs in memory: pages that several share count in part."""
    try:
        with open("/proc/%d/smaps_rollup" % pid) as f:
            return sum(int(line.split()[1]) for line in f if line.startswith("Pss:"))
    except OSError:
        return 0


def open_files(pid):
    """How many descriptors it has; None once it is gone."""
    try:
        return len(os.listdir("/proc/%d/fd" % pid))
    except OSError:
        return None


class Used:
    """What a pipeline took: seconds, CPU seconds of each process, and how each ended."""

    def __init__(self, wall, cpus, statuses):
        self.wall, self.cpus, self.statuses = wall, cpus, statuses
        self.cpu = sum(cpus)
        self.peak_kib = self.pss_kib = 0


class Pipeline:
    """Commands joined by pipes. before: words put before each of them."""

    def __init__(self, stages, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=None, before=()):
        self.start = time.monotonic()
        self.procs = []
        try:
            for i, command in enumerate(stages):
                last = i == len(stages) - 1
                p = subprocess.Popen([*before, *command], stdin=stdin, stderr=stderr,
                                     stdout=stdout if last else subprocess.PIPE)
                if i:
                    stdin.close()
                stdin = p.stdout
                self.procs.append(p)
        except OSError:
            self.kill()
            raise
        self.pids = [p.pid for p in self.procs]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()

    def kill(self):
        """Whatever still runs, also what is stopped."""
        for p in self.procs:
            if p.returncode is None:
                p.kill()
                p.wait()

    def wait(self):
        """Until all have ended: what it took. CPU is user and system time."""
        cpus = []
        for p in self.procs:
            _, status, usage = os.wait4(p.pid, 0)
            p.returncode = os.waitstatus_to_exitcode(status)
            cpus.append(usage.ru_utime + usage.ru_stime)
        return Used(time.monotonic() - self.start, cpus, [p.returncode for p in self.procs])


class Watch:
    """Memory of processes while the context lasts, sampled every `period` seconds.

    peak_kib is the sum of the processes' own peaks (VmHWM; ru_maxrss would hold this program's
    from before exec), pss_kib the largest sum of Pss, if that was asked for.
    """

    def __init__(self, pids, period=0.02, pss=False):
        self.pids, self.period, self.with_pss = pids, period, pss
        self.peaks, self.pss_kib = {}, 0
        self.done = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def run(self):
        while not self.done.wait(self.period):
            for pid in self.pids:
                kib = status_kib(pid, "VmHWM").get("VmHWM")
                if kib:
                    self.peaks[pid] = kib
            if self.with_pss:
                self.pss_kib = max(self.pss_kib, sum(map(pss_kib, self.pids)))

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.done.set()
        self.thread.join()

    @property
    def peak_kib(self):
        return sum(self.peaks.values())


def run(stages, meanwhile=None, period=0.02, pss=False, **how):
    """Runs a pipeline to its end, with meanwhile(pipeline) if given, and watches its memory."""
    with Pipeline(stages, **how) as pipeline:
        with Watch(pipeline.pids, period, pss) as watch:
            if meanwhile:
                meanwhile(pipeline)
            used = pipeline.wait()
    used.peak_kib, used.pss_kib = watch.peak_kib, watch.pss_kib
    return used


@contextlib.contextmanager
def busy_loops(n):
    """Load at normal priority. The loops die with this program, however it ends."""
    loop = ["setpriv", "--pdeathsig", "KILL", "sh", "-c", "while :; do :; done"]
    loops = [subprocess.Popen(loop, stdin=subprocess.DEVNULL) for _ in range(n)]
    try:
        yield
    finally:
        for p in loops:
            p.kill()
            p.wait()


# ---- numbers ----

def percentile(values, percent):
    """The smallest value that so many percent of all do not exceed; NaN of nothing."""
    if not values:
        return float("nan")
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]


def median(values):
    return statistics.median(values) if values else float("nan")


def table(rows, left=1):
    """Prints rows of words in columns, the first `left` of them left-aligned. The first row is the head."""
    rows = [[str(word) for word in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows)]
    for row in rows:
        words = [w.ljust(n) if i < left else w.rjust(n) for i, (w, n) in enumerate(zip(row, widths))]
        print("  ".join(words).rstrip())
    sys.stdout.flush()


def mark(text, met, detail=""):
    """Prints whether a mark is met: None if it was not tried. Returns it."""
    word = "not tried" if met is None else "met" if met else "MISSED"
    print("  %-68s %s%s" % (text, word, ": " + detail if detail else ""), flush=True)
    return met
