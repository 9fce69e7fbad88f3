#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""clocksim.py: recordings with known clocks, to judge sei-dump's camera_time and host_time by.

    clocksim.py list                      the scenarios, each with what it must keep to
    clocksim.py make NAME SEED OUT.nals TRUTH
    clocksim.py check NAME [SEED...]      make, dump and judge; exit status 1 if a bound is broken (seed 1)
    clocksim.py table [SEEDS]             all of them, with SEEDS seeds each (5), as a table

A scenario is made from the laws of its clocks, in integers, and knows nothing of how sei-dump
estimates. There is a true time t. The host's clock is t, but for steps. The camera's wall clock and
its RTP clock each have a rate against t. A frame is taken at t, gets the tick of the RTP clock that
has begun, and arrives after a fixed delay, jitter, and what queues before it. A report is
made at some t and has both clocks at t, but for what the scenario does to it.

Errors are in milliseconds. host: of host_time against the host's clock at t, set as it was when the frame
came, less their mean, for the fixed delay is not known. camera: of camera_time against the camera's wall clock at t, less nothing.
empty: frames without. TRUTH has a line a frame:
its RTP time, its arrival, the host's clock and the camera's at t, in ns. It is found by the first two.
"""
import math
import random
import statistics
import struct
import subprocess
import sys
import tempfile

import nals

MS, S = 10 ** 6, 10 ** 9
RATE = 90000
T0 = 1795000000 * S + 123456789
HEAD = struct.Struct(">IBBHQQQIHH")
KEY = bytes.fromhex("6588")
PLAIN = bytes.fromhex("4188")


class Sim:
    """What a scenario may change; times in ns of t, rates in ppm."""
    seconds, fps, gop = 600, 10, 20
    t0 = T0
    rtp0 = 0x12345678
    rtp_ppm = 0             # the RTP clock against t
    camera_ppm = None       # the camera's wall clock; None: as RTP's
    camera_offset = 1234567890
    delay = 5 * MS
    jitter = 0              # uniform, up to so much
    idr = 0                 # how long a key frame's last packet is behind its first; later frames wait
    bursts = 0              # stalls a minute, of up to 2 s, behind which all comes at once
    late_share = 0          # frames that come a second late
    early = ()              # numbers of frames stamped 0.2 s too early
    odd_rtp = 0             # one of so many frames has an RTP time hours off
    host_steps = ()         # (t, ns, told)
    camera_steps = ()       # (t, ns)
    rtp_steps = ()          # (t, ns)
    route = ()              # (t, ns): delay from there on
    reports = 5 * S         # interval; 0: none
    reports_from = 1 * S
    form = "ntp"            # ns, unix, boot, zero, seconds
    noise = None            # f(sim, k, t) -> (ns that the camera's clock is off, ns that the RTP time is behind)
    lost = ()               # (t, t): frames that never came
    sent = None             # f(sim, i, t) -> ns that the frame's own time is off; None: there is none
    slack = 0               # stamps are up to so much late, and say so
    bounds = {}
    pooled = {}             # of the errors of all seeds together

    def __init__(self, seed):
        self.rng = random.Random("%s %d" % (type(self).__name__, seed))
        self.vary()

    def vary(self):
        self.rtp0 = self.rng.randrange(1 << 32)

    # the clocks
    @staticmethod
    def scaled(t, ppm):
        return t + t * round(ppm * 1000) // 10 ** 9

    @staticmethod
    def stepped(steps, t):
        return sum(s[1] for s in steps if t >= s[0])

    def host(self, t):
        return self.t0 + t + self.stepped(self.host_steps, t)

    def camera(self, t):
        ppm = self.rtp_ppm if self.camera_ppm is None else self.camera_ppm
        return self.t0 + self.camera_offset + self.scaled(t, ppm) + self.stepped(self.camera_steps, t)

    def rtp(self, t):
        return self.rtp0 + (self.scaled(t, self.rtp_ppm) + self.stepped(self.rtp_steps, t)) * RATE // S

    def ntp(self, ns):
        s, fraction = divmod(ns, S)
        if self.form == "ns":
            return (s + nals.NTP_UNIX << 32 | fraction) & (1 << 64) - 1
        if self.form == "unix":
            return nals.ntp(ns - nals.NTP_UNIX * S)
        if self.form == "boot":
            return nals.ntp(ns - self.t0 - nals.NTP_UNIX * S)
        if self.form == "boot1970":
            return nals.ntp(ns - self.t0)
        if self.form == "zero":
            return 0
        if self.form == "seconds":
            return nals.ntp(s * S)
        return nals.ntp(ns)

    # the network
    def arrivals(self, times):
        """When each frame comes, in t; how much later it is stamped, in ns; and its slack in us."""
        rng, free, stall, out = self.rng, 0, -1, []
        for i, t in enumerate(times):
            at = t + self.delay + self.stepped(self.route, t) + (rng.randrange(self.jitter + 1) if self.jitter else 0)
            if self.bursts and rng.random() < self.bursts / 60 / self.fps:
                stall = at + rng.randrange(2 * S)
            at = max(at, free, stall)
            if self.idr and i % self.gop == 0:
                free = at + self.idr    # the frames behind wait until it is through
            elif self.idr:
                free = at + self.idr // 40
            off = S if self.late_share and rng.random() < self.late_share else 0
            if i in self.early:
                off -= 200 * MS
            late = rng.randrange(self.slack + 1) if self.slack and rng.random() < 0.7 else 0
            out.append((at, off + late, -(-late // 1000)))
        return out

    def make(self, nals_path, truth_path):
        times = [i * S // self.fps for i in range(self.seconds * self.fps)]
        arrivals = self.arrivals(times)
        events = [(a[0], 2, i) for i, a in enumerate(arrivals)
                  if not any(begin <= times[i] < end for begin, end in self.lost)]
        at, k = self.reports_from, 0
        while self.reports and at < self.seconds * S:
            events.append((at + self.delay, 1, (k, at)))
            at, k = at + self.reports + self.rng.randrange(self.reports // 20 + 1), k + 1
        events += [(t, 0, (t, ns)) for t, ns, told in self.host_steps if told]
        # frames stay in order, as TCP keeps them
        events = self.in_order(events)
        stamps = [0] * len(times)
        with open(nals_path, "wb") as out:
            out.write(nals.unparse([nals.Record("S", nals.text_payload("nalstream 1", "camera: sim", "stamps: kernel")),
                                    nals.Record("T", nals.text_payload("codec: h264", "clock-rate: %d" % RATE), track=1)]))
            seq = 0
            for when, kind, what in events:
                stamp = nals.ntp(self.host(when)) if kind else 0
                if kind == 0:
                    stamp = nals.ntp(self.host(what[0]))
                    text = nals.text_payload("realtime: %d" % self.host(what[0]), "monotonic: %d" % what[0], "step: %d" % what[1])
                    out.write(HEAD.pack(36 + len(text), ord("C"), 0, 0, 0, stamp, stamp, 0, 0, 0) + text)
                elif kind == 1:
                    off, behind = self.noise(*what) if self.noise else (0, 0)
                    rtp = self.rtp(what[1] - behind)
                    out.write(HEAD.pack(36 + 24, ord("R"), 1, 0, rtp, stamp, stamp, 0, 0, 1)
                              + struct.pack(">IQIII", 7, self.ntp(self.camera(what[1]) + off), rtp & 0xffffffff, 0, 0))
                else:
                    rtp = self.rtp(times[what])
                    stamps[what] = self.host(when) + arrivals[what][1]
                    stamp = nals.ntp(stamps[what])
                    if self.odd_rtp and what % self.odd_rtp == self.odd_rtp - 1:
                        rtp += 37600 * RATE
                        stamps[what] = 0    # it has no truth
                    if self.sent:
                        off = self.sent(what, times[what])
                        if off is not None:
                            x = struct.pack(">HHQI", 0xabac, 3, nals.ntp(self.camera(times[what]) + off), 0)
                            out.write(HEAD.pack(36 + len(x), ord("X"), 1, 0, rtp, stamp, stamp, 0, 0, 1) + x)
                    key = what % self.gop == 0
                    out.write(HEAD.pack(38, ord("N"), 1, 7 if key else 3, rtp, stamp, stamp,
                                        arrivals[what][2], seq & 0xffff, 1) + (KEY if key else PLAIN))
                    seq += 1
            out.write(nals.unparse([nals.Record("E", nals.text_payload("status: 0", "reason: duration"))]))
        with open(truth_path, "w") as out:
            for t, stamp, (when, _, _) in zip(times, stamps, arrivals):
                host = self.t0 + t + self.stepped(self.host_steps, when)
                out.write("%d %d %d %d\n" % (self.rtp(t) & 0xffffffff, stamp, host, self.camera(t)))

    @staticmethod
    def in_order(events):
        frames = sorted((e for e in events if e[1] == 2), key=lambda e: e[2])
        others = sorted(e for e in events if e[1] != 2)
        out, k = [], 0
        for f in frames:
            while k < len(others) and others[k][0] <= f[0]:
                out.append(others[k])
                k += 1
            out.append(f)
        return out + others[k:]


# ---- what reports do ----

def jittered(by):
    return lambda self, k, t: (self.rng.randrange(-by, by + 1), 0)


def gaussian(by):
    return lambda self, k, t: (round(self.rng.gauss(0, by)), 0)


def queue(self, k, t):
    """The clock is that of sending, the RTP time that of what waited: a saw of 124 ms, 17 s long."""
    return 0, t % (17 * S) * 124 * MS // (17 * S)


def saw(self, k, t):
    """The same, but all that shows is the camera's clock."""
    return t % (17 * S) * 124 * MS // (17 * S), 0


