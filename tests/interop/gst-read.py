#!/usr/bin/python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""GStreamer as a reader of a recording whose pictures pattern.py made.

    gst-read.py FILE PAUSE [NUMBER...]  the numbers of all pictures on one line; then, for each that is sought, its number
                                        and that of the picture which is shown. PAUSE: seconds after each 30 pictures
"""
import os
import sys

import gi
gi.require_version("Gst", "1.0")
from gi.repository import Gst

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tools"))
import pattern

FPS, GROUP, WIDTH, HEIGHT = 30, 30, 320, 240
WAIT = 10 * Gst.SECOND


def number(sample):
    buffer = sample.get_buffer()
    return pattern.read(WIDTH, HEIGHT, buffer.extract_dup(0, buffer.get_size()))


def main(argv):
    if len(argv) < 3:
        sys.exit(__doc__)
    Gst.init(None)
    pipeline = Gst.parse_launch(
        "filesrc name=file ! qtdemux ! h264parse ! avdec_h264 max-threads=1 ! videoconvert ! videoscale add-borders=false ! "
        "video/x-raw,format=GRAY8,width=%d,height=%d,pixel-aspect-ratio=1/1 ! appsink name=sink sync=false" % (WIDTH, HEIGHT))
    pipeline.get_by_name("file").set_property("location", argv[1])
    sink = pipeline.get_by_name("sink")
    pipeline.set_state(Gst.State.PLAYING)
    numbers = []
    while sample := sink.emit("try-pull-sample", WAIT):
        numbers.append(number(sample))
    print(*numbers)
    for n in map(int, argv[3:]):
        pipeline.set_state(Gst.State.PAUSED)
        pipeline.get_state(WAIT)
        pipeline.seek_simple(Gst.Format.TIME, Gst.SeekFlags.FLUSH | Gst.SeekFlags.ACCURATE,
                             (2 * n + 1) * Gst.SECOND // (2 * FPS) + n // GROUP * int(argv[2]) * Gst.SECOND)
        sample = sink.emit("try-pull-preroll", WAIT)
        print(n, number(sample) if sample else "nothing")
    error = pipeline.get_bus().pop_filtered(Gst.MessageType.ERROR)
    pipeline.set_state(Gst.State.NULL)
    if error:
        sys.exit("gst-read.py: " + error.parse_error()[0].message)


if __name__ == "__main__":
    main(sys.argv)
