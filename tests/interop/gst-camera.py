#!/usr/bin/python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""An RTSP camera that is not ours: gst-rtsp-server, as an independent judge.

It serves one stream on 127.0.0.1, prints its URL, and with --log counts in a file,
one line each, what it has handed to the RTP payloader:

    F index pts_ns bytes key    an access unit, from 0
    E frames                    the end: how many there were

The pipeline is shared by all clients and runs for the first; with --frames it ends
after so many frames (GStreamer sends BYE), and the program exits 0.

Debian: python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-base -good -bad -ugly
"""
import argparse
import signal
import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402


def options():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--port", type=int, default=0, help="0, the default, is any")
    p.add_argument("--clip", help="serve this Annex B file, without B-frames, not a test picture")
    p.add_argument("--frames", type=int, default=-1, help="end after so many")
    p.add_argument("--fps", type=int, default=30)
    p.add_argument("--size", default="320x240")
    p.add_argument("--config-interval", type=int, default=0, help="of rtph264pay: -1 repeats parameter sets often")
    p.add_argument("--multislice", action="store_true", help="four slices a picture")
    p.add_argument("--bframes", type=int, default=0, help="so many between two others, and a group of pictures of 24")
    p.add_argument("--user")
    p.add_argument("--password", default="", help="asked for by Digest")
    p.add_argument("--log", help="file for the truth")
    return p.parse_args()


def pipeline(o):
    """What gst-rtsp-server builds; the payloader must be called pay0."""
    if o.clip:
        # A byte stream has no times; Truth.stamp() gives them.
        coded = (f'filesrc location="{o.clip}" ! '
                 f"video/x-h264,stream-format=byte-stream,framerate={o.fps}/1 ! "
                 "h264parse name=parser ! video/x-h264,stream-format=byte-stream,alignment=au ! ")
    else:
        width, height = o.size.split("x")
        how = f"bframes={o.bframes} b-adapt=false key-int-max=24" if o.bframes else "tune=zerolatency key-int-max=30"
        slices = ":slices=4:sliced-threads=0" if o.multislice else ""
        coded = (f"videotestsrc is-live=true pattern=ball ! "
                 f"video/x-raw,format=I420,width={width},height={height},framerate={o.fps}/1 ! "
                 f"x264enc {how} bitrate=500 threads=1 option-string=scenecut=0{slices} ! "
                 "video/x-h264,profile=high,stream-format=byte-stream,alignment=au ! ")
    return f"( {coded}rtph264pay name=pay0 pt=96 config-interval={o.config_interval} )"


class Truth:
    """Counts the access units that go into the payloader, and ends after the last."""

    def __init__(self, path, limit, fps, done):
        self.file = open(path, "w", buffering=1) if path else None
        self.frames = 0
        self.fps = fps
        self.stamped = 0
        self.limit = limit
        self.done = done
        self.ended = False

    def say(self, line):
        if self.file:
            self.file.write(line + "\n")

    def watch(self, media):
        self.media = media
        pad = media.get_element().get_by_name("pay0").get_static_pad("sink")
        pad.add_probe(Gst.PadProbeType.BUFFER, self.buffer)
        pad.add_probe(Gst.PadProbeType.EVENT_DOWNSTREAM | Gst.PadProbeType.EVENT_FLUSH, self.event)

        parser = media.get_element().get_by_name("parser")
        if parser:
            pad = parser.get_static_pad("src")
            pad.add_probe(Gst.PadProbeType.BUFFER | Gst.PadProbeType.EVENT_FLUSH, self.stamp)

    def stamp(self, _pad, info):
        """On the parser's source: picture n is presented at n / fps."""
        if info.type & Gst.PadProbeType.BUFFER:
            info.get_buffer().pts = self.stamped * Gst.SECOND // self.fps
            self.stamped += 1
        elif info.get_event().type == Gst.EventType.FLUSH_STOP:
            self.stamped = 0
        return Gst.PadProbeReturn.OK

    def buffer(self, _pad, info):
        b = info.get_buffer()
        if self.frames == self.limit:
            GLib.idle_add(self.finish)
            return Gst.PadProbeReturn.DROP
        key = 0 if b.has_flags(Gst.BufferFlags.DELTA_UNIT) else 1
        self.say(f"F {self.frames} {b.pts} {b.get_size()} {key}")
        self.frames += 1
        return Gst.PadProbeReturn.OK

    def event(self, _pad, info):
        kind = info.get_event().type
        if kind == Gst.EventType.FLUSH_STOP:
            # PLAY with a Range seeks: what waited to be sent is thrown away, all begins anew.
            self.frames = 0
            if self.file:
                self.file.seek(0)
                self.file.truncate()
        elif kind == Gst.EventType.EOS:
            GLib.idle_add(self.end)
        return Gst.PadProbeReturn.OK

    def finish(self):
        self.media.get_element().send_event(Gst.Event.new_eos())
        return GLib.SOURCE_REMOVE

    def end(self):
        if not self.ended:
            self.ended = True
            self.say(f"E {self.frames}")
            self.done()
        return GLib.SOURCE_REMOVE


def credentials(server, factory, o):
    auth = GstRtspServer.RTSPAuth()
    auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "user")
    auth.add_digest(o.user, o.password, token)
    server.set_auth(auth)
    permissions = GstRtspServer.RTSPPermissions()
    permissions.add_permission_for_role("user", "media.factory.access", True)
    permissions.add_permission_for_role("user", "media.factory.construct", True)
    factory.set_permissions(permissions)


def main():
    o = options()
    Gst.init(None)
    loop = GLib.MainLoop()
    # The last packets and BYE are still on their way when the pipeline is at its end.
    truth = Truth(o.log, o.frames, o.fps, lambda: GLib.timeout_add(1500, loop.quit))

    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(str(o.port))
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(pipeline(o))
    factory.set_shared(True)

    factory.connect("media-configure", lambda _factory, media: truth.watch(media))
    if o.user:
        credentials(server, factory, o)
    server.get_mount_points().add_factory("/stream", factory)
    if server.attach(None) == 0:
        sys.exit("gst-camera.py: cannot listen on 127.0.0.1")
    for sig in (signal.SIGINT, signal.SIGTERM):
        GLib.unix_signal_add(GLib.PRIORITY_DEFAULT, sig, loop.quit)
    print(f"rtsp://127.0.0.1:{server.get_bound_port()}/stream", flush=True)
    loop.run()
    truth.end()


if __name__ == "__main__":
    main()