def stale(self, k, t):
    return 0, 700 * MS if self.rng.random() < 0.2 else 0


# ---- scenarios ----

class honest(Sim):
    """reports are as they should be"""
    rtp_ppm, jitter = 20, 5 * MS
    bounds = {"host rms": 0.2, "camera max": 0.0118, "empty": 0}


class few(honest):
    """one report"""
    seconds, reports, rtp_ppm = 20, 100 * S, 0
    bounds = {"camera max": 0.0118, "empty": 0}


class two(honest):
    """two reports, of which the second has an RTP time nine seconds ago"""
    seconds, reports, rtp_ppm = 15, 9 * S, 0

    def noise(self, k, t):
        return 0, 9 * S * k

    bounds = {"camera max": 0.0118, "empty": 0}


class three(two):
    """three reports, of which the second is off by 5 ms"""
    seconds = 20

    def noise(self, k, t):
        return (5 * MS if k == 1 else 0), 0

    bounds = {"camera max": 5, "empty": 0}


class jitter30(Sim):
    """30 reports, off by up to 20 ms to both sides"""
    seconds, reports, camera_ppm, rtp_ppm = 150, 5 * S - 125 * MS, 0, 0
    noise = jittered(20 * MS)
    bounds = {"camera max": 4, "empty": 0}
    pooled = {"camera median": 1, "camera p95": 3}      # over all seeds: of 30 values one cannot tell more


