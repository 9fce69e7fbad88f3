#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Pictures that say their own number, so that a test knows which one a player shows.

    pattern.py make WIDTH HEIGHT FIRST COUNT    raw pictures, 8 bits of grey a sample
    pattern.py read WIDTH HEIGHT                the numbers of raw pictures, one a line; -1: unreadable
    pattern.py clip OUT.h264 WIDTHxHEIGHT FIRST COUNT [x264 parameters]    the same, encoded (ffmpeg, libx264)

Sixteen columns, a bit each, the highest first: in the upper half white is 1, in the lower half black is. So the
number can be read at any size, and what is no such picture is told from one.
"""
import os
import subprocess
import sys

BITS = 16


def row(width, number):
    return bytes(255 if number >> (BITS - 1 - x * BITS // width) & 1 else 0 for x in range(width))


def make(width, height, number):
    upper, lower = row(width, number), row(width, ~number)
    return upper * (height // 2) + lower * (height - height // 2)


def read(width, height, picture):
    number = 0
    for i in range(BITS):
        x = (2 * i + 1) * width // (2 * BITS)
        upper, lower = picture[height // 4 * width + x], picture[height * 3 // 4 * width + x]
        if abs(upper - lower) < 64:
            return -1
        number = number << 1 | (upper > lower)
    return number


def clip(out, size, first, count, params):
    width, height = map(int, size.split("x"))
    encoder = subprocess.Popen(
        ["ffmpeg", "-nostdin", "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "gray", "-s", size, "-r", "30", "-i", "pipe:0",
         "-c:v", "libx264", "-threads", "1", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-bf", "0", "-g", "30", "-sc_threshold", "0",
         *(["-x264-params", params] if params else []), "-f", "h264", out], stdin=subprocess.PIPE)
    for i in range(count):
        encoder.stdin.write(make(width, height, first + i))
    encoder.stdin.close()
    if encoder.wait():
        raise ValueError("ffmpeg cannot encode")


def main(argv):
    if len(argv) == 6 and argv[1] == "make":
        width, height, first, count = map(int, argv[2:])
        for i in range(count):
            sys.stdout.buffer.write(make(width, height, first + i))
    elif len(argv) == 4 and argv[1] == "read":
        width, height = map(int, argv[2:])
        while len(picture := sys.stdin.buffer.read(width * height)) == width * height:
            print(read(width, height, picture))
    elif len(argv) in (6, 7) and argv[1] == "clip":
        clip(argv[2], argv[3], int(argv[4]), int(argv[5]), argv[6] if len(argv) == 7 else "")
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    try:
        main(sys.argv)
        sys.stdout.flush()
    except BrokenPipeError:
        os._exit(1)
    except (ValueError, OSError) as e:
        sys.exit("pattern.py: %s" % e)
