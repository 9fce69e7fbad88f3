#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""What faults leave of a recording: mp4-wrap is run once, its calls to the disk are kept (faults.c), and what the
disk holds after a fault is made from them; or a call is made to fail.

    faults.py [--tries N] [--ffmpeg N] [--seed N] NALS KIND...

    kill         kill -9 at any byte, while recording and while the file is finished
    power        a power cut: of each page of 4 KiB that was not synced any of its versions is on the disk, of the
                 lengths of the file any, the last write is done in part
    finish       the same two while `mp4-wrap --finish` is at work on a killed file, and again on what that leaves
    error        a call fails: EIO, ENOSPC, EDQUOT, EFBIG, EROFS; that one, or all from there on
    force        a power cut while a recording overwrites another (-f): the file is the one or the other
    short        writes that are done by half, and EINTR: nothing is to be noticed

Of each file: every frame that was committed (after a power cut: on the disk by then) is in it, bit for bit; the
samples are whole NAL units and those of the recording; `--finish` makes an ordinary file of it, which has them all
and no other. NALS is 30 fps, from h264-sei-stamp. FAULTS_LIB is faults.c, built. Prints a line for each kind: how
often; how many files have frames; the worst loss in ms before and after finishing, of what had been read; exit
statuses. Some files (--ffmpeg) are decoded as well, and the pictures compared.
"""
import argparse
import bisect
import collections
import errno
import hashlib
import os
import random
import struct
import subprocess
import sys
import tempfile

import mp4
import nals

PAGE = 4096
SECTOR = 512
FPS = 30
STEP_NS = 10 ** 9 // FPS
SYNC_MS = 500
FRAGMENT_MS = 1000 + 1000 // FPS  # a frame is put off until the next one is known

Op = collections.namedtuple("Op", "kind error offset data")


class Wrong(Exception):
    pass


def check(what, *about):
    if not what:
        raise Wrong(*about)


# ---- what was done to the disk ----

def parse_log(data):
    ops, pos = [], 0
    while pos < len(data):
        kind, error, offset, length = struct.unpack_from(">cBxxQQ", data, pos)
        pos += 20
        ops.append(Op(kind.decode(), error, offset, data[pos:pos + length]))
        pos += length
    return ops


def apply(image, op, part=None):
    """Does it to the image; of a write only so many bytes."""
    if op.error:
        return
    if op.kind == "W":
        data = op.data if part is None else op.data[:part]
        if len(image) < op.offset + len(data):
            image.extend(bytes(op.offset + len(data) - len(image)))
        image[op.offset:op.offset + len(data)] = data
    elif op.kind == "T":
        del image[op.offset:]
        image.extend(bytes(op.offset - len(image)))


def killed(start, ops, at, part):
    """The file after ops[:at] and so many bytes of the next."""
    image = bytearray(start)
    for op in ops[:at]:
        apply(image, op)
    if at < len(ops):
        apply(image, ops[at], part)
    return bytes(image)


def synced(start, ops, at):
    """What is certain to be on the disk after ops[:at]: (image, the first op that is not). A sync that failed, and all
    after it, promise nothing."""
    last = 0
    for i, op in enumerate(ops[:at]):
        if op.kind == "S":
            if op.error:
                break
            last = i + 1
    return killed(start, ops[:last], last, None), last


def powercut(rng, start, ops, at, part):
    base, first = synced(start, ops, at)
    pending = [op for op in ops[first:at] if op.kind in "WT" and not op.error]
    if at < len(ops) and ops[at].kind == "W":
        pending.append(ops[at]._replace(data=ops[at].data[:part]))
    for op in [op for op in pending if op.kind == "T"]:  # a file system does that as a whole
        i = pending.index(op)
        if rng.random() < 0.5:
            del pending[i]
            continue
        base = bytearray(base)
        for done in pending[:i + 1]:
            apply(base, done)
        base, pending = bytes(base), pending[i + 1:]
    # all versions of each page, and all lengths
    image, versions, sizes = bytearray(base), collections.defaultdict(list), [len(base)]
    for op in pending:
        apply(image, op)
        sizes.append(len(image))
        for page in range(op.offset // PAGE, (op.offset + len(op.data) + PAGE - 1) // PAGE):
            versions[page].append(bytes(image[page * PAGE:(page + 1) * PAGE]).ljust(PAGE, b"\0"))
    mood = rng.choice(("any", "any", "none", "all", "long", "most", "few"))
    size = {"none": sizes[0], "all": sizes[-1], "long": max(sizes)}.get(mood, rng.choice(sizes))
    out = bytearray(base[:size].ljust(size, b"\0"))
    for page, those in versions.items():
        old = bytes(base[page * PAGE:(page + 1) * PAGE]).ljust(PAGE, b"\0")
        keep = {"none": 0, "all": 1, "most": 0.9, "few": 0.1}.get(mood, 0.5)
        new = those[-1] if rng.random() < keep else rng.choice([old] + those if mood in ("any", "long") else [old])
        out[page * PAGE:(page + 1) * PAGE] = new[:max(0, size - page * PAGE)]
    return bytes(out)


def is_atomic(op):
    """What lies in one sector is written or not: by a kernel that copies page by page, and by the disk."""
    return op.kind != "W" or op.offset // SECTOR == (op.offset + len(op.data) - 1) // SECTOR


def cuts(rng, ops, n, first=0):
    """n moments from ops[first] on: half of them between two calls or near a write's ends, half at any byte."""
    for at, part in places(rng, ops, n, first):
        if at < len(ops) and is_atomic(ops[at]):
            part = len(ops[at].data) if part * 2 > len(ops[at].data) else 0
        yield at, part


