#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""disorder.py SCRIPT OUT.nals: a camera whose TCP segments come in the order of a script.

A whole host behind a TUN device, in a network namespace that the caller made (unshare -n): it
speaks TCP by hand, answers RTSP, and sends frames of one packet and one segment each. SCRIPT is a
list between commas: a letter sends that frame (A is the first), a number waits so many
milliseconds. rtsp-fetch is run against it, its stream goes to OUT.nals, and on stdout there is a
line for each frame: letter, Unix ns just before and just after it was handed to the kernel.
"""
import fcntl
import os
import select
import struct
import subprocess
import sys
import time

HERE, THERE = bytes([10, 99, 0, 1]), bytes([10, 99, 0, 2])
PORT = 554
SYN, FIN, ACK_PSH, ACK = 2, 1, 0x18, 0x10
SETS = [bytes.fromhex("6764000dacb30283f60220000003002000000781e2854d"), bytes.fromhex("68e97054b22c")]
SDP = "v=0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:t\r\n"


def checksum(data):
    total = sum(struct.unpack("!%dH" % ((len(data) + 1) // 2), data + b"\0" * (len(data) % 2)))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


class Host:
    """One TCP connection (RFC 9293), as far as this needs it: nothing is sent again."""

    def __init__(self):
        self.tun = os.open("/dev/net/tun", os.O_RDWR)
        fcntl.ioctl(self.tun, 0x400454ca, struct.pack("16sH", b"tap0", 0x0001 | 0x1000))  # TUNSETIFF: IFF_TUN, IFF_NO_PI
        subprocess.run("ip addr add 10.99.0.1/24 dev tap0 && ip link set tap0 up", shell=True, check=True)
        self.seq, self.ack, self.peer = 1000, 0, 0

    def send(self, seq, flags, data=b"", options=b""):
        offset = (20 + len(options)) // 4
        tcp = struct.pack("!HHIIBBHHH", PORT, self.peer, seq, self.ack, offset << 4, flags, 65535, 0, 0) + options + data
        tcp = tcp[:16] + struct.pack("!H", checksum(THERE + HERE + struct.pack("!BBH", 0, 6, len(tcp)) + tcp)) + tcp[18:]
        ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), 1, 0, 64, 6, 0, THERE, HERE)
        os.write(self.tun, ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:] + tcp)

    def receive(self, seconds):
        """The next bytes of the peer, acknowledged; b"" if none come."""
        until = time.monotonic() + seconds
        while select.select([self.tun], [], [], max(0, until - time.monotonic()))[0]:
            packet = os.read(self.tun, 65536)
            if packet[0] >> 4 != 4 or packet[9] != 6:
                continue
            tcp = packet[(packet[0] & 15) * 4:]
            self.peer, _, seq, _, offset, flags = struct.unpack("!HHIIBB", tcp[:14])
            data = tcp[(offset >> 4) * 4:]
            if flags & SYN:
                self.ack = seq + 1
                self.send(self.seq, SYN | ACK, options=b"\x02\x04\x05\xb4\x04\x02\x01\x01")  # MSS 1460, SACK permitted
                self.seq += 1
            elif data and seq == self.ack:
                self.ack += len(data)
                self.send(self.seq, ACK)
                return data
        return b""

    def say(self, data):
        self.send(self.seq, ACK_PSH, data)
        self.seq += len(data)


def answer(host):
    """RTSP, until PLAY is answered."""
    while True:
        request = host.receive(5).decode()
        if not request:
            sys.exit("disorder.py: no request came")
        cseq = next(line.split(":")[1].strip() for line in request.splitlines() if line.startswith("CSeq"))
        method = request.split()[0]
        extra = {"DESCRIBE": "Content-Type: application/sdp\r\nContent-Length: %d\r\n" % len(SDP), "SETUP": "Session: 1\r\n"
                 "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n"}.get(method, "")
        host.say(("RTSP/1.0 200 OK\r\nCSeq: %s\r\n%s\r\n" % (cseq, extra)).encode() + (SDP.encode() if method == "DESCRIBE" else b""))
        if method == "PLAY":
            return


def rtp(seq, timestamp, payload, marker):
    packet = struct.pack(">BBHII", 0x80, 96 | marker << 7, seq, timestamp, 7) + payload
    return b"$\0" + struct.pack(">H", len(packet)) + packet


def main(script, out):
    host = Host()
    with open(out, "wb") as f:
        fetch = subprocess.Popen(["rtsp-fetch", "-q", "-d", "30", "rtsp://10.99.0.2/t"], stdout=f, stdin=subprocess.DEVNULL)
    answer(host)
    for i, nal in enumerate(SETS):
        host.say(rtp(i, 0, nal, 0))
    letters = sorted({word for word in script if word.isalpha()})
    base = host.seq
    frames = {}
    for i, letter in enumerate(letters):
        head = b"\x65\x88" if i == 0 else b"\x41\x9a"
        frames[letter] = (host.seq, rtp(2 + i, 3000 * i, head + bytes([1 + i]) * 900, 1))
        host.seq += len(frames[letter][1])
    assert base < host.seq
    time.sleep(0.2)
    for word in script:
        if word.isalpha():
            before = time.time_ns()
            host.send(frames[word][0], ACK_PSH, frames[word][1])
            print(word, before, time.time_ns(), flush=True)
        else:
            time.sleep(float(word) / 1000)
    time.sleep(0.2)
    host.send(host.seq, FIN | ACK)
    host.receive(0.2)
    fetch.wait(10)


if __name__ == "__main__":
    main(sys.argv[1].split(","), sys.argv[2])