class jitter(jitter30):
    """the same for 20 minutes, RTP's clock 1000 ppm fast"""
    seconds, rtp_ppm = 1200, 1000
    bounds = {"camera median": 1, "camera p95": 3, "empty": 0}
    pooled = {}


class gauss(jitter):
    """the same, with normal noise of 5 ms"""
    noise = gaussian(5 * MS)
    bounds = {"empty": 0}


class sawtooth(Sim):
    """a queue of up to 124 ms before reports are sent"""
    rtp_ppm = 20
    noise = queue
    jitter = 5 * MS
    bounds = {"camera median": 4, "camera p95": 8, "empty": 0}


class sawtooth_clock(sawtooth):
    """the same, which only the camera's clock shows"""
    noise = saw


class stale_pairs(Sim):
    """every fifth report has an RTP time of 700 ms ago"""
    noise = stale
    bounds = {"camera max": 0.0118, "empty": 0}


class camera_step(Sim):
    """the camera's clock is set by -1.5 s, and by 40 ms; half of the gaps is at most so long"""
    camera_steps = ((200 * S, -1500 * MS), (400 * S + 1, 40 * MS))
    bounds = {"camera max": 0.0118, "empty": 2 * 10 * 5.3, "camera steps": 2}


class camera_step_jitter(camera_step):
    """one of -1.5 s, with reports that are off by up to 20 ms"""
    camera_steps = ((300 * S, -1500 * MS),)
    noise = jittered(20 * MS)
    bounds = {"camera max": 5, "empty": 10 * 5.3, "camera steps": 1}
    pooled = {"camera median": 1, "camera p95": 3}


