#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""changes.py: nalstreams of cameras that change in the middle, each of 180 pictures that say their number (pattern.py).

    plain.nals    nothing changes
    same.nals     another size after 60 pictures and the first again after 120, under the same parameter set ids
    other.nals    the same under other ids
    alone.nals    other.nals with all parameter sets once, in an access unit of their own
    pps.nals      same.nals with the PPS repeated before pictures that are no key frames
    bframes.nals  plain.nals with two B-frames between others
    long.nals     plain.nals with a pause of three hours after each 30 pictures: times of more than 32 bits
"""
import nals
import pattern

PAUSE_S = 3 * 3600
SMALL, LARGE = "320x240", "640x480"


def clip(size, first, count, params=""):
    pattern.clip("clip.h264", size, first, count, params)
    with open("clip.h264", "rb") as f:
        return nals.access_units(nals.annexb_split(f.read()))


def split(unit):
    """Its parameter sets, and the rest."""
    return [n for n in unit if nals.kind(n) in (7, 8)], [n for n in unit if nals.kind(n) not in (7, 8)]


def write(name, units, pause_s=0, order=None):
    """order: for each picture in decoding order, its number"""
    with open(name, "wb") as f:
        f.write(nals.Record("S", nals.text_payload("nalstream 1", "camera: c")).bytes())
        f.write(nals.Record("T", nals.text_payload("codec: h264", "clock-rate: %d" % nals.CLOCK), track=1).bytes())
        i = 0
        for unit in units:
            number = order[i] if order else i
            ticks = number * nals.CLOCK // 30 + number // 30 * pause_s * nals.CLOCK
            arrival = nals.ntp(1700000000 * 10 ** 9 + ticks * 10 ** 9 // nals.CLOCK)
            key = 4 * any(nals.kind(n) == 5 for n in unit)
            for k, n in enumerate(unit):
                f.write(nals.Record("N", n, track=1, flags=(k == 0) + 2 * (k == len(unit) - 1) + key, rtp=(1 << 31) + ticks,
                                    first=arrival, last=arrival, packets=1).bytes())
            i += any(nals.vcl(n) for n in unit)
        f.write(nals.Record("E", nals.text_payload("status: 0", "reason: end")).bytes())


def main():
    plain = clip(SMALL, 0, 180)
    first, last = clip(SMALL, 0, 60), clip(SMALL, 120, 60)
    same, other = clip(LARGE, 60, 60), clip(LARGE, 60, 60, "sps-id=1")
    write("plain.nals", plain)
    write("long.nals", plain, PAUSE_S)
    bframes = clip(SMALL, 0, 180, "bframes=2:b-adapt=0")
    write("bframes.nals", bframes, order=nals.presentation(bframes))
    write("same.nals", first + same + last)
    write("other.nals", first + other + last)
    write("alone.nals", [split(first[0])[0] + split(other[0])[0]] + [split(u)[1] for u in first + other + last])
    pps, units = [], []
    for i, unit in enumerate(first + same + last):
        pps = [n for n in unit if nals.kind(n) == 8] or pps
        units.append(unit if i % 7 or split(unit)[0] else pps + unit)
    write("pps.nals", units)


if __name__ == "__main__":
    main()