def places(rng, ops, n, first):
    doing = [i for i, op in enumerate(ops) if op.kind in "WTS" and i >= first]
    ends, total = [], 0
    for i in doing:
        total += len(ops[i].data)
        ends.append(total)
    for _ in range(n):
        if rng.random() < 0.5:
            byte = rng.randrange(total)
            i = bisect.bisect_right(ends, byte)
            yield doing[i], byte - (ends[i - 1] if i else 0)
        else:
            i = rng.choice(rng.choice((doing, [i for i in doing if ops[i].kind == "S"])) + [len(ops)])
            n_bytes = len(ops[i].data) if i < len(ops) else 0
            yield i, min(n_bytes, rng.choice((0, 0, 1, 4, 7, 8, 47, 48, 49, n_bytes - 1 if n_bytes else 0, n_bytes)))


# ---- what is in a file ----

def tolerant(data):
    """Its boxes up to the first that is none, as players go."""
    while True:
        try:
            return mp4.Mp4(data)
        except ValueError as e:
            at = str(e).split()
            if at[:2] != ["box", "at"]:
                raise
            data = data[:int(at[2].rstrip(":"))]


def frames(data):
    """{dts: hash of the sample} of what a player finds."""
    m = tolerant(data)
    if not any(b.type == b"moov" and not b.cut for b in m.top):
        return {}
    found = {}
    for s in m.samples():
        if s["offset"] + s["size"] > len(data):
            raise Wrong("a sample beyond the end", s)
        sample = data[s["offset"]:s["offset"] + s["size"]]
        mp4.split(sample)
        check(s["dts"] not in found, "two samples at", s["dts"])
        found[s["dts"]] = hashlib.md5(sample).digest()
    return found


def pictures(path):
    out = subprocess.run(["ffmpeg", "-nostdin", "-v", "quiet", "-i", path, "-map", "0:v", "-fps_mode", "passthrough", "-f",
                          "framemd5", "-"], capture_output=True, text=True).stdout
    return [line.split(",")[-1].strip() for line in out.splitlines() if line and line[0] != "#"]


# ---- running ----

