#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""An MP4 walker for tests, written from ISO/IEC 14496-12 and -15 alone, so that
mp4-wrap and sei-dump are judged by something that shares no code with them.

    mp4.py boxes FILE     every box: offset, size, path; those that go on to the end of the file or past it are marked
    mp4.py samples FILE   one line a sample: n dts pts duration sync|- offset size NALTYPES
    mp4.py nals FILE      one line a NAL unit: sample type bytes hex (or sha256 of long ones)
    mp4.py sei FILE       one line a strawlab SEI: sample, hex of the NAL unit, its text
    mp4.py killed FILE    a finished file of mp4-wrap's as it was before it was finished, on standard output
    mp4.py info FILE      timescale, creation time, fragments, edit list, sizes

Times are in ticks of the track's timescale, exact. Tables of `moov` are used if it has
samples, the fragments' otherwise; only committed (`moof`) fragments count.
"""
import hashlib
import os
import struct
import sys

CONTAINERS = {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"dinf", b"edts", b"mvex", b"moof", b"traf", b"udta"}
EPOCH_1904 = 2082844800  # seconds from 1904-01-01 to 1970-01-01


class Box:
    def __init__(self, path, type_, start, size, head, cut):
        self.path, self.type, self.start, self.size, self.head, self.cut = path, type_, start, size, head, cut
        self.children = []

    end = property(lambda self: self.start + self.size)

    def find(self, *names):
        """All boxes below this one along a path of types."""
        found = [self]
        for name in names:
            found = [c for b in found for c in b.children if c.type == name]
        return found

    def one(self, *names):
        found = self.find(*names)
        if len(found) != 1:
            raise ValueError("%d boxes %s" % (len(found), b"/".join(names).decode()))
        return found[0]


class Mp4:
    def __init__(self, data, track=0):
        self.data = data
        self.top = self.walk(0, len(data), "")
        self.root = Box("", b"", 0, len(data), 0, False)
        self.root.children = self.top
        self.track = track

    def walk(self, pos, end, parent):
        boxes = []
        while pos + 8 <= end:
            size, type_ = struct.unpack_from(">I4s", self.data, pos)
            head = 8
            if size == 1:
                if pos + 16 > end:
                    boxes.append(Box(parent + "/" + name(type_), type_, pos, end - pos, 16, True))
                    break
                size, head = struct.unpack_from(">Q", self.data, pos + 8)[0], 16
            elif size == 0:
                size = end - pos
            if size < head:
                raise ValueError("box at %d: size %d" % (pos, size))
            box = Box(parent + "/" + name(type_), type_, pos, size, head, pos + size > end)
            boxes.append(box)
            if box.cut:
                break
            if type_ in CONTAINERS:
                box.children = self.walk(pos + head, box.end, box.path)
            elif type_ == b"stsd":
                box.children = self.walk(pos + head + 8, box.end, box.path)
            elif type_ == b"avc1":
                box.children = self.walk(pos + head + 78, box.end, box.path)
            pos += size
        else:
            if pos < end:
                boxes.append(Box(parent + "/?", b"?", pos, end - pos, 0, True))
        return boxes

    def body(self, box):
        return self.data[box.start + box.head:box.end]

    def full(self, box):
        """version, flags, rest of a full box."""
        body = self.body(box)
        word = struct.unpack_from(">I", body)[0]
        return word >> 24, word & 0xffffff, body[4:]

    def moov(self):
        moovs = [b for b in self.top if b.type == b"moov" and not b.cut]
        if not moovs:
            raise ValueError("no moov")
        return moovs[-1]

    def trak(self):
        return self.moov().find(b"trak")[self.track]

    def fragments(self):
        return [b for b in self.top if b.type == b"moof" and not b.cut]

    def timescale(self):
        version, _, body = self.full(self.trak().one(b"mdia", b"mdhd"))
        return struct.unpack_from(">I", body, 16 if version else 8)[0]

    def creation_time(self):
        """Unix seconds, from mvhd."""
        version, _, body = self.full(self.moov().one(b"mvhd"))
        return struct.unpack_from(">Q" if version else ">I", body)[0] - EPOCH_1904

    def edits(self):
        edits = []
        for box in self.trak().find(b"edts", b"elst"):
            version, _, body = self.full(box)
            form = ">QqI" if version else ">IiI"
            for i in range(struct.unpack_from(">I", body)[0]):
                edits.append(struct.unpack_from(form, body, 4 + i * struct.calcsize(form))[:2])
        return edits

    def entries(self):
        """The sample entries: (type, width, height, list of SPS, list of PPS)."""
        entries = []
        for e in self.trak().one(b"mdia", b"minf", b"stbl", b"stsd").children:
            body = self.body(e)
            width, height = struct.unpack_from(">HH", body, 24)
            sets = [[], []]
            for c in e.find(b"avcC"):
                avcc, pos = self.body(c), 5
                for i, mask in enumerate((0x1f, 0xff)):
                    count = avcc[pos] & mask
                    pos += 1
                    for _ in range(count):
                        n = struct.unpack_from(">H", avcc, pos)[0]
                        sets[i].append(avcc[pos + 2:pos + 2 + n])
                        pos += 2 + n
            entries.append((e.type, width, height, sets[0], sets[1]))
        return entries

    def samples(self):
        """A list of dicts: dts, pts, duration, sync, offset, size, fragment (index or None)."""
        media_time = next((t for _, t in self.edits() if t >= 0), 0)
        out = self.table_samples() or self.fragment_samples()
        for s in out:
            s["pts"] -= media_time
        return out

    def table_samples(self):
        stbl = self.trak().one(b"mdia", b"minf", b"stbl")

        def table(type_, form):
            rows = []
            for box in stbl.find(type_):
                version, _, body = self.full(box)
                if type_ == b"ctts" and version == 1:
                    form = ">Ii"
                step = struct.calcsize(form)
                for i in range(struct.unpack_from(">I", body)[0]):
                    rows.append(struct.unpack_from(form, body, 4 + i * step))
            return rows

        _, _, body = self.full(stbl.one(b"stsz"))
        fixed, count = struct.unpack_from(">II", body)
        sizes = [fixed] * count if fixed else list(struct.unpack_from(">%dI" % count, body, 8))
        if not count:
            return []
        durations = [d for n, d in table(b"stts", ">II") for _ in range(n)]
        shifts = [d for n, d in table(b"ctts", ">II") for _ in range(n)] or [0] * count
        has_stss = bool(stbl.find(b"stss"))
        sync = {n for n, in table(b"stss", ">I")}
        chunks = [o for o, in table(b"stco", ">I") + table(b"co64", ">Q")]
        runs = table(b"stsc", ">III")
        offsets = []
        for i, (first, per_chunk, _) in enumerate(runs):
            after = runs[i + 1][0] if i + 1 < len(runs) else len(chunks) + 1
            for chunk in range(first - 1, after - 1):
                offset = chunks[chunk]
                for _ in range(per_chunk):
                    offsets.append(offset)
                    offset += sizes[len(offsets) - 1]
        if not len(sizes) == len(durations) == len(shifts) == len(offsets):
            raise ValueError("tables disagree: %d sizes, %d durations, %d shifts, %d offsets"
                             % (len(sizes), len(durations), len(shifts), len(offsets)))
        out, dts = [], 0
        for i in range(count):
            out.append(dict(dts=dts, pts=dts + shifts[i], duration=durations[i], sync=not has_stss or i + 1 in sync,
                            offset=offsets[i], size=sizes[i], fragment=None))
            dts += durations[i]
        return out

    def fragment_samples(self):
        _, _, tkhd = self.full(self.trak().one(b"tkhd"))
        version = self.full(self.trak().one(b"tkhd"))[0]
        track_id = struct.unpack_from(">I", tkhd, 16 if version else 8)[0]
        trex = {}
        for box in self.moov().find(b"mvex", b"trex"):
            values = struct.unpack_from(">5I", self.full(box)[2])
            trex[values[0]] = values[2:]  # duration, size, flags
        out = []
        for n, moof in enumerate(self.fragments()):
            for traf in moof.find(b"traf"):
                _, flags, body = self.full(traf.one(b"tfhd"))
                tid, pos = struct.unpack_from(">I", body)[0], 4
                if tid != track_id:
                    continue
                duration0, size0, flags0 = trex[tid]
                base = moof.start
                if flags & 1:
                    base, pos = struct.unpack_from(">Q", body, pos)[0], pos + 8
                if flags & 2:
                    pos += 4
                if flags & 8:
                    duration0, pos = struct.unpack_from(">I", body, pos)[0], pos + 4
                if flags & 0x10:
                    size0, pos = struct.unpack_from(">I", body, pos)[0], pos + 4
                if flags & 0x20:
                    flags0 = struct.unpack_from(">I", body, pos)[0]
                version, _, body = self.full(traf.one(b"tfdt"))
                dts = struct.unpack_from(">Q" if version else ">I", body)[0]
                for trun in traf.find(b"trun"):
                    version, flags, body = self.full(trun)
                    count, pos = struct.unpack_from(">I", body)[0], 4
                    offset = base
                    if flags & 1:
                        offset, pos = base + struct.unpack_from(">i", body, pos)[0], pos + 4
                    first_flags = None
                    if flags & 4:
                        first_flags, pos = struct.unpack_from(">I", body, pos)[0], pos + 4
                    for i in range(count):
                        values = []
                        for bit, default in ((0x100, duration0), (0x200, size0), (0x400, flags0), (0x800, 0)):
                            if flags & bit:
                                values.append(struct.unpack_from(">i" if bit == 0x800 and version else ">I", body, pos)[0])
                                pos += 4
                            else:
                                values.append(default)
                        duration, size, sample_flags, shift = values
                        if i == 0 and first_flags is not None:
                            sample_flags = first_flags
                        out.append(dict(dts=dts, pts=dts + shift, duration=duration, sync=not sample_flags & 0x10000,
                                        offset=offset, size=size, fragment=n))
                        dts += duration
                        offset += size
        return out

    def sample(self, s):
        if s["offset"] + s["size"] > len(self.data):
            raise ValueError("sample at %d, %d bytes: past the end of the file" % (s["offset"], s["size"]))
        return self.data[s["offset"]:s["offset"] + s["size"]]


def name(type_):
    return "".join(chr(c) if 32 <= c < 127 else "?" for c in type_)


def split(sample):
    """The NAL units of an AVC sample with 4-byte lengths."""
    nals, pos = [], 0
    while pos < len(sample):
        n = struct.unpack_from(">I", sample, pos)[0]
        if pos + 4 + n > len(sample):
            raise ValueError("a NAL unit of %d bytes at %d of a sample of %d" % (n, pos, len(sample)))
        nals.append(sample[pos + 4:pos + 4 + n])
        pos += 4 + n
    return nals


def timing(nal):
    """(kind, JSON text) of a timing SEI: 89H or o8B of strawlab.org, frame, event or clock of nalpipe; None for others."""
    if len(nal) < 20 or nal[:2] != b"\x06\x05":
        return None
    pos, size = 2, 0
    while nal[pos] == 255:
        size, pos = size + 255, pos + 1
    size, pos = size + nal[pos], pos + 1
    uuid = nal[pos:pos + 16].decode("latin-1")
    if uuid.startswith("strawlab.org/"):
        kind = uuid[13:]
    elif uuid.startswith("nalpipe/") and uuid.endswith("/v1"):
        kind = uuid[8:13]
    else:
        return None
    return kind, nal[pos + 16:pos + size].decode("ascii", "replace")


def strawlab(nal):
    """The same, of retina-record's two kinds only."""
    found = timing(nal)
    return found if found and found[0] in ("89H", "o8B") else None


