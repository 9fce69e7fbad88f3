#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""arrival.py BUILD: how true the times of arrival are, in a calm and in bad surroundings.

The test camera logs the host's clock just before and just after it wrote the first packet of
each frame. The error of a frame is how far its `recv` lies outside of these two. The frames are
those of a camera of 1080p30 at 4 Mbit/s, some 40 packets each, spread over 4 ms.

    idle      nothing else runs
    busy      two busy loops a core
    frozen    the file system of the output is frozen for 3 s in the middle (root only)
    stopped   mp4-wrap is stopped for 3 s in the middle

each recorded as root, and as an ordinary user who may not raise priorities (nobody). The
camera has real-time priority, if that is allowed, so that what is measured is the recorder.
retina-record is measured as well where it is on the PATH; it has no slack.

    SECONDS     of each recording (30)
    SCENARIOS   which of them ("idle busy frozen stopped")
    DIR         where recordings are written (/dev/shm if there is room, else BUILD/bench)

Exit status 1 if a frame is missing or its slack does not cover the error. How large errors are
is only reported: that depends on what else the machine does.
"""
import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import sys
import time

import rig

STALL = 3           # seconds for which something is frozen or stopped
PACKETS = 40        # a frame should have
SPREAD_MS = 4
SCENARIOS = ("idle", "busy", "frozen", "stopped")
MEDIAN_MARK, P99_MARK = 50, 500     # us


# ---- users ----

class User:
    """Whose recorder it is: words before a command that make it run as that user."""

    def __init__(self, name, before=()):
        self.name, self.before = name, list(before)
        self.priority = self.real = "?"

    def may_run(self, path):
        return subprocess.run([*self.before, "test", "-x", path]).returncode == 0


def users():
    """Root and an ordinary one; without root, only the one who is there."""
    if os.geteuid() != 0:
        return [User(pwd.getpwuid(os.geteuid()).pw_name)]
    group = str(pwd.getpwnam("nobody").pw_gid)
    return [User("root"), User("nobody", ["prlimit", "--rtprio=0:0", "--nice=0:0", "setpriv", "--reuid", "nobody",
                                          "--regid", group, "--clear-groups"])]


def scheduling(pid):
    """How the most privileged thread of a process runs, in the words of nalstream(5)."""
    best = "none"
    for task in os.listdir("/proc/%d/task" % pid):
        with open("/proc/%d/task/%s/stat" % (pid, task)) as f:
            fields = f.read().rpartition(")")[2].split()
        # proc(5), counted from field 3: nice is 19, rt_priority 40, policy 41
        nice, rt, policy = int(fields[16]), int(fields[37]), int(fields[38])
        if policy == os.SCHED_RR:
            return "rr %d" % rt
        if nice < 0:
            best = "nice %d" % nice
    return best


# ---- surroundings ----

@contextlib.contextmanager
def disk(folder):
    """A file system of its own on a loop device, mounted in this folder."""
    image, mount = os.path.join(folder, "disk"), os.path.join(folder, "mount")
    os.mkdir(mount)
    with open(image, "wb") as f:
        f.truncate(512 << 20)
    subprocess.run(["mkfs.ext4", "-q", "-F", "-m", "0", image], check=True)
    subprocess.run(["mount", "-o", "loop", image, mount], check=True)
    try:
        os.chmod(mount, 0o777)
        yield mount
    finally:
        # What wrote to it was killed a moment ago, and may hold it a moment longer.
        for _ in range(50):
            if subprocess.run(["umount", mount], stderr=subprocess.DEVNULL).returncode == 0:
                break
            time.sleep(0.1)
        else:
            subprocess.run(["umount", "-l", mount])
        os.unlink(image)


def freeze(mount):
    """Freezes a file system for a while. A process of its own thaws it, whatever becomes of this one."""
    script = 'trap "" HUP INT TERM; fsfreeze -f "$0" && sleep %d; fsfreeze -u "$0"' % STALL
    keeper = subprocess.Popen(["sh", "-c", script, mount], start_new_session=True)
    try:
        if keeper.wait() != 0:
            raise OSError("%s could not be frozen" % mount)
    finally:
        if keeper.returncode is None:
            keeper.kill()
            keeper.wait()
            subprocess.run(["fsfreeze", "-u", mount])


def stop(proc):
    """Stops a process for a while."""
    proc.send_signal(signal.SIGSTOP)
    try:
        time.sleep(STALL)
    finally:
        proc.send_signal(signal.SIGCONT)


# ---- recorders: how they are run, and the table of frames they leave ----

class Nalpipe:
    """The pipeline as a user has it, measured from the MP4 that it leaves."""
    name = "nalpipe"
    scenarios = SCENARIOS

    def stages(self, url, out):
        return [["rtsp-fetch", "-q", url], ["h264-sei-stamp"], ["mp4-wrap", "-f", out]]

    def frames(self, out):
        """(rtp, recv_ns, slack_us) of each frame."""
        return [(int(rtp), int(recv), int(slack) if slack else None)
                for rtp, recv, slack in rig.dump(out, "-c", "rtp,recv_ns,slack_us")]


class RetinaRecord:
    name = "retina-record"
    scenarios = SCENARIOS[:3]       # one process: there is no stage that could be stopped alone

    def stages(self, url, out):
        return [["retina-record", "--url", url, out]]

    def frames(self, out):
        return [(int(rtp), int(recv), None) for rtp, recv in rig.dump(out, "-c", "rtp,recv_ns")]


def recorders():
    return [Nalpipe()] + ([RetinaRecord()] if shutil.which("retina-record") else [])


# ---- measuring ----

def slices_only(clip, path):
    """The clip without the encoder's SEI. With parameter sets from the SDP (--no-inband), a frame's first
    packet is then the first of its picture, of which recv is the arrival."""
    import nals
    with open(clip.path, "rb") as f:
        units = [n for n in nals.annexb_split(f.read()) if nals.kind(n) != 6]
    with open(path, "wb") as f:
        f.write(b"".join(b"\0\0\0\1" + n for n in units))
    clip.path, clip.bytes = path, os.path.getsize(path)
    return clip


class Arrival:
    """Everything that the runs have in common."""

    def __init__(self, build, folder, seconds):
        self.folder, self.seconds = folder, seconds
        self.clip = slices_only(rig.clip_1080p(build), os.path.join(folder, "clip.h264"))
        # what is left of an RTP packet for video: 12 bytes are its head, 2 the fragment's (RFC 6184 5.8)
        self.mtu = self.clip.bytes // self.clip.frames // PACKETS + 14
        self.log = open(os.path.join(folder, "log"), "w+")
        self.chrt = ["chrt", "-r", "2"]
        if subprocess.run(self.chrt + ["true"], stderr=subprocess.DEVNULL).returncode != 0:
            print("the camera may not have real-time priority: errors may be the camera's")
            self.chrt = []

    def camera(self, truth, frames):
        return rig.Camera(self.clip.path, "--no-inband", "--frames", frames, "--spread", SPREAD_MS, "--mtu", self.mtu,
                          log=truth, before=self.chrt)

    def look_at_priority(self, user):
        """What the stream's head says was granted to this user's rtsp-fetch, and what the kernel says."""
        import nals
        stream = os.path.join(self.folder, "head.nals")
        with self.camera(None, rig.FPS * 5) as camera, open(stream, "wb") as out:
            with rig.Pipeline([["rtsp-fetch", "-q", "-d", "1", camera.url]], stdout=out, before=user.before) as p:
                time.sleep(0.5)
                user.real = scheduling(p.pids[0])
                p.wait()
        with open(stream, "rb") as f:
            head = nals.parse(f.read(), cut=True)[0].payload.decode()
        user.priority = next(x[len("priority: "):] for x in head.splitlines() if x.startswith("priority: "))

    def record(self, scenario, user, recorder):
        """One recording. What the camera sent, what the recorder has, and how that ended."""
        truth = os.path.join(self.folder, "truth")
        with contextlib.ExitStack() as stack:
            folder = stack.enter_context(rig.folder(self.folder))
            os.chmod(folder, 0o777)
            place = stack.enter_context(disk(folder)) if scenario == "frozen" else folder
            out = os.path.join(place, "out.mp4")
            if scenario == "busy":
                stack.enter_context(rig.busy_loops(2 * os.cpu_count()))
            camera = stack.enter_context(self.camera(truth, round(self.seconds * rig.FPS)))
            pipeline = stack.enter_context(rig.Pipeline(recorder.stages(camera.url, out), before=user.before,
                                                        stderr=self.log))
            time.sleep((self.seconds - STALL) / 2)
            if scenario == "frozen":
                freeze(place)
            elif scenario == "stopped":
                stop(pipeline.procs[-1])
            pipeline.wait()
            camera.wait()
            return list(rig.sent_frames(truth)), recorder.frames(out) if os.path.exists(out) else []


class Judged:
    """One recording against the truth. Errors in us."""

    def __init__(self, scenario, user, recorder, sent, got):
        self.scenario, self.user, self.recorder = scenario, user, recorder
        self.sent, self.got = sent, {rtp: (recv, slack) for rtp, recv, slack in got}
        both = [(f, *self.got[f.rtp]) for f in sent if f.rtp in self.got]
        self.missing = len(sent) - len(both)
        self.errors = [max(f.before - recv, recv - f.after, 0) / 1000 for f, recv, _ in both]
        self.slacks = [slack for _, _, slack in both if slack is not None]
        self.covered = sum(slack is not None and recv >= f.before and recv - slack * 1000 <= f.after
                           for f, recv, slack in both)
        self.all_covered = self.covered == len(both)
        self.camera_late = [(f.before - f.capture) / 1000 for f in sent]

    HEAD = ("scenario", "user", "recorder", "frames", "median", "p95", "p99", "max", "covered", "slack p99", "camera p99")

    def row(self):
        """Its line of the table."""
        us = ["%.1f" % v for v in (rig.median(self.errors), *(rig.percentile(self.errors, p) for p in (95, 99, 100)))]
        share = "%.2f %%" % (100 * self.covered / len(self.errors)) if self.slacks else "-"
        slack = "%d" % rig.percentile(self.slacks, 99) if self.slacks else "-"
        frames = "%d" % len(self.errors) + ("/%d" % len(self.sent) if self.missing else "")
        return [self.scenario, self.user.name, self.recorder.name, frames, *us, share, slack,
                "%.0f" % rig.percentile(self.camera_late, 99)]

    def __str__(self):
        return "%s, %s" % (self.scenario, self.user.name)


def marks(judged):
    """Prints what ours should reach and whether it does. False if the recording itself is wrong."""
    ours = [j for j in judged if isinstance(j.recorder, Nalpipe)]
    raised = [j for j in ours if j.user.priority != "none"]
    idle = [rig.median(j.errors) for j in raised if j.scenario == "idle"]
    slow = ["%s: %.0f us" % (j, rig.percentile(j.errors, 99)) for j in raised
            if not rig.percentile(j.errors, 99) <= P99_MARK]
    bare = ["%s: %d of %d" % (j, len(j.errors) - j.covered, len(j.errors)) for j in ours if not j.all_covered]
    gone = ["%s: %d" % (j, j.missing) for j in ours if j.missing]
    print("\nmarks for nalpipe:")
    rig.mark("median at most %d us, idle, priority granted" % MEDIAN_MARK, max(idle) <= MEDIAN_MARK if idle else None,
             "%.1f us" % max(idle) if idle else "")
    rig.mark("p99 at most %d us wherever priority was granted" % P99_MARK, not slow if raised else None, ", ".join(slow))
    covered = rig.mark("slack covers the error of every frame", not bare, ", ".join(bare))
    there = rig.mark("no frame is missing", not gone, ", ".join(gone))
    return covered and there


def wanted(who, all_recorders):
    """The runs to make, and why others are left out."""
    names = os.environ.get("SCENARIOS", " ".join(SCENARIOS)).split()
    for scenario in names:
        if scenario not in SCENARIOS:
            sys.exit("SCENARIOS: there is no %s" % scenario)
        if scenario == "frozen" and os.geteuid() != 0:
            print("frozen: left out, it needs root")
            continue
        for user in who:
            yield from ((scenario, user, r) for r in all_recorders if scenario in r.scenarios)


def able(who, all_recorders):
    """The users who can run the recorders from where they are."""
    for user in who:
        path = next((shutil.which(r.stages("", "")[0][0]) for r in all_recorders
                     if not user.may_run(shutil.which(r.stages("", "")[0][0]))), None)
        if path:
            print("%s: left out, may not run %s" % (user.name, path))
        else:
            yield user


def describe(a, sent):
    """What was sent, as it really was."""
    packets = [f.packets for f in sent]
    print("1080p30, %.1f Mbit/s, %g s each, written to %s (%s); packets a frame: %d at the median, %d to %d; "
          "spread over %d ms" % (a.clip.bytes * 8 / a.clip.frames * rig.FPS / 1e6, a.seconds, os.path.dirname(a.folder),
                                 rig.filesystem(a.folder), rig.median(packets), min(packets), max(packets), SPREAD_MS))
    print("errors in us; slack p99: of the frames' slack; camera p99: how late it was itself\n")


def main(build):
    build = rig.use_build(build)
    rig.end_in_order()
    seconds = rig.setting("SECONDS", 30.0)
    if seconds < STALL + 2:
        sys.exit("SECONDS: at least %d" % (STALL + 2))
    with rig.folder(rig.place(build, 1 << 30)) as folder:
        os.chmod(folder, 0o755)
        a = Arrival(build, folder, seconds)
        all_recorders = recorders()
        who = list(able(users(), all_recorders))
        honest = True
        for user in who:
            a.look_at_priority(user)
            same = user.priority == user.real
            print("%s: priority: %s%s" % (user.name, user.priority, "" if same else ", but the kernel says " + user.real))
            honest = honest and same
        judged = []
        for run in wanted(who, all_recorders):
            print("%s, %s, %s ..." % (run[0], run[1].name, run[2].name), file=sys.stderr, flush=True)
            judged.append(Judged(*run, *a.record(*run)))
        if not judged:
            sys.exit("nothing was measured")
        print()
        describe(a, judged[0].sent)
        rig.table([Judged.HEAD] + [j.row() for j in judged], left=3)
        good = marks(judged)
    return 0 if good and honest else 1


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