class Rig:
    def __init__(self, o):
        self.o, self.rng = o, random.Random(o.seed)
        self.folder = tempfile.TemporaryDirectory()
        self.path = os.path.join(self.folder.name, "x.mp4")
        self.ref, self.units = {}, []
        stream = open(o.nals, "rb").read()
        records = nals.parse(stream)
        self.units = [u[-1].end() for u in nals.frames(records)]
        self.ops, _, _ = self.run(["mp4-wrap", "-q", self.path], o.nals)
        self.whole = open(self.path, "rb").read()
        self.ref = frames(self.whole)
        check(len(self.ref) == len(self.units), "not all frames of the input", len(self.ref), len(self.units))
        self.dts = sorted(self.ref)
        self.pictures = pictures(self.path) if o.ffmpeg else []

    def run(self, argv, stdin=os.devnull, start=None, fail=None):
        """With the disk's log: (ops, exit status, stderr). start: what is in the file before."""
        log = os.path.join(self.folder.name, "log")
        if start is None:
            if os.path.exists(self.path):
                os.unlink(self.path)
        else:
            self.put(start)
        env = dict(os.environ, LD_PRELOAD=os.environ["FAULTS_LIB"], FAULTS_LOG=log, FAULTS_STEP=str(STEP_NS))
        env["ASAN_OPTIONS"] = "verify_asan_link_order=0:" + env.get("ASAN_OPTIONS", "")
        if fail:
            env["FAULTS_FAIL"] = fail
        with open(stdin, "rb") as f:
            p = subprocess.run(argv, stdin=f, env=env, capture_output=True, text=True)
        return parse_log(open(log, "rb").read()), p.returncode, p.stderr

    def put(self, data):
        with open(self.path, "wb") as f:
            f.write(data)

    def get(self):
        try:
            return open(self.path, "rb").read()
        except FileNotFoundError:
            return b""

    def read_frames(self, ops):
        """How many whole frames had been read."""
        read = max([op.offset for op in ops if op.kind == "R"], default=0)
        return bisect.bisect_right(self.units, read)

    def loss_ms(self, had, found):
        return (had - len(found)) * 1000 // FPS

    def are_ours(self, found):
        for dts, digest in found.items():
            check(self.ref.get(dts) == digest, "a frame that is not of the recording, at", dts)

    def finish(self, data):
        """--finish of that: (frames, exit status)."""
        self.put(data)
        p = subprocess.run(["mp4-wrap", "--finish", self.path], capture_output=True, text=True)
        after = self.get()
        check(p.returncode in (0, 1), "--finish ended with", p.returncode, p.stderr)
        # what is left as it is says why
        check(p.returncode == 0 or p.stderr, "no word")
        return self.judge_finished(after, p), p.returncode

    def judge_finished(self, after, p):
        found = frames(after)
        self.are_ours(found)
        if found:
            m = tolerant(after)
            check([b.type for b in m.top] == [b"ftyp", b"mdat", b"moov"], "not finished", p.stderr)
        return found

    def judge(self, tally, data, sure, had, decode=False):
        """A file after a fault; sure: frames it must have; had: how many were read."""
        found = frames(data)
        self.are_ours(found)
        check(set(sure) <= set(found), "lost", sorted(set(sure) - set(found)))
        finished, status = self.finish(data)
        check(set(found) <= set(finished), "lost by finishing", sorted(set(found) - set(finished)))
        if decode:
            for state in (data, self.get()):
                self.put(state)
                want = [p for d, p in zip(self.dts, self.pictures) if d in (found if state is data else finished)]
                check(pictures(self.path) == want, "pictures")
            tally.decoded += 1
        tally.add(found, self.loss_ms(had, found), self.loss_ms(had, finished), status)
        return finished


class Tally:
    def __init__(self, name):
        self.name, self.tries, self.alive, self.worst, self.worst_finished = name, 0, 0, 0, 0
        self.decoded, self.status = 0, collections.Counter()

    def add(self, found, loss, loss_finished, status):
        self.tries += 1
        self.alive += bool(found)
        self.worst = max(self.worst, loss)
        self.worst_finished = max(self.worst_finished, loss_finished)
        self.status[status] += 1

    def limit(self, ms):
        check(self.worst <= ms, "%s: %d ms lost, %d are allowed" % (self.name, self.worst, ms))

    def line(self):
        return "%-28s %5d tries %5d with frames  worst loss %4d ms, finished %4d ms  exit %s%s" % (
            self.name, self.tries, self.alive, self.worst, self.worst_finished,
            ", ".join("%d: %d" % x for x in sorted(self.status.items())), "  decoded %d" % self.decoded if self.decoded else "")


