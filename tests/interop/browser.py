#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Chromium as a reader of recordings whose pictures pattern.py made, in a page served from here.

    browser.py files PAUSE SEEKS FILE...    seeks pictures in each file, and plays it; a line of JSON for each. PAUSE: seconds
                                        after each 30 pictures, and then it does not play. SEEKS: numbers in one word
    browser.py live SECONDS < FRAGMENTS  plays what comes in as it comes, by Media Source Extensions; a line of JSON

The page draws the video on a canvas, reads the picture's number and sends it here: see player.js.
"""
import http.server
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
TIMEOUT = 120
FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--mute-audio", "--no-first-run", "--disable-extensions",
         "--autoplay-policy=no-user-gesture-required", "--disable-background-networking", "--remote-debugging-port=0"]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def send(self, body, kind, status=200, **headers):
        self.send_response(status)
        for key, value in dict(headers, Content_Type=kind, Content_Length=len(body)).items():
            self.send_header(key.replace("_", "-"), str(value))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        path = self.path.split("?")[0][1:]
        if path in ("", "player.js"):
            with open(os.path.join(HERE, path or "player.html"), "rb") as f:
                self.send(f.read(), "text/javascript" if path else "text/html")
        elif path == "task":
            self.send(json.dumps(self.server.task).encode(), "application/json")
        elif path.isdigit() and int(path) < len(self.server.files):
            self.send_file(self.server.files[int(path)])
        elif path == "live":
            self.send_live()
        else:
            self.send(b"", "text/plain", 404)

    def send_file(self, name):
        """With ranges, which a player needs to seek."""
        size = os.path.getsize(name)
        first, _, last = self.headers.get("Range", "bytes=0-")[6:].partition("-")
        first, last = int(first), min(int(last or size), size - 1)
        with open(name, "rb") as f:
            f.seek(first)
            self.send(f.read(last - first + 1), "video/mp4", 206, Accept_Ranges="bytes",
                      Content_Range="bytes %d-%d/%d" % (first, last, size))

    def send_live(self):
        self.send_response(200)
        self.send_header("Content-Type", "video/mp4")
        self.send_header("Connection", "close")
        self.end_headers()
        while chunk := os.read(0, 65536):
            self.wfile.write(chunk)
            self.wfile.flush()
        self.close_connection = True

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send(b"", "text/plain")
        if self.path == "/done":
            self.server.done.set()
        else:
            print(body.decode(), flush=True)


def browse(task, files):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda *args: None     # a player drops a connection when it seeks
    server.task, server.files, server.done = task, files, threading.Event()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    profile = tempfile.mkdtemp()
    with open(os.path.join(profile, "log"), "w") as log:
        browser = subprocess.Popen(["chromium", *FLAGS, "--user-data-dir=" + profile, "http://127.0.0.1:%d/" % server.server_port],
                                   stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    done = server.done.wait(TIMEOUT)
    if not done:
        with open(os.path.join(profile, "log")) as log:
            sys.stderr.write(log.read())
    os.killpg(browser.pid, signal.SIGTERM)
    try:
        browser.wait(5)
    except subprocess.TimeoutExpired:
        os.killpg(browser.pid, signal.SIGKILL)
    shutil.rmtree(profile, ignore_errors=True)
    return 0 if done else 1


def main(argv):
    if len(argv) > 4 and argv[1] == "files":
        names = [os.path.basename(f) for f in argv[4:]]
        return browse({"files": names, "pause": int(argv[2]), "seeks": [int(n) for n in argv[3].split()]}, argv[4:])
    if len(argv) == 3 and argv[1] == "live":
        return browse({"seconds": float(argv[2])}, [])
    sys.exit(__doc__)


if __name__ == "__main__":
    sys.exit(main(sys.argv))
