#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""H.264 that x264 does not make, written from ITU-T H.264 alone: pictures of one or two
macroblocks, all I_PCM, so that what is decoded depends on their order alone.

    h264gen.py KIND OUT.h264 [OUT.times]

KIND is words between commas: a structure and what is special about it.

    ip ibp ibbp ibbbp pyramid   the structure of a group of pictures (ip: the default)
    field                       every picture is two fields
    paff                        every other frame in decoding order is two fields
    same                        both fields have one RTP time (else half a frame apart)
    vui                         the SPS says how deep pictures are reordered (else it has no VUI)
    poc1                        pic_order_cnt_type 1
    poc2                        pic_order_cnt_type 2 (for ip)
    idr40, idr-6                the IDR picture's count is that
    wrap                        counts wrap after 16 frames
    late                        the first second has no B-frames
    open                        one IDR picture, then recovery points, whose leading B-frames come after them

OUT.times has a line for each access unit: its time of presentation in ticks of 90 kHz, from the first.
"""
import sys

GOP, FRAMES, STEP = 24, 72, 3600


class Writer:
    def __init__(self):
        self.bits = ""

    def u(self, n, value):
        self.bits += format(value, "0%db" % n) if n else ""
        return self

    def ue(self, value):
        code = format(value + 1, "b")
        self.bits += "0" * (len(code) - 1) + code
        return self

    def se(self, value):
        return self.ue(2 * value - 1 if value > 0 else -2 * value)

    def nal(self, ref, type_):
        """With the stop bit, start code and emulation prevention."""
        bits = self.bits + "1"
        bits += "0" * (-len(bits) % 8)
        out, zeros = bytearray(), 0
        for byte in int(bits, 2).to_bytes(len(bits) // 8, "big"):
            if zeros >= 2 and byte <= 3:
                out.append(3)
                zeros = 0
            out.append(byte)
            zeros = zeros + 1 if byte == 0 else 0
        return b"\0\0\0\1" + bytes([ref << 5 | type_]) + bytes(out)


class Stream:
    def __init__(self, words):
        self.words = words
        self.fields = bool({"field", "paff"} & words)
        self.poc_type = 1 if "poc1" in words else 2 if "poc2" in words else 0
        self.lsb_bits = 5 if "wrap" in words else 8
        self.idr_poc = next((int(w[3:]) for w in words if w.startswith("idr")), 0)
        self.shape = next((w for w in words if w in SHAPES), "ip")
        self.out, self.times, self.coded = b"", [], 0

    def sps(self):
        w = Writer().u(8, 77).u(8, 0).u(8, 30).ue(0)
        w.ue(4)                                   # frame_num: 8 bits
        w.ue(self.poc_type)
        if self.poc_type == 0:
            w.ue(self.lsb_bits - 4)
        elif self.poc_type == 1:
            w.u(1, 0).se(-2).se(1).ue(1).se(2)    # a delta in each slice; a reference picture is 2 after the one before
        w.ue(4).u(1, 0)                           # max_num_ref_frames
        w.ue(0).ue(0)                             # a macroblock wide, a map unit high
        w.u(1, 0 if self.fields else 1)
        if self.fields:
            w.u(1, 0)                             # no MBAFF
        w.u(1, 1).u(1, 0)
        if "vui" in self.words:
            w.u(1, 1).u(8, 0).u(1, 1)             # nothing, but bitstream_restriction
            w.u(1, 1).ue(0).ue(0).ue(10).ue(10).ue(DEPTH[self.shape]).ue(4)
        else:
            w.u(1, 0)
        return w.nal(3, 7)

    def pps(self):
        w = Writer().ue(0).ue(0).u(1, 0).u(1, 0).ue(0).ue(0).ue(0).u(1, 0).u(2, 0).se(0).se(0).se(0)
        return w.u(1, 1).u(1, 0).u(1, 0).nal(3, 8)

    def picture(self, kind, ref, idr, frame_num, poc, structure):
        """structure: f a frame, t or b a field. The luma is that of the picture's number."""
        w = Writer().ue(0).ue({"P": 5, "B": 6, "I": 7}[kind]).ue(0).u(8, frame_num & 255)
        if self.fields:
            w.u(1, structure != "f")
            if structure != "f":
                w.u(1, structure == "b")
        if idr:
            w.ue(self.idr_id & 1)
        if self.poc_type == 0:
            w.u(self.lsb_bits, poc % (1 << self.lsb_bits))
        elif self.poc_type == 1:
            w.se(poc - self.expected(frame_num, ref) - (structure == "b"))
        if kind == "B":
            w.u(1, 1)
        if kind in "PB":
            w.u(1, 0).u(1, 0)
        if kind == "B":
            w.u(1, 0)
        if ref:
            w.u(*((2, 0) if idr else (1, 0)))
        w.se(0).ue(1)                             # QP; no deblocking
        for _ in range(2 if self.fields and structure == "f" else 1):
            if kind in "PB":
                w.ue(0)                           # mb_skip_run
            w.ue({"P": 30, "B": 48, "I": 25}[kind])
            w.u(-len(w.bits) % 8, 0)
            self.coded += 1
            value = 16 + self.coded * 37 % 200
            w.bits += format(value, "08b") * 256 + "10000000" * 128
        return w.nal(2 if ref else 0, 5 if idr else 1)

    def expected(self, frame_num, ref):
        """8.2.1.2 with the cycle of one that is in the SPS."""
        if frame_num == 0:
            return 0
        return 2 * frame_num if ref else 2 * (frame_num - 1) - 2

    def frame(self, kind, shown, gop_at, ref, idr):
        poc = 2 * (shown - gop_at) + self.idr_poc
        if self.poc_type == 2:
            poc = 0
        two = "field" in self.words or ("paff" in self.words and self.number % 2)
        if kind == "I" and not idr:
            self.out += Writer().u(8, 6).u(8, 1).u(8, 0xc4).nal(0, 6)   # recovery_frame_cnt 0, exact
        if not two:
            self.out += self.picture(kind, ref, idr, self.frame_num, poc, "f")
            self.times.append(shown * STEP)
        else:
            self.out += self.picture(kind, ref, idr, self.frame_num, poc, "t")
            self.out += self.picture("P" if kind == "I" else kind, ref, False, self.frame_num, poc + 1, "b")
            self.times += [shown * STEP, shown * STEP + (0 if "same" in self.words else STEP // 2)]
        self.number += 1
        self.frame_num = self.frame_num + ref

    def make(self):
        self.number = self.idr_id = 0
        self.frame_num = 0
        shown = 0
        while shown < FRAMES:
            gop_at, end = shown, shown + GOP
            idr = gop_at == 0 or "open" not in self.words
            if not idr:
                gop_at = 0
            if idr:
                self.frame_num = 0
                self.out += self.sps() + self.pps()
            shape = SHAPES["ip" if "late" in self.words and shown < 25 else self.shape]
            if idr:
                self.frame("I", shown, gop_at, 1, True)
                self.idr_id += 1
                shown += 1
            first = not idr
            while shown < end:
                left = end - shown
                for kind, at, ref in shape if left >= len(shape) else [("P", i, 1) for i in range(left)]:
                    self.frame("I" if first else kind, shown + at, gop_at, ref, False)
                    first = False
                shown += min(left, len(shape))


# In decoding order: kind, place among them, whether it is a reference.
SHAPES = {
    "ip": [("P", 0, 1)],
    "ibp": [("P", 1, 1), ("B", 0, 0)],
    "ibbp": [("P", 2, 1), ("B", 0, 0), ("B", 1, 0)],
    "ibbbp": [("P", 3, 1), ("B", 0, 0), ("B", 1, 0), ("B", 2, 0)],
    "pyramid": [("P", 3, 1), ("B", 1, 1), ("B", 0, 0), ("B", 2, 0)],
}
DEPTH = {"ip": 0, "ibp": 1, "ibbp": 1, "ibbbp": 1, "pyramid": 2}


def main(argv):
    if len(argv) not in (3, 4):
        sys.exit(__doc__)
    stream = Stream(set(argv[1].split(",")))
    stream.make()
    with open(argv[2], "wb") as f:
        f.write(stream.out)
    if len(argv) == 4:
        with open(argv[3], "w") as f:
            f.writelines("%d\n" % t for t in stream.times)


if __name__ == "__main__":
    main(sys.argv)