def load(path):
    with open(path, "rb") as f:
        return Mp4(f.read())


def show_boxes(boxes):
    for b in boxes:
        print("%d %d %s%s" % (b.start, b.size, b.path, " cut" if b.cut else ""))
        show_boxes(b.children)


def main(argv):
    if len(argv) != 3 or argv[1] not in ("boxes", "samples", "nals", "sei", "info", "killed"):
        sys.exit(__doc__)
    mp4 = load(argv[2])
    if argv[1] == "killed":
        # mp4-wrap(1), "FILE LAYOUT": the 16 bytes at 32 say where the moov begins; 8 bytes before it the file ended
        size, type_, moov = struct.unpack_from(">I4sQ", mp4.data, 32)
        if (size, type_) != (1, b"mdat"):
            raise ValueError("not a finished file")
        sys.stdout.buffer.write(mp4.data[:32] + struct.pack(">I4sQ", 16, b"free", 0) + mp4.data[48:24 + moov])
        return
    if argv[1] == "boxes":
        show_boxes(mp4.top)
        return
    if argv[1] == "info":
        print("timescale %d" % mp4.timescale())
        print("creation %d" % mp4.creation_time())
        print("fragments %d" % len(mp4.fragments()))
        for duration, media_time in mp4.edits():
            print("edit %d %d" % (duration, media_time))
        for type_, width, height, sps, pps in mp4.entries():
            print("entry %s %dx%d sps %s pps %s" % (name(type_), width, height, " ".join(s.hex() for s in sps),
                                                   " ".join(p.hex() for p in pps)))
        return
    for n, s in enumerate(mp4.samples()):
        nals = split(mp4.sample(s))
        if argv[1] == "samples":
            print(n, s["dts"], s["pts"], s["duration"], "sync" if s["sync"] else "-", s["offset"], s["size"],
                  ",".join(str(x[0] & 31) for x in nals))
        for nal in nals:
            if argv[1] == "nals":
                print(n, nal[0] & 31, len(nal), nal.hex() if len(nal) <= 64 else hashlib.sha256(nal).hexdigest())
            elif argv[1] == "sei" and strawlab(nal):
                print(n, nal.hex(), *strawlab(nal))


if __name__ == "__main__":
    try:
        main(sys.argv)
        sys.stdout.flush()
    except BrokenPipeError:
        os._exit(1)
    except (ValueError, OSError, struct.error) as e:
        sys.exit("mp4.py: %s" % e)
