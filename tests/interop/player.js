// SPDX-License-Identifier: MIT OR Apache-2.0
// Plays what /task asks for and tells which pictures were shown: see browser.py and pattern.py.
"use strict";

const FPS = 30, GROUP = 30, BITS = 16, WIDTH = 320, HEIGHT = 240;
const canvas = new OffscreenCanvas(WIDTH, HEIGHT).getContext("2d", { willReadFrequently: true });

// The number in the video's current picture, as pattern.py reads it; -1: unreadable.
function number(video) {
	canvas.drawImage(video, 0, 0, WIDTH, HEIGHT);
	const { data } = canvas.getImageData(0, 0, WIDTH, HEIGHT);
	let n = 0;
	for (let i = 0; i < BITS; i++) {
		const x = Math.floor((2 * i + 1) * WIDTH / (2 * BITS));
		const upper = data[4 * (HEIGHT / 4 * WIDTH + x)], lower = data[4 * (HEIGHT * 3 / 4 * WIDTH + x)];
		if (Math.abs(upper - lower) < 64)
			return -1;
		n = 2 * n + (upper > lower);
	}
	return n;
}

// A promise of an event, or of an error, or that nothing came in 30 s.
function event(target, name) {
	return new Promise((resolve, reject) => {
		target.addEventListener(name, resolve, { once: true });
		target.addEventListener("error", () => reject(new Error(target.error ? target.error.message : "error")), { once: true });
		setTimeout(() => reject(new Error("no " + name + " in 30 s")), 30000);
	});
}

function post(path, value) {
	return fetch(path, { method: "POST", body: JSON.stringify(value) });
}

function element() {
	const video = document.createElement("video");
	video.muted = true;
	document.body.replaceChildren(video);
	return video;
}

// Notes each picture that is shown: [number, media time in frames, wall clock in ms].
function watch(video, shown) {
	const note = (now, meta) => {
		shown.push([number(video), meta.mediaTime * FPS, performance.timeOrigin + meta.expectedDisplayTime]);
		video.requestVideoFrameCallback(note);
	};
	video.requestVideoFrameCallback(note);
}

// The picture that is shown where the n-th is sought; after each group of pictures there is a pause.
async function seek(video, n, pause) {
	const presented = new Promise(resolve => video.requestVideoFrameCallback(resolve));
	const seeked = event(video, "seeked");
	video.currentTime = (n + 0.5) / FPS + Math.floor(n / GROUP) * pause;
	await seeked;
	await Promise.race([presented, new Promise(resolve => setTimeout(resolve, 1000))]);
	return number(video);
}

async function file(index, name, task) {
	const video = element(), result = { file: name, seeks: [], shown: [] };
	try {
		const loaded = event(video, "loadeddata");
		video.src = "/" + index;
		await loaded;
		Object.assign(result, { duration: video.duration, width: video.videoWidth, height: video.videoHeight });
		for (const n of task.seeks)
			result.seeks.push([n, await seek(video, n, task.pause)]);
		if (task.pause === 0) {
			await seek(video, 0, 0);
			watch(video, result.shown);
			const ended = event(video, "ended");
			video.playbackRate = 4;
			await video.play();
			await ended;
			result.last = number(video);
		}
	} catch (error) {
		result.error = error.message;
	}
	video.removeAttribute("src");
	video.load();
	await post("/result", result);
}

// "avc1." and three bytes of the avcC: profile, constraints, level (RFC 6381 3.3)
function mime(bytes) {
	for (let i = 0; i + 8 < bytes.length; i++) {
		if (String.fromCharCode(...bytes.subarray(i, i + 4)) === "avcC")
			return 'video/mp4; codecs="avc1.' + [...bytes.subarray(i + 5, i + 8)].map(b => b.toString(16).padStart(2, "0")).join("") + '"';
	}
	throw new Error("no avcC at the start");
}

async function live(seconds) {
	const video = element(), source = new MediaSource(), result = { shown: [], appends: 0 };
	try {
		const opened = event(source, "sourceopen");
		video.src = URL.createObjectURL(source);
		await opened;
		const reader = (await fetch("/live")).body.getReader();
		let { value, done } = await reader.read();
		result.mime = mime(value);
		const buffer = source.addSourceBuffer(result.mime);
		let before = 0, settled = performance.now() + 1000;
		watch(video, result.shown);
		video.play();
		for (const end = performance.now() + seconds * 1000; !done && performance.now() < end; ({ value, done } = await reader.read())) {
			const updated = event(buffer, "updateend");
			buffer.appendBuffer(value);
			await updated;
			result.appends++;
			// a live player keeps as near to the end as the fragments are long: what had to wait for this page is passed over
			const ranges = buffer.buffered, last = ranges.length > 0 ? ranges.end(ranges.length - 1) : 0;
			const fragment = last - before;
			before = last;
			if (last - video.currentTime > 1.5 * fragment + 0.1 && performance.now() > settled) {
				video.currentTime = last - fragment - 0.05;
				settled = performance.now() + 500;
			}
		}
		reader.cancel();
	} catch (error) {
		result.error = error.message;
	}
	await post("/result", result);
}

addEventListener("load", async () => {
	const task = await (await fetch("/task")).json();
	if (task.files) {
		for (const [index, name] of task.files.entries())
			await file(index, name, task);
	} else {
		await live(task.seconds);
	}
	await post("/done", {});
});