class rtp_1000(Sim):
    """RTP's clock is 1000 ppm fast, against both others"""
    rtp_ppm, camera_ppm = 1000, 0
    bounds = {"host rms": 0.2, "camera max": 0.0118, "empty": 0}


class rtp_slow(Sim):
    """RTP time counts 25 frames/s while 21 are sent"""
    rtp_ppm, camera_ppm, jitter = -160000, 0, 5 * MS
    bounds = {"host rms": 0.2, "camera max": 0.0134, "empty": 0}


class nanoseconds(Sim):
    """fractions are nanoseconds"""
    form = "ns"
    bounds = {"camera max": 0.0118, "empty": 0}


class unix(Sim):
    """seconds count from 1970"""
    form = "unix"
    bounds = {"camera max": 0.0118, "empty": 0}


class boot(Sim):
    """seconds count from the camera's start"""
    form, seconds = "boot", 100
    bounds = {"empty": 1000, "all empty": 1000}


class boot1970(boot):
    """the same, upon 1970"""
    form = "boot1970"


class zero(boot):
    """NTP is 0"""
    form = "zero"


class local(Sim):
    """the camera's clock has local time"""
    camera_offset = 7200 * S + 300 * MS
    bounds = {"camera max": 0.0118, "empty": 0}


class seconds(Sim):
    """whole seconds only"""
    form, reports = "seconds", 1700 * MS
    bounds = {"camera median": 40, "camera p95": 60, "empty": 0}


class sent(Sim):
    """frames have the camera's own time, reports queue"""
    noise = queue

    def sent(self, i, t):
        return 0

    camera_steps = ((200 * S, -1500 * MS),)
    bounds = {"camera max": 0.001, "empty": 0}


class sent_some(sent):
    """every tenth frame has it, and one of those is off by a second"""

    def sent(self, i, t):
        return None if i % 10 else S if i == 900 else 0

    camera_steps = ()
    bounds = {"camera max": 0.0118, "empty": 0}


class sent_at_first(Sim):
    """only the first 20 s of frames have it, in whole milliseconds; reports tell of the camera's clock being set later"""
    rtp_ppm = 50

    def sent(self, i, t):
        return -(self.camera(t) % MS) if t < 20 * S else None

    camera_steps = ((200 * S, -1500 * MS),)
    bounds = {"camera max": 1, "camera median": 0.0118, "empty": 10 * 5.3}


class sent_set(sent):
    """nothing but frames tells that the camera's clock is set, twice"""
    reports = 0
    camera_steps = ((200 * S, -1500 * MS), (400 * S, 40 * MS))
    bounds = {"camera max": 0.001, "empty": 0, "camera steps": 2}