def cut(rig, tally, ops, power, first=0, extra=None):
    """Cuts of ops from the first on; extra(image, its frames once finished, at) sees each file too."""
    n = rig.o.tries
    for k, (at, part) in enumerate(cuts(rig.rng, ops, n, first)):
        seed = rig.rng.random()
        try:
            had = len(rig.units) if extra else rig.read_frames(ops[:at])
            if power:
                image = powercut(random.Random(seed), b"", ops, at, part)
                sure = frames(synced(b"", ops, at)[0])
            else:
                image = killed(b"", ops, at, part)
                odd = {b.type for b in mp4.Mp4(image).top} - {b"ftyp", b"free", b"moov", b"moof", b"mdat", b"prft", b"?"}
                check(not odd, "boxes that are none", odd)
                sure = frames(killed(b"", ops, at, 0))
            decode = rig.o.ffmpeg and k % max(1, n // rig.o.ffmpeg) == 0
            finished = rig.judge(tally, image, sure, had, decode)
            if extra:
                extra(image, finished, at)
        except Exception as e:
            where = "%s: call %d of %d, byte %d: " % (tally.name, at, len(ops), part)
            raise Wrong(where, *e.args) from e


def kill(rig):
    tally = Tally("kill -9")
    cut(rig, tally, rig.ops, False)
    tally.limit(FRAGMENT_MS)
    yield tally


def power(rig):
    tally = Tally("power cut")
    check(any(op.kind == "D" for op in rig.ops), "the file's name was not synced")
    cut(rig, tally, rig.ops, True)
    tally.limit(FRAGMENT_MS + SYNC_MS)
    yield tally


def finish(rig):
    """A recording killed in a fragment that lacks 100 bytes, with one before it that was not committed."""
    commits = [i for i, op in enumerate(rig.ops) if op.kind == "W" and op.data == b"moof"]
    last = next(i for i in range(commits[-2], len(rig.ops)) if rig.ops[i].kind == "W" and len(rig.ops[i].data) > 4)
    written = [op for i, op in enumerate(rig.ops[:commits[-2]]) if op.kind != "S" or i < commits[-3]]
    written.append(rig.ops[last]._replace(data=rig.ops[last].data[:-100]))
    image = killed(b"", written, len(written), None)
    before = frames(image)
    whole, _ = rig.finish(image)
    check(len(whole) > len(before) > 0, "nothing to take in")
    for power_cut in (False, True):
        tally = Tally("--finish, " + ("power cut" if power_cut else "kill -9"))
        again = Tally("and once more")
        ops, status, said = rig.run(["mp4-wrap", "--finish", rig.path], start=image)
        check(status == 0, "--finish", said)

        is_synced = len(written) + next(i for i, op in enumerate(ops) if op.kind == "S") + 1

        def extra(left, finished, at):
            if power_cut and at < is_synced:
                return  # nobody has promised the last fragment yet
            check(set(finished) == set(whole), "not all came back", len(finished), len(whole))
            if rig.rng.random() < 0.8:
                return
            ops2, status2, said2 = rig.run(["mp4-wrap", "--finish", rig.path], start=left)
            check(status2 == 0, "--finish", said2)
            if not any(op.kind == "W" for op in ops2):
                return  # it was finished
            (at, part), = cuts(rig.rng, ops2, 1)
            left2 = powercut(rig.rng, left, ops2, at, part) if power_cut else killed(left, ops2, at, part)
            rig.judge(again, left2, before, len(rig.units))
            check(set(frames(rig.get())) == set(whole), "not all came back, the second time")

        cut(rig, tally, written + ops, power_cut, len(written), extra)
        for t in (tally, again):
            had = rig.loss_ms(len(rig.units), whole)
            t.worst, t.worst_finished = t.worst - had, t.worst_finished - had
            yield t


def error(rig):
    """The recording itself runs into it."""
    doing = [op.kind for op in rig.ops if op.kind in "WTS"]
    cases = [(n, e, more) for n in range(len(doing)) for more in ("", ":")
             for e in ("EIO", "ENOSPC", "EDQUOT", "EFBIG", "EROFS") if doing[n] != "S" or e != "EFBIG"]
    if rig.o.tries < len(cases):
        cases = rig.rng.sample(cases, rig.o.tries)
    tallies = {}
    for n, name, more in cases:
        what = "%s, %s" % (name, {"W": "write", "T": "ftruncate", "S": "fdatasync"}[doing[n]])
        tally = tallies.setdefault(what, Tally(what))
        number = getattr(errno, name)
        ops, status, said = rig.run(["mp4-wrap", "-q", rig.path], rig.o.nals, fail="%d:%d%s" % (n + 1, number, more))
        try:
            check(status == 1, "exit status", status)
            check(os.strerror(number) in said and "Traceback" not in said, "it says", said)
            data = rig.get()
            check(not ops or len(data) == len(killed(b"", ops, len(ops), None)), "the log is not the file's")
            had = rig.read_frames(ops)
            if doing[n] == "W" and name in ("ENOSPC", "EDQUOT", "EFBIG"):
                check(not any(b.cut for b in tolerant(data).top), "it was not cut back")
            rig.judge(tally, data, frames(killed(b"", ops, len(ops), None)), had)
            tally.status.clear()
            tally.status[status] = tally.tries
            if doing[n] == "S":  # then a power cut takes what that sync did not write
                for _ in range(3):
                    left = powercut(rig.rng, b"", ops, len(ops), None)
                    rig.judge(Tally(""), left, frames(synced(b"", ops, len(ops))[0]), had)
        except Exception as e:
            raise Wrong("%s in call %d%s: " % (what, n + 1, more), *e.args) from e
    for tally in sorted(tallies.values(), key=lambda t: t.name):
        tally.limit(FRAGMENT_MS + SYNC_MS)
        yield tally


def short(rig):
    tally = Tally("short writes, EINTR")
    doing = [op.kind for op in rig.ops if op.kind in "WTS"]
    cases = [(n + 1, e, "") for n, kind in enumerate(doing) if kind == "W" for e in (0, errno.EINTR)] + [(1, 0, ":")]
    if rig.o.tries < len(cases):
        cases = rig.rng.sample(cases, rig.o.tries) + cases[-1:]
    for case in cases:
        ops, status, said = rig.run(["mp4-wrap", "-q", rig.path], rig.o.nals, fail="%d:%d%s" % case)
        check(status == 0 and not said, "%d:%d%s" % case, status, said)
        check(rig.get() == rig.whole, "another file", case)
        tally.add(rig.ref, 0, 0, status)
    yield tally


def force(rig):
    """The old file has the same pictures, all of them different."""
    tally = Tally("-f, power cut")
    old = os.path.join(rig.folder.name, "old.nals")
    records = nals.parse(open(rig.o.nals, "rb").read())
    for r in records:
        if r.type == "N" and r.payload[0] & 31 in (1, 5):
            r.payload = r.payload[:-1] + bytes([r.payload[-1] ^ 255 or 1])
    with open(old, "wb") as f:
        f.write(nals.unparse(records))
    rig.run(["mp4-wrap", "-q", rig.path], old)
    start = rig.get()
    ops, status, said = rig.run(["mp4-wrap", "-qf", rig.path], rig.o.nals, start=start)
    check(status == 0 and rig.get() == rig.whole, "-f", status, said)
    for at, part in cuts(rig.rng, ops, rig.o.tries):
        image = powercut(rig.rng, start, ops, at, part)
        if image == start:
            tally.add(rig.ref, 0, 0, 0)
            continue
        sure = frames(synced(b"", ops, at)[0])
        rig.judge(tally, image, sure, rig.read_frames(ops[:at]))
    tally.limit(FRAGMENT_MS + SYNC_MS)
    yield tally


KINDS = dict(force=force, kill=kill, power=power, finish=finish, error=error, short=short)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tries", type=int, default=60)
    parser.add_argument("--ffmpeg", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("nals")
    parser.add_argument("kinds", nargs="+", choices=KINDS)
    o = parser.parse_args()
    rig = Rig(o)
    for kind in o.kinds:
        for tally in KINDS[kind](rig):
            print(tally.line(), flush=True)


if __name__ == "__main__":
    try:
        main()
    except Wrong as e:
        sys.exit("faults.py: " + " ".join(map(str, e.args)))
