#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""day.py SECONDS [BYTES]: a nalstream of so long a recording at 30 fps, as fast as it is read: a key frame
with real parameter sets each second, and pictures of about so many bytes (40) that no decoder would take."""
import struct
import sys

SPS = bytes.fromhex("6742c01e95a0280bfe5c04400000fa00002ee021")
PPS = bytes.fromhex("68ce3c80")
TIME = struct.Struct(">QQQ")  # rtp, first, last at byte 8 of a record's head


def record(type_, payload, track=1, flags=0):
    return bytearray(struct.pack(">IBBHQQQIHH", 36 + len(payload), ord(type_), track, flags, 0, 0, 0, 0, 0, 1) + payload)


def main(seconds, size):
    out = sys.stdout.buffer
    slice_ = bytes([0x41]) + b"\x9a\x5c" * (size // 2)
    delta = record("N", slice_, flags=3)
    key = [record("N", SPS, flags=5), record("N", PPS, flags=4), record("N", b"\x65" + slice_[1:], flags=6)]
    out.write(record("S", b"nalstream 1\ncamera: day\n", track=0))
    out.write(record("T", b"codec: h264\nclock-rate: 90000\nssrc: 1a2b3c4d\n"))
    for second in range(seconds):
        part = []
        for n in range(30):
            ntp = (3908988800 + second << 32) + (n << 32) // 30
            for r in key if n == 0 else (delta,):
                TIME.pack_into(r, 8, second * 90000 + n * 3000, ntp, ntp)
                part.append(bytes(r))
        out.write(b"".join(part))
    out.write(record("E", b"status: 0\nreason: duration\n", track=0))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 40)