class skew(Sim):
    """the first mark: 50 ppm, jitter of 20 ms, ten minutes"""
    rtp_ppm, jitter, fps, gop = 50, 20 * MS, 30, 60
    bounds = {"host rms": 0.2, "empty": 0}


class bursts(skew):
    """the second: stalls, 124 ms behind key frames, a second late now and then"""
    bursts, idr, late_share = 6, 124 * MS, 0.01
    bounds = {"host rms": 1, "empty": 0}


class host_step(bursts):
    """the host's clock is set by -3 s, and by 40 ms, and says so"""
    host_steps = ((200 * S, -3 * S, True), (400 * S, 40 * MS, True))


class host_step_untold(bursts):
    """the same, but nobody says so"""
    host_steps = ((200 * S, -3 * S, False), (400 * S, 40 * MS, False))
    bounds = {"host rms": 1, "empty": 0, "shifts": 2}


class host_step_days(bursts):
    """the same by half a day and by a fortnight, in which RTP time could have wrapped"""
    host_steps = ((200 * S, 43200 * S, False), (400 * S, -14 * 86400 * S, False))
    bounds = {"host rms": 1, "camera max": 0.0118, "empty": 0, "shifts": 2, "camera steps": 0}


class host_step_years(host_step_days):
    """a host without a clock that is set, half a century on: it and nothing else"""
    host_steps = ((0, -1700000000 * S, False), (200 * S, 1700000000 * S, False))
    bounds = {"host rms": 1, "camera max": 0.0118, "empty": 0, "shifts": 1, "camera steps": 0}


class rtp_step(bursts):
    """RTP time steps by 0.7 s, and by -0.5 s"""
    rtp_steps = ((200 * S, 700 * MS), (400 * S, -500 * MS))
    bounds = {"host rms": 1, "camera max": 0.0118, "camera steps": 0, "empty": 0, "shifts": 2}


class rtp_restart(bursts):
    """RTP time jumps by an hour, and back by 20 s"""
    rtp_steps = ((200 * S, 3600 * S), (400 * S, -20 * S))
    bounds = {"host rms": 1, "camera max": 0.0118, "empty": 0, "shifts": 2}


class restart_set(rtp_restart):
    """the same, and the camera's clock is set with the first by -1.5 s"""
    camera_steps = ((200 * S, -1500 * MS),)
    bounds = {"host rms": 1, "camera max": 0.0118, "camera steps": 1, "empty": 0, "shifts": 2}


class camera_and_host(camera_step):
    """both clocks are set"""
    host_steps = ((250 * S, -3 * S, True),)
    rtp_ppm, jitter = 50, 20 * MS
    bounds = {"host rms": 1, "camera max": 0.0118, "empty": 2 * 10 * 5.3}


class early(skew):
    """five frames are stamped 200 ms too early"""
    early = (100, 4000, 4001, 9000, 17990)
    bounds = {"host rms": 0.2, "empty": 0}


class outliers(skew):
    """every 50th frame has an RTP time hours off: it has no times"""
    odd_rtp = 50
    bounds = {"host rms": 0.2, "camera max": 0.0118, "empty": 360}


class slack(skew):
    """a busy host: most stamps are up to 5 ms late"""
    slack = 5 * MS
    bounds = {"host rms": 0.2, "empty": 0}


class era(skew):
    """across 2036-02-07T06:28:16Z"""
    t0 = 2085978496 * S - 300 * S
    bounds = {"host rms": 0.2, "camera max": 0.0118, "empty": 0}


class wrap14h(skew):
    """14 hours: RTP time wraps"""
    seconds, fps, reports = 14 * 3600, 1, 10 * S
    bounds = {"host rms": 0.2, "camera max": 0.0118, "empty": 0}


