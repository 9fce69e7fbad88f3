#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""nalstream(5) for tests: a second implementation, written from the format's description
alone, so that the programs' one reader and one writer are judged by something that shares
no code with them.

    nals.py make [options] CLIP.h264   an Annex B file as a nalstream (make --help)
    nals.py text                       one line a record; fields that are 0 are left out
    nals.py script                     the inverse; also: zeros=N (payload), length=N (a lie), raw HEX (a line of
                                       bytes as they are), # comments
    nals.py heads                      offset, type and payload size of each record
    nals.py units                      one line an access unit: RTP time, then its NAL units: type or 89H/o8B/frame/event/clock, with
                                       f l k d s for FIRST LAST KEY DAMAGED SDP
    nals.py sei                        one line a strawlab SEI: access unit, kind, JSON
    nals.py own                        the same of nalpipe's own kinds
    nals.py strip                      without what h264-sei-stamp adds
    nals.py annexb                     the video as Annex B
    nals.py golden FILE.mp4            what retina-record saw: its recording as the stream before stamping
    nals.py hex                        a commented hexdump (offset: bytes  comment) as bytes

All but make and golden read standard input; all write standard output.
"""
import argparse
import base64
import json
import os
import struct
import sys
import time

HEAD = struct.Struct(">IBBHQQQIHH")
FLAGS = {"FIRST": 1, "LAST": 2, "KEY": 4, "DAMAGED": 8, "LOST": 16, "USER": 32, "SDP": 64}
FIELDS = ("track", "flags", "rtp", "first", "last", "slack", "seq", "packets")
NTP_UNIX = 2208988800  # seconds from 1900 to 1970
CLOCK = 90000


class Record:
    def __init__(self, type_, payload=b"", **fields):
        self.type, self.payload, self.offset = type_, payload, 0
        self.track = self.flags = self.rtp = self.first = self.last = self.slack = self.seq = self.packets = 0
        for key, value in fields.items():
            if key not in FIELDS:
                raise ValueError("no field %s" % key)
            setattr(self, key, value)

    def bytes(self, length=None):
        if length is None:
            length = HEAD.size - 4 + len(self.payload)
        return HEAD.pack(length, ord(self.type), self.track, self.flags, self.rtp, self.first, self.last, self.slack,
                         self.seq, self.packets) + self.payload

    def end(self):
        return self.offset + HEAD.size + len(self.payload)

    def line(self):
        words = [self.type if self.type.isalnum() else "0x%02x" % ord(self.type)]
        for f in FIELDS:
            value = getattr(self, f)
            if value and f == "flags":
                value = "+".join([n for n, bit in FLAGS.items() if value & bit] + [hex(value & ~127)] * (value > 127))
            if value:
                words.append("%s=%s" % (f, value))
        if self.type in "STGCE":
            words.append("text=" + json.dumps(self.payload.decode("latin-1")))
        elif self.payload:
            words.append("hex=" + self.payload.hex())
        return " ".join(words)


class Cut(ValueError):
    """The stream stops inside a record."""
    offset = 0


def parse(data, cut=False):
    """All records. A cut stream raises Cut, or with cut=True gives its complete ones."""
    records, pos = [], 0
    while pos < len(data):
        error = Cut("cut inside the record at byte %d" % pos)
        error.offset = pos
        if pos + HEAD.size > len(data):
            if cut:
                break
            raise error
        length, type_, *fields = HEAD.unpack_from(data, pos)
        if length < HEAD.size - 4:
            raise ValueError("length %d at byte %d" % (length, pos))
        if pos + 4 + length > len(data):
            if cut:
                break
            raise error
        r = Record(chr(type_), bytes(data[pos + HEAD.size:pos + 4 + length]), **dict(zip(FIELDS, fields)))
        r.offset = pos
        records.append(r)
        pos += 4 + length
    return records


def unparse(records):
    return b"".join(r.bytes() for r in records)


def from_script(text):
    out = []
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if not line or line[0] == "#":
            continue
        word, _, rest = line.partition(" ")
        if word == "raw":
            out.append(bytes.fromhex(rest))
            continue
        r = Record(chr(int(word, 16)) if word.startswith("0x") else word)
        length = None
        while rest:
            key, _, rest = rest.lstrip().partition("=")
            if key == "text":
                value, n = json.JSONDecoder().raw_decode(rest)
                r.payload, rest = value.encode("latin-1"), rest[n:]
                continue
            value, _, rest = rest.partition(" ")
            if key == "hex":
                r.payload = bytes.fromhex(value)
            elif key == "zeros":
                r.payload = bytes(int(value, 0))
            elif key == "length":
                length = int(value, 0)
            elif key == "flags":
                r.flags = sum(FLAGS[f] if f in FLAGS else int(f, 0) for f in value.split("+"))
            elif key in FIELDS:
                setattr(r, key, int(value, 0))
            else:
                raise ValueError("line %d: no field %s" % (number, key))
        out.append(r.bytes(length))
    return b"".join(out)


def ntp(unix_ns):
    """NTP time of Unix nanoseconds; the fraction rounded; the era falls off the top."""
    s, ns = divmod(unix_ns, 10 ** 9)
    return ((s + NTP_UNIX << 32) + ((ns << 32) + 5 * 10 ** 8) // 10 ** 9) & (1 << 64) - 1


def unix_ns(ntp):
    """Unix nanoseconds of NTP time before 2036; rounded."""
    return ((ntp >> 32) - NTP_UNIX) * 10 ** 9 + ((ntp & 0xffffffff) * 10 ** 9 + (1 << 31) >> 32)


def text_payload(*lines):
    return "".join(line + "\n" for line in lines).encode("ascii")


# ---- H.264 ----

class Bits:
    def __init__(self, nal):
        data = nal.replace(b"\0\0\3", b"\0\0")
        self.bits = "".join("{:08b}".format(b) for b in data[1:200])
        self.pos = 0

    def u(self, n):
        self.pos += n
        return int(self.bits[self.pos - n:self.pos] or "0", 2)

    def ue(self):
        zeros = self.bits.index("1", self.pos) - self.pos
        self.pos += zeros
        return self.u(zeros + 1) - 1

    def se(self):
        k = self.ue()
        return (k + 1) // 2 if k & 1 else -(k // 2)


def annexb_split(data):
    nals, pos = [], data.find(b"\0\0\1")
    while pos >= 0:
        after = data.find(b"\0\0\1", pos + 3)
        nals.append(data[pos + 3:after if after >= 0 else len(data)].rstrip(b"\0"))
        pos = after
    return nals


def kind(nal):
    return nal[0] & 31 if nal else 0


def vcl(nal):
    return 1 <= kind(nal) <= 5


def access_units(nals):
    """Lists of NAL units, split as 7.4.1.2.3 says for streams of whole frames."""
    units, seen = [[]], False
    for nal in nals:
        starts = kind(nal) in (6, 7, 8, 9, 14, 15, 16, 17, 18) or (vcl(nal) and Bits(nal).ue() == 0)
        if seen and starts:
            units.append([])
            seen = False
        units[-1].append(nal)
        seen = seen or vcl(nal)
    return units


def poc_lsb(sps, nal):
    """(pic_order_cnt_lsb, its modulus) of a picture, for pic_order_cnt_type 0; None for the others."""
    b = Bits(sps)
    profile = b.u(8)
    b.u(16)
    b.ue()
    if profile in (100, 110, 122, 244):
        if b.ue() == 3:
            b.u(1)
        b.ue(), b.ue(), b.u(1)
        if b.u(1):
            raise ValueError("scaling matrices are not read here")
    frame_num_bits = b.ue() + 4
    if b.ue():
        return None
    poc_bits = b.ue() + 4
    b.ue(), b.u(1), b.ue(), b.ue()
    frames_only = b.u(1)
    b = Bits(nal)
    b.ue(), b.ue(), b.ue(), b.u(frame_num_bits)
    if not frames_only and b.u(1):
        b.u(1)
    if kind(nal) == 5:
        b.ue()
    return b.u(poc_bits), 1 << poc_bits


def presentation(units):
    """For each access unit in decode order, its number in presentation order."""
    sps, keys, groups = None, [], []
    msb = last = 0
    for unit in units:
        sps = next((n for n in unit if kind(n) == 7), sps)
        slice_ = next(n for n in unit if vcl(n))
        if kind(slice_) == 5:
            groups.append([])
            msb = last = 0
        poc = poc_lsb(sps, slice_)
        if poc is None:
            groups[-1].append(len(groups[-1]))
            continue
        lsb, modulus = poc
        if lsb - last < -modulus // 2:
            msb += modulus
        elif lsb - last > modulus // 2:
            msb -= modulus
        last = lsb
        groups[-1].append(msb + lsb)
    for group in groups:
        base = len(keys)
        order = sorted(group)
        keys += [base + order.index(p) for p in group]
    return keys


# ---- make ----

def options(argv):
    p = argparse.ArgumentParser(prog="nals.py make", description="An Annex B file as a nalstream.")
    p.add_argument("clip")
    number = lambda s: int(s, 0)
    p.add_argument("--frames", type=int, help="this many frames, looping the clip (default: the clip once)")
    p.add_argument("--skip", type=int, default=0, help="leave out the clip's first frames")
    p.add_argument("--fps", type=int, default=30)
    p.add_argument("--rtp", type=number, default=1000000, help="extended RTP time of the first frame")
    p.add_argument("--rtp-steps", default="", help="RTP steps from frame to frame, cycled: 3000,3001,2999")
    p.add_argument("--rtp-file", help="RTP times in decoding order, from the first frame's: a line each")
    p.add_argument("--time", type=number, default=1700000000123456789, help="first arrival, Unix ns")
    p.add_argument("--arrival-step", type=number, help="ns from frame to frame (default: the RTP step)")
    p.add_argument("--reports", type=int, default=0, help="a sender report before every n-th frame")
    p.add_argument("--report-ntp", type=number, default=0xe8fdf88000000000, help="the camera's clock in the first")
    p.add_argument("--sets", choices=("band", "first", "sdp"), default="band",
                   help="parameter sets: as in the clip; only before the first key frame; the same, flagged SDP")
    p.add_argument("--ssrc", type=number, default=0x1a2b3c4d)
    p.add_argument("--camera", default="cam1")
    p.add_argument("--line", action="append", default=[], help="one more line for S")
    p.add_argument("--no-end", action="store_true")
    p.add_argument("--status", type=int, default=0)
    p.add_argument("--reason", default="duration")
    p.add_argument("--extras", action="store_true", help="clock, gap, header extension, audio and unknown records in between")
    p.add_argument("--pace", type=float, help="write in real time, times this factor")
    return p.parse_args(argv)


def make(o):
    """Yields lists of records: the head, one list a frame, the end."""
    with open(o.clip, "rb") as f:
        units = access_units(annexb_split(f.read()))
    order = list(range(len(units))) if o.rtp_file else presentation(units)
    sps = next(n for u in units for n in u if kind(n) == 7)
    pps = next(n for u in units for n in u if kind(n) == 8)
    steps = [int(s) for s in o.rtp_steps.split(",") if s] or [CLOCK // o.fps]
    times = [int(line) for line in open(o.rtp_file)] if o.rtp_file else []
    total = o.frames if o.frames is not None else len(units) - o.skip

    rtps = [o.rtp]
    for i in range(total + len(units)):
        rtps.append(rtps[-1] + steps[i % len(steps)])

    def arrival(n, us=0):
        """n-th frame in decode order; at the camera's pace unless told otherwise."""
        ns = n * o.arrival_step if o.arrival_step is not None else (rtps[n] - o.rtp) * 10 ** 9 // CLOCK
        return ntp(o.time + ns + us * 1000)

    head = [Record("S", text_payload("nalstream 1", "camera: " + o.camera, "tool: test", "stamps: kernel", "priority: rr", *o.line)),
            Record("T", text_payload("codec: h264", "clock-rate: %d" % CLOCK, "ssrc: %08x" % o.ssrc, "parameter-sets: "
                                     + ",".join(base64.b64encode(n).decode() for n in (sps, pps))), track=1)]
    if o.extras:
        head += [Record("T", text_payload("codec: aac", "clock-rate: 16000", "ssrc: 0badcafe"), track=2),
                 Record("C", text_payload("realtime: 1700000000000000000"), first=arrival(0), last=arrival(0))]
    yield head

    seq, have_sets = 65500, False
    for i in range(total):
        n = (o.skip + i) % len(units)
        unit = units[n]
        rtp = rtps[(o.skip + i) // len(units) * len(units) - o.skip + order[n]] if o.skip == 0 else rtps[i]
        if times:
            rtp = o.rtp + times[i]
        rtp &= (1 << 64) - 1
        out = []
        if o.reports and i % o.reports == 0:
            at = (o.report_ntp + ((rtp - o.rtp) << 32) // CLOCK) & (1 << 64) - 1
            out.append(Record("R", struct.pack(">IQIII", o.ssrc, at, rtp & 0xffffffff, i, i * 1000), track=1,
                              rtp=rtp, first=arrival(i, -500), last=arrival(i, -500), packets=1))
        if o.extras:
            out += [Record("X", struct.pack(">HHQI", 0xabac, 3, o.report_ntp + (i << 32), i), track=1, rtp=rtp, first=arrival(i), last=arrival(i)),
                    Record("G", text_payload("what: loss", "packets: 3"), track=1, first=arrival(i), last=arrival(i)),
                    Record("A", b"\x21\x10\x05" + bytes([i & 255]), track=2, rtp=5000 + i * 1024, first=arrival(i, -300),
                           last=arrival(i, -200), packets=1),
                    Record("Z", b"future", track=9, flags=0x8000, rtp=1, first=2, last=3, slack=4, seq=5, packets=6)]
            if i % 5 == 0:
                out.append(Record("R", struct.pack(">IQIII", 0xbadcafe, o.report_ntp, 5000 + i * 1024, i, i), track=2,
                                  rtp=5000 + i * 1024, first=arrival(i, -250), last=arrival(i, -250), packets=1))
        key = any(kind(x) == 5 for x in unit)
        rest = [x for x in unit if kind(x) not in (7, 8)]
        sdp = []
        if o.sets != "band" and have_sets:
            unit = rest
        elif key and o.sets == "sdp":
            sdp = [sps, pps]
            unit = sdp + rest
        have_sets = have_sets or key
        for k, nal in enumerate(unit):
            flags = (k == 0) + 2 * (k == len(unit) - 1) + 4 * key + 64 * (k < len(sdp))
            packets = 0 if k < len(sdp) else 1 + len(nal) // 1400
            out.append(Record("N", nal, track=1, flags=flags, rtp=rtp, first=arrival(i, 10 * k),
                              last=arrival(i, 10 * k + 7), seq=seq & 0xffff, packets=packets))
            seq += packets
        yield out
    if not o.no_end:
        yield [Record("E", text_payload("status: %d" % o.status, "reason: " + o.reason))]


def make_main(argv):
    o = options(argv)
    start = time.monotonic()
    if o.pace is None:
        sys.stdout.buffer.write(b"".join(unparse(part) for part in make(o)))
        return
    for i, part in enumerate(make(o)):
        wait = start + (i - 1) / o.fps / o.pace - time.monotonic()
        if wait > 0:
            time.sleep(wait)
        sys.stdout.buffer.write(unparse(part))
        sys.stdout.buffer.flush()


# ---- looking ----

def frames(records):
    """Access units of track 1 as lists of N records. An incomplete last one is left out."""
    units, unit = [], []
    for r in records:
        if r.type == "N" and r.track == 1:
            if r.flags & 1:
                unit = []
            unit.append(r)
            if r.flags & 2:
                units.append(unit)
    return units


def label(nal):
    from mp4 import timing
    found = timing(nal)
    return found[0] if found else str(kind(nal))


def units_main(records):
    for unit in frames(records):
        words = []
        for r in unit:
            flags = "".join(c for c, bit in zip("flkds", (1, 2, 4, 8, 64)) if r.flags & bit)
            words.append(label(r.payload) + (":" + flags if flags else ""))
        print(unit[0].rtp, *words)


def sei_main(records, own=False):
    from mp4 import strawlab, timing
    for i, unit in enumerate(frames(records)):
        for r in unit:
            if timing(r.payload) and own != bool(strawlab(r.payload)):
                print(i, *timing(r.payload))


def strip(records):
    from mp4 import timing
    out, first = [], 0
    for r in records:
        if r.type == "N" and timing(r.payload):
            first |= r.flags & 1
            continue
        if r.type == "N":
            r.flags |= first
            first = 0
        if r.type == "S":
            lines = r.payload.split(b"\n")
            r.payload = b"\n".join(x for x in lines if not x.startswith(b"stamped: "))
        out.append(r)
    return out


def golden(path):
    """retina-record's recording as it came in: camera NAL units, reports, times."""
    import mp4
    m = mp4.load(path)
    sps, pps = m.entries()[0][3][0], m.entries()[0][4][0]
    out = [Record("S", text_payload("nalstream 1", "camera: golden")),
           Record("T", text_payload("codec: h264", "clock-rate: %d" % m.timescale(), "parameter-sets: "
                                    + ",".join(base64.b64encode(n).decode() for n in (sps, pps))), track=1)]
    for s in m.samples():
        nals = mp4.split(m.sample(s))
        times = [mp4.strawlab(x) for x in nals]
        frame = next(json.loads(t[1]) for t in times if t and t[0] == "89H")
        for t in times:
            if t and t[0] == "o8B":
                v = json.loads(t[1])
                out.append(Record("R", struct.pack(">IQIII", 0, v["ntp"], v["rtp"], 0, 0), track=1, rtp=v["rtp"],
                                  first=v["recv"], last=v["recv"], packets=1))
        own = [x for x, t in zip(nals, times) if not t]
        for k, nal in enumerate(own):
            out.append(Record("N", nal, track=1, flags=(k == 0) + 2 * (k == len(own) - 1) + 4 * s["sync"],
                              rtp=frame["rtp"], first=frame["recv"], last=frame["recv"]))
    out.append(Record("E", text_payload("status: 0", "reason: end")))
    return out


def from_hex(text):
    """`offset: bytes  comment`; two blanks or a tab end the bytes; offsets must be right."""
    out = b""
    for number, line in enumerate(text.splitlines(), 1):
        line = line.split("#")[0]
        if not line.strip():
            continue
        offset, _, rest = line.partition(":")
        if int(offset, 16) != len(out):
            raise ValueError("line %d: offset %s, not %x" % (number, offset.strip(), len(out)))
        out += bytes.fromhex(rest.strip().split("  ")[0].split("\t")[0])
    return out


def main(argv):
    what = argv[1] if len(argv) > 1 else ""
    out = sys.stdout.buffer
    if what == "make":
        make_main(argv[2:])
    elif what == "golden" and len(argv) == 3:
        out.write(unparse(golden(argv[2])))
    elif len(argv) != 2:
        sys.exit(__doc__)
    elif what == "script":
        out.write(from_script(sys.stdin.read()))
    elif what == "hex":
        out.write(from_hex(sys.stdin.read()))
    elif what in ("text", "heads", "units", "sei", "own", "strip", "annexb"):
        records = parse(sys.stdin.buffer.read())
        if what == "strip":
            out.write(unparse(strip(records)))
        elif what == "annexb":
            out.write(b"".join(b"\0\0\0\1" + r.payload for r in records if r.type == "N" and r.track == 1))
        elif what == "units":
            units_main(records)
        elif what in ("sei", "own"):
            sei_main(records, what == "own")
        else:
            for r in records:
                print(r.line() if what == "text" else "%d %s %d" % (r.offset, r.type, len(r.payload)))
    else:
        sys.exit(__doc__)
    sys.stdout.flush()


if __name__ == "__main__":
    try:
        main(sys.argv)
    except BrokenPipeError:
        os._exit(1)
    except (ValueError, OSError) as e:
        sys.exit("nals.py: %s" % e)
