#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""clocks.py BUILD: how true camera_time and host_time are of what test cameras send, all of them at once.

The truth is the cameras' logs: when, on the host's clock, each frame was taken, and what the camera's
own clock had then. tests/tools/clocksim.py says the same of simulated recordings, which may be long.

    SECONDS     of each recording (30)
"""
import os
import sys

import rig

CLIP = os.path.join(rig.TESTS, "data", "clips", "clock-320x240-30.h264")
S = 10 ** 9
CAMERAS = {
    "plain": ("--fps", 30, "--sr", 5),
    "fast by 50 ppm": ("--fps", 30, "--clock-offset", S // 4, "--clock-drift", 50),
    "slow, 3 s behind": ("--fps", 20, "--clock-offset", -3 * S, "--clock-drift", -300, "--sr", 3, "--rtp-start", 4294900000),
    "set by -1.5 s": ("--fps", 25, "--fault", "clock-step=%d:%d", "--sr", 2),
    "nanoseconds": ("--fps", 25, "--fault", "sr-nanoseconds", "--clock-drift", 20, "--sr", 0.7),
    "ONVIF's times": ("--fps", 25, "--fault", "onvif-time", "--clock-drift", -20),
}


def record(folder, seconds):
    """Every camera at once: {name: path of the recording}."""
    paths, cameras, pipelines = {}, [], []
    try:
        for i, (name, options) in enumerate(CAMERAS.items()):
            path = paths[name] = os.path.join(folder, "%d.mp4" % i)
            options = [str(o) % (seconds // 2, -3 * S // 2) if "%d" in str(o) else o for o in options]
            cameras.append(rig.Camera(CLIP, *options, log=path + ".log"))
            pipelines.append(rig.Pipeline([["rtsp-fetch", "-q", "-d", str(seconds), cameras[-1].url],
                                           ["h264-sei-stamp"], ["mp4-wrap", "-q", path]]))
        for pipeline in pipelines:
            if any(pipeline.wait().statuses):
                sys.exit("a recording failed")
        for camera in cameras:
            camera.wait()
    finally:
        for pipeline in pipelines:
            pipeline.kill()
        for camera in cameras:
            camera.stop()
    return paths


def truth(path):
    """For clocksim: each frame's RTP time and arrival, and the host's clock and the camera's when it was taken."""
    import nals
    taken = {}
    with open(path + ".log") as log:
        for words in map(str.split, log):
            if words[0] == "F":
                taken[words[2]] = words[3], nals.unix_ns(int(words[4]))
    with open(path + ".truth", "w") as out:
        for rtp, stamp in rig.dump(path, "--raw", "-c", "rtp,recv_ns"):
            out.write("%s %s %s %d\n" % (rtp, stamp, *taken[rtp]))
    return path + ".truth"


def main(build):
    build = rig.use_build(build)
    rig.end_in_order()
    import clocksim
    seconds = rig.setting("SECONDS", 30)
    with rig.folder(rig.place(build, 100 << 20)) as folder:
        paths = record(folder, seconds)
        print(clocksim.HEADING.replace("scenario", "camera  "))
        for name, path in paths.items():
            print(clocksim.line(name, "", clocksim.judge(path, truth(path))[0]))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