class week(skew):
    """seven days: thirteen wraps"""
    seconds, fps, reports = 7 * 86400, 1, 30 * S
    bounds = {"host rms": 0.2, "camera max": 0.0118, "empty": 0}


class pair_a(skew):
    """two cameras that begin together: 30 frames/s, 50 ppm"""
    bounds = {"host rms": 0.2, "camera max": 0.0118, "empty": 0}


class pair_b(bursts):
    """its partner: 24 frames/s, -80 ppm, another offset, stalls and queues"""
    fps, rtp_ppm, camera_offset = 24, -80, -86400 * S
    bounds = {"host rms": 1, "camera max": 0.0118, "empty": 0}


class pair_back(skew):
    """the host's clock is set back by 3 s, and nobody says so"""
    host_steps = ((200 * S, -3 * S, False),)
    bounds = {"host rms": 1, "empty": 0, "shifts": 1}


class pair_set(skew):
    """a camera whose clock is the host's but for 30 ms, with reports off by 2 ms"""
    fps, camera_ppm, camera_offset, noise = 10, 0, 30 * MS, jittered(2 * MS)
    bounds = {"host rms": 0.2, "camera median": 0.5, "camera p95": 1, "empty": 0}


class pair_set_late(pair_set):
    """its partner, behind a network that takes 80 ms more"""
    fps, delay = 15, 85 * MS


class pair_free(pair_set):
    """another, whose clock nobody sets: 40 ppm"""
    fps, camera_ppm = 15, 40


class picture(pair_b):
    """one of everything, for a picture of it"""
    fps, rtp_ppm, camera_offset, bursts, late_share = 25, -12, 1230 * MS, 1.5, 0.0003
    noise, reports, idr = gaussian(2 * MS), 3 * S, 60 * MS
    camera_steps = ((410 * S, -35 * MS),)
    host_steps = ((250 * S, 25 * MS, True),)
    lost = ((120 * S, 120 * S + 400 * MS), (300 * S, 312 * S), (500 * S, 500 * S + 40 * MS))
    bounds = {"host rms": 1, "camera median": 1, "camera p95": 3, "camera steps": 1}


SCENARIOS = [c for c in list(globals().values()) if isinstance(c, type) and issubclass(c, Sim) and c is not Sim]


# ---- judging ----

def ns_of(text, days={}):
    """Unix ns of RFC 3339 text; None if it is empty."""
    if not text:
        return None
    day = text[:10]
    if day not in days:
        import datetime
        days[day] = (datetime.date.fromisoformat(day) - datetime.date(1970, 1, 1)).days * 86400
    return (days[day] + int(text[11:13]) * 3600 + int(text[14:16]) * 60 + int(text[17:19])) * S + int(text[20:29])


