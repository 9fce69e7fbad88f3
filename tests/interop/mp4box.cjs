// SPDX-License-Identifier: MIT OR Apache-2.0
// mp4box.cjs FILE...: mp4box.js as a reader. For each file a line: fragments or finished, codec, samples, those that decoding
// can begin at, ticks, size, creation time, its boxes. Errors go to standard error and make the status 1.
"use strict";
const fs = require("fs");
const path = require("path");
const MP4Box = require(path.join(process.env.BUILD, "node/node_modules/mp4box"));

function complain(name, text) {
	console.error(name + ": " + text);
	process.exitCode = 1;
}

// Boxes that are longer than what it knows of them.
function odd(boxes, place) {
	return (boxes || []).flatMap(b => [
		...(b.has_unparsed_data ? [place + b.type] : []),
		...odd(b.boxes, place + b.type + "/"), ...odd((b.entries || []).filter(e => e.type), place + b.type + "/")]);
}

for (const name of process.argv.slice(2)) {
	const file = MP4Box.createFile(), bytes = fs.readFileSync(name);
	MP4Box.Log.error = (module, text) => complain(name, text);
	file.onError = text => complain(name, text);
	const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
	buffer.fileStart = 0;
	file.appendBuffer(buffer);
	file.flush();
	const info = file.getInfo(), [track] = info.tracks, samples = file.getTrackSamplesInfo(track.id);
	const last = samples[samples.length - 1];
	if (odd(file.boxes, "").length > 0)
		complain(name, "odd boxes: " + odd(file.boxes, ""));
	console.log(name, info.isFragmented ? "fragments" : "finished", track.codec, samples.length,
		samples.filter(s => s.is_sync).length, last.dts + last.duration, track.video.width + "x" + track.video.height,
		info.created.toISOString(), [...new Set(file.boxes.map(b => b.type))].join(","));
}
