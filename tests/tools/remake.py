#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""remake.py IN.mp4 OUT.mp4 HOW...: the same MP4 written as other writers might, its index (at the end of the file) put
together anew. Its sample data stays where it is. HOW is any of:

    reversed     the boxes in each box backwards
    large        64-bit sizes of all boxes
    co64, stco   chunk offsets of 64 or 32 bits
    stz2:BITS    sample sizes of 4, 8 or 16 bits
    stsz:ONE     one size for all samples (they must have it)
    edits:D,M;.. an edit list: duration in seconds, start in the media in ticks (-1: empty), and a rate
    entries      a sample entry of another codec before ours
    before:N     N tracks of other kinds before ours: text, and video that is not H.264
    runs         durations one by one, and no stss if all are key frames
"""
import re
import struct
import sys

from mp4 import CONTAINERS, load


def box(type_, body, large=False):
    if large:
        return struct.pack(">I4sQ", 1, type_, len(body) + 16) + body
    return struct.pack(">I4s", len(body) + 8, type_) + body


class Node:
    def __init__(self, type_, body, children=None):
        self.type, self.body, self.children = type_, body, children

    def find(self, type_):
        for c in self.children or []:
            if c.type == type_:
                return c
            found = c.find(type_)
            if found:
                return found
        return None

    def bytes(self, how):
        if self.children is None:
            return box(self.type, self.body, "large" in how)
        children = self.children[::-1] if "reversed" in how else self.children
        return box(self.type, b"".join(c.bytes(how) for c in children), "large" in how)


def tree(mp4, b):
    if b.type in CONTAINERS:
        return Node(b.type, None, [tree(mp4, c) for c in b.children])
    return Node(b.type, mp4.body(b))


def parent_of(node, child):
    for c in node.children or []:
        if c is child:
            return node
        found = parent_of(c, child)
        if found:
            return found
    return None


def chunks(moov, wide):
    old = moov.find(b"stco") or moov.find(b"co64")
    count, = struct.unpack_from(">I", old.body, 4)
    offsets = struct.unpack_from(">%d%s" % (count, "Q" if old.type == b"co64" else "I"), old.body, 8)
    old.type = b"co64" if wide else b"stco"
    old.body = struct.pack(">II", 0, count) + struct.pack(">%d%s" % (count, "Q" if wide else "I"), *offsets)


def sizes(moov):
    _, one, count = struct.unpack_from(">III", moov.find(b"stsz").body)
    return [one] * count if one else list(struct.unpack_from(">%dI" % count, moov.find(b"stsz").body, 12))


def compact(moov, bits):
    all_, stsz = sizes(moov), moov.find(b"stsz")
    assert max(all_) < 1 << bits, max(all_)
    if bits == 4:
        padded = all_ + [0]
        data = bytes(padded[i] << 4 | padded[i + 1] for i in range(0, len(all_), 2))
    else:
        data = struct.pack(">%d%s" % (len(all_), "BH"[bits // 16]), *all_)
    stsz.type, stsz.body = b"stz2", struct.pack(">III", 0, bits, len(all_)) + data


def edit(moov, text):
    mvhd = moov.find(b"mvhd").body
    timescale, = struct.unpack_from(">I", mvhd, 20 if mvhd[0] else 12)
    edits = [e.split(",") for e in text.split(";")]
    body = struct.pack(">II", 0, len(edits))
    for e in edits:
        body += struct.pack(">IiHH", int(float(e[0]) * timescale), int(e[1]), int(e[2]) if len(e) > 2 else 1, 0)
    trak = moov.find(b"trak")
    trak.children = [c for c in trak.children if c.type != b"edts"] + [Node(b"edts", None, [Node(b"elst", body)])]


def other_track(handler):
    stsd = struct.pack(">II", 0, 1) + box({b"text": b"tx3g", b"vide": b"hev1"}[handler], bytes(78))
    return Node(b"trak", None, [
        Node(b"tkhd", struct.pack(">IIIII", 7, 0, 0, 77, 0) + bytes(64)),
        Node(b"mdia", None, [Node(b"mdhd", struct.pack(">IIIII", 0, 0, 0, 1000, 0) + bytes(4)),
                             Node(b"hdlr", struct.pack(">II4s", 0, 0, handler) + bytes(13)),
                             Node(b"minf", None, [Node(b"stbl", None, [Node(b"stsd", stsd)])])])])


def runs(moov):
    stts = moov.find(b"stts")
    out, n = b"", 0
    for i in range(struct.unpack_from(">I", stts.body, 4)[0]):
        count, delta = struct.unpack_from(">II", stts.body, 8 + 8 * i)
        out, n = out + struct.pack(">II", 1, delta) * count, n + count
    stts.body = struct.pack(">II", 0, n) + out


def main(source, target, *how):
    mp4 = load(source)
    last = mp4.moov()
    assert last.end == len(mp4.data)
    moov = tree(mp4, last)
    for h in how:
        word, _, value = h.partition(":")
        if word in ("co64", "stco"):
            chunks(moov, word == "co64")
        elif word == "stz2":
            compact(moov, int(value))
        elif word == "stsz":
            assert set(sizes(moov)) == {int(value)}, sizes(moov)
            moov.find(b"stsz").body = struct.pack(">III", 0, int(value), len(sizes(moov)))
        elif word == "edits":
            edit(moov, value)
        elif word == "entries":
            stsd, stsc = moov.find(b"stsd"), moov.find(b"stsc")
            stsd.body = struct.pack(">II", 0, 2) + box(b"mp4v", bytes(78)) + stsd.body[8:]
            stsc.body = stsc.body[:8] + re.sub(b"(.{8})(.{4})", lambda m: m[1] + b"\0\0\0\2", stsc.body[8:], flags=re.S)
        elif word == "before":
            moov.children[1:1] = [other_track((b"text", b"vide")[i % 2]) for i in range(int(value))]
        elif word == "runs":
            runs(moov)
        else:
            assert word in ("reversed", "large"), h
    with open(target, "wb") as f:
        f.write(mp4.data[:last.start] + moov.bytes(how))


if __name__ == "__main__":
    main(*sys.argv[1:])