def figures(errors):
    if not errors:
        return {}
    size = sorted(abs(e) for e in errors)
    return {"rms": math.sqrt(sum(e * e for e in errors) / len(errors)) / MS, "median": size[len(size) // 2] / MS,
            "p95": size[len(size) - 1 - len(size) // 20] / MS, "max": size[-1] / MS,
            "bias": statistics.fmean(errors) / MS}


def judge(path, truth_path):
    run = subprocess.run(["sei-dump", "-N", "-c", "rtp,recv_ns,camera_time,host_time", path], capture_output=True, text=True, check=True)
    camera, host, empty, truth = [], [], 0, {}
    with open(truth_path) as lines:
        for line in lines:
            rtp, stamp, *want = map(int, line.split())
            truth[rtp, stamp] = want
    for row in run.stdout.splitlines():
        rtp, stamp, got_camera, got_host = row.split(",")
        want = truth.get((int(rtp), int(stamp)))
        got_camera, got_host = ns_of(got_camera), ns_of(got_host)
        empty += got_camera is None or got_host is None
        assert want or got_camera is None and got_host is None
        if got_camera is not None:
            camera.append(got_camera - want[1])
        if got_host is not None:
            host.append(got_host - want[0])
    mean = sum(host) // max(len(host), 1)
    out = {"host " + k: v for k, v in figures([e - mean for e in host]).items()}
    if host:
        out["host bias"] = mean / MS
    out.update(("camera " + k, v) for k, v in figures(camera).items())
    out["empty"] = empty
    out["all empty"] = -empty
    out["camera steps"] = sum("camera's clock was set" in x for x in run.stderr.splitlines())
    out["shifts"] = sum("jumped by" in x for x in run.stderr.splitlines())
    return out, run.stderr, camera


EXACT = ("camera steps", "shifts")


def broken(got, bounds):
    out = []
    for name, bound in bounds.items():
        if name == "all empty":
            bound = -bound
        value = got.get(name, math.inf)
        if value != bound if name in EXACT else not value <= bound:
            out.append("%s is %s, not %s" % (name, value, bound))
    return out


def run(scenario, seed):
    with tempfile.TemporaryDirectory() as folder:
        path, truth = folder + "/sim.nals", folder + "/truth"
        scenario(seed).make(path, truth)
        return judge(path, truth)


COLUMNS = ("rms", "median", "p95", "max", "bias")


def line(name, seed, got):
    host, camera = (" ".join("%8.4f" % got[w + " " + c] if w + " " + c in got else "%8s" % "-" for c in COLUMNS)
                    for w in ("host", "camera"))
    return "%-18s %4s  %s   %s %6d" % (name, seed, host, camera, got["empty"])


HEADING = "%-23s  %-44s   %s\n%-18s %4s  %s   %s  empty" % (
    "", "host_time, ms, less its bias", "camera_time, ms", "scenario", "seed", *[" ".join("%8s" % c for c in COLUMNS)] * 2)


def check(name, seeds):
    scenario = next(s for s in SCENARIOS if s.__name__ == name)
    bad, errors = 0, []
    print(HEADING)
    for seed in seeds or [1]:
        got, said, camera = run(scenario, seed)
        errors += camera
        print(line(name, seed, got))
        for problem in broken(got, scenario.bounds):
            bad = 1
            print("    " + problem)
        sys.stdout.write(said)
    return bad | pool(scenario, errors)


def pool(scenario, errors):
    got = {"camera " + k: v for k, v in figures(errors).items()}
    problems = broken(got, scenario.pooled)
    if scenario.pooled:
        print(line("    of all together", "", dict(got, empty=0)))
    for problem in problems:
        print("    %s, all seeds: %s" % (scenario.__name__, problem))
    return len(problems) > 0


def table(seeds):
    """The worst of the seeds, figure by figure."""
    print(HEADING)
    bad = 0
    for scenario in SCENARIOS:
        worst, errors = {}, []
        for seed in range(1, seeds + 1):
            got, _, camera = run(scenario, seed)
            errors += camera
            for problem in broken(got, scenario.bounds):
                bad = 1
                print("    %s, seed %d: %s" % (scenario.__name__, seed, problem))
            for k, v in got.items():
                if k not in worst or abs(v) > abs(worst[k]):
                    worst[k] = v
        print(line(scenario.__name__, seeds, worst), flush=True)
        bad |= pool(scenario, errors)
    return bad


def main(argv):
    if argv[:1] == ["list"]:
        for s in SCENARIOS:
            print("%-18s %s; %s" % (s.__name__, s.__doc__, ", ".join("%s %s" % b for b in s.bounds.items())))
    elif argv[:1] == ["make"] and len(argv) == 5:
        next(s for s in SCENARIOS if s.__name__ == argv[1])(int(argv[2])).make(argv[3], argv[4])
    elif argv[:1] == ["check"] and len(argv) > 1:
        return check(argv[1], [int(s) for s in argv[2:]])
    elif argv[:1] == ["table"]:
        return table(int(argv[1]) if len(argv) > 1 else 5)
    else:
        sys.exit(__doc__)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
